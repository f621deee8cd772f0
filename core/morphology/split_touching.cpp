// SPDX-License-Identifier: GPL-3.0-or-later
#include "morphology/split_touching.h"

#include "base/error.h"
#include "base/parallel.h"
#include "morphology/distance_map.h"
#include "morphology/run_block.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

using detail::UnionFind;

Json toJson(const SplitTouchingOptions& options)
{
    return { { "h", options.h }, { "minimum_voxels", options.minimumVoxels } };
}

namespace {

constexpr std::size_t kMostSaddles = std::size_t { 1 } << 22; ///< 48 MiB, before those that do not matter are dropped
constexpr std::uint32_t kNobody = 0xffffffffU;

/// Distances of some slices with one more on either side where there is one, and each voxel's basin.
struct Slab {
    std::int64_t z = 0; ///< first slice of its own
    std::int64_t slices = 0;
    std::int64_t before = 0; ///< 1 when the slice before z is held too
    std::vector<float> height; ///< 0 in the background
    std::vector<std::uint32_t> basin; ///< of its own slices: numbers of the slab's basins, kNobody in the background
    std::uint32_t basins = 0;
};

struct Saddle {
    float height;
    std::uint32_t a;
    std::uint32_t b;
};

class Splitter {
public:
    Splitter(const VolumeSource& mask, const SplitTouchingOptions& options, Task& task)
        : m_options(options)
        , m_shape(mask.shape())
    {
        if (!(options.h >= 0))
            throw Error("The depth of a neck (h) is below zero", "Choose 0 or more voxels; 1 is usual.");
        DistanceMapOptions distance;
        distance.spacing = options.spacing;
        distance.memory = options.memory;
        m_map = squaredDistanceMap(mask, distance, task);
        const std::int64_t plane = std::max<std::int64_t>(1, m_shape.sliceVoxels());
        m_slabSlices = options.slabSlices > 0
            ? options.slabSlices
            : std::clamp<std::int64_t>((std::int64_t { 1 } << 23) / plane, 1, std::max<std::int64_t>(1, m_shape.z));
    }

    ComponentsResult find(Task& task)
    {
        std::vector<std::uint32_t> lastBasins; // global, of the slice before the slab
        std::vector<float> lastHeights;
        forEachSlab(task, "Finding bodies", [&](Slab& slab) {
            const auto offset = static_cast<std::uint32_t>(m_basins.size());
            if (m_basins.size() + slab.basins >= kNobody)
                throw Error("The mask has more bodies than can be counted", "Smooth it, or crop it.");
            m_offsets.push_back(offset);
            m_basins.resize(m_basins.size() + slab.basins);
            m_peak.resize(m_basins.size(), 0);
            m_size.resize(m_basins.size(), 0);
            collect(slab, offset);
            if (!lastBasins.empty())
                joinAcross(slab, offset, lastBasins, lastHeights);
            const auto plane = static_cast<std::size_t>(m_shape.sliceVoxels());
            const std::size_t at = static_cast<std::size_t>(slab.slices - 1) * plane;
            lastBasins.assign(slab.basin.begin() + static_cast<std::ptrdiff_t>(at), slab.basin.end());
            for (auto& b : lastBasins)
                b = b == kNobody ? kNobody : b + offset;
            const auto first
                = slab.height.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(slab.before) * plane + at);
            lastHeights.assign(first, first + static_cast<std::ptrdiff_t>(plane));
        });
        return merge();
    }

