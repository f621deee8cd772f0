// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/voxel_pooling.h"

namespace interstice {

void choosePooling(TrainOptions& options, const VoxelSize& voxel)
{
    const SplitOptions& split = options.split;
    const Shape patch { split.chunk + 2 * split.context.z, split.tile + 2 * split.context.y,
        split.tile + 2 * split.context.x };
    options.architecture.pooling = poolingFor(voxel, patch, options.architecture.levels());
}

} // namespace interstice
