// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/folded_unet.h"

#include "learn/instructions.h"
#include "learn/joined_levels.h"

namespace interstice {

namespace nn = torch::nn;

FoldedUNet::FoldedUNet(UNetImpl& network, const torch::Device& device, torch::MemoryFormat order, bool bfloat16)
    : m_spec(network.spec)
    , m_order(order)
    , m_type(bfloat16 ? torch::kBFloat16 : torch::kFloat32)
{
    chooseInstructions();
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
        m_up.push_back({ rows.to(device, m_type), bias.to(device, m_type), {}, {}, 0 });
    }
    m_head = { network.head->weight.detach().to(device, m_type).clone(),
        network.head->bias.detach().to(device, m_type).clone(), {}, {}, 0 };
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
        layer.scale = norm->weight.detach().to(device, m_type);
        layer.shift = norm->bias.detach().to(device, m_type);
    }
    layer.weight = inOrder((weight * scale.view({ -1, 1, 1, 1, 1 })).to(device, m_type), m_order);
    layer.bias = shift.to(device, m_type);
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
    auto y = convolve(x, layer.weight, layer.bias, padding);
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

torch::Tensor FoldedUNet::joined(std::size_t level, const torch::Tensor& below, const torch::Tensor& skip) const
{
    const Extent& pool = m_spec.pooling[level];
    if (m_up.empty())
        return joinedNearest(below, skip, pool);
    const auto rows = convolve(below, m_up[level].weight, m_up[level].bias, 0);
    const auto spread = rows.reshape({ below.size(0), m_spec.filters[level], pool.z, pool.y, pool.x, below.size(2),
                                         below.size(3), below.size(4) })
                            .permute({ 0, 1, 5, 2, 6, 3, 7, 4 })
                            .reshape({ below.size(0), m_spec.filters[level], below.size(2) * pool.z, below.size(3) * pool.y,
                                below.size(4) * pool.x });
    return torch::cat({ grownTo(spread, skip).contiguous(m_order), skip }, 1);
}

torch::Tensor FoldedUNet::forward(const torch::Tensor& input, const std::function<void()>& between) const
{
    std::vector<torch::Tensor> skips;
    torch::Tensor x = inOrder(input.to(m_type), m_order);
    for (std::size_t level = 0; level < m_spec.levels(); ++level) {
        skips.push_back(run(m_encoder[level], std::move(x), between));
        x = pooled(skips.back(), m_spec.pooling[level]);
    }
    x = run(m_bridge, std::move(x), between);
    for (std::size_t level = m_spec.levels(); level-- > 0;) {
        x = joined(level, x, skips[level]);
        skips.pop_back(); // frees the skip before the convolution that needs the room
        x = run(m_decoder[level], std::move(x), between);
    }
    return convolve(x, m_head.weight, m_head.bias, 0).to(torch::kFloat32);
}

} // namespace interstice
