// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/volume/known_numbers.h"

#include <vector>

namespace interstice::test {

/// A disc on a slope, with noise: n × n bytes, smallest 0, largest 255; as reference_segment.py makes it.
inline std::vector<std::uint8_t> picture(int n, std::uint32_t seed)
{
    KnownNumbers numbers(seed);
    std::vector<std::uint8_t> grey;
    for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x) {
            int value = 60 + 60 * x / n + static_cast<int>(numbers.below(31));
            const int dy = y - n / 2;
            const int dx = x - n / 2;
            if (dy * dy + dx * dx < (n / 4) * (n / 4))
                value += 70;
            grey.push_back(static_cast<std::uint8_t>(value));
        }
    }
    grey[0] = 0;
    grey[1] = 255;
    return grey;
}

} // namespace interstice::test
