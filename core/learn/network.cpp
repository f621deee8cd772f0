// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/network.h"

#include "base/error.h"

#include <cstdlib>
#include <map>
#include <mutex>

namespace interstice {

namespace nn = torch::nn;

ConvolutionPairImpl::ConvolutionPairImpl(int in, int out, const ArchitectureSpec& spec)
{
    const auto convolution
        = [&](int from) { return nn::Conv3d(nn::Conv3dOptions(from, out, 3).padding(1).bias(spec.convolutionBias)); };
    const auto norm = [&] {
        return nn::BatchNorm3d(nn::BatchNorm3dOptions(out).eps(spec.batchNormEpsilon).momentum(spec.batchNormMomentum));
    };
    conv1 = register_module("conv1", convolution(in));
    norm1 = register_module("norm1", norm());
    conv2 = register_module("conv2", convolution(out));
    norm2 = register_module("norm2", norm());
}

torch::Tensor ConvolutionPairImpl::forward(torch::Tensor x)
{
    // In-place ReLU is legal after batch normalisation, which keeps its input, not its output.
    x = norm1(conv1(x)).relu_();
    return norm2(conv2(x)).relu_();
}

UNetImpl::UNetImpl(const ArchitectureSpec& given)
    : spec(given)
{
    limitOneDnn();
    int channels = 1;
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        encoder.push_back(
            register_module("encoder" + std::to_string(level + 1), ConvolutionPair(channels, spec.filters[level], spec)));
        channels = spec.filters[level];
    }
    bridge = register_module("bridge", ConvolutionPair(channels, spec.bridge, spec));
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        const int below = level + 1 < spec.levels() ? spec.filters[level + 1] : spec.bridge;
        decoder.push_back(register_module(
            "decoder" + std::to_string(level + 1), ConvolutionPair(below + spec.filters[level], spec.filters[level], spec)));
    }
    head = register_module("head", nn::Conv3d(nn::Conv3dOptions(spec.filters.front(), 1, 1)));
}

namespace {

torch::Tensor pooled(const torch::Tensor& x, const Extent& pool)
{
    return torch::max_pool3d(x, { pool.z, pool.y, pool.x }, { pool.z, pool.y, pool.x });
}

/// Nearest neighbour to the skip's size: where pooling dropped a remainder, twice is not enough.
torch::Tensor joined(const torch::Tensor& below, const torch::Tensor& skip)
{
    return torch::cat({ at::upsample_nearest3d(below, skip.sizes().slice(2)), skip }, 1);
}

} // namespace

torch::Tensor UNetImpl::forward(torch::Tensor x)
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
    for (std::size_t level = spec.levels(); level-- > 0;)
        x = watched(decoder[level](joined(x, skips[level])));
    return head(x);
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

/// LibTorch takes another kernel, with another order of additions, for small inputs on the processor.
/// Contiguous tensors are those of exact prediction, where small and large tiles must agree.
torch::Tensor convolved(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias, std::int64_t padding)
{
    const bool always = x.is_cpu() && at::hasMKLDNN() && weight.is_contiguous() && x.is_contiguous();
    if (!always)
        return at::conv3d(x, weight, bias, 1, padding);
    const std::vector<std::int64_t> ones = { 1, 1, 1 };
    return at::mkldnn_convolution(x, weight, bias, std::vector<std::int64_t>(3, padding), ones, ones, 1);
}

} // namespace

void limitOneDnn()
{
    static std::once_flag once;
    std::call_once(once, [] { ::setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 0); });
}

FoldedUNet::FoldedUNet(UNetImpl& network, const torch::Device& device, torch::MemoryFormat order)
    : m_spec(network.spec)
    , m_order(order)
{
    limitOneDnn();
    torch::NoGradGuard noGrad;
    for (auto& pair : network.encoder)
        m_encoder.push_back(fold(*pair, device));
    m_bridge = fold(*network.bridge, device);
    for (auto& pair : network.decoder)
        m_decoder.push_back(fold(*pair, device));
    m_headWeight = network.head->weight.detach().to(device).clone();
    m_headBias = network.head->bias.detach().to(device).clone();
}

FoldedUNet::Stage FoldedUNet::fold(ConvolutionPairImpl& pair, const torch::Device& device) const
{
    const auto folded = [&](nn::Conv3d& conv, nn::BatchNorm3d& norm, torch::Tensor& weight, torch::Tensor& bias) {
        const auto scale
            = (norm->weight.to(torch::kFloat64) / (norm->running_var.to(torch::kFloat64) + m_spec.batchNormEpsilon).sqrt());
        const auto shift = conv->bias.defined() ? conv->bias.to(torch::kFloat64) : torch::zeros_like(scale);
        weight = (conv->weight.to(torch::kFloat64) * scale.view({ -1, 1, 1, 1, 1 }))
                     .to(torch::kFloat32)
                     .to(device)
                     .contiguous(m_order);
        bias = ((shift - norm->running_mean.to(torch::kFloat64)) * scale + norm->bias.to(torch::kFloat64))
                   .to(torch::kFloat32)
                   .to(device);
    };
    Stage stage;
    folded(pair.conv1, pair.norm1, stage.weight1, stage.bias1);
    folded(pair.conv2, pair.norm2, stage.weight2, stage.bias2);
    return stage;
}

torch::Tensor FoldedUNet::run(const Stage& stage, torch::Tensor x, const std::function<void()>& between)
{
    if (between)
        between();
    x = convolved(x, stage.weight1, stage.bias1, 1).relu_();
    if (between)
        between();
    return convolved(x, stage.weight2, stage.bias2, 1).relu_();
}

torch::Tensor FoldedUNet::forward(const torch::Tensor& input, const std::function<void()>& between) const
{
    std::vector<torch::Tensor> skips;
    torch::Tensor x = input.contiguous(m_order);
    for (std::size_t level = 0; level < m_spec.levels(); ++level) {
        skips.push_back(run(m_encoder[level], x, between));
        x = pooled(skips.back(), m_spec.pooling[level]);
    }
    x = run(m_bridge, x, between);
    for (std::size_t level = m_spec.levels(); level-- > 0;) {
        x = joined(x, skips[level]);
        skips.pop_back(); // frees the skip before the convolution that needs the room
        x = run(m_decoder[level], x, between);
    }
    return convolved(x, m_headWeight, m_headBias, 0);
}

torch::Tensor sigmoidOneByOne(torch::Tensor logits)
{
    logits = logits.contiguous();
    float* value = logits.data_ptr<float>();
    for (std::int64_t i = 0; i < logits.numel(); ++i)
        value[i] = 1.0F / (1.0F + std::exp(-value[i]));
    return logits;
}

void toChannelsLast(nn::Module& module)
{
    torch::NoGradGuard noGrad;
    for (auto& parameter : module.parameters()) {
        if (parameter.dim() == 5)
            parameter.set_data(parameter.data().contiguous(torch::MemoryFormat::ChannelsLast3d));
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
