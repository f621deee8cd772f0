// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/ticks.h"

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kSlack = 1e-9; // an end that is a tick but for rounding still gets it

Ticks ticksOf(double low, double high, double step)
{
    Ticks ticks { {}, step, 0 };
    ticks.decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + kSlack)));
    const double first = std::ceil(low / step - kSlack);
    const double last = std::floor(high / step + kSlack);
    for (double i = first; i <= last; ++i)
        ticks.places.push_back(i == 0 ? 0 : i * step); // no negative zero
    return ticks;
}

} // namespace

Ticks chooseTicks(double low, double high, int most)
{
    const double range = high - low;
    // A range that a double's digits hardly resolve has no round numbers worth marking.
    if (!(range > 0) || !std::isfinite(range) || most < 1 || range < std::max(std::abs(low), std::abs(high)) * 1e-12)
        return {};
    double decade = std::pow(10, std::floor(std::log10(range / most)));
    for (int i = 0; i < 3; ++i, decade *= 10) {
        for (const double factor : { 1.0, 2.0, 5.0 }) {
            const double step = factor * decade;
            if (std::floor(high / step + kSlack) - std::ceil(low / step - kSlack) + 1 <= most)
                return ticksOf(low, high, step);
        }
    }
    return {};
}

} // namespace interstice
