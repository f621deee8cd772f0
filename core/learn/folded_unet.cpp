// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/folded_unet.h"

namespace interstice {

namespace nn = torch::nn;

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
    for (auto& up : network.up) {
        // (in, out, z, y, x) becomes (out·z·y·x, in, 1, 1, 1): windows do not overlap, so each of their voxels is a
        // product of its own, and one kernel serves every size of tile.
        const auto rows = up->weight.detach().flatten(1).t().contiguous().view({ -1, up->weight.size(0), 1, 1, 1 });
        const auto bias = up->bias.detach().repeat_interleave(up->weight.numel() / up->weight.size(0) / up->weight.size(1));
        m_up.push_back({ rows.to(device), bias.to(device), {}, {}, 0 });
    }
    m_head = { network.head->weight.detach().to(device).clone(), network.head->bias.detach().to(device).clone(), {}, {}, 0 };
}

FoldedUNet::Layer FoldedUNet::fold(nn::Conv3d& conv, Normalisation& norm, const torch::Device& device) const
{
    Layer layer;
    const auto weight = conv->weight.detach().to(torch::kFloat64);
    const auto bias = conv->bias.defined() ? conv->bias.detach().to(torch::kFloat64)
                                           : torch::zeros({ weight.size(0) }, weight.options());
    auto scale = torch::ones_like(bias);
    auto shift = bias;
    if (m_spec.norm == ArchitectureSpec::Norm::Batch) {
        scale = norm->weight.to(torch::kFloat64) / (norm->running_var.to(torch::kFloat64) + m_spec.batchNormEpsilon).sqrt();
        shift = (bias - norm->running_mean.to(torch::kFloat64)) * scale + norm->bias.to(torch::kFloat64);
    } else {
        layer.groups = groupsFor(static_cast<int>(weight.size(0)), m_spec);
        layer.scale = norm->weight.detach().to(device);
        layer.shift = norm->bias.detach().to(device);
    }
    layer.weight = (weight * scale.view({ -1, 1, 1, 1, 1 })).to(torch::kFloat32).to(device).contiguous(m_order);
    layer.bias = shift.to(torch::kFloat32).to(device);
    return layer;
}

FoldedUNet::Stage FoldedUNet::fold(ConvolutionPairImpl& pair, const torch::Device& device) const
{
    Stage stage;
    stage.first = fold(pair.conv1, pair.norm1, device);
    stage.second = fold(pair.conv2, pair.norm2, device);
    if (pair.shortcut)
        stage.shortcut = fold(pair.shortcut, pair.shortcutNorm, device);
    return stage;
}

torch::Tensor FoldedUNet::run(const Layer& layer, const torch::Tensor& x, std::int64_t padding) const
{
    auto y = convolved(x, layer.weight, layer.bias, padding);
    return layer.groups > 0 ? torch::group_norm(y, layer.groups, layer.scale, layer.shift, m_spec.batchNormEpsilon) : y;
}

torch::Tensor FoldedUNet::run(const Stage& stage, torch::Tensor x, const std::function<void()>& between) const
{
    if (between)
        between();
    auto y = run(stage.first, x, 1).relu_();
    if (!stage.shortcut.weight.defined())
        x.reset(); // not needed any more, and the next convolution needs the room
    if (between)
        between();
    y = run(stage.second, y, 1);
    if (stage.shortcut.weight.defined())
        y.add_(run(stage.shortcut, x, 0));
    return y.relu_();
}

torch::Tensor FoldedUNet::raised(std::size_t level, const torch::Tensor& below, const torch::Tensor& skip) const
{
    if (m_up.empty())
        return at::upsample_nearest3d(below, skip.sizes().slice(2));
    const Extent& pool = m_spec.pooling[level];
    const auto rows = convolved(below, m_up[level].weight, m_up[level].bias, 0);
    const auto spread = rows.reshape({ below.size(0), m_spec.filters[level], pool.z, pool.y, pool.x, below.size(2),
                                         below.size(3), below.size(4) })
                            .permute({ 0, 1, 5, 2, 6, 3, 7, 4 })
                            .reshape({ below.size(0), m_spec.filters[level], below.size(2) * pool.z, below.size(3) * pool.y,
                                below.size(4) * pool.x });
    return grownTo(spread, skip).contiguous(m_order);
}

torch::Tensor FoldedUNet::forward(const torch::Tensor& input, const std::function<void()>& between) const
{
    std::vector<torch::Tensor> skips;
    torch::Tensor x = input.contiguous(m_order);
    for (std::size_t level = 0; level < m_spec.levels(); ++level) {
        skips.push_back(run(m_encoder[level], std::move(x), between));
        x = pooled(skips.back(), m_spec.pooling[level]);
    }
    x = run(m_bridge, std::move(x), between);
    for (std::size_t level = m_spec.levels(); level-- > 0;) {
        x = torch::cat({ raised(level, x, skips[level]), skips[level] }, 1);
        skips.pop_back(); // frees the skip before the convolution that needs the room
        x = run(m_decoder[level], std::move(x), between);
    }
    return convolved(x, m_head.weight, m_head.bias, 0);
}

} // namespace interstice
