// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/architecture.h"
#include "learn/rank_tensors.h"

#include <torch/torch.h>

namespace interstice {

/// What follows a convolution: batch normalisation (Ioffe & Szegedy 2015) with running statistics, or instance
/// (Ulyanov et al. 2016) or group normalisation (Wu & He 2018), which have none. One scale and shift a channel.
struct NormalisationImpl : torch::nn::Module {
    NormalisationImpl(int channels, const ArchitectureSpec& spec);
    /// Whether a number added to a whole channel changes nothing: batch statistics take it out again.
    bool cancelsShifts() const { return m_kind == ArchitectureSpec::Norm::Batch && is_training(); }
    /// Of x + shift, a number a channel such as a convolution's bias, where shifts cancel: it is not added but only moves
    /// the running mean, and its gradient is the zero that it is but for rounding. That spares a pass over x forwards and
    /// one backwards.
    torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& shift);

    /// With several ranks, batch statistics over all of them; null for this rank's own.
    const RankLink* ranks = nullptr;
    torch::Tensor weight;
    torch::Tensor bias;
    torch::Tensor running_mean; ///< of batch normalisation alone
    torch::Tensor running_var;

private:
    ArchitectureSpec::Norm m_kind;
    std::int64_t m_groups;
    double m_momentum;
    double m_epsilon;
};
TORCH_MODULE(Normalisation);

/// Groups for group normalisation of so many channels: the wanted number, or the largest below it that divides them;
/// one a channel for instance normalisation.
std::int64_t groupsFor(int channels, const ArchitectureSpec& spec);

} // namespace interstice
