// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "segment/clahe.h"
#include "segment/normalise.h"

#include <vector>

namespace interstice {

/// The study's initial mask: normalise, CLAHE slice by slice, Otsu over all slices together,
/// foreground = brighter.
struct InitialMaskOptions {
    NormaliseOptions normalise;
    ClaheOptions clahe;
};
Json toJson(const InitialMaskOptions& options);
/// Missing keys keep their defaults.
InitialMaskOptions initialMaskOptionsFromJson(const Json& json);

struct InitialMaskResult {
    /// 0…1 after CLAHE, in steps of 1/255; foreground is what is above it.
    double threshold = 0;
    /// Foreground voxels over all voxels.
    double foregroundFraction = 0;
    GreyRange range;
    /// "constant-volume" (warning): all background. "not-finite" (note): NaN or infinite voxels.
    Findings findings;
};
Json toJson(const InitialMaskResult& result);

/// Reads the volume three times (grey range, threshold, mask) in slabs, slices in parallel, and
/// finishes the sink, which has the volume's shape and type u8; 1 is foreground. Throws Error for an
/// empty volume, for options out of range and for a sink of another shape or type.
InitialMaskResult makeInitialMask(const VolumeSource& raw, VolumeSink& mask, const InitialMaskOptions& options, Task& task);

/// The first two passes alone. With `sampleSlices` only so many slices, evenly spaced, decide: an
/// answer at once for a live preview, close to the real one.
InitialMaskResult findInitialMaskThreshold(
    const VolumeSource& raw, const InitialMaskOptions& options, Task& task, std::int64_t sampleSlices = 0);

/// One slice as the mask will have it.
struct InitialMaskPreview {
    std::int64_t ny = 0;
    std::int64_t nx = 0;
    /// After CLAHE, 0…255, x fastest.
    std::vector<std::uint8_t> equalised;
    /// 0 or 1.
    std::vector<std::uint8_t> mask;
};
/// Slice z (0-based) by the range and threshold of `result`; equal to that slice of the mask when the
/// result is of the whole volume.
InitialMaskPreview previewInitialMask(
    const VolumeSource& raw, std::int64_t z, const InitialMaskResult& result, const InitialMaskOptions& options);

Cost estimateInitialMask(const Shape& shape, Scalar scalar, const InitialMaskOptions& options);

} // namespace interstice
