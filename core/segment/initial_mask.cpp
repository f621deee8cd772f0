// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/initial_mask.h"

#include "base/error.h"
#include "base/parallel.h"
#include "segment/otsu.h"
#include "volume/slabs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

namespace interstice {

Json toJson(const InitialMaskOptions& options)
{
    return { { "normalise", toJson(options.normalise) }, { "equalise", options.equalise },
        { "clahe", toJson(options.clahe) }, { "classes", options.classes } };
}

InitialMaskOptions initialMaskOptionsFromJson(const Json& json)
{
    InitialMaskOptions options;
    if (json.contains("normalise"))
        options.normalise = normaliseOptionsFromJson(json["normalise"]);
    options.equalise = json.value("equalise", options.equalise);
    if (json.contains("clahe"))
        options.clahe = claheOptionsFromJson(json["clahe"]);
    options.classes = json.value("classes", options.classes);
    return options;
}

Json toJson(const InitialMaskResult& result)
{
    return { { "thresholds", result.thresholds }, { "fractions", result.fractions },
        { "foreground_fraction", result.foregroundFraction() }, { "range", toJson(result.range) },
        { "findings", toJson(result.findings) } };
}

namespace {

using Levels = std::array<std::uint64_t, 256>;

void countLevels(std::span<const std::uint8_t> slice, Levels& levels)
{
    // Four tables, as in computeHistogram: equal neighbours would wait for each other's increment.
    std::array<std::array<std::uint32_t, 256>, 4> table {};
    std::size_t i = 0;
    for (; i + 4 <= slice.size(); i += 4) {
        for (std::size_t k = 0; k < 4; ++k)
            ++table[k][slice[i + k]];
    }
    for (; i < slice.size(); ++i)
        ++table[0][slice[i]];
    for (std::size_t level = 0; level < levels.size(); ++level)
        levels[level] += std::uint64_t { table[0][level] } + table[1][level] + table[2][level] + table[3][level];
}

/// Counts equalised levels over all slices, or over an even sample of them.
Levels countEqualised(const VolumeSource& raw, const SliceEqualiser& equaliser, Task& task, std::int64_t sampleSlices)
{
    const Shape shape = raw.shape();
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    const std::size_t planeBytes = plane * bytesOf(raw.scalar());
    Levels all {};
    std::mutex mutex;
    const auto add = [&](std::span<const std::byte> slice) {
        std::vector<std::uint8_t> equalised(plane);
        equaliser.equalise(slice, shape.y, shape.x, std::span(equalised));
        Levels levels {};
        countLevels(equalised, levels);
        const std::lock_guard lock(mutex);
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] += levels[i];
    };
    if (sampleSlices > 0 && sampleSlices < shape.z) {
        parallelFor(sampleSlices, 0, [&](std::int64_t i) {
            task.throwIfStopped();
            std::vector<std::byte> slice(planeBytes);
            raw.read(Box::slices(shape, (2 * i + 1) * shape.z / (2 * sampleSlices), 1), slice);
            add(slice);
        });
        task.progress(1, "Finding the threshold");
        return all;
    }
    forEachSlab(raw, slabDepth(raw), task, "Finding the threshold", [&](const Box& box, std::span<const std::byte> voxels) {
        parallelFor(box.size.z, 0, [&](std::int64_t z) {
            task.throwIfStopped();
            add(voxels.subspan(static_cast<std::size_t>(z) * planeBytes, planeBytes));
        });
    });
    return all;
}

Histogram histogramOfLevels(const Levels& levels)
{
    Histogram histogram;
    histogram.low = -0.5;
    histogram.high = 255.5;
    histogram.counts.assign(levels.begin(), levels.end());
    histogram.minimum = 255;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (levels[i] == 0)
            continue;
        histogram.minimum = std::min(histogram.minimum, static_cast<double>(i));
        histogram.maximum = static_cast<double>(i);
        histogram.finite += levels[i];
    }
    return histogram;
}

