// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/slice_flow.h"

#include "base/page_vector.h"

#include <memory>

namespace interstice {

namespace {

/// A copy that stays for a while. In main memory it has pages of its own: among what comes and goes in a layer it would
/// leave holes in the heap that nothing else fits.
torch::Tensor apart(const torch::Tensor& x)
{
    if (!x.is_cpu() || x.scalar_type() != torch::kFloat32)
        return x.clone();
    const auto pages = std::make_shared<PageVector<float>>(static_cast<std::size_t>(x.numel()));
    auto copy = torch::from_blob(pages->data(), x.sizes(), [pages](void*) { }, torch::kFloat32);
    copy.copy_(x);
    return copy;
}

} // namespace

void SliceFlow::Waiting::add(const torch::Tensor& slices)
{
    for (std::int64_t k = 0; k < slices.size(2); ++k)
        m_slices.push_back(apart(slices.slice(2, k, k + 1)));
}

torch::Tensor SliceFlow::Waiting::take(std::int64_t count)
{
    const std::vector<torch::Tensor> taken(m_slices.begin(), m_slices.begin() + count);
    m_slices.erase(m_slices.begin(), m_slices.begin() + count);
    return torch::cat(taken, 2);
}

SliceFlow::SliceFlow(const FoldedUNet& network)
    : m_network(network)
    , m_skips(network.m_spec.levels())
{
    // In the order in which slices come to them.
    for (const auto& stage : network.m_encoder)
        m_encoder.push_back(pairOf(stage));
    m_bridge.push_back(pairOf(network.m_bridge));
    for (std::size_t level = network.m_decoder.size(); level-- > 0;)
        m_decoder.push_back(pairOf(network.m_decoder[level]));
}

SliceFlow::Pair SliceFlow::pairOf(const FoldedUNet::Stage& stage)
{
    Pair pair { &stage, { &stage.first, m_convolutions }, { &stage.second, m_convolutions + 1 } };
    m_convolutions += 2;
    return pair;
}

torch::Tensor SliceFlow::convolved(Convolution& convolution, torch::Tensor x) const
{
    // The volume ends for one convolution after the other, so that the last slices come one by one.
    const bool last = m_ending == convolution.number + 1 && !x.defined() && convolution.begun;
    if (!x.defined() && !last)
        return {};
    std::vector<torch::Tensor> parts;
    const auto nothing = [](const torch::Tensor& like) { return torch::zeros_like(like.slice(2, 0, 1)); };
    parts.push_back(convolution.begun ? convolution.kept : nothing(x)); // beyond the volume, as padding has it
    if (x.defined())
        parts.push_back(x);
    if (last)
        parts.push_back(nothing(convolution.kept));
    convolution.begun = true;
    auto input = torch::cat(parts, 2);
    parts.clear();
    x.reset(); // the convolution needs the room
    const std::int64_t depth = input.size(2);
    convolution.kept = last ? torch::Tensor() : apart(input.slice(2, std::max<std::int64_t>(0, depth - 2)));
    if (depth < 3)
        return {};
    return convolve(input, convolution.layer->weight, convolution.layer->bias, Extent { 0, 1, 1 });
}

torch::Tensor SliceFlow::through(Pair& pair, torch::Tensor x, const std::function<void()>& between)
{
    const auto& shortcut = pair.stage->shortcut;
    if (between)
        between();
    if (shortcut.weight.defined() && x.defined())
        pair.input.add(x);
    auto y = convolved(pair.first, std::move(x));
    if (y.defined())
        y.relu_();
    if (between)
        between();
    y = convolved(pair.second, std::move(y));
    if (!y.defined())
        return y;
    if (shortcut.weight.defined())
        y.add_(convolve(pair.input.take(y.size(2)), shortcut.weight, shortcut.bias, Extent { 0, 0, 0 }));
    return y.relu_();
}

torch::Tensor SliceFlow::flow(torch::Tensor x, const std::function<void()>& between)
{
    const ArchitectureSpec& spec = m_network.m_spec;
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        x = through(m_encoder[level], std::move(x), between);
        if (!x.defined())
            continue; // below it may be the turn of a convolution to end
        m_skips[level].add(x);
        x = pooled(x, spec.pooling[level]);
    }
    x = through(m_bridge.front(), std::move(x), between);
    for (std::size_t level = spec.levels(); level-- > 0;) {
        if (x.defined())
            x = m_network.joined(level, x, m_skips[level].take(x.size(2)));
        x = through(m_decoder[spec.levels() - 1 - level], std::move(x), between);
    }
    if (!x.defined())
        return x;
    return convolve(x, m_network.m_head.weight, m_network.m_head.bias, Extent { 0, 0, 0 }).to(torch::kFloat32);
}

torch::Tensor SliceFlow::push(const torch::Tensor& slices, const std::function<void()>& between)
{
    return flow(inOrder(slices.to(m_network.m_type), m_network.m_order), between);
}

torch::Tensor SliceFlow::finish(const std::function<void()>& between)
{
    ++m_ending;
    return flow({}, between);
}

} // namespace interstice
