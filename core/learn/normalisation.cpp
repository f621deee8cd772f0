// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/normalisation.h"

namespace interstice {

std::int64_t groupsFor(int channels, const ArchitectureSpec& spec)
{
    if (spec.norm == ArchitectureSpec::Norm::Instance)
        return channels;
    int groups = std::clamp(spec.groups, 1, channels);
    while (channels % groups != 0)
        --groups;
    return groups;
}

NormalisationImpl::NormalisationImpl(int channels, const ArchitectureSpec& spec)
    : m_kind(spec.norm)
    , m_groups(groupsFor(channels, spec))
    , m_momentum(spec.batchNormMomentum)
    , m_epsilon(spec.batchNormEpsilon)
{
    weight = register_parameter("weight", torch::ones(channels));
    bias = register_parameter("bias", torch::zeros(channels));
    if (m_kind == ArchitectureSpec::Norm::Batch) {
        running_mean = register_buffer("running_mean", torch::zeros(channels));
        running_var = register_buffer("running_var", torch::ones(channels));
    }
}

torch::Tensor NormalisationImpl::forward(const torch::Tensor& x, const torch::Tensor& shift)
{
    if (m_kind != ArchitectureSpec::Norm::Batch)
        return torch::group_norm(x, m_groups, weight, bias, m_epsilon);
    const bool shifted = cancelsShifts() && shift.defined();
    // The shift stays in the graph, so that it has a gradient on every rank.
    const auto offset = shifted ? bias + 0 * shift : bias;
    const auto y = is_training() && ranks
        ? synchronisedBatchNorm(x, weight, offset, running_mean, running_var, m_momentum, m_epsilon, *ranks)
        : torch::batch_norm(x, weight, offset, running_mean, running_var, is_training(), m_momentum, m_epsilon,
              at::globalContext().userEnabledCuDNN());
    if (shifted)
        running_mean.variable_data().add_(
            shift.detach(), m_momentum); // behind the back of autograd, which keeps it and never looks
    return y;
}

} // namespace interstice
