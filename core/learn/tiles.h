// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/page_vector.h"
#include "learn/network_traits.h"
#include "learn/predict.h"
#include "volume/grey_range.h"

#include <string>
#include <vector>

namespace interstice {

/// Where a prediction's tiles lie. In paper mode tiles start at the listed places and overlap; in exact
/// mode the listed places are the starts of the cores, which tile the volume without overlap, and
/// `margin` is read around each.
struct TilePlan {
    bool exact = false;
    /// The volume grown by reflection: by the context that the network was trained with on every side,
    /// then at the far ends to whole tiles or to the pooling lattice. Tiles lie in this volume.
    Shape padded;
    /// Where the volume's first voxel lies in it.
    Extent front { 0, 0, 0 };
    /// Largest input of the network.
    Shape tile;
    Shape core;
    Extent margin;
    std::vector<std::int64_t> z, y, x;
    /// Tiles given to the network at once.
    int batch = 1;
    /// Above 0: no tiles, but so many slices at a time flow through the layers in whole planes.
    std::int64_t flow = 0;
    /// In paper mode: no deeper than the network's chunks, because the memory does not take deeper ones.
    bool shallow = false;
};

/// LibTorch, its thread pools and oneDNN's kernels before any tensor.
inline constexpr std::uint64_t kLearnLibraryBytes = 200'000'000;
/// What CUDA and its libraries take of a GPU before any tensor.
inline constexpr std::uint64_t kGpuLibraryBytes = 600'000'000;

/// Who shares a prediction.
struct Crew {
    int processors = 0;
    int gpus = 0;

    bool several() const { return processors + gpus > 1; }
};
/// Counts the devices of a list as a training has it; "auto" counts as the processor.
Crew crewOf(const std::string& devices);
/// Results for each of several devices that may wait for their turn, so that a slow one does not hold up the others.
inline constexpr std::size_t kUnitsAhead = 4;

/// What a prediction by a plan holds at once: LibTorch, slabs, the tiles in work, results that wait, and the widest moment
/// of the network, for all its devices.
struct PlanBytes {
    std::uint64_t host = 0;
    std::uint64_t gpu = 0; ///< on each GPU
};
PlanBytes bytesOf(const TilePlan& plan, const NetworkTraits& network, const Crew& crew);

/// Bytes of each GPU that a prediction may use, by the smallest; the largest number where it does not run on one.
std::uint64_t allowedGpuBytes(const PredictOptions& options);

/// Throws Error when not even the smallest tile fits the memory that was given.
TilePlan planTiles(const Shape& shape, const ModelCard& card, const PredictOptions& options);

/// Gaussian of σ = n/8 centred on the tile, at least 1e-3: the weight of each voxel when overlapping
/// tiles are blended. The product over three axes is a tile's weight, so on a regular grid of tiles the
/// normaliser is a product of three vectors too and no volume of counts is needed.
std::vector<float> smoothWindow(std::int64_t n);
/// Sum of windows placed at `starts` over an axis.
std::vector<float> windowSum(std::int64_t length, const std::vector<std::int64_t>& starts, const std::vector<float>& window);

/// Slices [z, z + count) of the plan's padded volume as normalised float32; beyond the volume's ends by
/// reflection, values that are no numbers as 0.
PageVector<float> readPadded(
    const VolumeSource& raw, GreyRange range, const TilePlan& plan, std::int64_t z, std::int64_t count);

} // namespace interstice
