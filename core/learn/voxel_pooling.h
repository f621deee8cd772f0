// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/train_options.h"

namespace interstice {

/// Takes the pooling of each level that suits the voxel size and the block with its context (poolingFor): what `strong`
/// does unless another pooling is asked for.
void choosePooling(TrainOptions& options, const VoxelSize& voxel);

} // namespace interstice
