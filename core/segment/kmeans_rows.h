// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/parallel.h"
#include "volume/shape.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice::detail {

constexpr std::int64_t kStretch = 1024; // voxels of a row at a time: sums of 64 × 16 bit are still exact in float

/// The largest float that is not above the threshold, so that v > threshold means the same for every voxel.
inline float thresholdAsFloat(double threshold, bool whole)
{
    if (whole)
        threshold = std::floor(threshold);
    auto t = static_cast<float>(std::clamp(threshold, -static_cast<double>(std::numeric_limits<float>::max()),
        static_cast<double>(std::numeric_limits<float>::max())));
    if (static_cast<double>(t) > threshold)
        t = std::nextafter(t, -std::numeric_limits<float>::max());
    return t;
}

/// Rows of a slab in blocks, each on one thread; body(first row, end row, block).
template <class F> std::int64_t forEachBlockOfRows(const Box& box, std::int64_t rowsEach, F&& body)
{
    const std::int64_t rows = box.size.z * box.size.y;
    const std::int64_t blocks = (rows + rowsEach - 1) / rowsEach;
    parallelFor(
        blocks, 0, [&](std::int64_t block) { body(block * rowsEach, std::min(rows, (block + 1) * rowsEach), block); });
    return blocks;
}

inline std::int64_t rowsOfBlock(const Shape& shape)
{
    return std::max<std::int64_t>(1, (std::int64_t { 1 } << 17) / std::max<std::int64_t>(1, shape.x));
}

} // namespace interstice::detail
