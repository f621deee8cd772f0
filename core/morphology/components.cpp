// SPDX-License-Identifier: GPL-3.0-or-later
#include "morphology/components.h"

#include "base/error.h"
#include "base/parallel.h"
#include "morphology/run_block.h"
#include "volume/slabs.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

namespace interstice {

using detail::RunBlock;
using detail::UnionFind;

Connectivity parseConnectivity(int neighbours)
{
    if (neighbours != 6 && neighbours != 18 && neighbours != 26)
        throw Error("There is no connectivity of " + std::to_string(neighbours) + " neighbours",
            "Choose 6 (faces), 18 (also edges) or 26 (also corners).");
    return static_cast<Connectivity>(neighbours);
}

Json toJson(const ComponentsOptions& options)
{
    return { { "connectivity", static_cast<int>(options.connectivity) }, { "minimum_voxels", options.minimumVoxels } };
}

Json toJson(const ComponentsResult& result)
{
    return { { "objects", result.objects }, { "voxels", result.voxels }, { "largest_voxels", result.largestVoxels },
        { "dropped_objects", result.droppedObjects }, { "dropped_voxels", result.droppedVoxels } };
}

namespace {

/// A block is one thread's work; the borders between blocks are joined one after the other.
constexpr std::int64_t kBlockVoxels = std::int64_t { 1 } << 22;
constexpr std::int64_t kBlocksOfSlab = 8;
/// Runs kept from the first pass to the second; beyond that the mask is read and labelled again.
constexpr std::uint64_t kKeptBytes = std::uint64_t { 128 } << 20;

class Components {
public:
    Components(const VolumeSource& mask, const ComponentsOptions& options)
        : m_mask(mask)
        , m_options(options)
        , m_shape(mask.shape())
    {
        if (mask.scalar() != Scalar::U8)
            throw Error(mask.name() + " is " + scalarName(mask.scalar()) + " and not a mask", "Open it as a mask.");
        const std::int64_t plane = std::max<std::int64_t>(1, m_shape.sliceVoxels());
        const std::int64_t voxels = options.blockVoxels > 0 ? options.blockVoxels : kBlockVoxels;
        m_blockSlices = std::clamp<std::int64_t>(voxels / plane, 1, std::max<std::int64_t>(1, m_shape.z));
    }

    ComponentsResult find(Task& task)
    {
        std::optional<RunBlock> before;
        std::uint32_t beforeOffset = 0;
        m_kept.emplace();
        std::uint64_t kept = 0;
        forEachBlock(task, "Finding objects", [&](std::vector<RunBlock>& blocks) {
            for (RunBlock& block : blocks) {
                if (m_sets.size() + block.sizes.size() > std::numeric_limits<std::uint32_t>::max() - 1)
                    throw Error(
                        m_mask.name() + " has more objects than can be counted (4294967295)", "Smooth it, or crop it.");
                const auto offset = static_cast<std::uint32_t>(m_sets.size());
                m_offsets.push_back(offset);
                m_sets.resize(m_sets.size() + block.sizes.size());
                m_sizes.insert(m_sizes.end(), block.sizes.begin(), block.sizes.end());
                if (before)
                    forEachContact(*before, block, m_options.connectivity,
                        [&](std::uint32_t a, std::uint32_t b) { m_sets.join(beforeOffset + a, offset + b); });
                beforeOffset = offset;
                if (m_kept) {
                    kept += block.bytes();
                    if (kept > kKeptBytes)
                        m_kept.reset();
                    else
                        m_kept->push_back(block);
                }
                before = std::move(block);
            }
        });
        return number();
    }

    /// Labels or a mask, slab by slab; `valueOf` turns an object's number into a voxel.
    template <class T> void write(VolumeSink& sink, bool asMask, Task& task)
    {
        std::vector<T> slab;
        std::size_t done = 0;
        const std::vector<std::uint32_t>& numbers = m_sets.parents();
        const auto plane = static_cast<std::size_t>(m_shape.sliceVoxels());
        const auto put = [&](std::span<const RunBlock> blocks) {
            const std::int64_t first = blocks.front().z;
            const std::int64_t count = blocks.back().z + blocks.back().slices - first;
            slab.resize(static_cast<std::size_t>(count) * plane);
            parallelFor(std::ssize(blocks), 0, [&](std::int64_t b) {
                const RunBlock& block = blocks[static_cast<std::size_t>(b)];
                const std::uint32_t offset = m_offsets[done + static_cast<std::size_t>(b)];
                T* out = slab.data() + static_cast<std::size_t>(block.z - first) * plane;
                for (std::size_t row = 0; row + 1 < block.firstRun.size(); ++row, out += m_shape.x) {
                    std::fill_n(out, m_shape.x, T { 0 });
                    for (std::uint32_t run = block.firstRun[row]; run < block.firstRun[row + 1]; ++run) {
                        const std::uint32_t number = numbers[offset + block.component[run]];
                        std::fill(out + block.begin[run], out + block.end[run],
                            static_cast<T>(asMask ? (number > 0 ? 1 : 0) : number));
                    }
                }
            });
            done += blocks.size();
            sink.write(Box::slices(m_shape, first, count), std::as_bytes(std::span<const T>(slab)));
        };
        if (m_kept) {
            for (std::size_t i = 0; i < m_kept->size(); i += kBlocksOfSlab) {
                task.throwIfStopped();
                task.progress(static_cast<double>(i) / static_cast<double>(m_kept->size()), "Writing objects");
                put(std::span(*m_kept).subspan(i, std::min<std::size_t>(kBlocksOfSlab, m_kept->size() - i)));
            }
        } else {
            forEachBlock(task, "Writing objects", [&](const std::vector<RunBlock>& blocks) { put(blocks); });
        }
        sink.finish();
        task.progress(1, "Writing objects");
    }

private:
    void forEachBlock(Task& task, const std::string& text, const std::function<void(std::vector<RunBlock>&)>& visit)
    {
        const auto plane = static_cast<std::size_t>(m_shape.sliceVoxels());
        forEachTypedSlab(m_mask, m_blockSlices * kBlocksOfSlab, task, text, [&](const Box& box, auto voxels) {
            if constexpr (sizeof(voxels[0]) == 1) {
                const std::int64_t count = (box.size.z + m_blockSlices - 1) / m_blockSlices;
                std::vector<RunBlock> blocks(static_cast<std::size_t>(count));
                parallelFor(count, 0, [&](std::int64_t b) {
                    task.throwIfStopped();
                    const std::int64_t first = b * m_blockSlices;
                    const std::int64_t slices = std::min(m_blockSlices, box.size.z - first);
                    blocks[static_cast<std::size_t>(b)] = RunBlock::of(
                        voxels.subspan(static_cast<std::size_t>(first) * plane, static_cast<std::size_t>(slices) * plane),
                        box.start.z + first, m_shape, m_options.connectivity);
                });
                visit(blocks);
            }
        });
    }

