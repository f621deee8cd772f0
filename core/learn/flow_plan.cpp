// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/flow_plan.h"

#include <algorithm>

namespace interstice {

bool canFlow(const ArchitectureSpec& spec)
{
    return spec.norm == ArchitectureSpec::Norm::Batch
        && std::all_of(spec.pooling.begin(), spec.pooling.end(), [](const Extent& pool) { return pool.z == 1; });
}

double flowBytesPerVoxel(const ArchitectureSpec& spec, std::int64_t slices, std::int64_t channelsAtOnce)
{
    const auto n = static_cast<double>(slices);
    double kept = 0;
    double widest = 0;
    double share = 1;
    const auto convolution = [&](std::int64_t in, std::int64_t out) {
        kept += 2 * static_cast<double>(in) * share;
        const auto copied = static_cast<double>(in + roundUp(in, channelsAtOnce));
        widest = std::max(widest, ((n + 2) * copied + 2 * n * static_cast<double>(out)) * share);
    };
    const auto pair = [&](std::int64_t in, std::int64_t out, bool shortcut) {
        convolution(in, out);
        convolution(out, out);
        if (shortcut)
            kept += (2 + n) * static_cast<double>(in) * share;
    };
    std::int64_t channels = 1;
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        const std::int64_t filters = spec.filters[level];
        pair(channels, filters, spec.residual);
        pair(spec.channelsFromBelow(level) + filters, filters, false); // its decoder
        // What waits while the levels below it, each with two pairs, and the bridge take two slices a pair.
        kept += (4.0 * static_cast<double>(spec.levels() - 1 - level) + 2 + n) * static_cast<double>(filters) * share;
        channels = filters;
        share /= static_cast<double>(spec.pooling[level].y * spec.pooling[level].x);
    }
    pair(channels, spec.bridge, spec.residual);
    return 4 * (kept + widest);
}

} // namespace interstice
