// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "base/task.h"
#include "learn/model_file.h"
#include "learn/ranks.h"
#include "learn/train_options.h"
#include "volume/volume_source.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace interstice {

struct TrainResult {
    std::vector<EpochMetrics> epochs;
    int bestEpoch = 0;
    double validationDice = 0;
    std::int64_t parameters = 0;
    Split split;
    /// Ended by a stop; the best epoch so far was kept.
    bool stopped = false;
    /// Ended by the options' patience.
    bool early = false;
    int ranks = 1;
    double seconds = 0;
    std::string device;
    std::string layers; ///< how they computed: "bfloat16, channels last"
    Findings findings;
};

/// Called on the training thread after every epoch.
using EpochHandler = std::function<void(const EpochMetrics&)>;
/// Writes the weights as they are now as a model that can predict; throws Error when it cannot be written.
using WriteWeights = std::function<void(const std::filesystem::path&)>;
/// Called on the training thread after every step of an epoch, which counts from 1. Time spent here counts as training.
using StepHandler = std::function<void(int epoch, const WriteWeights&)>;

/// Trains on `raw` (any type) and `truth` (u8: 0, 1, 255 ignored, see MaskView; or classes) and writes the best epoch
/// to `model`. After every epoch, and every few minutes between, `<model>.checkpoint` holds all that is needed to go
/// on, whatever ends the process. A stop ends after the current step: with at least one epoch done the best is kept
/// and the result says `stopped`, otherwise Stopped is thrown. Throws Error when shapes differ, the truth has one
/// class only in the training blocks, or the loss is not a number.
///
/// Several ranks give what one gives with the same options, to rounding: each step's blocks are divided among them,
/// batch statistics and losses are those of all, gradients are averaged. With "cpu*N" the ranks are threads of this
/// process. Several GPUs take a process each: start them with learn/rank_processes.h (or torchrun, or srun), and call
/// this in each with the place that the environment gives; rank 0 alone then writes, and is the only one whose
/// handlers are called. Throws RankLost when another rank ended or does not answer.
TrainResult train(const VolumeSource& raw, const VolumeSource& truth, const TrainOptions& options,
    const std::filesystem::path& model, Task& task, const EpochHandler& epochFinished = {}, const RankPlace& place = {},
    const StepHandler& stepDone = {});

/// Memory and operations of the whole training; seconds when `voxelsPerSecond` was measured.
Cost estimateTraining(const Shape& shape, const TrainOptions& options, double voxelsPerSecond = 0);
/// "Needs about 6.1 GB of memory; 96 GB are free. About 14 min." for people.
std::string describeTrainingCost(const Shape& shape, const TrainOptions& options, double voxelsPerSecond = 0);
/// Training speed of this network on this device, measured with one small step after a warm-up.
double measureTrainingSpeed(const TrainOptions& options, Task& task);

std::filesystem::path checkpointPath(const std::filesystem::path& model);
/// Where TrainOptions::keepLast puts the last epoch's weights.
std::filesystem::path lastModelPath(const std::filesystem::path& model);

} // namespace interstice
