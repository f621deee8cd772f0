// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/architecture.h"
#include "learn/safetensors.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace interstice {

/// Two 3×3×3 convolutions, each followed by batch normalisation and ReLU.
struct ConvolutionPairImpl : torch::nn::Module {
    ConvolutionPairImpl(int in, int out, const ArchitectureSpec& spec);
    torch::Tensor forward(torch::Tensor x);

    torch::nn::Conv3d conv1 { nullptr };
    torch::nn::BatchNorm3d norm1 { nullptr };
    torch::nn::Conv3d conv2 { nullptr };
    torch::nn::BatchNorm3d norm2 { nullptr };
};
TORCH_MODULE(ConvolutionPair);

/// The network of an ArchitectureSpec: (N, 1, D, H, W) in, logits of the same size out.
struct UNetImpl : torch::nn::Module {
    explicit UNetImpl(const ArchitectureSpec& spec);
    torch::Tensor forward(torch::Tensor x);
    /// Called between the stages, forwards and backwards; may throw to abandon the pass (a stop must not
    /// wait for a whole step, which takes half a minute for large networks on a processor).
    std::function<void()> betweenStages;
    /// Glorot-uniform kernels and zero biases, Keras' defaults, from a seed of their own.
    void initialise(std::uint64_t seed);

    ArchitectureSpec spec;
    std::vector<ConvolutionPair> encoder;
    ConvolutionPair bridge { nullptr };
    std::vector<ConvolutionPair> decoder; ///< by level, top first
    torch::nn::Conv3d head { nullptr };
};
TORCH_MODULE(UNet);

/// The same network for prediction: batch normalisation folded into the convolutions (w·γ/√(σ²+ε),
/// (b − μ)·γ/√(σ²+ε) + β), nothing kept for gradients. Equal to UNet in evaluation mode to about 1e-6.
class FoldedUNet {
public:
    /// Channels-last is the faster order for most convolutions. Contiguous makes oneDNN add in the same
    /// order whatever the size of the input, which exact prediction needs.
    FoldedUNet(
        UNetImpl& network, const torch::Device& device, torch::MemoryFormat order = torch::MemoryFormat::ChannelsLast3d);
    /// Logits. Call under c10::InferenceMode. `betweenStages`, when given, may throw to abandon the pass.
    torch::Tensor forward(const torch::Tensor& x, const std::function<void()>& betweenStages = {}) const;

private:
    struct Stage {
        torch::Tensor weight1, bias1, weight2, bias2;
    };
    Stage fold(ConvolutionPairImpl& pair, const torch::Device& device) const;
    static torch::Tensor run(const Stage& stage, torch::Tensor x, const std::function<void()>& between);

    ArchitectureSpec m_spec;
    torch::MemoryFormat m_order;
    std::vector<Stage> m_encoder;
    Stage m_bridge;
    std::vector<Stage> m_decoder;
    torch::Tensor m_headWeight;
    torch::Tensor m_headBias;
};

/// Sigmoid of float32 logits on the CPU, one voxel at a time: LibTorch's rounds the last few of a row
/// differently from the rest, so it depends on the size of the tile.
torch::Tensor sigmoidOneByOne(torch::Tensor logits);

/// Limits oneDNN to AVX2 for this process unless ONEDNN_MAX_CPU_ISA says otherwise; before its first convolution. oneDNN
/// 3.7.2 (Debian 13) computes 3-D convolutions wrongly where a number of channels is no multiple of the vector's
/// width: 16 with AVX-512, which `quick` has not, 8 with AVX2, which all presets have (found on an AMD EPYC with
/// AVX-512 by comparing with double precision; gradients were off by a fifth). Building a network calls it.
void limitOneDnn();

/// Weights in channels-last order, which oneDNN's and cuDNN's 3-D convolutions prefer.
void toChannelsLast(torch::nn::Module& module);

/// Parameters and running statistics by name, float32 on the CPU; `prefix` is put before each name.
std::vector<NamedTensor> tensorsOf(torch::nn::Module& module, const std::string& prefix = {});
/// Copies into the module's tensors. Throws Error when one is missing or has another shape.
void loadTensors(torch::nn::Module& module, const std::vector<NamedTensor>& tensors, const std::string& prefix = {});
NamedTensor asNamed(std::string name, const torch::Tensor& tensor);
torch::Tensor asTensor(const NamedTensor& tensor);

} // namespace interstice
