// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "base/task.h"
#include "learn/layer_choice.h"
#include "learn/network.h"
#include "volume/shape.h"

namespace interstice {

/// Layers compute in bfloat16 where that is safe, as long as this lives (LibTorch's autocast), if `bfloat16`.
class LayerPrecision {
public:
    LayerPrecision(const torch::Device& device, bool bfloat16);
    ~LayerPrecision();
    LayerPrecision(const LayerPrecision&) = delete;
    LayerPrecision& operator=(const LayerPrecision&) = delete;

private:
    bool m_on;
    c10::DeviceType m_type;
    bool m_wasOn = false;
    at::ScalarType m_before = at::kFloat;
};

inline torch::MemoryFormat orderOf(const LayerMode& mode)
{
    return mode.channelsLast ? torch::MemoryFormat::ChannelsLast3d : torch::MemoryFormat::Contiguous;
}

/// Lets cuDNN measure its kernels (shapes repeat) and use TF32 for float32 convolutions; `exact` forbids both. No
/// effect without a GPU.
void tuneGpu(bool exact);

/// Training steps of a new network of this kind on random numbers, `samples` blocks of `patch` voxels, in all ways that
/// `wanted` leaves open (of fewer samples where so many do not fit): times, and how far the gradient is from float32's.
/// Without `bothOrders` only with channels last, which is the faster order wherever it was measured (docs/performance.md).
std::vector<LayerTrial> tryTraining(const ArchitectureSpec& spec, const torch::Device& device, const Shape& patch,
    std::int64_t samples, Precision wanted, Task& task, bool bothOrders = false);
/// The same for predicting `count` tiles with a trained network, and its logits.
std::vector<LayerTrial> tryPrediction(UNetImpl& network, const torch::Device& device, const Shape& tile, std::int64_t count,
    Precision wanted, Task& task, bool bothOrders = false);

} // namespace interstice
