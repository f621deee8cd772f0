// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "volume/volume_source.h"

namespace interstice {

enum class Smoothing { None, Gaussian, Median, NonLocalMeans };
/// "none", "gaussian", "median", "nlm"
const char* smoothingName(Smoothing smoothing);

/// Noise reduction before a method looks at the volume.
struct SmoothOptions {
    Smoothing kind = Smoothing::None;
    /// Gaussian: standard deviation in voxels, 0.1…20.
    double sigma = 1;
    /// Median: half the side of its cube in voxels, 1 (27 voxels) or 2 (125).
    int radius = 1;
    /// Non-local means: how alike two patches must be, as a multiple of the noise's standard deviation, 0.1…5. Higher:
    /// smoother.
    double strength = 0.8;
    /// Non-local means: half the side of a patch and of the cube that is searched for alike ones, in voxels.
    int patchRadius = 1;
    int searchRadius = 2;

    bool operator==(const SmoothOptions&) const = default;
};
Json toJson(const SmoothOptions& options);
/// "gaussian:2" (sigma), "median:1" (radius), "nlm:0.8" (strength), "none"; the number may be left away. Throws Error
/// on anything else.
SmoothOptions parseSmoothing(const std::string& text);
/// Throws Error on values out of range.
void check(const SmoothOptions& options);

/// The volume smoothed, computed where it is read. The far sides are mirrored with the edge repeated, as
/// scipy.ndimage's default mode "reflect" does. NaN and infinities count as 0 in Gaussian and non-local means.
/// - Gaussian: F32, scipy.ndimage.gaussian_filter with truncate 4 (kernel radius ⌊4 σ + ½⌋), to 10⁻⁵ of the range.
/// - Median: the volume's own type, scipy.ndimage.median_filter of size 2 radius + 1.
/// - Non-local means: F32, Buades, Coll and Morel (Multiscale Model. Simul. 4, 2005): every voxel becomes the mean of
///   those around it, weighted by exp(−max(d² − 2 s², 0) / (strength · s)²), d² the mean squared difference of the two
///   patches and s the noise's standard deviation, estimated from the volume (noiseDeviation).
SourcePtr smoothed(SourcePtr source, const SmoothOptions& options);

/// Standard deviation of the noise, from the second differences along x of a few slices (median of their magnitude
/// over 0.6745 √6), so that slopes and most edges do not count.
double noiseDeviation(const VolumeSource& source);

namespace detail {

/// A box with a rim, its voxels as T; the rim beyond the volume is mirrored with the edge repeated.
template <class T> struct Padded {
    Shape shape;
    std::vector<T> voxels;

    T* row(std::int64_t z, std::int64_t y) { return voxels.data() + (z * shape.y + y) * shape.x; }
    const T* row(std::int64_t z, std::int64_t y) const { return voxels.data() + (z * shape.y + y) * shape.x; }
};
template <class T> Padded<T> readPadded(const VolumeSource& source, const Box& box, const Shape& rim);

SourcePtr nonLocalMeans(SourcePtr source, const SmoothOptions& options);

} // namespace detail

} // namespace interstice
