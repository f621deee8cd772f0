// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "volume/histogram.h"

namespace interstice {

/// The grey values that become 0 and 1.
struct GreyRange {
    double low = 0;
    double high = 1;

    /// 1 / (high − low), or 0 for a constant volume, whose every voxel then becomes 0.
    double scale() const { return high > low ? 1 / (high - low) : 0; }
};

/// How a volume's grey values are brought to [0, 1] before anything else is done with them.
struct NormaliseOptions {
    /// MinMax is the study's; Percentiles is steadier against hot pixels and metal.
    enum class Mode { MinMax, Percentiles };
    Mode mode = Mode::MinMax;
    /// Percent of the finite voxels below `low` and `high` in mode Percentiles; 0…100.
    double lowPercent = 0.5;
    double highPercent = 99.5;
};

Json toJson(const NormaliseOptions& options);
/// Missing keys keep their defaults. Throws Error on a mode it does not know.
NormaliseOptions normaliseOptionsFromJson(const Json& json);
GreyRange findRange(const Histogram& histogram, const NormaliseOptions& options);

} // namespace interstice