void checkInput(const VolumeSource& raw, const InitialMaskOptions& options)
{
    if (raw.shape().empty())
        throw Error(raw.name() + " has no voxels", "Choose a volume with at least one slice.");
    if (options.classes < 2 || options.classes > 5)
        throw Error("The mask was asked for in " + std::to_string(options.classes) + " classes", "Choose 2 to 5.");
}

void addFindings(InitialMaskResult& result, bool constant, std::uint64_t notFinite, bool equalised)
{
    if (constant)
        result.findings.push_back({ Finding::Severity::Warning, "constant-volume",
            "All voxels have the same grey value, so there is nothing to tell apart: the mask is all background." });
    if (notFinite > 0)
        result.findings.push_back({ Finding::Severity::Note, "not-finite",
            std::to_string(notFinite)
                + (equalised ? " voxels are not finite numbers: NaN counts as the darkest grey, infinity as the end it "
                               "stands for."
                             : " voxels are not finite numbers: NaN is background, infinity the end it stands for.") });
}

/// Thresholds and shares of the classes; NaN is in the darkest.
void divide(InitialMaskResult& result, const Histogram& histogram, int classes, double scale)
{
    std::vector<double> at
        = classes == 2 ? std::vector { otsuThreshold(histogram) } : multiOtsuThresholds(histogram, classes);
    result.fractions.assign(static_cast<std::size_t>(classes), 0);
    const auto all = static_cast<double>(histogram.finite + histogram.notFinite);
    result.fractions[0] = all > 0 ? static_cast<double>(histogram.notFinite) / all : 1;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
        const auto above = std::count_if(at.begin(), at.end(), [&](double t) { return histogram.centre(i) > t; });
        result.fractions[static_cast<std::size_t>(above)] += static_cast<double>(histogram.counts[i]) / all;
    }
    for (const double t : at)
        result.thresholds.push_back(t * scale);
}

template <class T>
void classify(std::span<const T> values, const std::vector<double>& thresholds, std::span<std::uint8_t> to)
{
    // In the voxels' own type: v > t is v > floor(t) for integers.
    std::fill(to.begin(), to.end(), std::uint8_t { 0 });
    for (const double threshold : thresholds) {
        if constexpr (std::is_integral_v<T>) {
            if (threshold >= static_cast<double>(std::numeric_limits<T>::max()))
                continue;
            const bool below = threshold < static_cast<double>(std::numeric_limits<T>::lowest());
            const T t = below ? T {} : static_cast<T>(std::floor(threshold));
            for (std::size_t i = 0; i < values.size(); ++i)
                to[i] = static_cast<std::uint8_t>(to[i] + (below || values[i] > t ? 1 : 0));
        } else {
            for (std::size_t i = 0; i < values.size(); ++i)
                to[i] = static_cast<std::uint8_t>(to[i] + (static_cast<double>(values[i]) > threshold ? 1 : 0));
        }
    }
}

/// One slice of the mask.
class SliceClassifier {
public:
    SliceClassifier(const VolumeSource& raw, const InitialMaskResult& result, const InitialMaskOptions& options)
        : m_shape(raw.shape())
        , m_scalar(raw.scalar())
        , m_thresholds(result.thresholds)
    {
        if (!options.equalise)
            return;
        m_equaliser.emplace(m_scalar, result.range, options.clahe);
        for (double& t : m_thresholds)
            t = std::round(t * 255); // they came from whole levels
    }
    void run(std::span<const std::byte> slice, std::span<std::uint8_t> to) const
    {
        if (m_equaliser) {
            std::vector<std::uint8_t> levels(to.size());
            m_equaliser->equalise(slice, m_shape.y, m_shape.x, std::span(levels));
            classify<std::uint8_t>(levels, m_thresholds, to);
            return;
        }
        dispatch(m_scalar, [&](auto tag) {
            using T = typename decltype(tag)::type;
            classify<T>(std::span(reinterpret_cast<const T*>(slice.data()), to.size()), m_thresholds, to);
        });
    }

private:
    Shape m_shape;
    Scalar m_scalar;
    std::vector<double> m_thresholds;
    std::optional<SliceEqualiser> m_equaliser;
};

} // namespace

