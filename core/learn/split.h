// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "learn/architecture.h"
#include "learn/slice_ranges.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace interstice {

/// How a volume is divided into blocks that train and the rest that tests.
struct SplitOptions {
    /// Slices of a block: the study's chunk.
    std::int64_t chunk = 10;
    /// Side of a block in y and x, voxels. Rounded up to the network's pooling lattice; at most the
    /// volume rounded up.
    std::int64_t tile = 256;
    /// Share of the volume's voxels that trains, above 0 and below 1; the study's is 0.1.
    double trainFraction = 0.1;
    /// Validation blocks for each training block (at least one block). They choose the best epoch, so
    /// they are no test voxels either.
    double validationShare = 0.25;
    /// Gap in voxels between a training or validation block and the nearest test voxel; −1 takes all that the network
    /// sees on one side, so that no test voxel sees a block. Around drawn blocks that must leave a quarter of the volume
    /// to test, or the gap is narrow: half of it, but no more than half a chunk and a quarter of a tile (see
    /// testSeesBlocks).
    Extent guard = { -1, -1, -1 };
    /// Slices that train, chosen by hand: every whole block in them trains or validates, and `trainFraction` says
    /// nothing. Without a value blocks are drawn from the seed.
    std::optional<std::vector<SliceRange>> slabs;
    /// The narrow gap in any case, though test voxels then see a part of a block.
    bool narrowGuard = false;
    /// Voxels around a block that the network sees but is not judged on, so that it does not learn the
    /// zeros beyond a small tile's edge. At most the narrow guard; in y and x rounded down to the lattice. The
    /// study has none.
    Extent context = { 0, 0, 0 };
    std::uint64_t seed = 1;
};

/// Whole blocks, seeded, spread evenly over z. Every voxel outside `excluded()` is a test voxel.
struct Split {
    Shape volume;
    /// Size of every block; larger than the volume along an axis that is shorter than a block.
    Shape block;
    Extent guard { 0, 0, 0 };
    Extent context { 0, 0, 0 };
    std::vector<Index> training;
    std::vector<Index> validation;

    /// What the network is given: a block with its context.
    Shape patch() const { return { block.z + 2 * context.z, block.y + 2 * context.y, block.x + 2 * context.x }; }
    /// The block at a place, cut to the volume.
    Box boxOf(const Index& start) const;
    /// The same with the guard gap around it.
    Box guardedBoxOf(const Index& start) const;
    /// Training and validation blocks with their guards: what a test must leave out.
    std::vector<Box> excluded() const;
    /// Share of the volume's voxels in training blocks.
    double trainedFraction() const;
};

/// Throws Error when the volume cannot hold one training and one validation block with a test voxel
/// left, or an option is out of range. Chosen slabs may leave nothing to test (see leavesTest), but must lie in the
/// volume and hold two whole blocks.
Split makeSplit(const Shape& volume, const ArchitectureSpec& architecture, const SplitOptions& options);

/// The slabs of one block's depth that drawn blocks lie in: what one chooses among by hand.
std::vector<SliceRange> slabGrid(const Shape& volume, const ArchitectureSpec& architecture, const SplitOptions& options);
/// As many of the grid as the training fraction takes, spread evenly: a choice to begin with.
std::vector<SliceRange> spreadSlabs(const std::vector<SliceRange>& grid, const SplitOptions& options);

Json toJson(const SplitOptions& options);
/// As toJson wrote them, into a model's card for example; what is missing is at its default. Throws Error on anything
/// else.
SplitOptions splitOptionsOf(const Json& json);
Json toJson(const Split& split);
Split splitFromJson(const Json& json);

} // namespace interstice
