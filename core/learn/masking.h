// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/shape.h"

#include <cstdint>
#include <vector>

namespace interstice {

/// Share of a block's cubes that are hidden, and their side in voxels. A high share and small cubes are what Chen et al.
/// ("Masked image modeling advances 3D medical image analysis", WACV 2023) found to work in volumes; 0.6 is SimMIM's (Xie et
/// al., CVPR 2022), below the 0.75 of He et al. ("Masked autoencoders", CVPR 2022), because a convolutional network sees the
/// holes too.
inline constexpr double kHiddenShare = 0.6;
inline constexpr std::int64_t kHiddenSide = 8;
/// Targets below 0 are ignored everywhere, so standardised grey values are kept this much higher, and within ± as much.
inline constexpr float kStandardisedShift = 8;

/// Makes a block one to be guessed: cubes of a grid at a random offset are hidden (their grey values become the mean of what
/// is seen), and the targets become the grey values of what is hidden, standardised over the block (He et al. 2022) and
/// raised by kStandardisedShift; −1 for what is seen and for what was ignored before (target < 0). Depends on (seed, epoch,
/// index) alone.
void hideCubes(std::vector<float>& grey, std::vector<float>& target, const Shape& patch, std::uint64_t seed,
    std::uint64_t epoch, std::uint64_t index);

} // namespace interstice
