// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/train.h"

#include <torch/torch.h>

namespace interstice {

/// Loss of logits (N, 1, D, H, W) against targets of the same size in float32: 0, 1, or anything below 0
/// for voxels to be ignored. Sums run in float32 whatever the logits' type.
///
/// Dice: 1 − mean over samples of (2·Σpt + 1) / (Σp + Σt + 1), p the sigmoid (Milletari et al., "V-Net",
/// 2016, with the customary smoothing of 1). A mean over samples, so that N ranks with one sample each
/// give the gradients of one rank with N. BCE: mean over the voxels that count. DiceBce: their sum.
torch::Tensor lossOf(const torch::Tensor& logits, const torch::Tensor& target, Loss loss);

/// Voxel counts at probability 0.5: true positives, predicted and true foreground.
struct OverlapCounts {
    double both = 0;
    double predicted = 0;
    double truth = 0;

    void add(const torch::Tensor& logits, const torch::Tensor& target);
    /// 1 when there is no foreground in either.
    double dice() const { return predicted + truth > 0 ? 2 * both / (predicted + truth) : 1; }
};

} // namespace interstice
