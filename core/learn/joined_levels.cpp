// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/joined_levels.h"

namespace interstice {

namespace {

constexpr auto kOrder = torch::MemoryFormat::ChannelsLast3d;

/// Channels [0, channels) of a joined tensor as (N, d, z, h, y, w, x, channels): a view whose axes z, y and x run over the
/// voxels that one voxel below becomes.
torch::Tensor raisedPart(const torch::Tensor& joined, std::int64_t channels, const Extent& pool)
{
    const std::vector<std::int64_t> axes = { joined.size(0), joined.size(2) / pool.z, pool.z, joined.size(3) / pool.y,
        pool.y, joined.size(4) / pool.x, pool.x, channels };
    return joined.permute({ 0, 2, 3, 4, 1 }).narrow(4, 0, channels).view(axes);
}

torch::Tensor join(const torch::Tensor& below, const torch::Tensor& skip, const Extent& pool)
{
    auto joined = at::empty(
        { skip.size(0), below.size(1) + skip.size(1), skip.size(2), skip.size(3), skip.size(4) }, skip.options(), kOrder);
    raisedPart(joined, below.size(1), pool).copy_(below.permute({ 0, 2, 3, 4, 1 }).unsqueeze(2).unsqueeze(4).unsqueeze(6));
    joined.narrow(1, below.size(1), skip.size(1)).copy_(skip);
    return joined;
}

class Join : public torch::autograd::Function<Join> {
public:
    static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& below,
        const torch::Tensor& skip, std::int64_t z, std::int64_t y, std::int64_t x)
    {
        context->saved_data["channels"] = below.size(1);
        context->saved_data["pool"] = std::vector<std::int64_t> { z, y, x };
        return join(below, skip, { z, y, x });
    }

    static torch::autograd::variable_list backward(
        torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients)
    {
        const auto pool = context->saved_data["pool"].toIntVector();
        const std::int64_t channels = context->saved_data["channels"].toInt();
        const auto gradient = gradients[0].contiguous(kOrder);
        const auto below
            = raisedPart(gradient, channels, { pool[0], pool[1], pool[2] }).sum({ 2, 4, 6 }).permute({ 0, 4, 1, 2, 3 });
        return { below, gradient.narrow(1, channels, gradient.size(1) - channels), {}, {}, {} };
    }
};

} // namespace

torch::Tensor joinedNearest(const torch::Tensor& below, const torch::Tensor& skip, const Extent& pool)
{
    const bool whole = skip.size(2) == below.size(2) * pool.z && skip.size(3) == below.size(3) * pool.y
        && skip.size(4) == below.size(4) * pool.x;
    if (!whole || skip.scalar_type() != below.scalar_type() || skip.suggest_memory_format() != kOrder)
        // To the skip's size: where pooling dropped a remainder, twice is not enough.
        return torch::cat({ at::upsample_nearest3d(below, skip.sizes().slice(2)), skip }, 1);
    if (!at::GradMode::is_enabled())
        return join(below, skip, pool);
    return Join::apply(below, skip, pool.z, pool.y, pool.x);
}

} // namespace interstice
