// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/task.h"
#include "volume/scratch_volume.h"

#include <array>
#include <memory>

namespace interstice {

struct DistanceMapOptions {
    /// Edge lengths of a voxel along z, y, x, in any unit; the distances are in it.
    std::array<double, 3> spacing { 1, 1, 1 };
    /// Distances to the nearest voxel that is 1 (otherwise: to the nearest that is not).
    bool toForeground = false;
    /// Up to so many bytes the map stays in memory, beyond that in a scratch file; 0: the usual.
    std::uint64_t memory = 0;
    /// Steps of the direct search before the linear-time way is taken, on average over a column; for tests.
    int directSteps = 48;
};

/// What stands where there is no voxel to measure to, in an exact map; infinity in one of floats.
inline constexpr std::uint32_t kNoDistance = 0xffffffffU;

/// The squared Euclidean distance of every voxel to the nearest voxel of the background (centre to centre), 0 in the
/// background itself: scipy.ndimage.distance_transform_edt squared. What lies outside the volume is not background. With
/// equal spacings the map is exact: U32, in units of the spacing squared; otherwise, and along sides of more than
/// 18000 voxels, F32.
/// Separable (Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012; Meijster et al., 2000): along x and y slice by
/// slice, then along z for blocks of rows. Most columns are solved by looking at neighbours ever farther away until none can
/// be nearer, many columns at a time; columns where that takes long by the lower envelope of parabolas, so the time
/// stays linear. The mask is u8; 1 is foreground.
std::unique_ptr<ScratchVolume> squaredDistanceMap(const VolumeSource& mask, const DistanceMapOptions& options, Task& task);

Cost estimateDistanceMap(const Shape& shape, const DistanceMapOptions& options);

} // namespace interstice