    /// From components of blocks to numbers of objects, 0 for those that are dropped.
    ComponentsResult number()
    {
        m_sets.flatten();
        std::vector<std::uint32_t>& number = m_sets.parents();
        // 32 bits a component and the rare overflow apart: noise has hundreds of millions of components.
        std::unordered_map<std::uint32_t, std::uint64_t> carried;
        for (std::uint32_t i = 0; i < number.size(); ++i) {
            const std::uint32_t root = number[i];
            if (root == i)
                continue;
            const std::uint32_t sum = m_sizes[root] + m_sizes[i];
            if (sum < m_sizes[root])
                carried[root] += std::uint64_t { 1 } << 32;
            m_sizes[root] = sum;
        }
        ComponentsResult result;
        std::uint32_t next = 0;
        for (std::uint32_t i = 0; i < number.size(); ++i) {
            if (number[i] != i) {
                number[i] = number[number[i]]; // its root's number, which is known by now
                continue;
            }
            std::uint64_t size = m_sizes[i];
            if (const auto more = carried.find(i); more != carried.end())
                size += more->second;
            if (size < m_options.minimumVoxels) {
                number[i] = 0;
                ++result.droppedObjects;
                result.droppedVoxels += size;
                continue;
            }
            number[i] = ++next;
            result.voxels += size;
            result.largestVoxels = std::max(result.largestVoxels, size);
        }
        result.objects = next;
        return result;
    }

    const VolumeSource& m_mask;
    ComponentsOptions m_options;
    Shape m_shape;
    std::int64_t m_blockSlices = 1;
    UnionFind m_sets;
    std::vector<std::uint32_t> m_sizes;
    std::vector<std::uint32_t> m_offsets; ///< of each block's components
    std::optional<std::vector<RunBlock>> m_kept;
};

} // namespace

ComponentsResult countComponents(const VolumeSource& mask, const ComponentsOptions& options, Task& task)
{
    return Components(mask, options).find(task);
}

ComponentsResult labelComponents(
    const VolumeSource& mask, const LabelSinkMaker& sinkFor, const ComponentsOptions& options, Task& task)
{
    Components components(mask, options);
    Task finding = task.part(0, 0.5);
    const ComponentsResult result = components.find(finding);
    const Scalar scalar = result.objects <= 255 ? Scalar::U8 : result.objects <= 65535 ? Scalar::U16 : Scalar::U32;
    const auto sink = sinkFor(scalar);
    Task writing = task.part(0.5, 1);
    if (scalar == Scalar::U8)
        components.write<std::uint8_t>(*sink, false, writing);
    else if (scalar == Scalar::U16)
        components.write<std::uint16_t>(*sink, false, writing);
    else
        components.write<std::uint32_t>(*sink, false, writing);
    return result;
}

ComponentsResult keepLargeComponents(
    const VolumeSource& mask, VolumeSink& kept, const ComponentsOptions& options, Task& task)
{
    Components components(mask, options);
    Task finding = task.part(0, 0.5);
    const ComponentsResult result = components.find(finding);
    Task writing = task.part(0.5, 1);
    components.write<std::uint8_t>(kept, true, writing);
    return result;
}

Cost estimateComponents(const Shape& shape, const ComponentsOptions&)
{
    const auto plane = static_cast<std::uint64_t>(std::max<std::int64_t>(1, shape.sliceVoxels()));
    const std::uint64_t slab = std::max<std::uint64_t>(kBlockVoxels, plane) * kBlocksOfSlab;
    Cost cost;
    // Two slabs of mask, one of labels, runs that are kept, and tables for one object in a thousand voxels.
    cost.ramBytes = 2 * slab + 4 * slab + kKeptBytes + static_cast<std::uint64_t>(shape.voxels()) / 1000 * 8;
    cost.ramBytes = std::min(cost.ramBytes, static_cast<std::uint64_t>(shape.voxels()) * 8 + (std::uint64_t { 1 } << 20));
    return cost;
}

} // namespace interstice
