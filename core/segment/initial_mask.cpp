// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/initial_mask.h"

#include "base/error.h"
#include "base/parallel.h"
#include "segment/otsu.h"
#include "volume/slabs.h"

#include <array>
#include <mutex>

namespace interstice {

Json toJson(const InitialMaskOptions& options)
{
    return { { "normalise", toJson(options.normalise) }, { "clahe", toJson(options.clahe) } };
}

InitialMaskOptions initialMaskOptionsFromJson(const Json& json)
{
    InitialMaskOptions options;
    if (json.contains("normalise"))
        options.normalise = normaliseOptionsFromJson(json["normalise"]);
    if (json.contains("clahe"))
        options.clahe = claheOptionsFromJson(json["clahe"]);
    return options;
}

Json toJson(const InitialMaskResult& result)
{
    Json findings = Json::array();
    for (const Finding& finding : result.findings)
        findings.push_back(
            { { "severity", severityName(finding.severity) }, { "code", finding.code }, { "text", finding.text } });
    return { { "threshold", result.threshold }, { "foreground_fraction", result.foregroundFraction },
        { "range", toJson(result.range) }, { "findings", findings } };
}

namespace {

using Levels = std::array<std::uint64_t, 256>;

int thresholdLevel(const InitialMaskResult& result)
{
    return static_cast<int>(std::lround(result.threshold * 255));
}

/// One slice, scaled to bytes and equalised.
template <class T>
void equalise(std::span<const T> slice, const Shape& shape, const GreyRange& range, const ClaheOptions& options,
    std::span<std::uint8_t> to)
{
    scaleToBytes<T>(slice, range, to);
    claheSlice(std::span<const std::uint8_t>(to), shape.y, shape.x, options, to);
}

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

/// Counts over all slices, or over an even sample of them.
Levels countEqualised(const VolumeSource& raw, const GreyRange& range, const InitialMaskOptions& options, Task& task,
    std::int64_t sampleSlices)
{
    const Shape shape = raw.shape();
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    Levels all {};
    std::mutex mutex;
    const auto add = [&](auto slice) {
        using T = typename decltype(slice)::value_type;
        std::vector<std::uint8_t> equalised(plane);
        equalise<T>(slice, shape, range, options.clahe, equalised);
        Levels levels {};
        countLevels(equalised, levels);
        const std::lock_guard lock(mutex);
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] += levels[i];
    };
    if (sampleSlices > 0 && sampleSlices < shape.z) {
        dispatch(raw.scalar(), [&](auto tag) {
            using T = typename decltype(tag)::type;
            parallelFor(sampleSlices, 0, [&](std::int64_t i) {
                task.throwIfStopped();
                const auto slice = readAs<T>(raw, Box::slices(shape, (2 * i + 1) * shape.z / (2 * sampleSlices), 1));
                add(std::span<const T>(slice));
            });
        });
        task.progress(1, "Finding the threshold");
        return all;
    }
    forEachTypedSlab(raw, slabDepth(raw), task, "Finding the threshold", [&](const Box& box, auto voxels) {
        parallelFor(box.size.z, 0, [&](std::int64_t z) {
            task.throwIfStopped();
            add(voxels.subspan(static_cast<std::size_t>(z) * plane, plane));
        });
    });
    return all;
}

void checkInput(const VolumeSource& raw)
{
    if (raw.shape().empty())
        throw Error(raw.name() + " has no voxels", "Choose a volume with at least one slice.");
}

void addFindings(InitialMaskResult& result, bool constant, std::uint64_t notFinite)
{
    if (constant)
        result.findings.push_back({ Finding::Severity::Warning, "constant-volume",
            "All voxels have the same grey value, so there is nothing to tell apart: the mask is all background." });
    if (notFinite > 0)
        result.findings.push_back({ Finding::Severity::Note, "not-finite",
            std::to_string(notFinite)
                + " voxels are not finite numbers: NaN counts as the darkest grey, infinity as the end it stands for." });
}

} // namespace

InitialMaskResult findInitialMaskThreshold(
    const VolumeSource& raw, const InitialMaskOptions& options, Task& task, std::int64_t sampleSlices)
{
    checkInput(raw);
    InitialMaskResult result;
    std::uint64_t notFinite = 0;
    Task first = task.part(0, 0.3);
    if (sampleSlices > 0 && sampleSlices < raw.shape().z) {
        const Histogram histogram = computeHistogram(raw, { .bins = 65536, .sampleSlices = sampleSlices }, first);
        notFinite = histogram.notFinite;
        result.range = findRange(histogram, options.normalise);
    } else {
        result.range = findRange(raw, options.normalise, first, &notFinite);
    }

    Task second = task.part(0.3, 1);
    const Levels levels = countEqualised(raw, result.range, options, second, sampleSlices);
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
    const double level = otsuThreshold(histogram);
    result.threshold = level / 255;
    std::uint64_t above = 0;
    for (std::size_t i = 0; i < levels.size(); ++i)
        above += static_cast<double>(i) > level ? levels[i] : 0;
    result.foregroundFraction
        = histogram.finite > 0 ? static_cast<double>(above) / static_cast<double>(histogram.finite) : 0;
    addFindings(result, !(result.range.high > result.range.low), notFinite);
    return result;
}

InitialMaskResult makeInitialMask(const VolumeSource& raw, VolumeSink& mask, const InitialMaskOptions& options, Task& task)
{
    checkInput(raw);
    const Shape shape = raw.shape();
    if (mask.shape() != shape || mask.scalar() != Scalar::U8)
        throw Error("The mask's file was opened as " + describe(mask.shape()) + " " + scalarName(mask.scalar())
                + " but must be " + describe(shape) + " u8",
            "Open it with the volume's shape and type u8.");
    Task finding = task.part(0, 0.6);
    InitialMaskResult result = findInitialMaskThreshold(raw, options, finding);

    const int level = thresholdLevel(result);
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    std::vector<std::uint8_t> slab;
    Task writing = task.part(0.6, 1);
    forEachTypedSlab(raw, slabDepth(raw), writing, "Writing the mask", [&](const Box& box, auto voxels) {
        using T = typename decltype(voxels)::value_type;
        slab.resize(voxels.size());
        parallelFor(box.size.z, 0, [&](std::int64_t z) {
            writing.throwIfStopped();
            const auto at = static_cast<std::size_t>(z) * plane;
            const auto out = std::span(slab).subspan(at, plane);
            equalise<T>(voxels.subspan(at, plane), shape, result.range, options.clahe, out);
            for (auto& v : out)
                v = v > level ? 1 : 0;
        });
        mask.write(box, std::as_bytes(std::span<const std::uint8_t>(slab)));
    });
    mask.finish();
    return result;
}

InitialMaskPreview previewInitialMask(
    const VolumeSource& raw, std::int64_t z, const InitialMaskResult& result, const InitialMaskOptions& options)
{
    const Shape shape = raw.shape();
    InitialMaskPreview preview { shape.y, shape.x, std::vector<std::uint8_t>(static_cast<std::size_t>(shape.sliceVoxels())),
        {} };
    dispatch(raw.scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        const auto slice = readAs<T>(raw, Box::slices(shape, z, 1));
        equalise<T>(slice, shape, result.range, options.clahe, preview.equalised);
    });
    const int level = thresholdLevel(result);
    preview.mask.resize(preview.equalised.size());
    for (std::size_t i = 0; i < preview.mask.size(); ++i)
        preview.mask[i] = preview.equalised[i] > level ? 1 : 0;
    return preview;
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
