// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/shared_options.h"
#include "learn/train_options.h"

#include <optional>

namespace interstice {

/// The options of a training as typed for `train` and `sweep`; what was not typed is the preset's.
struct TrainingChoices {
    std::string preset = "paper";
    std::optional<int> epochs;
    std::optional<int> batch;
    std::optional<int> accumulate;
    std::optional<double> learningRate;
    std::optional<std::string> schedule;
    std::optional<bool> cosine;
    std::optional<double> clipNorm;
    std::optional<std::string> loss;
    std::optional<bool> diceOverBatch;
    std::optional<int> classes;
    std::vector<double> classWeights;
    std::optional<double> trainFraction;
    std::string trainSlabs;
    bool narrowGuard = false;
    std::optional<std::int64_t> chunk;
    std::optional<std::int64_t> tile;
    std::optional<int> minimumSteps;
    std::optional<int> patience;
    std::optional<std::string> augment;
    std::optional<std::string> norm;
    std::optional<std::string> upsampling;
    std::optional<bool> residual;
    std::optional<bool> deepSupervision;
    std::optional<bool> poolByVoxels;
    std::string startFrom;
    std::string statistics = "global";
    double rankTimeout = TrainOptions().rankTimeout;
    double checkpointMinutes = TrainOptions().checkpointSeconds / 60;
    std::string device = "auto";
    std::string precision = "auto";
    int threads = 0;
    std::uint64_t seed = 1;

    enum class For { Train, Sweep, Pretrain };
    /// A sweep goes over some options itself, and pretraining has no classes: those are left out.
    void addTo(CLI::App* command, For what = For::Train);
    /// Throws Error on what makes no sense. `voxel` decides the poolings of networks that follow it.
    TrainOptions optionsFor(const VoxelSize& voxel) const;
};

/// What a training will need and how long it will take, as measured.
void showTrainingEstimate(Console& console, const Shape& shape, const TrainOptions& options);

/// The truth of a training: a mask, or with more than two classes the labels as they are.
SourcePtr openTruthFor(Console& console, const std::string& path, const std::string& foreground, int classes);

} // namespace interstice
