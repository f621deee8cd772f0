// SPDX-License-Identifier: GPL-3.0-or-later
// What a training leaves on disk: checkpoints to go on from, the best epoch's model, a log.
#include "learn/training.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "learn/devices.h"
#include "learn/instructions.h"

namespace fs = std::filesystem;

namespace interstice {

namespace {

/// Seconds of writing a checkpoint that are never worth saving, and how many times as long as a longer one the training
/// goes on before the next.
constexpr double kCheapSaving = 0.1;
constexpr double kSavingShare = 20;

} // namespace

void Training::resume()
{
    const fs::path checkpoint = checkpointPath(m_model);
    std::error_code ignored;
    if (!fs::exists(checkpoint, ignored)) {
        m_findings.push_back({ Finding::Severity::Note, "no-checkpoint",
            "There was no checkpoint to resume from, so training started anew." });
        return;
    }
    m_state = readCheckpoint(checkpoint, *m_network, *m_adam, m_options, m_data.split);
    if (!m_options.startFrom.empty())
        m_findings.push_back({ Finding::Severity::Note, "start-ignored",
            "Went on from its own checkpoint; " + utf8(m_options.startFrom) + " was not read again." });
    logInfo("Resumed after epoch " + std::to_string(m_state.epoch) + " and " + std::to_string(m_state.blocksDone)
        + " blocks from " + utf8(checkpoint));
}

ModelCard Training::card() const
{
    ModelCard card;
    card.architecture = m_options.architecture;
    card.normalise = m_options.normalise;
    card.range = m_data.range;
    card.trainedAt = m_data.raw.voxelSize();
    card.split = m_data.split;
    card.pretrained = reconstructs();
    card.training = toJson(m_options);
    card.training["start_from"] = m_state.startedFrom; // a training that goes on need not name it again
    card.training["ranks"] = world();
    card.training["layers"] = describe(m_mode);
    card.training["library"] = learnVersion();
    if (m_device.is_cpu())
        card.training["instructions"] = chosenInstructions();
    return card;
}

void Training::saveCheckpoint()
{
    const auto started = Clock::now();
    if (rank() == 0) {
        writeSafetensors(checkpointPath(m_model), makeCheckpoint(*m_network, *m_adam, m_state, m_options, m_data.split));
        m_unsaved.reset();
        saveBest();
    }
    m_saved = Clock::now();
    m_savingSeconds = secondsSince(started);
}

void Training::saveBest()
{
    if (m_bestUnsaved)
        writeModel(m_model, m_state, card());
    m_bestUnsaved = false;
}

void Training::saveRest()
{
    if (m_unsaved)
        writeSafetensors(checkpointPath(m_model), *m_unsaved);
    m_unsaved.reset();
    saveBest();
}

bool Training::worthSaving() const
{
    // Large networks on small data finish an epoch faster than their weights reach the disk.
    return m_savingSeconds < kCheapSaving || secondsSince(m_saved) > kSavingShare * m_savingSeconds;
}

void Training::writeLog() const
{
    if (m_options.log.empty() || rank() != 0)
        return;
    std::string lines;
    for (const auto& metrics : m_state.epochs)
        lines += toJson(metrics).dump() + '\n';
    writeTextFile(m_options.log, lines);
}

} // namespace interstice
