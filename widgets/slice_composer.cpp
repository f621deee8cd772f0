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
/// Voxels of a copy that a slice at an angle is first looked at in: it may go through most of its rows.
constexpr std::int64_t kQuickVoxels = std::int64_t { 1 } << 27;
/// Around the volume, as around every slice.
constexpr Rgb kOutside { 0x0c, 0x0d, 0x0e };

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
    if (request.orientation == Orientation::XY && !request.oblique)
        return false;
    const SliceAt at { request.orientation, request.index, request.oblique };
    const auto coarser = [&](const SourcePtr& source, SliceKind kind) {
        const auto pyramid = pyramidOf(source);
        return pyramid && !pyramid->levels.front().reduction.none() && !m_cache.holds(source, at, kind);
    };
    return coarser(request.raw, SliceKind::Grey)
        || std::ranges::any_of(
            labelSourcesOf(request), [&](const SourcePtr& source) { return coarser(source, SliceKind::Mask); })
        || (request.labels && coarser(request.labels, SliceKind::Labels));
}

template <SliceKind Kind>
std::shared_ptr<const std::vector<SliceValue<Kind>>> SliceComposer::read(const SourcePtr& source, Reading& reading)
{
    const bool along = reading.at.orientation == Orientation::XY && !reading.at.oblique;
    const auto pyramid = along ? nullptr : pyramidOf(source);
    if (!pyramid)
        return m_cache.get<Kind>(source, reading.at, reading.goOn);
    const Pyramid::Level& finest = pyramid->levels.front();
    if (finest.reduction.none()) // a copy whose rows can be read alone
        return m_cache.get<Kind>(finest.source, reading.at, reading.goOn);
    if (!reading.quick || m_cache.holds(source, reading.at, Kind))
        return m_cache.get<Kind>(source, reading.at, reading.goOn);
    return readCoarsely<Kind>(*pyramid, source->shape(), reading);
}

template <SliceKind Kind>
std::shared_ptr<const std::vector<SliceValue<Kind>>> SliceComposer::readCoarsely(
    const Pyramid& pyramid, const Shape& shape, Reading& reading)
{
    const SliceAt& at = reading.at;
    const SliceSize size = at.size(shape);
    const Pyramid::Level* level = pyramid.quick(kQuickPixels);
    SliceAt small;
    Factors factors {};
    if (at.oblique) {
        const auto fits = [](const Pyramid::Level& one) { return one.source->shape().voxels() <= kQuickVoxels; };
        const auto found = std::ranges::find_if(pyramid.levels, fits);
        level = found == pyramid.levels.end() ? &pyramid.levels.back() : &*found;
        std::int64_t step = std::min({ level->reduction.z, level->reduction.y, level->reduction.x });
        while (std::int64_t { size.width } * size.height / (step * step) > kQuickPixels)
            step *= 2;
        factors = { step, step, 1 };
        small = { at.orientation, at.index, coarser(*at.oblique, level->reduction, static_cast<int>(step)) };
    } else {
        factors = factorsOf(level->reduction, at.orientation);
        small = { at.orientation, at.index / factors.along, {} };
    }
    reading.coarsest = { std::max(reading.coarsest.z, level->reduction.z), std::max(reading.coarsest.y, level->reduction.y),
        std::max(reading.coarsest.x, level->reduction.x) };
    const auto values = m_cache.get<Kind>(level->source, small, reading.goOn);
    return std::make_shared<const std::vector<SliceValue<Kind>>>(
        enlarged(*values, small.size(level->source->shape()).width, factors, size));
}

SliceImage SliceComposer::compose(const SliceRequest& request, bool quick, const std::function<bool()>& goOn)
{
    SliceImage slice { request.pane, request.orientation, request.index, {}, nullptr, request.window, {} };
    slice.oblique = request.oblique;
    Reading reading { { request.orientation, request.index, request.oblique }, quick, goOn };
    try {
        slice.values = read<SliceKind::Grey>(request.raw, reading);
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
    RgbImage image = drawInside(request, slice, reading);
    if (!request.oblique)
        return image;
    const Shape shape = request.raw->shape();
    std::size_t i = 0;
    for (int row = 0; row < image.height; ++row)
        for (int column = 0; column < image.width; ++column, ++i)
            if (!inVolume(request.oblique->at(column, row), shape))
                image.pixels[i] = kOutside.packed();
    return image;
}

RgbImage SliceComposer::drawInside(const SliceRequest& request, SliceImage& slice, Reading& reading)
{
    const SliceSize size = reading.at.size(request.raw->shape());
    if (request.map) {
        slice.mapValues = read<SliceKind::Grey>(request.map, reading);
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
    const auto labels = [&](const SourcePtr& source) { return read<SliceKind::Mask>(source, reading); };
    // Steps of a ramp are harder to tell apart than one mask from none, so a faint overlay is less faint here.
    if (request.counts)
        overlayCounts(image, *labels(request.counts), request.mostCount, 0.35 + 0.65 * overlay.opacity);
    else if (request.mask && request.display == MaskDisplay::ErrorMap && request.truth && request.truth != request.mask)
        overlayErrors(image, *labels(request.mask), *labels(request.truth), overlay);
    else if (request.labels && request.display == MaskDisplay::Labels)
        overlayLabels(image, *read<SliceKind::Labels>(request.labels, reading), 0.25 + 0.75 * overlay.opacity,
            request.shown ? *request.shown : LabelChoice());
    else if (request.mask) {
        auto mask = labels(request.mask);
        if (request.labels && request.shown && !request.shown->all()) {
            auto part = std::make_shared<std::vector<std::uint8_t>>(*mask);
            removeHidden<float>(*part, *read<SliceKind::Labels>(request.labels, reading), *request.shown);
            mask = part;
        }
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
    Reading reading { { request.orientation, index, {} }, true, goOn };
    (void)read<SliceKind::Grey>(request.raw, reading);
    for (const auto& labels : { request.mask, request.counts })
        if (labels)
            (void)read<SliceKind::Mask>(labels, reading);
    if (request.map)
        (void)read<SliceKind::Grey>(request.map, reading);
}

} // namespace interstice
