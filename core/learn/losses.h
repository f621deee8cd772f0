// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/rank_tensors.h"
#include "learn/train_options.h"

#include <torch/torch.h>

#include <span>
#include <vector>

namespace interstice {

/// What a loss depends on beside logits and targets.
struct LossContext {
    Loss loss = Loss::Dice;
    /// Dice of all voxels of the batch together, over all ranks, instead of the mean of the samples' own.
    bool overBatch = false;
    /// Weight of each class in the cross-entropy (and in Dice's mean over classes); empty: all 1.
    std::vector<double> classWeights;
    /// The other ranks, or null. The loss is then scaled so that the *mean* over ranks is that of the joined batch,
    /// which is what averaging gradients needs; its parts that are no mean are summed over the ranks.
    const RankLink* ranks = nullptr;
    /// Samples of the joined batch; 0 takes this rank's own number.
    std::int64_t samples = 0;
    /// The goal is grey values: the mean squared error against standardised ones (learn/masking.h) over the voxels that
    /// count, of all ranks, and `loss` is not used.
    bool reconstruct = false;
};

/// Loss of logits (N, 1, D, H, W), or (N, K, D, H, W) for K > 2 classes, against targets (N, 1, D, H, W) in float32:
/// the class, or anything below 0 for voxels to be ignored. Sums run in float32 whatever the logits' type.
///
/// Dice: 1 − mean over samples of (2·Σpt + 1) / (Σp + Σt + 1), p the sigmoid (Milletari et al., "V-Net", 2016, with
/// the customary smoothing of 1); with K classes the mean over all but the background, p the softmax. A mean over
/// samples, so that N ranks with one sample each give the gradients of one rank with N. BCE: the cross-entropy, mean
/// over the voxels that count (of all ranks), each weighted by its class. DiceBce: their sum.
torch::Tensor lossOf(const torch::Tensor& logits, const torch::Tensor& target, const LossContext& context);
torch::Tensor lossOf(const torch::Tensor& logits, const torch::Tensor& target, Loss loss);

/// The loss of a network with several outputs (deep supervision): 1, 1/2, 1/4 … from the top, together 1; coarser
/// outputs against targets picked at their voxels.
torch::Tensor lossOfAll(const std::vector<torch::Tensor>& outputs, const torch::Tensor& target, const LossContext& context);

/// Voxel counts by class at probability 0.5 (or the likeliest class): true positives, predicted and true. One entry
/// a class but the background.
struct OverlapCounts {
    std::vector<double> both { 0 };
    std::vector<double> predicted { 0 };
    std::vector<double> truth { 0 };

    void add(const torch::Tensor& logits, const torch::Tensor& target);
    /// The counts of a batch on its own device, as flat() has them, so that they need not be waited for at once.
    static torch::Tensor of(const torch::Tensor& logits, const torch::Tensor& target);
    void add(const OverlapCounts& other);
    /// Mean over the classes that occur; 1 when there is no foreground in either.
    double dice() const;
    std::vector<double> dicePerClass() const;
    /// As one row of numbers, to be summed over ranks or kept in a file.
    std::vector<double> flat() const;
    static OverlapCounts fromFlat(std::span<const double> values);
};

} // namespace interstice
