// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "segment/clahe.h"
#include "volume/volume_source.h"

#include <vector>

namespace interstice {

/// The study's initial mask: normalise, CLAHE slice by slice, Otsu over all slices together,
/// foreground = brighter. More classes than two: multi-Otsu.
struct InitialMaskOptions {
    NormaliseOptions normalise;
    /// Without it the grey values themselves are divided, all of them counted.
    bool equalise = true;
    ClaheOptions clahe;
    /// 2…5
    int classes = 2;
};
Json toJson(const InitialMaskOptions& options);
/// Missing keys keep their defaults.
InitialMaskOptions initialMaskOptionsFromJson(const Json& json);

struct InitialMaskResult {
    /// Ascending, classes − 1 of them: 0…1 after CLAHE, in steps of 1/255; without CLAHE grey values. Class i is what
    /// is above i of them.
    std::vector<double> thresholds;
    /// Share of all voxels in each class, darkest first.
    std::vector<double> fractions;
    GreyRange range;
    /// "constant-volume" (warning): all background. "not-finite" (note): NaN or infinite voxels.
    Findings findings;

    double foregroundFraction() const { return fractions.empty() ? 0 : 1 - fractions.front(); }
};
Json toJson(const InitialMaskResult& result);

/// Reads the volume three times (grey range, thresholds, mask; twice without CLAHE) in slabs, slices in parallel,
/// and finishes the sink, which has the volume's shape and type u8: 0 background, 1… the classes above it. Throws
/// Error for an empty volume, for options out of range, for a sink of another shape or type and for fewer grey
/// values than classes (but a constant volume in two classes is all background).
InitialMaskResult makeInitialMask(const VolumeSource& raw, VolumeSink& mask, const InitialMaskOptions& options, Task& task);

/// The passes before the last alone. With `sampleSlices` only so many slices, evenly spaced, decide: an
/// answer at once for a live preview, close to the real one.
InitialMaskResult findInitialMaskThresholds(
    const VolumeSource& raw, const InitialMaskOptions& options, Task& task, std::int64_t sampleSlices = 0);

/// Slice z (0-based) as the mask will have it, by the range and thresholds of `result`.
std::vector<std::uint8_t> previewInitialMask(
    const VolumeSource& raw, std::int64_t z, const InitialMaskResult& result, const InitialMaskOptions& options);

Cost estimateInitialMask(const Shape& shape, Scalar scalar, const InitialMaskOptions& options);

} // namespace interstice
