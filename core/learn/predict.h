// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "base/task.h"
#include "learn/layer_choice.h"
#include "learn/model_file.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace interstice {

/// Tiles of the paper mode, unless the network was trained on larger ones: slices and voxels along y and x. Twice as deep as
/// the study's chunks, so that what counts of a tile lies five slices from its ends and more: on the sample the mask's Dice
/// to the exact mode's is 0.997 with chunks of 10 slices, 0.9994 with 16 and 0.9998 with 20. A stack for which that takes
/// too much memory is predicted in tiles as deep as those trained on.
inline constexpr std::int64_t kPaperDepth = 20;
inline constexpr std::int64_t kPaperTile = 192;

struct PredictOptions {
    /// Paper: the study's chunks, overlapping and blended with smooth weights. Exact: tiles with margins
    /// of the receptive field on the pooling lattice, equal to the unchunked result to the last bit.
    enum class Mode { Paper, Exact };
    Mode mode = Mode::Paper;
    /// Share of a tile that overlaps the next along each axis, 0 to 0.9 (paper mode).
    double overlap = 0.5;
    /// Foreground where the probability is above this.
    double threshold = 0.5;
    /// "auto", "cpu", "cuda:N", or several that share the tiles: "cuda:0,cuda:1", "cpu*2". Processors give the same to the
    /// last bit however many they are, as GPUs of one kind do to rounding; unlike ones differ by rounding, and which of them
    /// computed a tile is not the same in each run.
    std::string device = "auto";
    /// Of the layers; auto takes bfloat16 on GPUs where a trial shows that it is right and faster. The exact mode always
    /// computes in float32.
    Precision precision = Precision::Auto;
    int threads = 0;
    /// Memory to stay below in bytes (sizes and numbers of tiles follow from it); 0: half of what is free.
    std::uint64_t memory = 0;
    /// The same of each GPU's memory; 0: all that the card has.
    std::uint64_t gpuMemory = 0;
    /// Averages the probabilities over all eight flips along z, y and x: eight times the work, a little smoother.
    bool flips = false;
    /// Core of a tile in exact mode, rounded up to the lattice; 0 lets the memory decide.
    Extent exactCore = { 0, 0, 0 };
    /// In exact mode whole planes flow through the layers, where the network, one device and the memory allow it, and
    /// nothing is computed twice; else, and without this, tiles.
    bool flow = true;
    /// What is known of a model that is a TorchScript archive.
    ScriptOptions script;
    /// Called before the network runs on so many tiles of a size, with several devices from several threads at once;
    /// std::bad_alloc from it counts as memory that ran out, so that tests can make it do so.
    std::function<void(const Shape& tile, std::int64_t count)> beforeTiles;
    /// The same before so many tiles are gathered from a slab, and after their network has run.
    std::function<void(std::int64_t count)> aroundTiles;
};
Json toJson(const PredictOptions& options);
PredictOptions::Mode parsePredictMode(const std::string& name);

struct PredictResult {
    int classes = 2; ///< in the mask
    double foregroundFraction = 0;
    std::int64_t tiles = 0;
    double seconds = 0;
    double voxelsPerSecond = 0;
    std::string device; ///< or several, as the options have them
    std::string layers; ///< how they computed: "bfloat16, channels last"
    Findings findings;
};

/// Predicts the whole stack, streamed over z. `mask` receives the classes as u8, 0 and 1 for two; `probability`, when
/// given, that of the foreground, or of the class chosen where there are more than two, and `entropy` how undecided
/// the network was (0 to 1), both as f32, or as u8 with 255 for 1. Memory that runs out on the way is met with smaller
/// pieces and the same result. Throws Error when the model file is damaged or the memory allowed cannot do, Stopped on
/// a stop. `model` may be a TorchScript archive, whose code then runs (ScriptOptions).
PredictResult predict(const VolumeSource& raw, const std::filesystem::path& model, VolumeSink& mask, VolumeSink* probability,
    const PredictOptions& options, Task& task, VolumeSink* entropy = nullptr);

Cost estimatePrediction(const Shape& shape, const ModelCard& card, const PredictOptions& options);
/// "Needs about 9.2 GB of memory and 5.1 GB on the GPU; 20 GB may be used." and, when that does not fit, what would.
std::string describePredictionCost(const Shape& shape, const ModelCard& card, const PredictOptions& options);
/// Input voxels of tiles a second on the first of the devices, measured with tiles of random numbers.
double measurePredictionSpeed(const ArchitectureSpec& architecture, const PredictOptions& options, Task& task);
/// Throws Error with that sentence when it does not fit.
void requirePredictionFits(const Shape& shape, const ModelCard& card, const PredictOptions& options);

/// Starts of tiles of `tile` voxels that cover `length`: steps of tile·(1 − overlap), the last flush with
/// the end; {0} when the axis is no longer than a tile.
std::vector<std::int64_t> tileStarts(std::int64_t length, std::int64_t tile, double overlap);

} // namespace interstice
