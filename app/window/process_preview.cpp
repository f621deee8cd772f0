// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/process_preview.h"

#include "base/error.h"

#include <chrono>

namespace fs = std::filesystem;

namespace interstice {

namespace {

TrainOptions onProcessor(TrainOptions options)
{
    options.device = "cpu"; // a GPU that trains has no memory to spare that could be counted on
    options.precision = Precision::Float32;
    return options;
}

} // namespace

ProcessPreview::ProcessPreview(SourcePtr raw, fs::path model, TrainOptions options, LabelRule rule,
    std::shared_ptr<const std::atomic<std::int64_t>> slice, Show show)
    : m_model(std::move(model))
    , m_look(std::move(raw), m_model, onProcessor(std::move(options)), std::move(rule), std::move(slice))
    , m_show(std::move(show))
{
}

ProcessPreview::~ProcessPreview()
{
    m_task.requestStop();
    if (m_running.valid())
        m_running.wait();
}

void ProcessPreview::epochDone(const EpochMetrics& metrics)
{
    std::error_code missing;
    const auto written = fs::last_write_time(m_model, missing);
    const bool busy = m_running.valid() && m_running.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
    if (busy || missing || written == m_shown)
        return;
    m_running = std::async(std::launch::async, [this, written, epoch = metrics.epoch] {
        try {
            // A copy: the model is replaced when there is a better one.
            const auto copy
                = [this](const fs::path& to) { fs::copy_file(m_model, to, fs::copy_options::overwrite_existing); };
            if (const auto look
                = m_look.predictSoon(copy, m_task)) { // else it was too early, and the next epoch tries again
                m_shown = written;
                m_show(*look, epoch);
            }
        } catch (const Stopped&) {
            // the training is over
        }
    });
}

} // namespace interstice
