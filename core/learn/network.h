// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/architecture.h"
#include "learn/normalisation.h"
#include "learn/safetensors.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace interstice {

/// Two 3×3×3 convolutions, each followed by normalisation and ReLU; a residual pair adds its input, through a
/// 1×1×1 convolution and normalisation, before the last ReLU.
struct ConvolutionPairImpl : torch::nn::Module {
    ConvolutionPairImpl(int in, int out, const ArchitectureSpec& spec, bool residual = false);
    torch::Tensor forward(torch::Tensor x);

    torch::nn::Conv3d conv1 { nullptr };
    Normalisation norm1 { nullptr };
    torch::nn::Conv3d conv2 { nullptr };
    Normalisation norm2 { nullptr };
    torch::nn::Conv3d shortcut { nullptr };
    Normalisation shortcutNorm { nullptr };
};
TORCH_MODULE(ConvolutionPair);

/// The network of an ArchitectureSpec: (N, 1, D, H, W) in, logits (N, outputs, D, H, W) out.
struct UNetImpl : torch::nn::Module {
    explicit UNetImpl(const ArchitectureSpec& spec);
    torch::Tensor forward(torch::Tensor x);
    /// The logits, and in training with deep supervision those of the lower levels after them, coarser and coarser.
    std::vector<torch::Tensor> allOutputs(torch::Tensor x);
    /// Batch statistics over all ranks (null: this rank's own).
    void synchroniseStatistics(const RankLink* ranks);
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
    std::vector<torch::nn::ConvTranspose3d> up; ///< by level, with transposed up-sampling
    std::vector<torch::nn::Conv3d> lowerHeads; ///< of level 2 and below, with deep supervision

private:
    torch::Tensor joined(std::size_t level, const torch::Tensor& below, const torch::Tensor& skip);
};
TORCH_MODULE(UNet);

/// at::conv3d of stride 1; on the processor in float32 always by oneDNN. LibTorch itself takes its plain kernel for one
/// sample where channels · depth · height ≤ 20480 (aten/src/ATen/native/Convolution.cpp, use_mkldnn, a rule made for
/// images): that is ten to twenty times slower, needs 27 times the memory, and adds in another order for small tiles than
/// for large ones.
torch::Tensor convolve(
    const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias, const Extent& padding);
inline torch::Tensor convolve(
    const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias, std::int64_t padding)
{
    return convolve(x, weight, bias, Extent { padding, padding, padding });
}
/// Max pooling; the remainder at the far end is dropped.
torch::Tensor pooled(const torch::Tensor& x, const Extent& pool);
/// The same values where the sizes agree, else the last ones repeated up to the size of `skip`.
torch::Tensor grownTo(const torch::Tensor& x, const torch::Tensor& skip);

/// Sigmoid of float32 logits on the CPU, one voxel at a time: LibTorch's rounds the last few of a row
/// differently from the rest, so it depends on the size of the tile and on the number of threads.
torch::Tensor sigmoidOneByOne(torch::Tensor logits);
/// The same for the softmax over the channels of (N, C, D, H, W).
torch::Tensor softmaxOneByOne(torch::Tensor logits);
/// Sigmoid of one channel, softmax of several; on the processor one by one.
torch::Tensor probabilitiesOf(const torch::Tensor& logits);

/// x in an order of axes in memory that can be told from its strides. With one channel both orders are the same bytes,
/// and `contiguous` leaves strides from which the first convolution guesses channels first, and all after it convert.
torch::Tensor inOrder(const torch::Tensor& x, torch::MemoryFormat order);
/// Weights in channels-last order, which oneDNN's and cuDNN's 3-D convolutions prefer.
void toChannelsLast(torch::nn::Module& module);

/// Parameters and running statistics by name, float32 on the CPU; `prefix` is put before each name.
std::vector<NamedTensor> tensorsOf(torch::nn::Module& module, const std::string& prefix = {});
/// Copies into the module's tensors. Throws Error when one is missing or has another shape.
void loadTensors(torch::nn::Module& module, const std::vector<NamedTensor>& tensors, const std::string& prefix = {});
NamedTensor asNamed(std::string name, const torch::Tensor& tensor);
torch::Tensor asTensor(const NamedTensor& tensor);

} // namespace interstice
