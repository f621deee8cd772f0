// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/slice_geometry.h"
#include "volume/oblique.h"
#include "volume/volume_source.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

namespace interstice {

/// Which slice: one of those along an axis, or one at any angle in their place.
struct SliceAt {
    Orientation orientation = Orientation::XY;
    std::int64_t index = 0;
    std::optional<ObliqueGrid> oblique {};

    SliceSize size(const Shape& shape) const
    {
        return oblique ? SliceSize { oblique->width, oblique->height } : sliceSize(shape, orientation);
    }
    auto operator<=>(const SliceAt&) const = default;
};

/// What the voxels of a slice are: greys lie on a line between neighbours, masks (0, 1, 255) and labels do not.
enum class SliceKind { Grey, Mask, Labels };
template <SliceKind Kind> using SliceValue = std::conditional_t<Kind == SliceKind::Mask, std::uint8_t, float>;

/// Slices as last read, least recently used ones dropped above a number of bytes. For one thread; only
/// `bytes` may be called from others.
class SliceCache {
public:
    explicit SliceCache(std::uint64_t mostBytes)
        : m_mostBytes(mostBytes)
    {
    }

    /// `goOn` is asked between parts of a slice that is read from many others, or of one at an angle; on false Abandoned is
    /// thrown.
    template <SliceKind Kind>
    std::shared_ptr<const std::vector<SliceValue<Kind>>> get(
        const SourcePtr& source, const SliceAt& at, const std::function<bool()>& goOn = {});
    bool holds(const SourcePtr& source, const SliceAt& at, SliceKind kind) const;

    struct Abandoned { };
    std::uint64_t bytes() const { return m_bytes; }

private:
    struct Key {
        const VolumeSource* source;
        SliceAt at;
        SliceKind kind;
        auto operator<=>(const Key&) const = default;
    };
    struct Entry {
        Key key;
        std::weak_ptr<const VolumeSource> source; // an address may be used again by another source
        std::shared_ptr<const void> slice;
        std::uint64_t bytes;
    };
    std::uint64_t m_mostBytes;
    std::atomic<std::uint64_t> m_bytes = 0;
    std::list<Entry> m_entries; // most recently used first
    std::map<Key, std::list<Entry>::iterator> m_byKey;
};

} // namespace interstice
