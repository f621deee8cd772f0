// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/network.h"

#include "base/error.h"
#include "learn/instructions.h"
#include "learn/joined_levels.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include <cmath>
#include <map>

namespace interstice {

namespace nn = torch::nn;

ConvolutionPairImpl::ConvolutionPairImpl(int in, int out, const ArchitectureSpec& spec, bool residual)
{
    const auto convolution
        = [&](int from) { return nn::Conv3d(nn::Conv3dOptions(from, out, 3).padding(1).bias(spec.convolutionBias)); };
    conv1 = register_module("conv1", convolution(in));
    norm1 = register_module("norm1", Normalisation(out, spec));
    conv2 = register_module("conv2", convolution(out));
    norm2 = register_module("norm2", Normalisation(out, spec));
    if (residual) {
        shortcut = register_module("shortcut", nn::Conv3d(nn::Conv3dOptions(in, out, 1).bias(false)));
        shortcutNorm = register_module("shortcut_norm", Normalisation(out, spec));
    }
}

torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias, const Extent& padding)
{
    const std::vector<std::int64_t> around = { padding.z, padding.y, padding.x };
    const std::vector<std::int64_t> ones = { 1, 1, 1 };
    if (!x.is_cpu() || x.scalar_type() != torch::kFloat32 || !at::hasMKLDNN()
        || at::autocast::is_autocast_enabled(c10::DeviceType::CPU))
        return at::conv3d(x, weight, bias, ones, around);
    return at::mkldnn_convolution(x, weight, bias, around, ones, ones, 1);
}

torch::Tensor ConvolutionPairImpl::forward(torch::Tensor x)
{
    const bool cancels = norm1->cancelsShifts();
    const auto by
        = [cancels](nn::Conv3d& convolution, Normalisation& norm, const torch::Tensor& input, std::int64_t padding) {
              if (cancels)
                  return norm(convolve(input, convolution->weight, {}, padding), convolution->bias);
              return norm(convolve(input, convolution->weight, convolution->bias, padding), torch::Tensor());
          };
    // In-place ReLU is legal after batch normalisation, which keeps its input, not its output.
    auto y = by(conv1, norm1, x, 1).relu_();
    y = by(conv2, norm2, y, 1);
    return (shortcut ? y.add_(by(shortcut, shortcutNorm, x, 0)) : y).relu_();
}

UNetImpl::UNetImpl(const ArchitectureSpec& given)
    : spec(given)
{
    chooseInstructions();
    int channels = 1;
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        encoder.push_back(register_module(
            "encoder" + std::to_string(level + 1), ConvolutionPair(channels, spec.filters[level], spec, spec.residual)));
        channels = spec.filters[level];
    }
    bridge = register_module("bridge", ConvolutionPair(channels, spec.bridge, spec, spec.residual));
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        const int in = spec.channelsFromBelow(level) + spec.filters[level];
        decoder.push_back(
            register_module("decoder" + std::to_string(level + 1), ConvolutionPair(in, spec.filters[level], spec)));
    }
    head = register_module("head", nn::Conv3d(nn::Conv3dOptions(spec.filters.front(), spec.outputs(), 1)));
    for (std::size_t level = 0; level < spec.levels() && spec.upsampling == ArchitectureSpec::Upsampling::Transposed;
        ++level) {
        const int below = level + 1 < spec.levels() ? spec.filters[level + 1] : spec.bridge;
        const Extent& pool = spec.pooling[level];
        up.push_back(register_module("up" + std::to_string(level + 1),
            nn::ConvTranspose3d(nn::ConvTranspose3dOptions(below, spec.filters[level], { pool.z, pool.y, pool.x })
                    .stride({ pool.z, pool.y, pool.x }))));
    }
    for (std::size_t level = 1; level < spec.levels() && spec.deepSupervision; ++level)
        lowerHeads.push_back(register_module(
            "head" + std::to_string(level + 1), nn::Conv3d(nn::Conv3dOptions(spec.filters[level], spec.outputs(), 1))));
}

torch::Tensor pooled(const torch::Tensor& x, const Extent& pool)
{
    return torch::max_pool3d(x, { pool.z, pool.y, pool.x }, { pool.z, pool.y, pool.x });
}

torch::Tensor grownTo(const torch::Tensor& x, const torch::Tensor& skip)
{
    if (x.sizes().slice(2) == skip.sizes().slice(2))
        return x;
    return at::replication_pad3d(
        x, { 0, skip.size(4) - x.size(4), 0, skip.size(3) - x.size(3), 0, skip.size(2) - x.size(2) });
}

torch::Tensor UNetImpl::joined(std::size_t level, const torch::Tensor& below, const torch::Tensor& skip)
{
    if (up.empty())
        return joinedNearest(below, skip, spec.pooling[level]);
    return torch::cat({ grownTo(up[level](below), skip), skip }, 1);
}

std::vector<torch::Tensor> UNetImpl::allOutputs(torch::Tensor x)
{
    const auto watched = [this](torch::Tensor stage) {
        if (betweenStages) {
            betweenStages();
            if (stage.requires_grad())
                stage.register_hook([between = betweenStages](const torch::Tensor&) { between(); });
        }
        return stage;
    };
    std::vector<torch::Tensor> skips;
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        skips.push_back(watched(encoder[level](x)));
        x = pooled(skips.back(), spec.pooling[level]);
    }
    x = watched(bridge(x));
    std::vector<torch::Tensor> outputs(is_training() ? lowerHeads.size() + 1 : 1);
    for (std::size_t level = spec.levels(); level-- > 0;) {
        x = watched(decoder[level](joined(level, x, skips[level])));
        if (level > 0 && level < outputs.size())
            outputs[level] = lowerHeads[level - 1](x);
    }
    outputs.front() = head(x);
    return outputs;
}

