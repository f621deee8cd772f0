// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/scale_bar.h"

#include "base/length.h"

#include <cmath>

namespace interstice {

std::optional<ScaleBar> chooseScaleBar(double micrometresPerPixel, double width)
{
    const double most = micrometresPerPixel * width / 4;
    if (!(most > 0) || !std::isfinite(most))
        return std::nullopt;
    const double decade = std::pow(10, std::floor(std::log10(most)));
    double length = decade;
    for (const double step : { 2.0, 5.0 }) {
        if (step * decade <= most * (1 + 1e-9))
            length = step * decade;
    }
    return ScaleBar { length, length / micrometresPerPixel, formatMicrometres(length) };
}

} // namespace interstice
