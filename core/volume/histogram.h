// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <vector>

namespace interstice {

/// Counts of voxel values. Integer types up to 16 bits are counted exactly, one bin a value; u32 and
/// f32 in equal bins between the smallest and largest finite value.
struct Histogram {
    /// Values at the outer edges of the first and last bin. For exact counts bin i is centred on
    /// low + i + 0.5, that is, on the value itself.
    double low = 0;
    double high = 0;
    std::vector<std::uint64_t> counts;
    /// Smallest and largest finite value; both 0 when there is none.
    double minimum = 0;
    double maximum = 0;
    double mean = 0;
    std::uint64_t finite = 0;
    /// NaN and infinite voxels, which are in no bin.
    std::uint64_t notFinite = 0;

    double binWidth() const { return counts.empty() ? 0 : (high - low) / static_cast<double>(counts.size()); }
    double centre(std::size_t bin) const { return low + (static_cast<double>(bin) + 0.5) * binWidth(); }
    /// Value below which `percent` of the finite voxels lie, interpolated inside the bin.
    double percentile(double percent) const;
};

struct HistogramOptions {
    /// Bins for u32 and f32.
    int bins = 65536;
    /// Read only this many slices, evenly spaced (0: all). For a first picture at once.
    std::int64_t sampleSlices = 0;
};

/// One pass (two for u32 and f32, the first for the range), streamed.
Histogram computeHistogram(const VolumeSource& source, const HistogramOptions& options, Task& task);
/// The same over one slice's worth of values already in memory.
Histogram histogramOf(std::span<const float> values, int bins = 1024);

} // namespace interstice
