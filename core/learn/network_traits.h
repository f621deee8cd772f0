// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/flow_plan.h"
#include "learn/model_file.h"

#include <cstdint>
#include <optional>

namespace interstice {

/// What planning and running a prediction needs to know of a network, ours or a TorchScript one.
struct NetworkTraits {
    /// Sides of inputs that pool without remainder are multiples of these.
    Extent lattice;
    /// How far an input voxel can change an output voxel, each way; none where tiles cannot equal the whole, because each
    /// has statistics of its own or nobody knows.
    std::optional<Extent> reach;
    /// The network, where slices can flow through it (learn/flow_plan.h).
    std::optional<ArchitectureSpec> flows;
    /// The tile in paper mode, in the plane at least; exactly, where `fixed`.
    Shape patch;
    bool fixed = false;
    /// Probabilities that are kept of a voxel.
    int outputs = 1;
    /// Alive at once in a forward pass, per input voxel; in exact mode channels come first.
    double bytesPerVoxel = 0;
    double exactBytesPerVoxel = 0;
    /// By a convolution's kernel on this processor (learn/instructions.h), and what exact tiles hold more because of it
    /// there (ArchitectureSpec::fillBytesPerVoxel).
    std::int64_t channelsAtOnce = 1;
    double fillBytesPerVoxel = 0;
    double flopsPerVoxel = 0; ///< 0: unknown
    double weightBytes = 0;
};
NetworkTraits traitsOf(const ModelCard& card);

} // namespace interstice
