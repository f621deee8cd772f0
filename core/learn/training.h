// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "learn/batches.h"
#include "learn/checkpoint.h"
#include "learn/rank_tensors.h"
#include "learn/train.h"

#include <chrono>
#include <memory>
#include <optional>

namespace interstice {

using Clock = std::chrono::steady_clock;
inline double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What all ranks of one process see of the volumes.
struct TrainingData {
    TrainingData(const VolumeSource& raw, const VolumeSource& truth, const TrainOptions& options, Task& task);

    const VolumeSource& raw;
    GreyRange range;
    Split split;
    ChunkSampler sampler;
};

/// One rank of a training: what every step needs, made once.
class Training {
public:
    /// `group` may be null: one rank alone.
    Training(const TrainingData& data, const TrainOptions& options, std::filesystem::path model, const std::string& device,
        RankGroup* group, Task& task);
    TrainResult run(const EpochHandler& epochFinished, const StepHandler& stepDone);

private:
    /// Blocks computed at once by all ranks, and this rank's own of them.
    struct Part {
        std::int64_t samples = 0; ///< of all ranks
        std::size_t from = 0; ///< position in the epoch
        std::size_t until = 0;
        bool counts = true; ///< false: a block of somebody else, to keep the others company
        Batches::Prepared own;
    };
    struct Step {
        std::size_t first = 0;
        std::size_t count = 0;
        std::vector<Part> parts;
    };

    void start();
    /// How layers compute: tried out on a GPU, the same on all ranks.
    void chooseLayerMode();
    void resume();
    Step readStep(const std::vector<std::size_t>& order, int epoch, std::size_t first) const;
    void trainStep(const Step& step, const std::vector<std::size_t>& order, int epoch);
    void requireFinite(const std::vector<double>& losses, const Part& part, const std::vector<std::size_t>& order, int epoch,
        std::size_t batch) const;
    void trainEpoch(int epoch, const StepHandler& stepDone);
    PassResult validate();
    /// False when stopped.
    bool runEpoch(int epoch, const EpochHandler& epochFinished, const StepHandler& stepDone);
    void throwIfAllStop();
    LossContext lossContext(std::int64_t samples) const;
    void saveCheckpoint();
    /// The best epoch's weights as a model that can be used at once, if they are newer than the file.
    void saveBest();
    /// What the last epochs left unsaved.
    void saveRest();
    bool worthSaving() const;
    int lastEpoch() const;
    void writeLog() const;
    ModelCard card() const;
    bool outOfPatience() const;
    bool reconstructs() const { return m_options.goal == Goal::Reconstruct; }
    int rank() const { return m_link.group ? m_link.group->rank() : 0; }
    int world() const { return m_link.group ? m_link.group->world() : 1; }

    const TrainingData& m_data;
    TrainOptions m_options;
    std::filesystem::path m_model;
    Task& m_task;
    std::string m_deviceId;
    torch::Device m_device;
    RankLink m_link;
    LayerMode m_mode;
    std::unique_ptr<Batches> m_batches;
    UNet m_network;
    std::unique_ptr<Adam> m_adam;
    std::unique_ptr<GradientAverager> m_averager;
    TrainingState m_state;
    Clock::time_point m_saved = Clock::now();
    double m_savingSeconds = 0; ///< that the last checkpoint took
    bool m_bestUnsaved = false;
    std::optional<SafetensorsFile> m_unsaved; ///< the checkpoint of the last epoch, where it was not worth writing
    Findings m_findings;
};

} // namespace interstice
