// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "morphology/components.h"

#include <array>

namespace interstice {

/// Separates objects that touch, where they are narrower than on either side.
struct SplitTouchingOptions {
    /// How much farther from the background a body's middle must be than the neck to the next body, for the two to be
    /// counted as two: the h of h-maxima, in voxels (in units of `spacing`). 0 splits at every bump of the surface; a
    /// voxelised ball has bumps of up to about half a voxel, which is why 1 is the default.
    double h = 1;
    /// Objects of fewer voxels after splitting are dropped.
    std::uint64_t minimumVoxels = 1;
    /// Edge lengths of a voxel along z, y, x.
    std::array<double, 3> spacing { 1, 1, 1 };
    /// As in DistanceMapOptions.
    std::uint64_t memory = 0;
    /// Slices worked on at a time; 0: the usual. The result does not depend on it.
    std::int64_t slabSlices = 0;
    /// Basins of the distance map held before those that are certain are joined; 0: the usual. Nor does it on this.
    std::uint64_t basinsAtOnce = 0;
};
Json toJson(const SplitTouchingOptions& options);

/// Watershed split on the exact distance map: every voxel of the mask (u8, 1 is foreground) follows the steepest way up (26
/// neighbours; of equally high ones the last) to a maximum, which gives basins; then, from the highest saddle down, two
/// basins become one when the lower of their maxima is less than h above the saddle between them (dynamics of maxima,
/// Grimaud 1992; equal to the h-maxima as markers). Writes and finishes labels 1…n in the order of first voxels, as
/// labelComponents does. Bodies that do not touch (26 neighbours) are never one. In slabs joined across their borders; kept
/// in memory are bodies and the basins at the front of the slab (see BasinGraph), so any volume works.
ComponentsResult splitTouching(
    const VolumeSource& mask, const LabelSinkMaker& sinkFor, const SplitTouchingOptions& options, Task& task);

Cost estimateSplit(const Shape& shape, const SplitTouchingOptions& options);

} // namespace interstice
