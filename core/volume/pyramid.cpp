// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/pyramid.h"

#include <algorithm>

namespace interstice {

namespace {

std::int64_t largestSlice(const Shape& shape)
{
    return std::max(shape.z * shape.x, shape.z * shape.y);
}

bool noCoarser(const Reduction& a, const Reduction& b)
{
    return b.z % a.z == 0 && b.y % a.y == 0 && b.x % a.x == 0;
}

} // namespace

const Pyramid::Level* Pyramid::quick(std::int64_t mostPixels) const
{
    for (const Level& level : levels)
        if (largestSlice(level.source->shape()) <= mostPixels)
            return &level;
    return levels.empty() ? nullptr : &levels.back();
}

const Pyramid::Level* Pyramid::within(const Reduction& reduction) const
{
    const auto found = std::find_if(
        levels.rbegin(), levels.rend(), [&](const Level& level) { return noCoarser(level.reduction, reduction); });
    return found == levels.rend() ? nullptr : &*found;
}

std::vector<Reduction> pyramidReductions(
    const Shape& shape, std::size_t bytesPerVoxel, std::uint64_t mostBytes, bool wholeToo, std::int64_t leastEdge)
{
    std::vector<Reduction> all;
    const auto fits = [&](const Reduction& r) {
        return static_cast<std::uint64_t>(reducedShape(shape, r).voxels()) * bytesPerVoxel <= mostBytes;
    };
    Reduction reduction;
    if (wholeToo && fits(reduction))
        all.push_back(reduction);
    for (;;) {
        const Shape now = reducedShape(shape, reduction);
        if (fits(reduction) && largestSlice(now) <= 4 * leastEdge * leastEdge)
            return all;
        const bool thin = std::max({ now.z, now.y, now.x }) < 2 * leastEdge; // yet too much: all axes give way
        Reduction next = reduction;
        for (const auto& [n, factor] : { std::pair(now.z, &next.z), std::pair(now.y, &next.y), std::pair(now.x, &next.x) })
            if (n >= 2 * leastEdge || (thin && n > 1))
                *factor *= 2;
        if (next == reduction)
            return all;
        reduction = next;
        if (fits(reduction))
            all.push_back(reduction);
    }
}

} // namespace interstice
