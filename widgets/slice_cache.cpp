// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_cache.h"

#include <algorithm>

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

} // namespace

bool SliceCache::holds(const SourcePtr& source, Orientation orientation, std::int64_t index, bool labels) const
{
    const auto found = m_byKey.find({ source.get(), orientation, index, labels });
    return found != m_byKey.end() && found->second->source.lock() == source;
}

template <class T>
std::shared_ptr<const std::vector<T>> SliceCache::get(
    const SourcePtr& source, Orientation orientation, std::int64_t index, bool labels, const std::function<bool()>& goOn)
{
    const Key key { source.get(), orientation, index, labels };
    if (const auto found = m_byKey.find(key); found != m_byKey.end()) {
        if (found->second->source.lock() == source) {
            m_entries.splice(m_entries.begin(), m_entries, found->second);
            return std::static_pointer_cast<const std::vector<T>>(found->second->slice);
        }
        m_bytes -= found->second->bytes;
        m_entries.erase(found->second);
        m_byKey.erase(found);
    }
    const Shape shape = source->shape();
    const Box box = sliceBox(shape, orientation, index);
    auto slice = std::make_shared<const std::vector<T>>(toRows(
        goOn && box.size.z > kPart ? readInParts<T>(*source, box, goOn) : readAs<T>(*source, box), shape, orientation));
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

std::shared_ptr<const std::vector<float>> SliceCache::grey(
    const SourcePtr& source, Orientation orientation, std::int64_t index, const std::function<bool()>& goOn)
{
    return get<float>(source, orientation, index, false, goOn);
}

std::shared_ptr<const std::vector<std::uint8_t>> SliceCache::labels(
    const SourcePtr& source, Orientation orientation, std::int64_t index, const std::function<bool()>& goOn)
{
    return get<std::uint8_t>(source, orientation, index, true, goOn);
}

} // namespace interstice
