// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/preview.h"

#include "base/parallel.h"
#include "morphology/components.h"
#include "segment/otsu.h"
#include "volume/volume.h"

#include <algorithm>

namespace interstice {

namespace {

constexpr std::int64_t kSampleBytes = std::int64_t { 32 } << 20;
constexpr std::int64_t kWholeBytes = std::int64_t { 96 } << 20;
constexpr std::int64_t kRowsOfEach = 64;
constexpr std::int64_t kClusteredVoxels = 300'000;

/// Every `stride`-th voxel along y and x.
std::shared_ptr<Volume> thinned(const Volume& volume, std::int64_t stride)
{
    const Shape shape = volume.shape();
    const Shape thin { shape.z, (shape.y + stride - 1) / stride, (shape.x + stride - 1) / stride };
    auto result = std::make_shared<Volume>(thin, volume.scalar(), volume.voxelSize(), volume.name());
    dispatch(volume.scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        const auto from = volume.as<T>();
        auto to = result->template as<T>().begin();
        for (std::int64_t z = 0; z < thin.z; ++z) {
            for (std::int64_t y = 0; y < thin.y; ++y) {
                for (std::int64_t x = 0; x < thin.x; ++x)
                    *to++ = from[static_cast<std::size_t>((z * shape.y + y * stride) * shape.x + x * stride)];
            }
        }
    });
    return result;
}

} // namespace

MethodPreview::MethodPreview(SourcePtr raw)
    : m_raw(std::move(raw))
{
}

std::int64_t MethodPreview::slicesFor(const PreprocessOptions& first) const
{
    const Shape shape = m_raw->shape();
    const std::int64_t bytes = std::max<std::int64_t>(1, shape.sliceVoxels() * 4);
    const bool slow = first.rings || first.smooth.kind == Smoothing::NonLocalMeans;
    return std::clamp<std::int64_t>(kSampleBytes / bytes, 1,
        std::min<std::int64_t>(shape.z,
            slow              ? 1
                : first.any() ? 3
                              : 12));
}

std::shared_ptr<Volume> MethodPreview::sliceOf(const VolumeSource& view, std::int64_t z) const
{
    const Shape shape = view.shape();
    auto slice = std::make_shared<Volume>(Shape { 1, shape.y, shape.x }, view.scalar(), view.voxelSize(), view.name());
    view.read(Box::slices(shape, z, 1), slice->bytes());
    return slice;
}

std::shared_ptr<Volume> MethodPreview::sliceAfter(const PreprocessOptions& first, std::int64_t z)
{
    if (!m_slice || m_sliceAt != z || !(m_sliceFor == first)) {
        m_slice = sliceOf(*preprocessedView(m_raw, first), z);
        m_sliceAt = z;
        m_sliceFor = first;
    }
    return m_slice;
}

void MethodPreview::sample(const PreprocessOptions& first, Task& task)
{
    if (m_sample && m_sampledFor == first)
        return;
    const Shape shape = m_raw->shape();
    const SourcePtr view = preprocessedView(m_raw, first);
    const std::int64_t n = slicesFor(first);
    // Non-local means take longest: a quarter of the rows will do.
    const bool slow = first.smooth.kind == Smoothing::NonLocalMeans && !first.rings && shape.y >= 2 * kRowsOfEach;
    const std::int64_t bands = slow ? shape.y / kRowsOfEach : 1;
    const std::int64_t rows = slow ? kRowsOfEach / 4 : shape.y;
    auto volume
        = std::make_shared<Volume>(Shape { n, bands * rows, shape.x }, view->scalar(), view->voxelSize(), view->name());
    std::vector<std::int64_t> at;
    for (std::int64_t i = 0; i < n; ++i) {
        at.push_back((2 * i + 1) * shape.z / (2 * n));
        const std::span<std::byte> slice
            = volume->bytes().subspan(volume->bytes().size() / static_cast<std::size_t>(n) * static_cast<std::size_t>(i),
                volume->bytes().size() / static_cast<std::size_t>(n));
        const std::size_t each = slice.size() / static_cast<std::size_t>(bands);
        parallelFor(bands, 0, [&](std::int64_t band) {
            task.throwIfStopped();
            view->read({ { at.back(), slow ? band * kRowsOfEach + (kRowsOfEach - rows) / 2 : 0, 0 }, { 1, rows, shape.x } },
                slice.subspan(static_cast<std::size_t>(band) * each, each));
        });
    }
    m_sampledRowStep = slow ? 4 : 1;
    m_sample = volume;
    m_sampledAt = at;
    m_sampledFor = first;
}

std::vector<std::uint8_t> MethodPreview::initialMask(
    std::int64_t z, const InitialMaskOptions& options, const PreprocessOptions& first, Task& task)
{
    sample(first, task);
    const InitialMaskResult found = findInitialMaskThresholds(*m_sample, options, task);
    auto mask = previewInitialMask(*sliceAfter(first, z), 0, found, options);
    for (auto& v : mask)
        v = v > 0 ? 1 : 0;
    return mask;
}