    template <class T> void write(VolumeSink& sink, Task& task)
    {
        std::size_t index = 0;
        std::vector<T> labels;
        forEachSlab(task, "Writing objects", [&](Slab& slab) {
            labels.resize(slab.basin.size());
            const std::uint32_t offset = m_offsets[index++];
            for (std::size_t i = 0; i < labels.size(); ++i)
                labels[i] = slab.basin[i] == kNobody ? T { 0 } : static_cast<T>(m_number[offset + slab.basin[i]]);
            sink.write(Box::slices(m_shape, slab.z, slab.slices), std::as_bytes(std::span<const T>(labels)));
        });
        sink.finish();
    }

private:
    template <class F> void forEachSlab(Task& task, const std::string& text, F&& visit)
    {
        for (std::int64_t z = 0; z < m_shape.z; z += m_slabSlices) {
            task.throwIfStopped();
            task.progress(static_cast<double>(z) / static_cast<double>(m_shape.z), text);
            Slab slab;
            slab.z = z;
            slab.slices = std::min(m_slabSlices, m_shape.z - z);
            slab.before = z > 0 ? 1 : 0;
            const std::int64_t after = z + slab.slices < m_shape.z ? 1 : 0;
            const Box box = Box::slices(m_shape, z - slab.before, slab.slices + slab.before + after);
            slab.height.resize(static_cast<std::size_t>(box.size.voxels()));
            if (m_map->scalar() == Scalar::U32) {
                const auto squares = readAs<std::uint32_t>(*m_map, box);
                for (std::size_t i = 0; i < squares.size(); ++i)
                    slab.height[i] = squares[i] == kNoDistance ? std::numeric_limits<float>::max()
                                                               : std::sqrt(static_cast<float>(squares[i]));
            } else {
                m_map->read(box, std::as_writable_bytes(std::span(slab.height)));
                for (float& h : slab.height)
                    h = std::isinf(h) ? std::numeric_limits<float>::max() : std::sqrt(h);
            }
            climb(slab, task);
            visit(slab);
        }
        task.progress(1, text);
    }

    /// The neighbour that lies highest (of equals the last in z, y, x), or the voxel itself at a maximum.
    std::int64_t upFrom(const Slab& slab, std::int64_t z, std::int64_t y, std::int64_t x) const
    {
        const std::int64_t held = std::ssize(slab.height) / m_shape.sliceVoxels();
        const std::int64_t own = (z * m_shape.y + y) * m_shape.x + x;
        std::int64_t best = own;
        float height = slab.height[static_cast<std::size_t>(own)];
        for (std::int64_t dz = -1; dz <= 1; ++dz) {
            if (z + dz < 0 || z + dz >= held)
                continue;
            for (std::int64_t dy = -1; dy <= 1; ++dy) {
                if (y + dy < 0 || y + dy >= m_shape.y)
                    continue;
                for (std::int64_t dx = -1; dx <= 1; ++dx) {
                    if (x + dx < 0 || x + dx >= m_shape.x)
                        continue;
                    const std::int64_t other = own + (dz * m_shape.y + dy) * m_shape.x + dx;
                    const float h = slab.height[static_cast<std::size_t>(other)];
                    if (h > height || (h == height && other > best)) {
                        height = h;
                        best = other;
                    }
                }
            }
        }
        return best;
    }

