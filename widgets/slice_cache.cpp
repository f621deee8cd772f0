// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_cache.h"

#include "picture/outline.h"

#include <algorithm>
#include <limits>

namespace interstice {

namespace {

/// Slices that a part of an XZ or YZ slice is read from.
constexpr std::int64_t kPart = 32;

template <class T> std::vector<T> readInParts(const VolumeSource& source, const Box& box, const std::function<bool()>& goOn)
{
    std::vector<T> voxels(static_cast<std::size_t>(box.size.voxels()));
    const auto plane = static_cast<std::size_t>(box.size.sliceVoxels());
    for (std::int64_t z = 0; z < box.size.z; z += kPart) {
        if (!goOn())
            throw SliceCache::Abandoned();
        Box part = box;
        part.start.z += z;
        part.size.z = std::min(kPart, box.size.z - z);
        readAs<T>(source, part,
            std::span(voxels).subspan(static_cast<std::size_t>(z) * plane, static_cast<std::size_t>(part.size.z) * plane));
    }
    return voxels;
}

template <SliceKind Kind>
std::vector<SliceValue<Kind>> readSlice(const VolumeSource& source, const SliceAt& at, const std::function<bool()>& goOn)
{
    using T = SliceValue<Kind>;
    if (at.oblique) {
        const auto between = [&] {
            if (goOn && !goOn())
                throw SliceCache::Abandoned();
        };
        if constexpr (Kind == SliceKind::Grey)
            return readOblique(source, *at.oblique, std::numeric_limits<float>::quiet_NaN(), between);
        else
            return readObliqueNearest<T>(
                source, *at.oblique, Kind == SliceKind::Mask ? T { kBeyondLabel } : T { 0 }, between);
    }
    const Shape shape = source.shape();
    const Box box = sliceBox(shape, at.orientation, at.index);
    return toRows(
        goOn && box.size.z > kPart ? readInParts<T>(source, box, goOn) : readAs<T>(source, box), shape, at.orientation);
}

} // namespace

bool SliceCache::holds(const SourcePtr& source, const SliceAt& at, SliceKind kind) const
{
    const auto found = m_byKey.find({ source.get(), at, kind });
    return found != m_byKey.end() && found->second->source.lock() == source;
}

template <SliceKind Kind>
std::shared_ptr<const std::vector<SliceValue<Kind>>> SliceCache::get(
    const SourcePtr& source, const SliceAt& at, const std::function<bool()>& goOn)
{
    using T = SliceValue<Kind>;
    const Key key { source.get(), at, Kind };
    if (const auto found = m_byKey.find(key); found != m_byKey.end()) {
        if (found->second->source.lock() == source) {
            m_entries.splice(m_entries.begin(), m_entries, found->second);
            return std::static_pointer_cast<const std::vector<T>>(found->second->slice);
        }
        m_bytes -= found->second->bytes;
        m_entries.erase(found->second);
        m_byKey.erase(found);
    }
    auto slice = std::make_shared<const std::vector<T>>(readSlice<Kind>(*source, at, goOn));
    m_entries.push_front({ key, source, slice, slice->size() * sizeof(T) });
    m_byKey[key] = m_entries.begin();
    m_bytes += m_entries.front().bytes;
    while (m_bytes > m_mostBytes && m_entries.size() > 1) {
        m_bytes -= m_entries.back().bytes;
        m_byKey.erase(m_entries.back().key);
        m_entries.pop_back();
    }
    return slice;
}

template std::shared_ptr<const std::vector<float>> SliceCache::get<SliceKind::Grey>(
    const SourcePtr&, const SliceAt&, const std::function<bool()>&);
template std::shared_ptr<const std::vector<float>> SliceCache::get<SliceKind::Labels>(
    const SourcePtr&, const SliceAt&, const std::function<bool()>&);
template std::shared_ptr<const std::vector<std::uint8_t>> SliceCache::get<SliceKind::Mask>(
    const SourcePtr&, const SliceAt&, const std::function<bool()>&);

} // namespace interstice
