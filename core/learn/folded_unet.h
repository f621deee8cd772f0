// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/network.h"
#include "learn/tile_network.h"

namespace interstice {

/// The same network for prediction: batch normalisation folded into the convolutions (w·γ/√(σ²+ε),
/// (b − μ)·γ/√(σ²+ε) + β), nothing kept for gradients. Equal to UNet in evaluation mode to about 1e-6. Instance and
/// group normalisation cannot be folded and follow their convolutions.
class FoldedUNet : public TileNetwork {
public:
    /// Channels-last is the faster order for most convolutions. Contiguous makes oneDNN add in the same
    /// order whatever the size of the input, which exact prediction needs.
    /// In bfloat16 the folding itself is still done in float64.
    FoldedUNet(UNetImpl& network, const torch::Device& device,
        torch::MemoryFormat order = torch::MemoryFormat::ChannelsLast3d, bool bfloat16 = false);
    /// Logits in float32.
    torch::Tensor forward(const torch::Tensor& x, const std::function<void()>& betweenStages = {}) const override;

private:
    friend class SliceFlow;

    /// A convolution with what follows it; `groups` above 0 normalises by them.
    struct Layer {
        torch::Tensor weight, bias, scale, shift;
        std::int64_t groups = 0;
    };
    struct Stage {
        Layer first, second, shortcut;
    };
    Layer fold(torch::nn::Conv3d& convolution, Normalisation& norm, const torch::Device& device) const;
    Stage fold(ConvolutionPairImpl& pair, const torch::Device& device) const;
    torch::Tensor run(const Layer& layer, const torch::Tensor& x, std::int64_t padding) const;
    torch::Tensor run(const Stage& stage, torch::Tensor x, const std::function<void()>& between) const;
    torch::Tensor joined(std::size_t level, const torch::Tensor& below, const torch::Tensor& skip) const;

    ArchitectureSpec m_spec;
    torch::MemoryFormat m_order;
    torch::ScalarType m_type; ///< of weights and of what flows between the layers
    std::vector<Stage> m_encoder;
    Stage m_bridge;
    std::vector<Stage> m_decoder;
    std::vector<Layer> m_up; ///< transposed convolutions as 1×1×1 ones to all voxels of a window
    Layer m_head;
};

} // namespace interstice