    void climb(Slab& slab, Task& task) const
    {
        const std::int64_t plane = m_shape.sliceVoxels();
        const std::int64_t first = slab.before * plane;
        const std::int64_t n = slab.slices * plane;
        std::vector<std::int32_t> up(static_cast<std::size_t>(n), -1); // within the slab's own slices; itself at a top
        parallelFor(slab.slices, 0, [&](std::int64_t z) {
            task.throwIfStopped();
            for (std::int64_t y = 0; y < m_shape.y; ++y) {
                for (std::int64_t x = 0; x < m_shape.x; ++x) {
                    const std::int64_t i = (z * m_shape.y + y) * m_shape.x + x;
                    if (slab.height[static_cast<std::size_t>(first + i)] <= 0)
                        continue;
                    const std::int64_t best = upFrom(slab, z + slab.before, y, x) - first;
                    // The way may leave the slab; it goes on in `joinAcross`.
                    up[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(best >= 0 && best < n ? best : i);
                }
            }
        });
        slab.basin.assign(static_cast<std::size_t>(n), kNobody);
        std::vector<std::int32_t> way;
        for (std::int64_t i = 0; i < n; ++i) {
            auto at = static_cast<std::int32_t>(i);
            if (up[static_cast<std::size_t>(i)] < 0)
                continue;
            way.clear();
            while (slab.basin[static_cast<std::size_t>(at)] == kNobody && up[static_cast<std::size_t>(at)] != at) {
                way.push_back(at);
                at = up[static_cast<std::size_t>(at)];
            }
            auto& top = slab.basin[static_cast<std::size_t>(at)];
            if (top == kNobody)
                top = slab.basins++;
            for (const std::int32_t passed : way)
                slab.basin[static_cast<std::size_t>(passed)] = top;
        }
    }

    /// Peaks, sizes and the saddles inside the slab.
    void collect(const Slab& slab, std::uint32_t offset)
    {
        const std::int64_t plane = m_shape.sliceVoxels();
        const float* height = slab.height.data() + slab.before * plane;
        std::vector<Saddle> saddles;
        for (std::int64_t z = 0; z < slab.slices; ++z) {
            for (std::int64_t y = 0; y < m_shape.y; ++y) {
                for (std::int64_t x = 0; x < m_shape.x; ++x) {
                    const std::int64_t i = (z * m_shape.y + y) * m_shape.x + x;
                    const std::uint32_t own = slab.basin[static_cast<std::size_t>(i)];
                    if (own == kNobody)
                        continue;
                    m_peak[offset + own] = std::max(m_peak[offset + own], height[i]);
                    ++m_size[offset + own];
                    // The 13 neighbours that come before it.
                    for (int k = 0; k < 13; ++k) {
                        const std::int64_t dz = k < 9 ? -1 : 0;
                        const std::int64_t dy = k < 9 ? k / 3 - 1 : k < 12 ? -1 : 0;
                        const std::int64_t dx = k < 9 ? k % 3 - 1 : k < 12 ? k - 10 : -1;
                        if (z + dz < 0 || y + dy < 0 || y + dy >= m_shape.y || x + dx < 0 || x + dx >= m_shape.x)
                            continue;
                        const std::int64_t j = i + (dz * m_shape.y + dy) * m_shape.x + dx;
                        const std::uint32_t other = slab.basin[static_cast<std::size_t>(j)];
                        if (other != kNobody && other != own)
                            saddles.push_back({ std::min(height[i], height[j]), offset + std::min(own, other),
                                offset + std::max(own, other) });
                    }
                }
                if (saddles.size() > kMostSaddles)
                    keepHighest(saddles);
            }
        }
        keepHighest(saddles);
    }

    void joinAcross(const Slab& slab, std::uint32_t offset, const std::vector<std::uint32_t>& lastBasins,
        const std::vector<float>& lastHeights)
    {
        const std::int64_t plane = m_shape.sliceVoxels();
        std::vector<Saddle> saddles;
        const Slab border = bothSides(slab, lastHeights);
        for (std::int64_t y = 0; y < m_shape.y; ++y) {
            for (std::int64_t x = 0; x < m_shape.x; ++x) {
                const std::int64_t i = y * m_shape.x + x;
                const std::uint32_t here = slab.basin[static_cast<std::size_t>(i)];
                for (std::int64_t dy = -1; here != kNobody && dy <= 1; ++dy) {
                    for (std::int64_t dx = -1; dx <= 1; ++dx) {
                        if (y + dy < 0 || y + dy >= m_shape.y || x + dx < 0 || x + dx >= m_shape.x)
                            continue;
                        const std::int64_t j = i + dy * m_shape.x + dx;
                        const std::uint32_t there = lastBasins[static_cast<std::size_t>(j)];
                        if (there != kNobody)
                            saddles.push_back({ std::min(slab.height[static_cast<std::size_t>(plane + i)],
                                                    lastHeights[static_cast<std::size_t>(j)]),
                                there, offset + here });
                    }
                }
            }
        }
        keepHighest(saddles);
        // Ways up that cross the border: from here to the slice before …
        for (std::int64_t y = 0; y < m_shape.y; ++y) {
            for (std::int64_t x = 0; x < m_shape.x; ++x) {
                const std::int64_t i = y * m_shape.x + x;
                const std::uint32_t here = slab.basin[static_cast<std::size_t>(i)];
                if (here != kNobody) {
                    const std::int64_t to = upFrom(slab, 1, y, x);
                    if (to < plane)
                        m_basins.join(lastBasins[static_cast<std::size_t>(to)], offset + here);
                }
                // … and from the slice before to here.
                const std::uint32_t there = lastBasins[static_cast<std::size_t>(i)];
                if (there != kNobody) {
                    const std::int64_t to = upFrom(border, border.slices - 2, y, x) - (border.slices - 1) * plane;
                    if (to >= 0)
                        m_basins.join(there, offset + slab.basin[static_cast<std::size_t>(to)]);
                }
            }
        }
    }

    /// The last two slices before the slab and its first: all that a way up from the last one can see.
    Slab bothSides(const Slab& slab, const std::vector<float>& lastHeights)
    {
        const std::int64_t plane = m_shape.sliceVoxels();
        Slab border;
        const bool two = slab.z >= 2;
        border.slices = two ? 3 : 2;
        border.height.reserve(static_cast<std::size_t>(border.slices * plane));
        if (two) {
            const Box box = Box::slices(m_shape, slab.z - 2, 1);
            std::vector<float> before = readAs<float>(*m_map, box);
            for (float& h : before)
                h = h >= static_cast<float>(kNoDistance) ? std::numeric_limits<float>::max() : std::sqrt(h);
            border.height = std::move(before);
        }
        border.height.insert(border.height.end(), lastHeights.begin(), lastHeights.end());
        border.height.insert(border.height.end(), slab.height.begin() + plane, slab.height.begin() + 2 * plane);
        return border;
    }

    /// Of every pair of basins the highest saddle is enough. Takes what is in `saddles`.
    void keepHighest(std::vector<Saddle>& saddles)
    {
        std::sort(saddles.begin(), saddles.end(), [](const Saddle& p, const Saddle& q) {
            return p.a != q.a ? p.a < q.a : p.b != q.b ? p.b < q.b : p.height > q.height;
        });
        saddles.erase(std::unique(saddles.begin(), saddles.end(),
                          [](const Saddle& p, const Saddle& q) { return p.a == q.a && p.b == q.b; }),
            saddles.end());
        m_saddles.insert(m_saddles.end(), saddles.begin(), saddles.end());
        saddles.clear();
        if (m_saddles.size() > 2 * m_keptSaddles + kMostSaddles) {
            dropRoundabout();
            m_keptSaddles = m_saddles.size();
        }
    }

    /// Drops saddles between basins that a way over strictly higher ones joins already. Along it two bodies were found to
    /// stay apart, or the basins are one: peaks only grow and saddles come highest first, so a lower saddle never changes
    /// that. What is left grows with the number of basins, not with their borders.
    void dropRoundabout()
    {
        byHeight(m_saddles);
        UnionFind joined;
        joined.resize(m_basins.size());
        std::size_t kept = 0;
        for (std::size_t first = 0; first < m_saddles.size();) {
            std::size_t end = first;
            const std::size_t keptBefore = kept;
            for (; end < m_saddles.size() && m_saddles[end].height == m_saddles[first].height; ++end) {
                const Saddle& saddle = m_saddles[end];
                if (joined.root(m_basins.root(saddle.a)) != joined.root(m_basins.root(saddle.b)))
                    m_saddles[kept++] = saddle;
            }
            for (std::size_t i = keptBefore; i < kept; ++i)
                joined.join(m_basins.root(m_saddles[i].a), m_basins.root(m_saddles[i].b));
            first = end;
        }
        m_saddles.resize(kept);
    }

    static void byHeight(std::vector<Saddle>& saddles)
    {
        std::sort(saddles.begin(), saddles.end(), [](const Saddle& p, const Saddle& q) {
            return p.height != q.height ? p.height > q.height : p.a != q.a ? p.a < q.a : p.b < q.b;
        });
    }

    ComponentsResult merge()
    {
        m_basins.flatten();
        std::vector<std::uint32_t>& root = m_basins.parents();
        for (std::uint32_t i = 0; i < root.size(); ++i) {
            if (root[i] == i)
                continue;
            m_peak[root[i]] = std::max(m_peak[root[i]], m_peak[i]);
            m_size[root[i]] += m_size[i];
        }
        // Basins by their first voxels, so that equal saddles come in the same order whatever the slabs were.
        for (Saddle& saddle : m_saddles) {
            const auto [low, high] = std::minmax(root[saddle.a], root[saddle.b]);
            saddle = { saddle.height, low, high };
        }
        std::erase_if(m_saddles, [](const Saddle& saddle) { return saddle.a == saddle.b; });
        byHeight(m_saddles);
        for (const Saddle& saddle : m_saddles) {
            const std::uint32_t a = m_basins.root(saddle.a);
            const std::uint32_t b = m_basins.root(saddle.b);
            if (a == b)
                continue;
            const double depth = static_cast<double>(std::min(m_peak[a], m_peak[b])) - static_cast<double>(saddle.height);
            // Equal heights are no neck, whatever h.
            if (depth > 0 && depth >= m_options.h)
                continue;
            m_basins.join(a, b);
            const std::uint32_t one = m_basins.root(a);
            const std::uint32_t other = one == a ? b : a;
            m_peak[one] = std::max(m_peak[one], m_peak[other]);
            m_size[one] += m_size[other];
        }
        m_basins.flatten();
        ComponentsResult result;
        m_number.assign(root.size(), 0);
        std::uint32_t next = 0;
        for (std::uint32_t i = 0; i < root.size(); ++i) {
            if (root[i] != i) {
                m_number[i] = m_number[root[i]];
                continue;
            }
            if (m_size[i] < m_options.minimumVoxels) {
                ++result.droppedObjects;
                result.droppedVoxels += m_size[i];
                continue;
            }
            m_number[i] = ++next;
            result.voxels += m_size[i];
            result.largestVoxels = std::max(result.largestVoxels, m_size[i]);
        }
        result.objects = next;
        return result;
    }

    SplitTouchingOptions m_options;
    Shape m_shape;
    std::unique_ptr<ScratchVolume> m_map;
    std::int64_t m_slabSlices = 1;
    UnionFind m_basins;
    std::vector<float> m_peak;
    std::vector<std::uint64_t> m_size;
    std::vector<std::uint32_t> m_offsets;
    std::vector<Saddle> m_saddles;
    std::size_t m_keptSaddles = 0; ///< after the last dropRoundabout
    std::vector<std::uint32_t> m_number;
};

} // namespace

