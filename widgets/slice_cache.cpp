// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_cache.h"

namespace interstice {

template <class T>
std::shared_ptr<const std::vector<T>> SliceCache::get(
    const SourcePtr& source, Orientation orientation, std::int64_t index, bool labels)
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
    auto slice = std::make_shared<const std::vector<T>>(
        toRows(readAs<T>(*source, sliceBox(shape, orientation, index)), shape, orientation));
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
    const SourcePtr& source, Orientation orientation, std::int64_t index)
{
    return get<float>(source, orientation, index, false);
}

std::shared_ptr<const std::vector<std::uint8_t>> SliceCache::labels(
    const SourcePtr& source, Orientation orientation, std::int64_t index)
{
    return get<std::uint8_t>(source, orientation, index, true);
}

} // namespace interstice
