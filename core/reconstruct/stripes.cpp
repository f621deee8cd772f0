// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/stripes.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace interstice {

void reduceStripes(std::span<float> sinogram, std::int64_t angles, std::int64_t columns, int width)
{
    const auto rows = static_cast<std::size_t>(angles);
    const auto wide = static_cast<std::size_t>(columns);
    // Columns as rows: sorting runs along memory.
    std::vector<float> sorted(rows * wide);
    std::vector<std::uint32_t> origin(rows * wide);
    for (std::size_t x = 0; x < wide; ++x) {
        const std::span order(origin.data() + x * rows, rows);
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return sinogram[a * wide + x] < sinogram[b * wide + x]; });
        for (std::size_t i = 0; i < rows; ++i)
            sorted[x * rows + i] = sinogram[order[i] * wide + x];
    }
    const std::int64_t half = width / 2;
    std::vector<float> window(static_cast<std::size_t>(2 * half + 1));
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::int64_t x = 0; x < columns; ++x) {
            for (std::int64_t k = -half; k <= half; ++k) {
                const auto near = static_cast<std::size_t>(std::clamp<std::int64_t>(x + k, 0, columns - 1));
                window[static_cast<std::size_t>(k + half)] = sorted[near * rows + i];
            }
            std::nth_element(window.begin(), window.begin() + half, window.end());
            const auto column = static_cast<std::size_t>(x);
            sinogram[origin[column * rows + i] * wide + column] = window[static_cast<std::size_t>(half)];
        }
    }
}

} // namespace interstice
