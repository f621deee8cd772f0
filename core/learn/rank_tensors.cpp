// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/rank_tensors.h"

#include <torch/csrc/distributed/c10d/comm.hpp>

#include <type_traits>

namespace interstice {

void sumOverRanks(RankGroup& group, torch::Tensor& tensor)
{
    std::vector<at::Tensor> tensors = { tensor };
    group.parts().group->allreduce(tensors)->wait();
}

void broadcastFromFirst(RankGroup& group, std::vector<torch::Tensor> tensors)
{
    torch::NoGradGuard noGrad;
    for (auto& tensor : tensors) {
        auto flat = tensor.detach().contiguous(); // the same order of bytes on all ranks
        std::vector<at::Tensor> one = { flat };
        group.parts().group->broadcast(one)->wait();
        tensor.detach().copy_(flat);
    }
}

namespace {

constexpr std::size_t kFirstBucketBytes = 1 << 20;
constexpr std::size_t kBucketBytes = 25 << 20;

using Buckets = std::vector<std::vector<std::size_t>>;
using Group = c10::intrusive_ptr<c10d::ProcessGroup>;
using Names = std::unordered_map<std::size_t, std::string>;

/// The constructor changed between LibTorch 2.6 and 2.14; which of them this is, the compiler knows.
template <class Reducer>
std::unique_ptr<Reducer> makeReducer(const std::vector<at::Tensor>& parameters, const Buckets& buckets,
    const std::vector<std::size_t>& limits, const Group& group)
{
    const std::vector<bool> sparse(parameters.size(), false);
    const auto bucket = static_cast<std::int64_t>(kBucketBytes);
    const auto first = static_cast<std::int64_t>(kFirstBucketBytes);
    if constexpr (std::is_constructible_v<Reducer, std::vector<at::Tensor>, Buckets, std::vector<std::size_t>, Group,
                      std::vector<bool>, std::int64_t, bool, bool, Names, std::int64_t>)
        return std::make_unique<Reducer>(parameters, buckets, limits, group, sparse, bucket, false, true, Names(), first);
    else
        return std::make_unique<Reducer>(parameters, buckets, group, sparse, bucket, false, true, Names(), first, false,
            false, std::vector<std::int64_t> { first, bucket });
}

} // namespace

GradientAverager::GradientAverager(torch::nn::Module& module, RankGroup& group)
{
    std::vector<at::Tensor> parameters;
    for (const auto& parameter : module.parameters())
        parameters.push_back(parameter);
    auto [buckets, limits] = c10d::compute_bucket_assignment_by_size(parameters, { kFirstBucketBytes, kBucketBytes });
    // The backward pass meets the last parameters first.
    std::reverse(buckets.begin(), buckets.end());
    std::reverse(limits.begin(), limits.end());
    m_reducer = makeReducer<c10d::Reducer>(parameters, buckets, limits, group.parts().group);
}

namespace {

torch::Tensor perChannel(const torch::Tensor& values, at::ScalarType type)
{
    return values.to(type).view({ 1, -1, 1, 1, 1 });
}

/// Each rank's row of a (world, n) tensor, for all.
torch::Tensor gathered(RankGroup& group, const torch::Tensor& row)
{
    auto rows = torch::zeros({ group.world(), row.numel() }, row.options());
    rows[group.rank()].copy_(row);
    sumOverRanks(group, rows);
    return rows;
}

class SynchronisedBatchNorm : public torch::autograd::Function<SynchronisedBatchNorm> {
public:
    static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
        const torch::Tensor& weight, const torch::Tensor& bias, torch::Tensor runningMean, torch::Tensor runningVariance,
        double momentum, double epsilon, const RankLink* link)
    {
        const std::int64_t channels = x.size(1);
        const auto local = at::batch_norm_update_stats(x, {}, {}, 0);
        const double own = link->counts ? static_cast<double>(x.numel() / channels) : 0;
        const auto doubles = x.options().dtype(torch::kFloat64);
        const auto rows = gathered(*link->group,
            torch::cat({ torch::full({ 1 }, own, doubles), std::get<0>(local).to(torch::kFloat64),
                std::get<1>(local).to(torch::kFloat64) }));
        // Chan, Golub & LeVeque 1983: joining means and variances without cancellation.
        const auto counts = rows.slice(1, 0, 1);
        const auto means = rows.slice(1, 1, 1 + channels);
        const auto total = counts.sum();
        const auto mean = (counts * means).sum(0) / total;
        const auto variance = (counts * (rows.slice(1, 1 + channels) + (means - mean.unsqueeze(0)).square())).sum(0) / total;
        const auto type = weight.scalar_type(); // not x's, which may be half precision
        runningMean.mul_(1 - momentum).add_(mean.to(type), momentum);
        runningVariance.mul_(1 - momentum).add_((variance * total / (total - 1).clamp_min(1)).to(type), momentum);

        const auto ownMean = mean.to(type);
        const auto ownVariance = variance.to(type);
        context->save_for_backward({ x, weight, ownMean, ownVariance, total });
        context->saved_data["epsilon"] = epsilon;
        context->saved_data["link"] = reinterpret_cast<std::int64_t>(link);
        context->saved_data["counts"] = link->counts;
        return std::get<0>(at::native_batch_norm(x, weight, bias, ownMean, ownVariance, false, 0, epsilon));
    }

    static torch::autograd::variable_list backward(
        torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto& x = saved[0];
        const auto& weight = saved[1];
        const auto& mean = saved[2];
        const auto& variance = saved[3];
        const auto& total = saved[4];
        const double epsilon = context->saved_data["epsilon"].toDouble();
        const auto* link = reinterpret_cast<const RankLink*>(context->saved_data["link"].toInt());
        const auto inverse = (variance.to(torch::kFloat64) + epsilon).rsqrt();
        const auto ownInverse = inverse.to(weight.scalar_type());
        const auto gradient = gradients[0].contiguous(x.suggest_memory_format());
        // Evaluation's backward pass gives what does not depend on the statistics, and both sums.
        auto [dx, dWeight, dBias] = at::native_batch_norm_backward(
            gradient, x, weight, mean, variance, mean, ownInverse, false, epsilon, { true, true, true });
        auto sums = torch::stack({ dBias, dWeight }).to(torch::kFloat64);
        sumOverRanks(*link->group, sums);
        if (context->saved_data["counts"].toBool()) {
            // dx = γ/σ·(dy − mean(dy) − x̂·mean(dy·x̂)), x̂ = (x − μ)/σ (Ioffe & Szegedy 2015, over all ranks)
            const auto factor = weight.to(torch::kFloat64) * inverse / total;
            const auto slope = -factor * inverse * sums[1];
            const auto offset = -factor * sums[0] - slope * mean.to(torch::kFloat64);
            const auto type = weight.scalar_type(); // half precision would round three times
            dx = dx.to(type).addcmul(x.to(type), perChannel(slope, type)).add_(perChannel(offset, type)).to(x.scalar_type());
        }
        return { dx, dWeight, dBias, {}, {}, {}, {}, {} };
    }
};

} // namespace

torch::Tensor synchronisedBatchNorm(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
    torch::Tensor runningMean, torch::Tensor runningVariance, double momentum, double epsilon, const RankLink& link)
{
    // With pointers to it in the graph, the link must outlive the backward pass: the trainer owns both.
    return SynchronisedBatchNorm::apply(x, weight, bias, runningMean, runningVariance, momentum, epsilon, &link);
}

} // namespace interstice
