// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/architecture.h"

#include <cstdint>

namespace interstice {

/// Whether slices can flow through a network one after the other (learn/slice_flow.h): it does not pool along z, and what
/// it normalises by is known beforehand.
bool canFlow(const ArchitectureSpec& spec);

/// Bytes that such a flow holds at its widest moment, per voxel of a plane, when slices come `slices` at a time: two slices
/// of each convolution's input, skip connections for as long as the levels below take, and the largest convolution's input,
/// output and copies of both in oneDNN's order. In float32.
/// The input's copy has its channels filled up to a multiple of `channelsAtOnce` (the output's as well, but `./dev bench
/// memory` shows that this is within the allowance).
double flowBytesPerVoxel(const ArchitectureSpec& spec, std::int64_t slices, std::int64_t channelsAtOnce = 1);

} // namespace interstice
