// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/json.h"
#include "base/task.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace interstice {

struct SurfaceOptions {
    /// Surface voxels inside these boxes are not counted (what a model was trained on); they may overlap and leave the
    /// volume.
    std::vector<Box> exclude;
    /// As in DistanceMapOptions.
    std::uint64_t memory = 0;
};

/// Distances between two surfaces, in one unit. Absent where one of the surfaces is.
struct SurfaceDistance {
    /// The larger of the two directed 95th percentiles (numpy's linear interpolation), as Metrics Reloaded defines HD95
    /// (Maier-Hein, Reinke et al., Nature Methods 21, 2024).
    std::optional<double> hd95;
    /// All distances of both directions added up, over their number (average symmetric surface distance).
    std::optional<double> assd;
    /// The largest of all: the Hausdorff distance.
    std::optional<double> hausdorff;
};

struct SurfaceResult {
    /// Unit voxels, whatever their size.
    SurfaceDistance voxels;
    /// By the voxel size, which may differ along the axes; absent where it is unknown.
    SurfaceDistance micrometres;
    std::uint64_t maskSurface = 0; ///< surface voxels that were counted
    std::uint64_t truthSurface = 0;
};
/// hd95_voxels, assd_voxels, hausdorff_voxels, hd95_um, assd_um, hausdorff_um (null where absent), surface_voxels,
/// truth_surface_voxels.
Json toJson(const SurfaceResult& result);

/// Surface voxels are foreground with a face neighbour that is not foreground, or at the volume's border (the mask without
/// scipy.ndimage.binary_erosion of it). From each of one mask the distance to the nearest of the other, through exact
/// distance maps: two, or four where voxels are not cubes. Both masks are u8: 0, 1 and 255, which is neither foreground nor,
/// where either has it, counted. Both surfaces empty: all distances 0; one of them: absent. Streamed; memory for
/// the maps as `memory` says. Throws Error when the shapes differ.
SurfaceResult surfaceDistances(
    const VolumeSource& mask, const VolumeSource& truth, const SurfaceOptions& options, Task& task);

Cost estimateSurfaceDistances(const Shape& shape, const SurfaceOptions& options);

} // namespace interstice
