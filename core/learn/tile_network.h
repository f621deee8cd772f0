// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include <torch/torch.h>

#include <functional>

namespace interstice {

/// A network on one device, ready to predict.
class TileNetwork {
public:
    virtual ~TileNetwork() = default;
    /// (N, 1, D, H, W) to what it gives of each voxel, (N, K, D, H, W) in float32. Call under c10::InferenceMode.
    /// `betweenStages`, when given, may throw to abandon the pass.
    virtual torch::Tensor forward(const torch::Tensor& x, const std::function<void()>& betweenStages = {}) const = 0;
};

} // namespace interstice
