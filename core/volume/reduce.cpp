// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/reduce.h"

#include "base/parallel.h"
#include "volume/slabs.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

Shape reducedShape(const Shape& shape, const Reduction& reduction)
{
    return { (shape.z + reduction.z - 1) / reduction.z, (shape.y + reduction.y - 1) / reduction.y,
        (shape.x + reduction.x - 1) / reduction.x };
}

Reduction reductionFor(const Shape& shape, std::int64_t mostVoxels, std::int64_t mostEdge)
{
    Reduction reduction;
    for (const auto& [n, factor] :
        { std::pair(shape.z, &reduction.z), std::pair(shape.y, &reduction.y), std::pair(shape.x, &reduction.x) })
        while ((n + *factor - 1) / *factor > std::max<std::int64_t>(1, mostEdge))
            *factor *= 2;
    for (;;) {
        const Shape now = reducedShape(shape, reduction);
        if (now.voxels() <= std::max<std::int64_t>(1, mostVoxels))
            return reduction;
        // Voxels stay as near to cubes as they can: the mildest factors grow first, all axes of one factor together.
        const std::int64_t mildest = std::min({ now.z > 1 ? reduction.z : INT64_MAX, now.y > 1 ? reduction.y : INT64_MAX,
            now.x > 1 ? reduction.x : INT64_MAX });
        for (const auto& [n, factor] :
            { std::pair(now.z, &reduction.z), std::pair(now.y, &reduction.y), std::pair(now.x, &reduction.x) })
            if (n > 1 && *factor == mildest)
                *factor *= 2;
    }
}

std::string describe(const Reduction& reduction)
{
    const auto part = [](std::int64_t factor) { return "1/" + std::to_string(factor); };
    if (reduction.z == reduction.y && reduction.y == reduction.x)
        return part(reduction.x);
    std::string text;
    for (const auto& [factor, axis] :
        { std::pair(reduction.x, "x"), std::pair(reduction.y, "y"), std::pair(reduction.z, "z") }) {
        if (factor == 1)
            continue;
        text += (text.empty() ? "" : ", ") + part(factor) + " along " + axis;
    }
    return text;
}

namespace {

/// One row of means from the rows of a slab that go into it.
template <class T>
void meanRow(std::span<const T> slab, const Shape& shape, std::int64_t z0, std::int64_t z1, std::int64_t y0, std::int64_t y1,
    std::int64_t factor, std::span<T> to)
{
    std::vector<double> sums(to.size());
    std::vector<std::int64_t> counts(to.size());
    for (std::int64_t z = z0; z < z1; ++z) {
        for (std::int64_t y = y0; y < y1; ++y) {
            const T* row = slab.data() + (z * shape.y + y) * shape.x;
            for (std::size_t i = 0; i < to.size(); ++i) {
                const std::int64_t end = std::min(shape.x, (static_cast<std::int64_t>(i) + 1) * factor);
                for (std::int64_t x = static_cast<std::int64_t>(i) * factor; x < end; ++x) {
                    if constexpr (std::is_floating_point_v<T>)
                        if (!std::isfinite(row[x]))
                            continue;
                    sums[i] += static_cast<double>(row[x]);
                    ++counts[i];
                }
            }
        }
    }
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (counts[i] == 0)
            to[i] = std::numeric_limits<T>::quiet_NaN();
        else
            to[i] = saturate<T>(sums[i] / static_cast<double>(counts[i]));
    }
}

/// Reduces the slices z0…z1 of a slab to one.
template <class T>
void reduceSlices(std::span<const T> slab, const Shape& shape, std::int64_t z0, std::int64_t z1, const Reduction& reduction,
    ReduceMode mode, std::span<T> to)
{
    const Shape small = reducedShape(shape, reduction);
    for (std::int64_t y = 0; y < small.y; ++y) {
        const std::int64_t y0 = y * reduction.y;
        const std::int64_t y1 = std::min(shape.y, y0 + reduction.y);
        const std::span<T> row = to.subspan(static_cast<std::size_t>(y * small.x), static_cast<std::size_t>(small.x));
        if (mode == ReduceMode::Mean && !reduction.none()) {
            meanRow<T>(slab, shape, z0, z1, y0, y1, reduction.x, row);
            continue;
        }
        const T* from = slab.data() + ((z0 + z1 - 1) / 2 * shape.y + (y0 + y1 - 1) / 2) * shape.x;
        for (std::int64_t x = 0; x < small.x; ++x)
            row[static_cast<std::size_t>(x)] = from[(x * reduction.x + std::min(shape.x, (x + 1) * reduction.x) - 1) / 2];
    }
}

