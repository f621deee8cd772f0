// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/losses.h"

#include "learn/masking.h"

namespace interstice {

namespace {

/// The sum over ranks of a tensor whose own part stays differentiable.
torch::Tensor overRanks(const torch::Tensor& own, const RankLink* ranks)
{
    if (!ranks)
        return own;
    auto all = own.detach().to(torch::kFloat64);
    sumOverRanks(*ranks->group, all);
    return own + (all - own.detach().to(torch::kFloat64)).to(own.scalar_type());
}

double worldOf(const RankLink* ranks)
{
    return ranks ? ranks->group->world() : 1;
}

/// Probabilities and truths of the classes that have a Dice: (N, C, D, H, W) each, ignored voxels 0.
struct Maps {
    torch::Tensor probability;
    torch::Tensor truth;
};

Maps mapsOf(const torch::Tensor& logits, const torch::Tensor& target, const torch::Tensor& counted)
{
    if (logits.size(1) == 1)
        return { torch::sigmoid(logits) * counted, target.clamp_min(0) * counted };
    const auto classes = torch::arange(1, logits.size(1), logits.options()).view({ 1, -1, 1, 1, 1 });
    return { torch::softmax(logits, 1).slice(1, 1) * counted, target.eq(classes).to(logits.scalar_type()) };
}

torch::Tensor weightsOf(const LossContext& context, const torch::Tensor& logits)
{
    return torch::tensor(context.classWeights, torch::kFloat64).to(logits.device(), logits.scalar_type());
}

torch::Tensor diceLoss(const torch::Tensor& logits, const torch::Tensor& target, const LossContext& context)
{
    const auto counted = target.ge(0).to(logits.scalar_type());
    const Maps maps = mapsOf(logits, target, counted);
    const std::vector<std::int64_t> voxels = { 2, 3, 4 };
    auto overlap = (maps.probability * maps.truth).sum(voxels);
    auto sizes = maps.probability.sum(voxels) + maps.truth.sum(voxels);
    if (context.overBatch) {
        overlap = overRanks(overlap.sum(0, true), context.ranks);
        sizes = overRanks(sizes.sum(0, true), context.ranks);
    }
    auto terms = 1 - (2 * overlap + 1) / (sizes + 1); // (N, C), or (1, C) of all samples
    if (terms.size(1) > 1 && !context.classWeights.empty()) {
        const auto weights = weightsOf(context, logits).slice(0, 1);
        terms = (terms * weights).sum(1) / weights.sum();
    } else {
        terms = terms.mean(1);
    }
    // All ranks know the same value, but each only the gradient of its own part, which averaging would make too small.
    if (context.overBatch) {
        const auto value = terms.sum();
        return context.ranks ? value + (value - value.detach()) * (worldOf(context.ranks) - 1) : value;
    }
    const double samples = context.samples > 0 ? static_cast<double>(context.samples) : static_cast<double>(logits.size(0));
    return terms.sum() * (worldOf(context.ranks) / samples);
}

torch::Tensor crossEntropy(const torch::Tensor& logits, const torch::Tensor& target, const LossContext& context)
{
    auto weight = target.ge(0).to(logits.scalar_type());
    torch::Tensor sum;
    if (!context.classWeights.empty())
        weight = weight * weightsOf(context, logits).index({ target.clamp_min(0).to(torch::kLong) });
    if (logits.size(1) == 1) {
        sum = torch::binary_cross_entropy_with_logits(
            logits, target.clamp_min(0).to(logits.scalar_type()), weight, {}, at::Reduction::Sum);
    } else {
        const auto picked = torch::log_softmax(logits, 1).gather(1, target.clamp_min(0).to(torch::kLong));
        sum = -(picked * weight).sum();
    }
    auto total = weight.sum();
    if (context.ranks)
        total = overRanks(total, context.ranks);
    return sum * worldOf(context.ranks) / total.clamp_min(1);
}

torch::Tensor squaredError(const torch::Tensor& values, const torch::Tensor& target, const LossContext& context)
{
    const auto counted = target.ge(0).to(values.scalar_type());
    auto total = counted.sum();
    if (context.ranks)
        total = overRanks(total, context.ranks);
    const auto sum = ((values - (target - kStandardisedShift)).square() * counted).sum();
    return sum * worldOf(context.ranks) / total.clamp_min(1);
}

} // namespace

torch::Tensor lossOf(const torch::Tensor& given, const torch::Tensor& target, const LossContext& context)
{
    // Half precision is for layers only.
    const auto logits = given.scalar_type() == torch::kFloat64 ? given : given.to(torch::kFloat32);
    if (context.reconstruct)
        return squaredError(logits, target, context);
    torch::Tensor total;
    if (context.loss != Loss::Bce)
        total = diceLoss(logits, target, context);
    if (context.loss != Loss::Dice) {
        const auto entropy = crossEntropy(logits, target, context);
        total = total.defined() ? total + entropy : entropy;
    }
    return total;
}

torch::Tensor lossOf(const torch::Tensor& logits, const torch::Tensor& target, Loss loss)
{
    LossContext context;
    context.loss = loss;
    return lossOf(logits, target, context);
}

torch::Tensor lossOfAll(const std::vector<torch::Tensor>& outputs, const torch::Tensor& target, const LossContext& context)
{
    if (outputs.size() == 1)
        return lossOf(outputs.front(), target, context);
    torch::Tensor sum;
    double weight = 1;
    double weights = 0;
    for (const auto& logits : outputs) {
        const auto at = at::upsample_nearest3d(target, logits.sizes().slice(2));
        const auto part = lossOf(logits, at, context) * weight;
        sum = sum.defined() ? sum + part : part;
        weights += weight;
        weight /= 2;
    }
    return sum / weights;
}

torch::Tensor OverlapCounts::of(const torch::Tensor& logits, const torch::Tensor& target)
{
    const std::int64_t classes = std::max<std::int64_t>(logits.size(1) - 1, 1);
    const auto counted = target.ge(0);
    const auto chosen = logits.size(1) == 1 ? logits.gt(0).to(torch::kFloat32) : logits.argmax(1, true).to(torch::kFloat32);
    std::vector<torch::Tensor> both;
    std::vector<torch::Tensor> predicted;
    std::vector<torch::Tensor> truth;
    for (std::int64_t label = 1; label <= classes; ++label) {
        const auto here = chosen.eq(label).logical_and_(counted);
        const auto there = target.eq(label);
        both.push_back(here.logical_and(there).sum());
        predicted.push_back(here.sum());
        truth.push_back(there.sum());
    }
    both.insert(both.end(), predicted.begin(), predicted.end());
    both.insert(both.end(), truth.begin(), truth.end());
    return torch::stack(both).to(torch::kFloat64);
}

void OverlapCounts::add(const torch::Tensor& logits, const torch::Tensor& target)
{
    const auto counts = of(logits, target).to(torch::kCPU);
    add(fromFlat(std::span(counts.data_ptr<double>(), static_cast<std::size_t>(counts.numel()))));
}

void OverlapCounts::add(const OverlapCounts& other)
{
    const auto sum = [](std::vector<double>& to, const std::vector<double>& from) {
        to.resize(std::max(to.size(), from.size()));
        for (std::size_t i = 0; i < from.size(); ++i)
            to[i] += from[i];
    };
    sum(both, other.both);
    sum(predicted, other.predicted);
    sum(truth, other.truth);
}

std::vector<double> OverlapCounts::dicePerClass() const
{
    std::vector<double> result;
    for (std::size_t i = 0; i < both.size(); ++i)
        result.push_back(predicted[i] + truth[i] > 0 ? 2 * both[i] / (predicted[i] + truth[i]) : 1);
    return result;
}

double OverlapCounts::dice() const
{
    const auto each = dicePerClass();
    double sum = 0;
    double classes = 0;
    for (std::size_t i = 0; i < each.size(); ++i) {
        if (predicted[i] + truth[i] > 0) {
            sum += each[i];
            ++classes;
        }
    }
    return classes > 0 ? sum / classes : 1;
}

std::vector<double> OverlapCounts::flat() const
{
    std::vector<double> row = both;
    row.insert(row.end(), predicted.begin(), predicted.end());
    row.insert(row.end(), truth.begin(), truth.end());
    return row;
}

OverlapCounts OverlapCounts::fromFlat(std::span<const double> values)
{
    const auto n = static_cast<std::ptrdiff_t>(values.size() / 3);
    OverlapCounts counts;
    counts.both.assign(values.begin(), values.begin() + n);
    counts.predicted.assign(values.begin() + n, values.begin() + 2 * n);
    counts.truth.assign(values.begin() + 2 * n, values.begin() + 3 * n);
    return counts;
}

} // namespace interstice
