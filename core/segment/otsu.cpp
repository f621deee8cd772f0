// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/otsu.h"

namespace interstice {

double otsuThreshold(const Histogram& histogram)
{
    if (histogram.finite == 0)
        return 0;
    if (histogram.minimum == histogram.maximum)
        return histogram.minimum;

    double allSum = 0;
    double allWeight = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
        const auto n = static_cast<double>(histogram.counts[i]);
        allWeight += n;
        allSum += n * static_cast<double>(i);
    }
    // In bin numbers: whole numbers, so that the sums are exact and empty bins tie exactly.
    double weight = 0;
    double sum = 0;
    double best = -1;
    std::size_t bestBin = 0;
    for (std::size_t i = 0; i + 1 < histogram.counts.size(); ++i) {
        const auto n = static_cast<double>(histogram.counts[i]);
        weight += n;
        sum += n * static_cast<double>(i);
        const double rest = allWeight - weight;
        if (weight == 0 || rest == 0)
            continue;
        const double difference = sum / weight - (allSum - sum) / rest;
        const double variance = weight * rest * difference * difference;
        if (variance > best) {
            best = variance;
            bestBin = i;
        }
    }
    // Without a second occupied bin (a range too narrow for its digits) there are no two classes.
    return best < 0 ? histogram.maximum : histogram.centre(bestBin);
}

} // namespace interstice
