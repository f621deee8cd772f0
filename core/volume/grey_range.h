// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/task.h"
#include "volume/histogram.h"
#include "volume/volume_source.h"

#include <cstdint>

namespace interstice {

/// Grey values that become 0 and 1; what lies outside is clamped. With low = high (a constant
/// volume) every voxel becomes 0.
struct GreyRange {
    double low = 0;
    double high = 1;

    /// 1 / (high − low), or 0 for a constant volume.
    double scale() const { return high > low ? 1 / (high - low) : 0; }
    bool operator==(const GreyRange&) const = default;
};
/// {"low": …, "high": …}
Json toJson(const GreyRange& range);

/// How a volume's grey values are brought to [0, 1] before anything else is done with them.
struct NormaliseOptions {
    /// MinMax is the study's (x − min) / (max − min); Percentiles is for volumes with a few very
    /// bright or dark voxels, as reconstructions with metal or zingers have.
    enum class Mode { MinMax, Percentiles };
    Mode mode = Mode::MinMax;
    /// Percent of the finite voxels, 0…100; Percentiles only.
    double lowPercent = 0.5;
    double highPercent = 99.5;
};
Json toJson(const NormaliseOptions& options);
/// Missing keys keep their defaults. Throws Error on a mode that does not exist.
NormaliseOptions normaliseOptionsFromJson(const Json& json);

/// Throws Error when the percentages are not 0 ≤ low < high ≤ 100. No finite voxel: 0…0.
GreyRange findRange(const Histogram& histogram, const NormaliseOptions& options);
/// The same from the volume, in one streamed pass where that suffices (always but for percentiles of
/// u32 and f32). `notFinite` receives the number of NaN and infinite voxels.
GreyRange findRange(
    const VolumeSource& source, const NormaliseOptions& options, Task& task, std::uint64_t* notFinite = nullptr);

} // namespace interstice
