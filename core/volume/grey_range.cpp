// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/grey_range.h"

#include "base/error.h"
#include "volume/slabs.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

Json toJson(const GreyRange& range)
{
    return { { "low", range.low }, { "high", range.high } };
}

Json toJson(const NormaliseOptions& options)
{
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return { { "mode", "min-max" } };
    return { { "mode", "percentiles" }, { "low_percent", options.lowPercent }, { "high_percent", options.highPercent } };
}

NormaliseOptions normaliseOptionsFromJson(const Json& json)
{
    NormaliseOptions options;
    const std::string mode = json.value("mode", "min-max");
    if (mode != "min-max" && mode != "percentiles")
        throw Error("'" + mode + "' is not a way to normalise", "Use min-max or percentiles.");
    options.mode = mode == "min-max" ? NormaliseOptions::Mode::MinMax : NormaliseOptions::Mode::Percentiles;
    options.lowPercent = json.value("low_percent", options.lowPercent);
    options.highPercent = json.value("high_percent", options.highPercent);
    return options;
}

namespace {

void check(const NormaliseOptions& options)
{
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return;
    if (!(options.lowPercent >= 0 && options.lowPercent < options.highPercent && options.highPercent <= 100))
        throw Error("The percentiles for normalising are out of order", "Give 0 ≤ low < high ≤ 100, like 0.5 and 99.5.");
}

/// Smallest and largest finite value and the number of others, in one pass.
GreyRange extremes(const VolumeSource& source, Task& task, std::uint64_t& notFinite)
{
    bool any = false;
    GreyRange range { 0, 0 };
    forEachTypedSlab(source, slabDepth(source), task, "Finding the grey range", [&](const Box&, auto voxels) {
        using T = typename decltype(voxels)::value_type;
        T low = std::numeric_limits<T>::max();
        T high = std::numeric_limits<T>::lowest();
        std::uint64_t skipped = 0;
        for (const T v : voxels) {
            if constexpr (std::is_floating_point_v<T>) {
                if (!std::isfinite(v)) {
                    ++skipped;
                    continue;
                }
            }
            low = std::min(low, v);
            high = std::max(high, v);
        }
        notFinite += skipped;
        if (low > high)
            return;
        range.low = any ? std::min(range.low, static_cast<double>(low)) : static_cast<double>(low);
        range.high = any ? std::max(range.high, static_cast<double>(high)) : static_cast<double>(high);
        any = true;
    });
    return range;
}

} // namespace

GreyRange findRange(const Histogram& histogram, const NormaliseOptions& options)
{
    check(options);
    if (histogram.finite == 0)
        return { 0, 0 };
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return { histogram.minimum, histogram.maximum };
    return { histogram.percentile(options.lowPercent), histogram.percentile(options.highPercent) };
}

GreyRange findRange(const VolumeSource& source, const NormaliseOptions& options, Task& task, std::uint64_t* notFinite)
{
    check(options);
    std::uint64_t others = 0;
    GreyRange range;
    if (options.mode == NormaliseOptions::Mode::MinMax) {
        range = extremes(source, task, others);
    } else {
        const Histogram histogram = computeHistogram(source, {}, task);
        others = histogram.notFinite;
        range = findRange(histogram, options);
    }
    if (notFinite)
        *notFinite = others;
    return range;
}

} // namespace interstice
