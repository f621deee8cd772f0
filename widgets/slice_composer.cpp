// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_composer.h"

#include "volume/histogram.h"
#include "widgets/job_queue.h"

#include <algorithm>
#include <cstring>

namespace interstice {

namespace {

/// Pixels of a first look: more are no use on a screen and take longer than a frame.
constexpr std::int64_t kQuickPixels = std::int64_t { 1 } << 20;

QImage toQImage(const RgbImage& image)
{
    QImage result(image.width, image.height, QImage::Format_RGB32);
    for (int row = 0; row < image.height; ++row) {
        std::memcpy(result.scanLine(row),
            image.pixels.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width),
            static_cast<std::size_t>(image.width) * sizeof(std::uint32_t));
    }
    return result;
}

/// Factors across, down and along the axis that the slices are counted on.
struct Factors {
    std::int64_t across;
    std::int64_t down;
    std::int64_t along;
};

Factors factorsOf(const Reduction& reduction, Orientation orientation)
{
    switch (orientation) {
    case Orientation::XZ:
        return { reduction.x, reduction.z, reduction.y };
    case Orientation::YZ:
        return { reduction.z, reduction.y, reduction.x };
    case Orientation::XY:
        break;
    }
    return { reduction.x, reduction.y, reduction.z };
}

/// Every value as often as it stands for pixels.
template <class T>
std::vector<T> enlarged(const std::vector<T>& values, std::int64_t width, const Factors& factors, SliceSize size)
{
    std::vector<T> large(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
    for (std::int64_t row = 0; row < size.height; ++row) {
        const auto to = large.begin() + row * size.width;
        if (row % factors.down != 0) {
            std::copy_n(to - size.width, size.width, to);
            continue;
        }
        const T* from = values.data() + row / factors.down * width;
        for (std::int64_t x = 0; x < size.width; x += factors.across)
            std::fill_n(to + x, std::min(factors.across, size.width - x), *from++);
    }
    return large;
}

/// What a request reads, besides the raw volume, as labels.
std::vector<SourcePtr> labelSourcesOf(const SliceRequest& request)
{
    std::vector<SourcePtr> sources;
    for (const SourcePtr& source : { request.mask, request.counts, request.truth })
        if (source)
            sources.push_back(source);
    return sources;
}

} // namespace

void SliceComposer::setPyramid(const SourcePtr& source, std::shared_ptr<const Pyramid> pyramid)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_pyramids, [](const auto& entry) { return entry.second.source.expired(); });
    m_pyramids[source.get()] = { source, std::move(pyramid) };
}

std::shared_ptr<const Pyramid> SliceComposer::pyramidOf(const SourcePtr& source) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_pyramids.find(source.get());
    if (found == m_pyramids.end() || found->second.source.lock() != source || found->second.pyramid->levels.empty())
        return nullptr;
    return found->second.pyramid;
}

bool SliceComposer::quickHelps(const SliceRequest& request) const
{
    if (request.orientation == Orientation::XY)
        return false;
    const auto coarser = [&](const SourcePtr& source, bool labels) {
        const auto pyramid = pyramidOf(source);
        return pyramid && !pyramid->levels.front().reduction.none()
            && !m_cache.holds(source, request.orientation, request.index, labels);
    };
    return coarser(request.raw, false)
        || std::ranges::any_of(labelSourcesOf(request), [&](const SourcePtr& source) { return coarser(source, true); });
}

