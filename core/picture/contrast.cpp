// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/contrast.h"

namespace interstice {

GreyWindow autoContrast(const Histogram& histogram, double percentCut)
{
    if (histogram.finite == 0)
        return {};
    GreyWindow window { histogram.percentile(percentCut), histogram.percentile(100 - percentCut) };
    if (!(window.white > window.black))
        window = { histogram.minimum, histogram.maximum };
    if (!(window.white > window.black))
        window = { histogram.minimum - 0.5, histogram.minimum + 0.5 };
    return window;
}

} // namespace interstice
