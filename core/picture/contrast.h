// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/histogram.h"

namespace interstice {

/// Grey values shown as black and white; window and level in other programs' words.
struct GreyWindow {
    double black = 0;
    double white = 1;
    bool operator==(const GreyWindow&) const = default;
};

/// The window between two percentiles: 0.35 percent at either end is what ImageJ's automatic contrast cuts off.
/// A constant volume gets a window half a grey value to either side, so that it shows as middle grey.
GreyWindow autoContrast(const Histogram& histogram, double percentCut = 0.35);

} // namespace interstice
