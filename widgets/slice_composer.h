// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/pyramid.h"
#include "widgets/slice_cache.h"
#include "widgets/slice_loader.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace interstice {

/// Reads what a request needs and draws it. For one thread; setPyramid and cachedBytes may be called from others.
class SliceComposer {
public:
    explicit SliceComposer(std::uint64_t cacheBytes)
        : m_cache(cacheBytes)
    {
    }

    void setPyramid(const SourcePtr& source, std::shared_ptr<const Pyramid> pyramid);
    /// Whether a quick look at the request would be coarser, and so quicker, than a sharp one.
    bool quickHelps(const SliceRequest& request) const;
    /// Errors are in the result. `goOn` is asked while much is read; on false SliceCache::Abandoned is thrown.
    SliceImage compose(const SliceRequest& request, bool quick, const std::function<bool()>& goOn);
    /// Reads what a quick look at another slice of the request would need.
    void readAhead(const SliceRequest& request, std::int64_t index, const std::function<bool()>& goOn);
    std::uint64_t cachedBytes() const { return m_cache.bytes(); }

private:
    /// How sources are read for one picture.
    struct Reading {
        SliceAt at;
        bool quick;
        const std::function<bool()>& goOn;
        Reduction coarsest {}; ///< of what was read
    };
    std::shared_ptr<const Pyramid> pyramidOf(const SourcePtr& source) const;
    template <SliceKind Kind>
    std::shared_ptr<const std::vector<SliceValue<Kind>>> read(const SourcePtr& source, Reading& reading);
    template <SliceKind Kind>
    std::shared_ptr<const std::vector<SliceValue<Kind>>> readCoarsely(
        const Pyramid& pyramid, const Shape& shape, Reading& reading);
    RgbImage draw(const SliceRequest& request, SliceImage& slice, Reading& reading);
    RgbImage drawInside(const SliceRequest& request, SliceImage& slice, Reading& reading);

    SliceCache m_cache;
    mutable std::mutex m_mutex; // of m_pyramids
    struct Known {
        std::weak_ptr<const VolumeSource> source; // an address may be used again by another source
        std::shared_ptr<const Pyramid> pyramid;
    };
    std::map<const VolumeSource*, Known> m_pyramids;
};

} // namespace interstice
