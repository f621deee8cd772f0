// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/architecture.h"

#include <torch/torch.h>

namespace interstice {

/// What a decoder starts from: `below` (N, C, d, h, w), repeated to the size of `skip` (N, C', D, H, W; nearest neighbour),
/// and after it `skip`: (N, C + C', D, H, W), in the order of axes of `skip`. Where `below` was pooled without a
/// remainder and channels come last, each voxel is written once, forwards and backwards: LibTorch's own nearest neighbour
/// knows 3-D channels first alone on a GPU, and its result is turned, copied by `cat` and turned again.
torch::Tensor joinedNearest(const torch::Tensor& below, const torch::Tensor& skip, const Extent& pool);

} // namespace interstice