/// Calls take(first reduced slice, how many, their voxels) for every slab.
template <class F>
void forEachReducedSlab(const VolumeSource& source, const Reduction& reduction, ReduceMode mode, Task& task, F&& take)
{
    const auto plane = static_cast<std::size_t>(reducedShape(source.shape(), reduction).sliceVoxels());
    const std::int64_t depth = std::max<std::int64_t>(1, slabDepth(source) / reduction.z) * reduction.z;
    std::vector<std::byte> bytes;
    forEachTypedSlab(source, depth, task, "Reducing", [&](const Box& box, auto voxels) {
        using T = std::remove_const_t<typename decltype(voxels)::value_type>;
        const std::span<const T> slab = voxels;
        const std::int64_t slices = (box.size.z + reduction.z - 1) / reduction.z;
        bytes.resize(static_cast<std::size_t>(slices) * plane * sizeof(T));
        const std::span<T> to(reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T));
        parallelFor(slices, 0, [&](std::int64_t i) {
            task.throwIfStopped();
            const std::int64_t z0 = i * reduction.z;
            reduceSlices<T>(slab, box.size, z0, std::min(box.size.z, z0 + reduction.z), reduction, mode,
                to.subspan(static_cast<std::size_t>(i) * plane, plane));
        });
        take(box.start.z / reduction.z, slices, std::span<const std::byte>(bytes));
    });
}

} // namespace

VoxelSize reducedVoxelSize(const VoxelSize& of, const Reduction& reduction)
{
    VoxelSize size = of;
    size.z *= static_cast<double>(reduction.z);
    size.y *= static_cast<double>(reduction.y);
    size.x *= static_cast<double>(reduction.x);
    return size;
}

std::shared_ptr<Volume> reduced(const VolumeSource& source, const Reduction& reduction, ReduceMode mode, Task& task)
{
    const Shape small = reducedShape(source.shape(), reduction);
    auto result
        = std::make_shared<Volume>(small, source.scalar(), reducedVoxelSize(source.voxelSize(), reduction), source.name());
    const auto plane = static_cast<std::size_t>(small.sliceVoxels()) * bytesOf(source.scalar());
    forEachReducedSlab(source, reduction, mode, task, [&](std::int64_t z, std::int64_t, std::span<const std::byte> bytes) {
        std::ranges::copy(bytes, result->bytes().begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(z) * plane));
    });
    return result;
}

std::shared_ptr<Volume> sampled(const VolumeSource& source, const Reduction& reduction, ReduceMode mode, Task& task)
{
    const Shape shape = source.shape();
    const Shape small = reducedShape(shape, reduction);
    auto result
        = std::make_shared<Volume>(small, source.scalar(), reducedVoxelSize(source.voxelSize(), reduction), source.name());
    dispatch(source.scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        const auto plane = static_cast<std::size_t>(small.sliceVoxels());
        parallelFor(small.z, 0, [&](std::int64_t i) {
            task.throwIfStopped();
            const std::int64_t z0 = i * reduction.z;
            const std::int64_t middle = (z0 + std::min(shape.z, z0 + reduction.z) - 1) / 2;
            const auto slice = readAs<T>(source, Box::slices(shape, middle, 1));
            reduceSlices<T>(slice, { 1, shape.y, shape.x }, 0, 1, { 1, reduction.y, reduction.x }, mode,
                result->template as<T>().subspan(static_cast<std::size_t>(i) * plane, plane));
        });
    });
    task.progress(1, "Reduced");
    return result;
}

void reduceInto(VolumeSink& sink, const VolumeSource& source, const Reduction& reduction, ReduceMode mode, Task& task)
{
    forEachReducedSlab(
        source, reduction, mode, task, [&](std::int64_t z, std::int64_t slices, std::span<const std::byte> bytes) {
            sink.write(Box::slices(sink.shape(), z, slices), bytes);
        });
    sink.finish();
}

} // namespace interstice
