// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/slice_geometry.h"
#include "volume/volume_source.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <vector>

namespace interstice {

/// Slices as last read, least recently used ones dropped above a number of bytes. For one thread; only
/// `bytes` may be called from others.
class SliceCache {
public:
    explicit SliceCache(std::uint64_t mostBytes)
        : m_mostBytes(mostBytes)
    {
    }

    /// `goOn` is asked between parts of a slice that is read from many others; on false Abandoned is thrown.
    std::shared_ptr<const std::vector<float>> grey(
        const SourcePtr& source, Orientation orientation, std::int64_t index, const std::function<bool()>& goOn = {});
    std::shared_ptr<const std::vector<std::uint8_t>> labels(
        const SourcePtr& source, Orientation orientation, std::int64_t index, const std::function<bool()>& goOn = {});
    bool holds(const SourcePtr& source, Orientation orientation, std::int64_t index, bool labels) const;

    struct Abandoned { };
    std::uint64_t bytes() const { return m_bytes; }

private:
    struct Key {
        const VolumeSource* source;
        Orientation orientation;
        std::int64_t index;
        bool labels;
        auto operator<=>(const Key&) const = default;
    };
    struct Entry {
        Key key;
        std::weak_ptr<const VolumeSource> source; // an address may be used again by another source
        std::shared_ptr<const void> slice;
        std::uint64_t bytes;
    };
    template <class T>
    std::shared_ptr<const std::vector<T>> get(const SourcePtr& source, Orientation orientation, std::int64_t index,
        bool labels, const std::function<bool()>& goOn);

    std::uint64_t m_mostBytes;
    std::atomic<std::uint64_t> m_bytes = 0;
    std::list<Entry> m_entries; // most recently used first
    std::map<Key, std::list<Entry>::iterator> m_byKey;
};

} // namespace interstice
