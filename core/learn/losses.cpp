// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/losses.h"

#include "base/error.h"

namespace interstice {

const char* lossName(Loss loss)
{
    switch (loss) {
    case Loss::Dice:
        return "dice";
    case Loss::Bce:
        return "bce";
    case Loss::DiceBce:
        break;
    }
    return "dice+bce";
}

Loss parseLoss(const std::string& name)
{
    for (const Loss loss : { Loss::Dice, Loss::Bce, Loss::DiceBce }) {
        if (name == lossName(loss))
            return loss;
    }
    throw Error("'" + name + "' is not a loss", "Choose dice, bce or dice+bce.");
}

torch::Tensor lossOf(const torch::Tensor& givenLogits, const torch::Tensor& target, Loss loss)
{
    const auto logits = givenLogits.to(torch::kFloat32);
    const auto counted = target.ge(0).to(torch::kFloat32);
    const auto truth = target.clamp_min(0);
    torch::Tensor total;
    if (loss != Loss::Bce) {
        const std::vector<std::int64_t> voxels = { 1, 2, 3, 4 };
        const auto probability = torch::sigmoid(logits) * counted;
        const auto overlap = (probability * truth).sum(voxels);
        const auto sizes = probability.sum(voxels) + (truth * counted).sum(voxels);
        total = 1 - ((2 * overlap + 1) / (sizes + 1)).mean();
    }
    if (loss != Loss::Dice) {
        const auto sum = torch::binary_cross_entropy_with_logits(logits, truth, counted, {}, at::Reduction::Sum);
        const auto bce = sum / counted.sum().clamp_min(1);
        total = total.defined() ? total + bce : bce;
    }
    return total;
}

void OverlapCounts::add(const torch::Tensor& logits, const torch::Tensor& target)
{
    const auto counted = target.ge(0);
    const auto foreground = logits.gt(0).logical_and(counted);
    const auto truth = target.gt(0.5);
    both += static_cast<double>(foreground.logical_and(truth).sum().item<std::int64_t>());
    predicted += static_cast<double>(foreground.sum().item<std::int64_t>());
    this->truth += static_cast<double>(truth.sum().item<std::int64_t>());
}

} // namespace interstice
