// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace interstice {

/// Reduces stripes of a sinogram (`angles` × `columns`, in place), which become rings in the slice: the values of each
/// column are sorted, a running median of `width` columns (odd, ≥ 3) is taken across the sorted columns, and each
/// value goes back to where it came from (Vo, Atwood and Drakopoulos, Opt. Express 26, 28396, 2018, algorithm 3).
/// Stripes up to about half as wide are reduced, also those that do not last for all angles.
void reduceStripes(std::span<float> sinogram, std::int64_t angles, std::int64_t columns, int width);

} // namespace interstice
