// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/rank_group.h"

#include <torch/torch.h>

#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include <memory>
#include <vector>

namespace interstice {

struct RankGroup::Parts {
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<c10d::ProcessGroup> group;
};

/// What layers and losses need to know of the other ranks. Null pointers to it mean one rank alone.
struct RankLink {
    RankGroup* group = nullptr;
    /// False while this rank has no sample in a step and only keeps the others company.
    bool counts = true;
};

/// Sums a tensor over the ranks in place, on its own device.
void sumOverRanks(RankGroup& group, torch::Tensor& tensor);
/// Rank 0's values for all.
void broadcastFromFirst(RankGroup& group, std::vector<torch::Tensor> tensors);

/// Averages gradients over the ranks while the backward pass still runs, in buckets (c10d::Reducer; Li et al.,
/// "PyTorch Distributed", VLDB 2020). Gradients become views into the buckets: they must be zeroed, not dropped.
class GradientAverager {
public:
    GradientAverager(torch::nn::Module& module, RankGroup& group);
    /// Before each forward pass whose gradients are averaged in its backward pass.
    void beforeForward() { m_reducer->prepare_for_forward(); }
    /// Before the backward pass; left out, gradients only add up on each rank.
    void beforeBackward() { m_reducer->prepare_for_backward({}); }

private:
    std::unique_ptr<c10d::Reducer> m_reducer;
};

/// Batch normalisation with the statistics of the samples of all ranks: equal to torch::batch_norm of the joined
/// batch, forwards and backwards, whatever number of samples each rank has. Running statistics are updated alike on
/// all ranks. (N, C, D, H, W) in float32, or float64 (for tests).
torch::Tensor synchronisedBatchNorm(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
    torch::Tensor runningMean, torch::Tensor runningVariance, double momentum, double epsilon, const RankLink& link);

} // namespace interstice
