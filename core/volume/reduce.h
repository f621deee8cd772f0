// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "volume/volume.h"

#include <string>

namespace interstice {

/// How many voxels along each axis become one, each 1 or more.
struct Reduction {
    std::int64_t z = 1;
    std::int64_t y = 1;
    std::int64_t x = 1;

    bool none() const { return z == 1 && y == 1 && x == 1; }
    bool operator==(const Reduction&) const = default;
};

/// The far ends count as a whole voxel, also where less is left over.
Shape reducedShape(const Shape& shape, const Reduction& reduction);

/// The mildest reduction by powers of two after which there are no more than `mostVoxels` and no axis is longer than
/// `mostEdge`: axes that are too long by themselves first, then the longest ones.
Reduction reductionFor(const Shape& shape, std::int64_t mostVoxels, std::int64_t mostEdge);

/// "1/1", "1/4", or "1/2 along z" where axes differ.
std::string describe(const Reduction& reduction);

enum class ReduceMode {
    Mean, ///< of the finite voxels; NaN where there is none
    Labels ///< the middle voxel: the mean of labels means nothing
};

/// The voxel size of the reduced volume.
VoxelSize reducedVoxelSize(const VoxelSize& size, const Reduction& reduction);

/// The reduced volume in the source's own type, with its voxel size. Reads the source once, slab by slab, on all cores.
std::shared_ptr<Volume> reduced(const VolumeSource& source, const Reduction& reduction, ReduceMode mode, Task& task);
/// A quick look: as `reduced`, but one slice stands for all that become one, so only that is read.
std::shared_ptr<Volume> sampled(const VolumeSource& source, const Reduction& reduction, ReduceMode mode, Task& task);
/// The same as `reduced` into a sink of the reduced shape and the source's type, a slab at a time; finishes it.
void reduceInto(VolumeSink& sink, const VolumeSource& source, const Reduction& reduction, ReduceMode mode, Task& task);

} // namespace interstice
