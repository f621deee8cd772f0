// SPDX-License-Identifier: GPL-3.0-or-later
#include "morphology/split_touching.h"

#include "base/error.h"
#include "base/parallel.h"
#include "morphology/basin_graph.h"
#include "morphology/distance_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace interstice {

using detail::BasinGraph;
using detail::Saddle;

Json toJson(const SplitTouchingOptions& options)
{
    return { { "h", options.h }, { "minimum_voxels", options.minimumVoxels } };
}

namespace {

constexpr std::uint32_t kNobody = BasinGraph::kNobody;

/// Distances of some slices with one more on either side where there is one, and each voxel's basin.
struct Slab {
    std::int64_t z = 0; ///< first slice of its own
    std::int64_t slices = 0;
    std::int64_t before = 0; ///< 1 when the slice before z is held too
    std::vector<float> height; ///< 0 in the background
    std::vector<std::uint32_t> basin; ///< of its own slices: numbers of the slab's basins, kNobody in the background
    std::uint32_t basins = 0;
};

/// The slice before a slab, by the basins of its own slab and by those of the graph.
struct SliceBefore {
    std::vector<std::uint32_t> basin;
    std::vector<std::uint32_t> number; ///< may change when a slab ends
    std::vector<float> height;
    std::uint32_t basins = 0; ///< of its slab
    std::vector<std::uint32_t> numberOf; ///< of its slab's basins: of those in the slice
};

class Splitter {
public:
    Splitter(const VolumeSource& mask, const SplitTouchingOptions& options, Task& task)
        : m_shape(mask.shape())
        , m_graph(options.h, options.minimumVoxels, options.basinsAtOnce)
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
        SliceBefore before;
        forEachSlab(task, "Finding bodies", [&](Slab& slab) {
            const std::uint32_t first = addBasins(slab);
            m_graph.addSaddles(saddlesOf(slab, first, before, task));
            if (slab.before > 0)
                joinAcross(slab, first, before);
            before = lastSliceOf(slab, first);
            m_graph.endSlab(before.number);
            before.numberOf.assign(slab.basins, kNobody);
            for (std::size_t i = 0; i < before.number.size(); ++i)
                if (before.basin[i] != kNobody)
                    before.numberOf[before.basin[i]] = before.number[i];
        });
        return m_graph.finish();
    }

