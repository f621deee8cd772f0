// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/json.h"
#include "base/task.h"
#include "volume/volume_source.h"

#include <functional>
#include <memory>

namespace interstice {

/// Which neighbours belong to the same object: those that share a face, also an edge, also a corner.
enum class Connectivity { Faces = 6, Edges = 18, Corners = 26 };
/// From 6, 18 or 26. Throws Error on any other number.
Connectivity parseConnectivity(int neighbours);

struct ComponentsOptions {
    Connectivity connectivity = Connectivity::Corners;
    /// Objects of fewer voxels are dropped; 1 keeps all.
    std::uint64_t minimumVoxels = 1;
    /// Voxels that one thread labels at a time; 0: the usual. The result does not depend on it.
    std::int64_t blockVoxels = 0;
};
Json toJson(const ComponentsOptions& options);

struct ComponentsResult {
    /// What was kept.
    std::uint64_t objects = 0;
    std::uint64_t voxels = 0;
    std::uint64_t largestVoxels = 0;
    std::uint64_t droppedObjects = 0;
    std::uint64_t droppedVoxels = 0;
};
Json toJson(const ComponentsResult& result);

/// Makes the sink for labels once it is known how many there are: U8, U16 or U32, whichever holds them.
using LabelSinkMaker = std::function<std::unique_ptr<VolumeSink>(Scalar)>;

/// Counts the connected components of a mask (u8; 1 is foreground, all else is not). One streamed pass.
ComponentsResult countComponents(const VolumeSource& mask, const ComponentsOptions& options, Task& task);
/// The same, and writes and finishes the volume of labels: 0 background, objects 1…n in the order of their first
/// voxel (z, y, x). In slabs that are joined across their borders, so any volume works. Throws Error for more
/// than 2³² − 1 objects.
ComponentsResult labelComponents(
    const VolumeSource& mask, const LabelSinkMaker& sinkFor, const ComponentsOptions& options, Task& task);
/// Writes and finishes a mask (u8, 0 and 1) of what is kept.
ComponentsResult keepLargeComponents(
    const VolumeSource& mask, VolumeSink& kept, const ComponentsOptions& options, Task& task);

Cost estimateComponents(const Shape& shape, const ComponentsOptions& options);

} // namespace interstice