InitialMaskResult findInitialMaskThresholds(
    const VolumeSource& raw, const InitialMaskOptions& options, Task& task, std::int64_t sampleSlices)
{
    checkInput(raw, options);
    InitialMaskResult result;
    const bool sampled = sampleSlices > 0 && sampleSlices < raw.shape().z;
    if (!options.equalise) {
        // 256 bins for float, as skimage has; exact counts for 8 and 16 bits.
        const Histogram histogram = computeHistogram(raw, { .bins = 256, .sampleSlices = sampled ? sampleSlices : 0 }, task);
        result.range = { histogram.minimum, histogram.maximum };
        divide(result, histogram, options.classes, 1);
        addFindings(result, histogram.minimum == histogram.maximum, histogram.notFinite, false);
        return result;
    }
    std::uint64_t notFinite = 0;
    Task first = task.part(0, 0.3);
    if (sampled) {
        const Histogram histogram = computeHistogram(raw, { .bins = 65536, .sampleSlices = sampleSlices }, first);
        notFinite = histogram.notFinite;
        result.range = findRange(histogram, options.normalise);
    } else {
        result.range = findRange(raw, options.normalise, first, &notFinite);
    }
    Task second = task.part(0.3, 1);
    const SliceEqualiser equaliser(raw.scalar(), result.range, options.clahe);
    divide(result, histogramOfLevels(countEqualised(raw, equaliser, second, sampleSlices)), options.classes, 1.0 / 255);
    addFindings(result, !(result.range.high > result.range.low), notFinite, true);
    return result;
}

InitialMaskResult makeInitialMask(const VolumeSource& raw, VolumeSink& mask, const InitialMaskOptions& options, Task& task)
{
    checkInput(raw, options);
    const Shape shape = raw.shape();
    if (mask.shape() != shape || mask.scalar() != Scalar::U8)
        throw Error("The mask's file was opened as " + describe(mask.shape()) + " " + scalarName(mask.scalar())
                + " but must be " + describe(shape) + " u8",
            "Open it with the volume's shape and type u8.");
    Task finding = task.part(0, 0.6);
    InitialMaskResult result = findInitialMaskThresholds(raw, options, finding);

    const SliceClassifier classifier(raw, result, options);
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    const std::size_t planeBytes = plane * bytesOf(raw.scalar());
    std::vector<std::uint8_t> slab;
    Task writing = task.part(0.6, 1);
    forEachSlab(raw, slabDepth(raw), writing, "Writing the mask", [&](const Box& box, std::span<const std::byte> voxels) {
        slab.resize(static_cast<std::size_t>(box.size.voxels()));
        parallelFor(box.size.z, 0, [&](std::int64_t z) {
            writing.throwIfStopped();
            const auto i = static_cast<std::size_t>(z);
            classifier.run(voxels.subspan(i * planeBytes, planeBytes), std::span(slab).subspan(i * plane, plane));
        });
        mask.write(box, std::as_bytes(std::span<const std::uint8_t>(slab)));
    });
    mask.finish();
    return result;
}

std::vector<std::uint8_t> previewInitialMask(
    const VolumeSource& raw, std::int64_t z, const InitialMaskResult& result, const InitialMaskOptions& options)
{
    const Shape shape = raw.shape();
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(shape.sliceVoxels()));
    std::vector<std::byte> slice(mask.size() * bytesOf(raw.scalar()));
    raw.read(Box::slices(shape, z, 1), slice);
    SliceClassifier(raw, result, options).run(slice, mask);
    return mask;
}

Cost estimateInitialMask(const Shape& shape, Scalar scalar, const InitialMaskOptions&)
{
    constexpr std::uint64_t slabBytes = std::uint64_t { 32 } << 20;
    const auto plane = static_cast<std::uint64_t>(shape.sliceVoxels());
    const std::uint64_t slab = std::max(slabBytes, plane * bytesOf(scalar));
    Cost cost;
    // Two slabs being read and worked on, the mask's slab, and a padded slice for each thread.
    cost.ramBytes = 2 * slab + slab / bytesOf(scalar) + static_cast<std::uint64_t>(usableCores()) * 3 * plane;
    cost.operations = 0;
    return cost;
}

} // namespace interstice
