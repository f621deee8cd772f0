// SPDX-License-Identifier: GPL-3.0-or-later
// What training and prediction will need, in bytes and operations, and the options of the presets.
#include "learn/predict.h"
#include "learn/train.h"

#include "learn/tiles.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

TrainOptions TrainOptions::preset(const std::string& name)
{
    TrainOptions options;
    options.architecture = ArchitectureSpec::preset(name);
    if (name == "quick") {
        // Small tiles give many blocks for the same share of the voxels, and diversity decides here.
        options.split.tile = 32;
        options.split.context = { 0, 8, 8 };
        options.epochs = 40;
        options.learningRate = 3e-3;
        options.loss = Loss::DiceBce;
        options.minimumSteps = 16;
        options.augment = true;
        options.cosine = true;
        options.normalise.mode = NormaliseOptions::Mode::Percentiles;
    }
    return options;
}

int TrainOptions::repeatsFor(std::size_t blocks) const
{
    const auto wanted = static_cast<std::size_t>(std::max(1, minimumSteps)) * static_cast<std::size_t>(std::max(1, batch));
    return blocks == 0 ? 1 : static_cast<int>(std::max<std::size_t>(1, (wanted + blocks - 1) / blocks));
}

double TrainOptions::learningRateAt(int epoch) const
{
    if (!cosine)
        return learningRate;
    return learningRate * 0.5 * (1 + std::cos(std::numbers::pi * (epoch - 1) / std::max(1, epochs)));
}

Json toJson(const TrainOptions& options)
{
    return { { "architecture", toJson(options.architecture) }, { "split", toJson(options.split) },
        { "epochs", options.epochs }, { "batch", options.batch }, { "learning_rate", options.learningRate },
        { "loss", lossName(options.loss) }, { "minimum_steps", options.minimumSteps }, { "augment", options.augment },
        { "cosine", options.cosine }, { "normalise", toJson(options.normalise) }, { "seed", options.seed },
        { "device", options.device }, { "threads", options.threads } };
}

Json toJson(const EpochMetrics& metrics)
{
    return { { "epoch", metrics.epoch }, { "train_loss", metrics.trainLoss }, { "train_dice", metrics.trainDice },
        { "val_loss", metrics.validationLoss }, { "val_dice", metrics.validationDice }, { "lr", metrics.learningRate },
        { "seconds", metrics.seconds }, { "voxels_per_s", metrics.voxelsPerSecond } };
}

namespace {

/// LibTorch, its thread pools and oneDNN's kernels before any tensor.
constexpr std::uint64_t kLibraryBytes = 300'000'000;

std::uint64_t bytes(double value)
{
    return static_cast<std::uint64_t>(std::max(0.0, value));
}

} // namespace

Cost estimateTraining(const Shape& shape, const TrainOptions& options, double voxelsPerSecond)
{
    const Split split = makeSplit(shape, options.architecture, options.split);
    const auto blockVoxels = static_cast<double>(split.patch().voxels());
    const auto trained = static_cast<double>(split.training.size()) * options.repeatsFor(split.training.size());
    const auto validated = static_cast<double>(split.validation.size());
    const double batch = std::min<double>(options.batch, std::max(1.0, trained));
    Cost cost;
    // Weights, gradients, both moments of Adam, the best epoch's copy; activations with a quarter more
    // for the convolutions' workspace and the allocator.
    const double weights = 20.0 * static_cast<double>(options.architecture.parameters());
    const double activations = 1.25 * blockVoxels * batch * options.architecture.trainingBytesPerVoxel();
    const double cached = 8 * blockVoxels * static_cast<double>(split.training.size() + split.validation.size());
    const bool gpu = options.device.starts_with("cuda");
    const double onHost
        = std::min(cached, static_cast<double>(memoryState().available) / 4) + (gpu ? 0 : weights + activations);
    cost.ramBytes = kLibraryBytes + bytes(onHost);
    cost.gpuBytes = gpu ? bytes(weights + activations) : 0;
    // A backward pass costs twice a forward pass.
    cost.operations = options.epochs * blockVoxels * options.architecture.flopsPerVoxel() * (3 * trained + validated);
    if (voxelsPerSecond > 0)
        cost.seconds = options.epochs * blockVoxels * (trained + validated / 3) / voxelsPerSecond;
    return cost;
}

std::string describeTrainingCost(const Shape& shape, const TrainOptions& options, double voxelsPerSecond)
{
    const Cost cost = estimateTraining(shape, options, voxelsPerSecond);
    const MemoryState memory = memoryState();
    std::string text = "Needs about " + formatBytes(cost.ramBytes) + " of memory";
    if (cost.gpuBytes > 0)
        text += " and " + formatBytes(cost.gpuBytes) + " on the GPU";
    text += "; " + formatBytes(memory.available) + " are free.";
    if (cost.ramBytes > memory.available)
        text += " That does not fit: choose a smaller batch or tile.";
    if (cost.seconds >= 0)
        text += " About " + formatDuration(cost.seconds) + " on this machine.";
    return text;
}

Json toJson(const PredictOptions& options)
{
    return { { "mode", options.mode == PredictOptions::Mode::Exact ? "exact" : "paper" }, { "overlap", options.overlap },
        { "threshold", options.threshold }, { "device", options.device }, { "threads", options.threads },
        { "memory", options.memory } };
}

Cost estimatePrediction(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    const TilePlan plan = planTiles(shape, card, options);
    Cost cost;
    const double tile = static_cast<double>(plan.tile.voxels()) * plan.batch * card.architecture.predictionBytesPerVoxel();
    const double slab = static_cast<double>(plan.tile.z * plan.padded.sliceVoxels()) * (plan.exact ? 6 : 9);
    const bool gpu = options.device.starts_with("cuda");
    const double weights = 8.0 * static_cast<double>(card.architecture.parameters());
    cost.ramBytes = kLibraryBytes + bytes(slab + (gpu ? 0 : 1.25 * tile + weights));
    cost.gpuBytes = gpu ? bytes(1.25 * tile + weights) : 0;
    cost.operations = static_cast<double>(plan.z.size() * plan.y.size() * plan.x.size())
        * static_cast<double>(plan.tile.voxels()) * card.architecture.flopsPerVoxel();
    return cost;
}

} // namespace interstice
