// SPDX-License-Identifier: GPL-3.0-or-later
// What training and prediction will need, in bytes and operations.
#include "learn/predict.h"
#include "learn/train.h"

#include "base/error.h"
#include "learn/tiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

namespace {

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
    cost.ramBytes = kLearnLibraryBytes + bytes(onHost);
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
        { "threshold", options.threshold }, { "flips", options.flips }, { "device", options.device },
        { "precision", precisionName(options.precision) }, { "threads", options.threads }, { "memory", options.memory } };
}

Cost estimatePrediction(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    const TilePlan plan = planTiles(shape, card, options);
    const NetworkTraits network = traitsOf(card);
    const PlanBytes needed = bytesOf(plan, network, crewOf(options.device));
    Cost cost;
    cost.ramBytes = needed.host;
    cost.gpuBytes = needed.gpu;
    cost.operations = static_cast<double>(plan.z.size() * plan.y.size() * plan.x.size())
        * static_cast<double>(plan.tile.voxels()) * network.flopsPerVoxel * (options.flips ? 8 : 1);
    return cost;
}

namespace {

std::uint64_t memoryFor(const PredictOptions& options)
{
    return options.memory > 0 ? options.memory : memoryState().available;
}

/// ", the GPU has 80 GB" where that is known.
std::string onGpu(const PredictOptions& options)
{
    const std::uint64_t bytes = allowedGpuBytes(options);
    const std::string which = crewOf(options.device).gpus > 1 ? ", the smallest GPU has " : ", the GPU has ";
    return bytes < std::numeric_limits<std::uint64_t>::max() ? which + formatBytes(bytes) : std::string();
}

std::string needed(const Cost& cost, const PredictOptions& options)
{
    const int gpus = crewOf(options.device).gpus;
    const std::string where = gpus > 1 ? " on each of " + std::to_string(gpus) + " GPUs" : " on the GPU";
    return "Needs about " + formatBytes(cost.ramBytes) + " of memory"
        + (cost.gpuBytes > 0 ? " and " + formatBytes(cost.gpuBytes) + where : std::string()) + "; "
        + formatBytes(memoryFor(options)) + (options.memory > 0 ? " may be used" : " are free") + onGpu(options) + '.';
}

bool fits(const Cost& cost, const PredictOptions& options)
{
    return cost.ramBytes <= memoryFor(options) && cost.gpuBytes <= allowedGpuBytes(options);
}

/// What to do when a prediction does not fit.
std::string alternative(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    PredictOptions other = options;
    if (options.mode == PredictOptions::Mode::Paper && traitsOf(card).reach) {
        other.mode = PredictOptions::Mode::Exact;
        try {
            if (fits(estimatePrediction(shape, card, other), options))
                return "Use the exact mode, whose tiles adapt to the memory.";
        } catch (const Error&) {
            // Then not.
        }
    }
    return "Allow more memory, close other programs, or cut the stack into parts in the plane.";
}

} // namespace

std::string describePredictionCost(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    const Cost cost = estimatePrediction(shape, card, options);
    return needed(cost, options) + (fits(cost, options) ? "" : " That does not fit. " + alternative(shape, card, options));
}

void requirePredictionFits(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    const Cost cost = estimatePrediction(shape, card, options);
    if (!fits(cost, options)) {
        std::string problem = needed(cost, options);
        problem.pop_back();
        problem.front() = 'n';
        throw Error("This prediction does not fit: it " + problem, alternative(shape, card, options));
    }
}

} // namespace interstice
