// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace interstice {

/// Round numbers to mark on a scale.
struct Ticks {
    std::vector<double> places;
    /// Between two of them: 1, 2 or 5 times a power of ten; 0 where there are none.
    double step = 0;
    /// Digits after the point that tell neighbours apart.
    int decimals = 0;
};

/// The finest ticks from `low` to `high` of which there are no more than `most`; none for an empty or
/// infinite range.
Ticks chooseTicks(double low, double high, int most);

} // namespace interstice
