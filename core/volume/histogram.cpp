// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/histogram.h"

#include "volume/slabs.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace interstice {

double Histogram::percentile(double percent) const
{
    if (finite == 0)
        return 0;
    const double wanted = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(finite);
    double below = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const auto here = static_cast<double>(counts[i]);
        if (here > 0 && below + here >= wanted) {
            const double edge = low + static_cast<double>(i) * binWidth();
            return std::clamp(edge + binWidth() * (wanted - below) / here, minimum, maximum);
        }
        below += here;
    }
    return maximum;
}

namespace {

/// Visits all slices, or an even sample of them.
template <class F>
void visit(const VolumeSource& source, const HistogramOptions& options, Task& task, const std::string& text, F&& f)
{
    const Shape shape = source.shape();
    if (options.sampleSlices <= 0 || options.sampleSlices >= shape.z) {
        forEachTypedSlab(source, slabDepth(source), task, text, [&](const Box&, auto voxels) { f(voxels); });
        return;
    }
    dispatch(source.scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        std::vector<T> slice(static_cast<std::size_t>(shape.sliceVoxels()));
        for (std::int64_t i = 0; i < options.sampleSlices; ++i) {
            task.throwIfStopped();
            const std::int64_t z = (2 * i + 1) * shape.z / (2 * options.sampleSlices);
            source.read(Box::slices(shape, z, 1), std::as_writable_bytes(std::span(slice)));
            f(std::span<const T>(slice));
            task.progress(static_cast<double>(i + 1) / static_cast<double>(options.sampleSlices), text);
        }
    });
}

struct Range {
    double low = 0;
    double high = 0;
    bool any = false;

    void add(double value)
    {
        low = any ? std::min(low, value) : value;
        high = any ? std::max(high, value) : value;
        any = true;
    }
};

template <class T> void addRange(std::span<const T> voxels, Range& range)
{
    T low = std::numeric_limits<T>::max();
    T high = std::numeric_limits<T>::lowest();
    for (const T v : voxels) {
        if constexpr (std::is_floating_point_v<T>) {
            if (!std::isfinite(v))
                continue;
        }
        low = std::min(low, v);
        high = std::max(high, v);
    }
    if (low <= high) {
        range.add(static_cast<double>(low));
        range.add(static_cast<double>(high));
    }
}

/// Equal bins over [low, high]; the last bin includes its upper edge, as numpy.histogram's does.
struct BinnedCounter {
    Histogram& histogram;
    double sum = 0;

    template <class T> void add(std::span<const T> voxels)
    {
        const double scale = histogram.high > histogram.low
            ? static_cast<double>(histogram.counts.size()) / (histogram.high - histogram.low)
            : 0;
        const auto last = static_cast<std::int64_t>(histogram.counts.size()) - 1;
        for (const T v : voxels) {
            const auto value = static_cast<double>(v);
            if (!std::isfinite(value)) {
                ++histogram.notFinite;
                continue;
            }
            const auto bin = static_cast<std::int64_t>((value - histogram.low) * scale);
            ++histogram.counts[static_cast<std::size_t>(std::clamp<std::int64_t>(bin, 0, last))];
            ++histogram.finite;
            sum += value;
        }
    }
};

Histogram exactHistogram(const VolumeSource& source, const HistogramOptions& options, Task& task)
{
    // Four tables break the dependency between equal neighbours' increments.
    std::vector<std::array<std::uint64_t, 4>> table(source.scalar() == Scalar::U8 ? 256 : 65536);
    const int offset = source.scalar() == Scalar::I16 ? 32768 : 0;
    visit(source, options, task, "Counting grey values", [&](auto voxels) {
        using T = typename decltype(voxels)::value_type;
        if constexpr (sizeof(T) <= 2) {
            std::size_t i = 0;
            for (; i + 4 <= voxels.size(); i += 4) {
                for (std::size_t k = 0; k < 4; ++k)
                    ++table[static_cast<std::size_t>(static_cast<int>(voxels[i + k]) + offset)][k];
            }
            for (; i < voxels.size(); ++i)
                ++table[static_cast<std::size_t>(static_cast<int>(voxels[i]) + offset)][0];
        }
    });
    Histogram result;
    std::size_t first = table.size();
    std::size_t last = 0;
    double sum = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::uint64_t n = table[i][0] + table[i][1] + table[i][2] + table[i][3];
        table[i][0] = n;
        if (n == 0)
            continue;
        first = std::min(first, i);
        last = i;
        result.finite += n;
        sum += static_cast<double>(n) * (static_cast<double>(i) - offset);
    }
    if (result.finite == 0)
        return result;
    result.minimum = static_cast<double>(first) - offset;
    result.maximum = static_cast<double>(last) - offset;
    result.mean = sum / static_cast<double>(result.finite);
    result.low = result.minimum - 0.5;
    result.high = result.maximum + 0.5;
    for (std::size_t i = first; i <= last; ++i)
        result.counts.push_back(table[i][0]);
    return result;
}

} // namespace

Histogram computeHistogram(const VolumeSource& source, const HistogramOptions& options, Task& task)
{
    if (bytesOf(source.scalar()) <= 2)
        return exactHistogram(source, options, task);
    Range range;
    Task first = task.part(0, 0.5);
    visit(source, options, first, "Finding the grey range", [&](auto voxels) { addRange(voxels, range); });
    Histogram result;
    result.low = result.minimum = range.low;
    result.high = result.maximum = range.high;
    result.counts.assign(static_cast<std::size_t>(std::max(1, options.bins)), 0);
    BinnedCounter counter { result };
    Task second = task.part(0.5, 1);
    visit(source, options, second, "Counting grey values", [&](auto voxels) { counter.add(voxels); });
    result.mean = result.finite > 0 ? counter.sum / static_cast<double>(result.finite) : 0;
    return result;
}

Histogram histogramOf(std::span<const float> values, int bins)
{
    Range range;
    addRange(values, range);
    Histogram result;
    result.low = result.minimum = range.low;
    result.high = result.maximum = range.high;
    result.counts.assign(static_cast<std::size_t>(std::max(1, bins)), 0);
    BinnedCounter counter { result };
    counter.add(values);
    result.mean = result.finite > 0 ? counter.sum / static_cast<double>(result.finite) : 0;
    return result;
}

} // namespace interstice
