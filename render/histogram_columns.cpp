// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/histogram_columns.h"

#include <algorithm>
#include <cmath>

namespace interstice {

GreyWindow plotRange(const Histogram& histogram, double room)
{
    const double low = histogram.finite > 0 ? histogram.percentile(0.01) : 0;
    const double high = histogram.finite > 0 ? histogram.percentile(99.99) : 1;
    const double margin = std::max((high - low) * room, 1e-9);
    const double black = std::max(low - margin, histogram.finite > 0 ? histogram.minimum - margin : low);
    return { black, std::max(high + margin, black + 1e-6) };
}

std::vector<double> columnCounts(const Histogram& histogram, GreyWindow range, int columns)
{
    std::vector<double> counts(static_cast<std::size_t>(std::max(1, columns)));
    const double step = (range.white - range.black) / static_cast<double>(counts.size());
    if (!(step > 0))
        return counts;
    for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
        const double from = (histogram.low + static_cast<double>(bin) * histogram.binWidth() - range.black) / step;
        const double to = from + histogram.binWidth() / step;
        if (!(to > from) || to <= 0 || from >= static_cast<double>(counts.size()))
            continue;
        const int first = std::max(0, static_cast<int>(std::floor(from)));
        const int last = std::min(static_cast<int>(counts.size()) - 1, static_cast<int>(std::ceil(to)) - 1);
        for (int c = first; c <= last; ++c) {
            const double share = (std::min(to, c + 1.0) - std::max(from, static_cast<double>(c))) / (to - from);
            counts[static_cast<std::size_t>(c)] += share * static_cast<double>(histogram.counts[bin]);
        }
    }
    return counts;
}

} // namespace interstice