torch::Tensor UNetImpl::forward(torch::Tensor x)
{
    return allOutputs(std::move(x)).front();
}

void UNetImpl::synchroniseStatistics(const RankLink* ranks)
{
    for (const auto& module : modules(false)) {
        if (auto* norm = module->as<NormalisationImpl>())
            norm->ranks = ranks;
    }
}

void UNetImpl::initialise(std::uint64_t seed)
{
    torch::NoGradGuard noGrad;
    auto generator = at::detail::createCPUGenerator(seed);
    for (auto& item : named_parameters()) {
        torch::Tensor& parameter = item.value();
        if (parameter.dim() == 5) {
            const double receptive = static_cast<double>(parameter.size(2) * parameter.size(3) * parameter.size(4));
            const double fans = static_cast<double>(parameter.size(0) + parameter.size(1)) * receptive;
            const double bound = std::sqrt(6.0 / fans);
            parameter.uniform_(-bound, bound, generator);
        } else if (item.key().find("norm") != std::string::npos && item.key().ends_with("weight")) {
            parameter.fill_(1);
        } else {
            parameter.zero_();
        }
    }
}

namespace {

/// Fewer voxels are not worth another thread.
constexpr std::int64_t kVoxelsAlone = 16384;

} // namespace

torch::Tensor sigmoidOneByOne(torch::Tensor logits)
{
    logits = logits.contiguous();
    float* value = logits.data_ptr<float>();
    at::parallel_for(0, logits.numel(), kVoxelsAlone, [&](std::int64_t from, std::int64_t until) {
        for (std::int64_t i = from; i < until; ++i)
            value[i] = 1.0F / (1.0F + std::exp(-value[i]));
    });
    return logits;
}

torch::Tensor softmaxOneByOne(torch::Tensor logits)
{
    logits = logits.contiguous();
    const std::int64_t classes = logits.size(1);
    const std::int64_t voxels = logits.numel() / (logits.size(0) * classes);
    at::parallel_for(0, logits.size(0) * voxels, kVoxelsAlone, [&](std::int64_t from, std::int64_t until) {
        for (std::int64_t i = from; i < until; ++i) {
            float* value = logits.data_ptr<float>() + i / voxels * classes * voxels + i % voxels;
            float largest = value[0];
            for (std::int64_t c = 1; c < classes; ++c)
                largest = std::max(largest, value[c * voxels]);
            float sum = 0;
            for (std::int64_t c = 0; c < classes; ++c)
                sum += value[c * voxels] = std::exp(value[c * voxels] - largest);
            for (std::int64_t c = 0; c < classes; ++c)
                value[c * voxels] /= sum;
        }
    });
    return logits;
}

torch::Tensor probabilitiesOf(const torch::Tensor& logits)
{
    if (logits.is_cpu()) // the same whatever the size of the tile and the number of threads
        return logits.size(1) > 1 ? softmaxOneByOne(logits) : sigmoidOneByOne(logits);
    return logits.size(1) > 1 ? torch::softmax(logits, 1) : torch::sigmoid(logits);
}

torch::Tensor inOrder(const torch::Tensor& x, torch::MemoryFormat order)
{
    return x.to(x.options(), false, false, order);
}

void toChannelsLast(nn::Module& module)
{
    torch::NoGradGuard noGrad;
    for (auto& parameter : module.parameters()) {
        // Kernels of one voxel have no order, and strides of one would differ from their gradients'.
        if (parameter.dim() == 5 && parameter.size(2) * parameter.size(3) * parameter.size(4) > 1)
            parameter.set_data(inOrder(parameter.data(), torch::MemoryFormat::ChannelsLast3d));
    }
}

NamedTensor asNamed(std::string name, const torch::Tensor& tensor)
{
    const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    const auto* data = flat.data_ptr<float>();
    return { std::move(name), tensor.sizes().vec(), std::vector<float>(data, data + flat.numel()) };
}

torch::Tensor asTensor(const NamedTensor& tensor)
{
    return torch::from_blob(const_cast<float*>(tensor.values.data()), tensor.shape, torch::kFloat32).clone();
}

std::vector<NamedTensor> tensorsOf(nn::Module& module, const std::string& prefix)
{
    std::vector<NamedTensor> tensors;
    for (const auto& item : module.named_parameters())
        tensors.push_back(asNamed(prefix + item.key(), item.value()));
    for (const auto& item : module.named_buffers()) {
        if (item.value().is_floating_point())
            tensors.push_back(asNamed(prefix + item.key(), item.value()));
    }
    return tensors;
}

void loadTensors(nn::Module& module, const std::vector<NamedTensor>& tensors, const std::string& prefix)
{
    torch::NoGradGuard noGrad;
    std::map<std::string, const NamedTensor*> byName;
    for (const auto& tensor : tensors)
        byName[tensor.name] = &tensor;
    const auto copyInto = [&](const std::string& name, torch::Tensor& target) {
        const auto found = byName.find(prefix + name);
        if (found == byName.end())
            throw Error("The model file lacks the tensor " + prefix + name, "Use a model file that Interstice wrote.");
        if (target.sizes() != at::IntArrayRef(found->second->shape))
            throw Error("The tensor " + prefix + name + " has another shape than its network",
                "Use a model file that Interstice wrote.");
        target.copy_(asTensor(*found->second));
    };
    for (auto& item : module.named_parameters())
        copyInto(item.key(), item.value());
    for (auto& item : module.named_buffers()) {
        if (item.value().is_floating_point())
            copyInto(item.key(), item.value());
    }
}

} // namespace interstice