std::vector<std::uint8_t> MethodPreview::kMeans(
    std::int64_t z, const KMeansOptions& options, const PreprocessOptions& first, Task& task)
{
    sample(first, task);
    std::int64_t stride = 1;
    while (m_sample->shape().voxels() / (stride * stride) > kClusteredVoxels)
        ++stride;
    KMeansOptions few = options;
    few.sample = 20'000;
    few.starts = std::min(options.starts, 2);
    const auto thin = thinned(*m_sample, stride);
    KMeansResult found = findClusters(*thin, few, task);
    // From places in the thinned sample to places in the volume: all that the passes use is linear in them.
    const double n = static_cast<double>(m_sampledAt.size());
    const double step[] = { static_cast<double>(m_raw->shape().z) / n, static_cast<double>(stride * m_sampledRowStep),
        static_cast<double>(stride) };
    for (std::size_t d = 0; d < 3; ++d) {
        found.mean[d + 1] = found.mean[d + 1] * step[d] + (d == 0 ? static_cast<double>(m_sampledAt[0]) : 0);
        found.gain[d + 1] /= step[d];
    }
    if (m_sampledAt.size() == 1) // nothing is known of the clusters' depth
        found.gain[1] = 0;
    found.mean[1] -= static_cast<double>(z);
    auto labels = clustersOfSlice(*sliceAfter(first, z), 0, found);
    for (auto& v : labels)
        v = v == options.clusters ? 1 : 0;
    return labels;
}

std::shared_ptr<Volume> MethodPreview::wholeDepth(const PreprocessOptions& first, Task& task)
{
    if (m_depth && m_depthFor == first)
        return m_depth;
    const Shape shape = m_raw->shape();
    const SourcePtr view = preprocessedView(m_raw, first);
    DepthMapOptions plain;
    plain.sigma = 0;
    auto sum = std::make_shared<Volume>(Shape { 1, shape.y, shape.x }, Scalar::F32, m_raw->voxelSize(), m_raw->name());
    if (!first.any() && shape.voxels() * static_cast<std::int64_t>(bytesOf(m_raw->scalar())) <= kWholeBytes) {
        const SourcePtr map = interstice::depthMap(m_raw, plain, task);
        map->read(Box::whole(map->shape()), sum->bytes());
    } else {
        plain.window = 1; // the change at single slices
        const SourcePtr map = interstice::depthMap(view, plain, task);
        const std::int64_t n = std::min(shape.z, first.any() ? slicesFor(first) : std::int64_t { 24 });
        auto total = sum->as<float>();
        for (std::int64_t i = 0; i < n; ++i) {
            task.throwIfStopped();
            const auto slice = readAs<float>(*map, Box::slices(shape, (2 * i + 1) * shape.z / (2 * n), 1));
            for (std::size_t v = 0; v < slice.size(); ++v)
                total[v] += slice[v] * (static_cast<float>(shape.z) / static_cast<float>(n));
        }
    }
    m_depth = sum;
    m_depthFor = first;
    return sum;
}

std::shared_ptr<Volume> MethodPreview::windowAt(std::int64_t z, int window, const PreprocessOptions& first, Task& task)
{
    if (!m_window || m_windowAt != z || m_windowOf != window || !(m_windowFor == first)) {
        DepthMapOptions plain;
        plain.sigma = 0;
        plain.window = window;
        m_window = sliceOf(*interstice::depthMap(preprocessedView(m_raw, first), plain, task), z);
        m_windowAt = z;
        m_windowOf = window;
        m_windowFor = first;
    }
    return m_window;
}

MethodPreview::DepthSlice MethodPreview::depthMap(
    std::int64_t z, const DepthMapOptions& options, const PreprocessOptions& first, Task& task)
{
    check(options);
    SourcePtr map = options.window == 0 ? wholeDepth(first, task) : windowAt(z, options.window, first, task);
    if (options.sigma > 0) {
        SmoothOptions blur;
        blur.kind = Smoothing::Gaussian;
        blur.sigma = options.sigma;
        map = smoothed(map, blur);
    }
    DepthSlice slice;
    slice.map = readAs<float>(*map, Box::whole(map->shape()));
    const Histogram histogram = histogramOf(slice.map, 256);
    slice.low = histogram.minimum;
    slice.high = histogram.maximum;
    const double threshold
        = options.threshold == DepthMapOptions::Threshold::Otsu ? otsuThreshold(histogram) : options.thresholdValue;
    Volume above(map->shape(), Scalar::U8);
    auto mask = above.as<std::uint8_t>();
    for (std::size_t i = 0; i < slice.map.size(); ++i)
        mask[i] = static_cast<double>(slice.map[i]) > threshold ? 1 : 0;
    if (options.window == 0 && options.minimumVoxels > 1) {
        Volume kept(map->shape(), Scalar::U8);
        ComponentsOptions components;
        components.minimumVoxels = options.minimumVoxels;
        keepLargeComponents(above, kept, components, task);
        const auto voxels = kept.as<std::uint8_t>();
        slice.mask.assign(voxels.begin(), voxels.end());
    } else {
        slice.mask.assign(mask.begin(), mask.end());
    }
    return slice;
}

} // namespace interstice