template <class T> std::shared_ptr<const std::vector<T>> SliceComposer::read(const SourcePtr& source, Reading& reading)
{
    constexpr bool kLabels = std::is_same_v<T, std::uint8_t>;
    const auto get = [&](const SourcePtr& from, std::int64_t index) {
        if constexpr (kLabels)
            return m_cache.labels(from, reading.orientation, index, reading.goOn);
        else
            return m_cache.grey(from, reading.orientation, index, reading.goOn);
    };
    const auto pyramid = reading.orientation == Orientation::XY ? nullptr : pyramidOf(source);
    if (!pyramid)
        return get(source, reading.index);
    const Pyramid::Level& finest = pyramid->levels.front();
    if (finest.reduction.none()) // a copy whose rows can be read alone
        return get(finest.source, reading.index);
    if (!reading.quick || m_cache.holds(source, reading.orientation, reading.index, kLabels))
        return get(source, reading.index);
    const Pyramid::Level& level = *pyramid->quick(kQuickPixels);
    const Factors factors = factorsOf(level.reduction, reading.orientation);
    reading.coarsest = { std::max(reading.coarsest.z, level.reduction.z), std::max(reading.coarsest.y, level.reduction.y),
        std::max(reading.coarsest.x, level.reduction.x) };
    const auto small = get(level.source, reading.index / factors.along);
    return std::make_shared<const std::vector<T>>(
        enlarged(*small, sliceSize(level.source->shape(), reading.orientation).width, factors,
            sliceSize(source->shape(), reading.orientation)));
}

SliceImage SliceComposer::compose(const SliceRequest& request, bool quick, const std::function<bool()>& goOn)
{
    SliceImage slice { request.pane, request.orientation, request.index, {}, nullptr, request.window, {} };
    Reading reading { request.orientation, request.index, quick, goOn };
    try {
        slice.values = read<float>(request.raw, reading);
        if (request.windowOfSlice)
            slice.window = autoContrast(histogramOf(*slice.values));
        slice.image = toQImage(draw(request, slice, reading));
        slice.reduction = reading.coarsest;
    } catch (const SliceCache::Abandoned&) {
        throw;
    } catch (...) {
        slice.error = describeException(std::current_exception());
    }
    return slice;
}

RgbImage SliceComposer::draw(const SliceRequest& request, SliceImage& slice, Reading& reading)
{
    const SliceSize size = sliceSize(request.raw->shape(), request.orientation);
    if (request.map) {
        slice.mapValues = read<float>(request.map, reading);
        return composeMap(*slice.mapValues, size.width, size.height, request.mapRange, request.mapColours);
    }
    const bool alone = (request.mask || request.counts) && request.display == MaskDisplay::Alone;
    RgbImage image = alone ? composeEmpty(size.width, size.height)
                           : composeGrey(*slice.values, size.width, size.height, slice.window, request.look);
    if (!request.showMask && !alone)
        return image;
    Overlay overlay = request.overlay;
    if (alone) {
        overlay.opacity = 1;
        overlay.style = OverlayStyle::Fill;
    }
    const auto labels = [&](const SourcePtr& source) { return read<std::uint8_t>(source, reading); };
    // Steps of a ramp are harder to tell apart than one mask from none, so a faint overlay is less faint here.
    if (request.counts)
        overlayCounts(image, *labels(request.counts), request.mostCount, 0.35 + 0.65 * overlay.opacity);
    else if (request.mask && request.display == MaskDisplay::ErrorMap && request.truth && request.truth != request.mask)
        overlayErrors(image, *labels(request.mask), *labels(request.truth), overlay);
    else if (request.labels && request.display == MaskDisplay::Labels)
        overlayLabels(image, *read<float>(request.labels, reading), 0.25 + 0.75 * overlay.opacity);
    else if (request.mask) {
        const auto mask = labels(request.mask);
        overlayMask(image, *mask, overlay);
        if (overlay.style != OverlayStyle::Fill) {
            slice.outlined = mask;
            slice.outlineColour = overlay.colour;
        }
    }
    return image;
}

void SliceComposer::readAhead(const SliceRequest& request, std::int64_t index, const std::function<bool()>& goOn)
{
    Reading reading { request.orientation, index, true, goOn };
    (void)read<float>(request.raw, reading);
    for (const auto& labels : { request.mask, request.counts })
        if (labels)
            (void)read<std::uint8_t>(labels, reading);
    if (request.map)
        (void)read<float>(request.map, reading);
}

} // namespace interstice