ComponentsResult splitTouching(
    const VolumeSource& mask, const LabelSinkMaker& sinkFor, const SplitTouchingOptions& options, Task& task)
{
    Task measuring = task.part(0, 0.4);
    Splitter splitter(mask, options, measuring);
    Task finding = task.part(0.4, 0.7);
    const ComponentsResult result = splitter.find(finding);
    const Scalar scalar = result.objects <= 255 ? Scalar::U8 : result.objects <= 65535 ? Scalar::U16 : Scalar::U32;
    const auto sink = sinkFor(scalar);
    Task writing = task.part(0.7, 1);
    if (scalar == Scalar::U8)
        splitter.write<std::uint8_t>(*sink, writing);
    else if (scalar == Scalar::U16)
        splitter.write<std::uint16_t>(*sink, writing);
    else
        splitter.write<std::uint32_t>(*sink, writing);
    return result;
}

Cost estimateSplit(const Shape& shape, const SplitTouchingOptions& options)
{
    DistanceMapOptions distance;
    distance.spacing = options.spacing;
    distance.memory = options.memory;
    Cost cost = estimateDistanceMap(shape, distance);
    const auto plane = static_cast<std::uint64_t>(std::max<std::int64_t>(1, shape.sliceVoxels()));
    // A slab's distances, squares, ways up, basins and labels, and tables over basins.
    cost.ramBytes += std::max<std::uint64_t>(std::uint64_t { 1 } << 23, plane) * 20
        + static_cast<std::uint64_t>(shape.voxels()) / 500 * 32;
    cost.operations += static_cast<double>(shape.voxels()) * 80;
    return cost;
}

} // namespace interstice