    template <class T> void write(VolumeSink& sink, Task& task)
    {
        std::size_t index = 0;
        std::vector<T> labels;
        forEachSlab(task, "Writing objects", [&](Slab& slab) {
            labels.resize(slab.basin.size());
            const auto numbers = m_graph.numbersOf(index++);
            for (std::size_t i = 0; i < labels.size(); ++i)
                labels[i] = slab.basin[i] == kNobody ? T { 0 } : static_cast<T>(numbers[slab.basin[i]]);
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

    std::uint32_t addBasins(const Slab& slab)
    {
        const float* height = slab.height.data() + slab.before * m_shape.sliceVoxels();
        std::vector<float> peak(slab.basins, 0);
        std::vector<std::uint64_t> voxels(slab.basins, 0);
        for (std::size_t i = 0; i < slab.basin.size(); ++i) {
            if (slab.basin[i] == kNobody)
                continue;
            peak[slab.basin[i]] = std::max(peak[slab.basin[i]], height[i]);
            ++voxels[slab.basin[i]];
        }
        return m_graph.add(peak, voxels);
    }

    /// Calls f(height, basin there, basin here) for neighbours in different basins: those in the slice before when
    /// `up`, otherwise those that come before in the same slice. Of a voxel's neighbours in one basin only the highest.
    template <bool Up, class F>
    void forEachSaddle(
        const float* here, const float* there, const std::uint32_t* hereIn, const std::uint32_t* thereIn, F&& f) const
    {
        constexpr int kNeighbours = Up ? 9 : 4;
        std::array<std::pair<std::uint32_t, float>, kNeighbours> found;
        for (std::int64_t y = 0; y < m_shape.y; ++y) {
            for (std::int64_t x = 0; x < m_shape.x; ++x) {
                const std::int64_t i = y * m_shape.x + x;
                if (hereIn[i] == kNobody)
                    continue;
                std::ptrdiff_t n = 0;
                for (int k = 0; k < kNeighbours; ++k) {
                    const std::int64_t dy = k / 3 - 1;
                    const std::int64_t dx = k % 3 - 1;
                    if (y + dy < 0 || y + dy >= m_shape.y || x + dx < 0 || x + dx >= m_shape.x)
                        continue;
                    const std::int64_t j = i + dy * m_shape.x + dx;
                    if (thereIn[j] == kNobody || (!Up && thereIn[j] == hereIn[i]))
                        continue;
                    const float height = std::min(here[i], there[j]);
                    std::ptrdiff_t same = 0;
                    while (same < n && found[static_cast<std::size_t>(same)].first != thereIn[j])
                        ++same;
                    if (same < n) {
                        if (height <= found[static_cast<std::size_t>(same)].second)
                            continue;
                        // Its place is that of its highest neighbour, however many pieces a slab border makes of it.
                        std::move(found.begin() + same + 1, found.begin() + n, found.begin() + same);
                        --n;
                    }
                    found[static_cast<std::size_t>(n++)] = { thereIn[j], height };
                }
                for (const auto& [basin, height] : std::span(found).first(static_cast<std::size_t>(n)))
                    f(height, basin, hereIn[i]);
            }
        }
    }

    /// The saddles of a slab that matter, by the numbers of the graph. Equal ones come slice by slice, whatever the slabs:
    /// first those to the slice before, then those within.
    std::vector<Saddle> saddlesOf(const Slab& slab, std::uint32_t first, const SliceBefore& before, Task& task) const
    {
        const std::int64_t plane = m_shape.sliceVoxels();
        const float* height = slab.height.data() + slab.before * plane;
        // Basins of the slab before are counted from 0, the slab's own follow them.
        const std::uint32_t own = slab.before > 0 ? before.basins : 0;
        std::vector<std::vector<Saddle>> bySlice(static_cast<std::size_t>(slab.slices));
        parallelFor(slab.slices, 0, [&](std::int64_t z) {
            task.throwIfStopped();
            auto& saddles = bySlice[static_cast<std::size_t>(z)];
            const float* here = height + z * plane;
            const std::uint32_t* basins = slab.basin.data() + z * plane;
            const bool fromBefore = z == 0 && slab.before > 0;
            if (fromBefore || z > 0) {
                const std::uint32_t* above = fromBefore ? before.basin.data() : basins - plane;
                const std::uint32_t shift = fromBefore ? 0 : own;
                forEachSaddle<true>(here, here - plane, basins, above, [&](float h, std::uint32_t a, std::uint32_t b) {
                    if (fromBefore || a != b)
                        saddles.push_back({ h, shift + a, own + b });
                });
            }
            forEachSaddle<false>(here, here, basins, basins,
                [&](float h, std::uint32_t a, std::uint32_t b) { saddles.push_back({ h, own + a, own + b }); });
            detail::sortByHeight(saddles);
            detail::keepForest(saddles, own + slab.basins);
            saddles.shrink_to_fit();
        });
        std::vector<Saddle> all;
        for (auto& saddles : bySlice) {
            all.insert(all.end(), saddles.begin(), saddles.end());
            saddles = {};
        }
        detail::sortByHeight(all);
        detail::keepForest(all, own + slab.basins);
        const auto number
            = [&](std::uint32_t basin) { return basin < own ? before.numberOf[basin] : first + (basin - own); };
        for (Saddle& s : all)
            s = { s.height, number(s.a), number(s.b) };
        return all;
    }

    SliceBefore lastSliceOf(const Slab& slab, std::uint32_t first) const
    {
        const std::int64_t plane = m_shape.sliceVoxels();
        SliceBefore last;
        last.basin.assign(slab.basin.end() - plane, slab.basin.end());
        last.number = last.basin;
        for (std::uint32_t& basin : last.number)
            basin = basin == kNobody ? kNobody : first + basin;
        const auto heights = slab.height.begin() + (slab.before + slab.slices - 1) * plane;
        last.height.assign(heights, heights + plane);
        last.basins = slab.basins;
        return last;
    }

    void joinAcross(const Slab& slab, std::uint32_t offset, const SliceBefore& before)
    {
        const std::int64_t plane = m_shape.sliceVoxels();
        const Slab border = bothSides(slab, before.height);
        // Ways up that cross the border: from here to the slice before …
        for (std::int64_t y = 0; y < m_shape.y; ++y) {
            for (std::int64_t x = 0; x < m_shape.x; ++x) {
                const std::int64_t i = y * m_shape.x + x;
                const std::uint32_t here = slab.basin[static_cast<std::size_t>(i)];
                if (here != kNobody) {
                    const std::int64_t to = upFrom(slab, 1, y, x);
                    if (to < plane)
                        m_graph.join(before.number[static_cast<std::size_t>(to)], offset + here);
                }
                // … and from the slice before to here.
                const std::uint32_t there = before.number[static_cast<std::size_t>(i)];
                if (there != kNobody) {
                    const std::int64_t to = upFrom(border, border.slices - 2, y, x) - (border.slices - 1) * plane;
                    if (to >= 0)
                        m_graph.join(there, offset + slab.basin[static_cast<std::size_t>(to)]);
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

    Shape m_shape;
    std::unique_ptr<ScratchVolume> m_map;
    std::int64_t m_slabSlices = 1;
    BasinGraph m_graph;
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
    // A slab's distances, squares, ways up, basins and labels; some slices of saddles; tables over basins and bodies.
    const auto voxels = static_cast<std::uint64_t>(shape.voxels());
    cost.ramBytes += std::min(voxels, std::max<std::uint64_t>(std::uint64_t { 1 } << 23, plane)) * 20 + plane * 40
        + std::min<std::uint64_t>(voxels / 10, std::uint64_t { 1 } << 22) * 40 + voxels / 2000 * 16;
    cost.operations += static_cast<double>(shape.voxels()) * 80;
    return cost;
}

} // namespace interstice
