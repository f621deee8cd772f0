// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "base/task.h"
#include "learn/architecture.h"
#include "learn/model_file.h"
#include "learn/split.h"
#include "volume/volume_source.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace interstice {

enum class Loss { Dice, Bce, DiceBce };
/// "dice", "bce", "dice+bce"
const char* lossName(Loss loss);
Loss parseLoss(const std::string& name);

struct TrainOptions {
    ArchitectureSpec architecture = ArchitectureSpec::preset("paper");
    SplitOptions split;
    /// Passes over all training blocks.
    int epochs = 100;
    /// Blocks in one step.
    int batch = 4;
    /// Adam's step (Kingma & Ba 2015), β 0.9 and 0.999, ε 1e-7 as in Keras.
    double learningRate = 1e-4;
    Loss loss = Loss::Dice;
    /// Small volumes have few blocks: they are seen again until an epoch has at least this many steps.
    int minimumSteps = 1;
    /// Random flips along z, y, x and quarter turns in the plane; off in the study.
    bool augment = false;
    /// The learning rate falls to zero along half a cosine over the epochs; constant in the study.
    bool cosine = false;
    NormaliseOptions normalise;
    std::uint64_t seed = 1;
    /// "auto", "cpu" or "cuda:N".
    std::string device = "auto";
    /// Threads of LibTorch; 0: all usable cores. Results are the same for the same number.
    int threads = 0;
    /// Go on from `<model>.checkpoint` when there is one.
    bool resume = false;
    /// A line of JSON an epoch; empty for none.
    std::filesystem::path log;

    /// The preset's network with the options that suit it: the study's for both paper presets, for
    /// "quick" a larger learning rate, Dice + BCE, small tiles and augmentation.
    static TrainOptions preset(const std::string& name);
    /// Times that each of `blocks` training blocks is seen in an epoch.
    int repeatsFor(std::size_t blocks) const;
    /// Adam's step in an epoch, counted from 1.
    double learningRateAt(int epoch) const;
};
Json toJson(const TrainOptions& options);

struct EpochMetrics {
    int epoch = 0; ///< from 1
    double trainLoss = 0;
    double trainDice = 0; ///< at threshold 0.5 over all training voxels of the epoch
    double validationLoss = 0;
    double validationDice = 0; ///< at threshold 0.5 over all validation voxels
    double learningRate = 0;
    double seconds = 0;
    double voxelsPerSecond = 0;
    bool best = false; ///< the best validation Dice so far
};
Json toJson(const EpochMetrics& metrics);

struct TrainResult {
    std::vector<EpochMetrics> epochs;
    int bestEpoch = 0;
    double validationDice = 0;
    std::int64_t parameters = 0;
    Split split;
    /// Ended by a stop; the best epoch so far was kept.
    bool stopped = false;
    double seconds = 0;
    std::string device;
    Findings findings;
};

/// Called on the training thread after every epoch.
using EpochHandler = std::function<void(const EpochMetrics&)>;

/// Trains on `raw` (any type) and `truth` (u8: 0, 1, 255 ignored; see MaskView) and writes the best epoch
/// to `model`. After every epoch `<model>.checkpoint` holds all that is needed to go on. A stop ends
/// after the current step: with at least one epoch done the best is kept and the result says `stopped`,
/// otherwise Stopped is thrown. Throws Error when shapes differ, the truth has one class only in the
/// training blocks, or the loss is not a number.
TrainResult train(const VolumeSource& raw, const VolumeSource& truth, const TrainOptions& options,
    const std::filesystem::path& model, Task& task, const EpochHandler& epochFinished = {});

/// Memory and operations of the whole training; seconds when `voxelsPerSecond` was measured.
Cost estimateTraining(const Shape& shape, const TrainOptions& options, double voxelsPerSecond = 0);
/// "Needs about 6.1 GB of memory; 96 GB are free. About 14 min." for people.
std::string describeTrainingCost(const Shape& shape, const TrainOptions& options, double voxelsPerSecond = 0);
/// Training speed of this network on this device, measured with one small step after a warm-up.
double measureTrainingSpeed(const TrainOptions& options, Task& task);

std::filesystem::path checkpointPath(const std::filesystem::path& model);

} // namespace interstice
