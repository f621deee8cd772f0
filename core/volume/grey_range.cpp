// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/grey_range.h"

#include "base/error.h"

namespace interstice {

Json toJson(const NormaliseOptions& options)
{
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return {{"mode", "min-max"}};
    return {{"mode", "percentiles"}, {"low_percent", options.lowPercent}, {"high_percent", options.highPercent}};
}

NormaliseOptions normaliseOptionsFromJson(const Json& json)
{
    NormaliseOptions options;
    const std::string mode = json.value("mode", "min-max");
    if (mode != "min-max" && mode != "percentiles")
        throw Error("'" + mode + "' is not a way to normalise", "Use min-max or percentiles.");
    options.mode = mode == "percentiles" ? NormaliseOptions::Mode::Percentiles : NormaliseOptions::Mode::MinMax;
    options.lowPercent = json.value("low_percent", options.lowPercent);
    options.highPercent = json.value("high_percent", options.highPercent);
    return options;
}

GreyRange findRange(const Histogram& histogram, const NormaliseOptions& options)
{
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return {histogram.minimum, histogram.maximum};
    return {histogram.percentile(options.lowPercent), histogram.percentile(options.highPercent)};
}

} // namespace interstice
