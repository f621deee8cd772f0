// SPDX-License-Identifier: GPL-3.0-or-later
#include "morphology/distance_map.h"

#include "base/error.h"
#include "base/parallel.h"
#include "base/vectors.h"
#include "volume/slabs.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

namespace interstice {

namespace {

constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kLongestExact = 18000; // 3 × 18000² is below kFar
constexpr std::int32_t kFar = 0x3fffffff;

template <class T> constexpr T farOf()
{
    if constexpr (std::is_floating_point_v<T>)
        return std::numeric_limits<T>::infinity();
    else
        return kFar;
}

/// Squared distance along a row to the nearest site.
template <class T> void alongRow(const std::uint8_t* row, std::int64_t n, bool toForeground, T spacing, T* out)
{
    std::int64_t last = -1;
    const auto isSite = [&](std::int64_t x) { return (row[x] == 1) == toForeground; };
    const auto square = [&](std::int64_t d) {
        const T length = static_cast<T>(d) * spacing;
        return length * length;
    };
    for (std::int64_t x = 0; x < n; ++x) {
        last = isSite(x) ? x : last;
        out[x] = last < 0 ? farOf<T>() : square(x - last);
    }
    last = -1;
    for (std::int64_t x = n - 1; x >= 0; --x) {
        last = isSite(x) ? x : last;
        if (last >= 0)
            out[x] = std::min(out[x], square(last - x));
    }
}

/// out[r] = min over q of in[q] + weight (r − q)², for kLanes columns at once that lie beside each other; false when the
/// search takes more than `allowed` steps.
template <class T> struct DirectSearch {
    static INTERSTICE_KERNEL void run(const T* in, std::int64_t rows, T weight, std::int64_t allowed, T* out, bool* done)
    {
        for (std::int64_t r = 0; r < rows; ++r) {
            T best[kLanes];
            for (std::int64_t l = 0; l < kLanes; ++l)
                best[l] = in[r * kLanes + l];
            const std::int64_t most = r > rows - 1 - r ? r : rows - 1 - r;
            for (std::int64_t k = 1; k <= most; ++k) {
                const T away = weight * static_cast<T>(k * k);
                int any = 0;
                for (std::int64_t l = 0; l < kLanes; ++l)
                    any |= best[l] > away ? 1 : 0;
                if (any == 0)
                    break;
                if (--allowed < 0) {
                    *done = false;
                    return;
                }
                if (k <= r) {
                    const T* near = in + (r - k) * kLanes;
                    for (std::int64_t l = 0; l < kLanes; ++l) {
                        const T other = near[l] + away;
                        best[l] = other < best[l] ? other : best[l];
                    }
                }
                if (r + k < rows) {
                    const T* near = in + (r + k) * kLanes;
                    for (std::int64_t l = 0; l < kLanes; ++l) {
                        const T other = near[l] + away;
                        best[l] = other < best[l] ? other : best[l];
                    }
                }
            }
            for (std::int64_t l = 0; l < kLanes; ++l)
                out[r * kLanes + l] = best[l];
        }
        *done = true;
    }
};

/// The same for one column by the lower envelope of its parabolas.
template <class T>
void byEnvelope(const T* in, std::int64_t rows, T weight, T* out, std::vector<std::int64_t>& at, std::vector<double>& from)
{
    at.clear();
    from.clear();
    const auto w = static_cast<double>(weight);
    for (std::int64_t q = 0; q < rows; ++q) {
        const T height = in[q * kLanes];
        if (height >= farOf<T>())
            continue;
        const auto h = static_cast<double>(height);
        double begins = -std::numeric_limits<double>::infinity();
        while (!at.empty()) {
            // Where the new parabola passes below the last one.
            const std::int64_t p = at.back();
            const auto dp = static_cast<double>(p);
            const auto dq = static_cast<double>(q);
            begins = ((h - static_cast<double>(in[p * kLanes])) / w + dq * dq - dp * dp) / (2 * (dq - dp));
            if (begins > from.back())
                break;
            at.pop_back();
            from.pop_back();
            begins = -std::numeric_limits<double>::infinity();
        }
        at.push_back(q);
        from.push_back(begins);
    }
    std::size_t piece = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
        if (at.empty()) {
            out[r * kLanes] = farOf<T>();
            continue;
        }
        while (piece + 1 < at.size() && from[piece + 1] < static_cast<double>(r))
            ++piece;
        const std::int64_t d = r - at[piece];
        out[r * kLanes] = in[at[piece] * kLanes] + weight * static_cast<T>(d * d);
    }
}

/// Columns of a field of rows × width, `stride` values from row to row, in place.
template <class T> class ColumnPass {
public:
    ColumnPass(std::int64_t rows, T weight, int directSteps)
        : m_rows(rows)
        , m_weight(weight)
        , m_allowed(rows * directSteps)
        , m_in(static_cast<std::size_t>(rows * kLanes), farOf<T>())
        , m_out(m_in.size())
    {
    }

    void run(T* field, std::int64_t stride, std::int64_t width)
    {
        for (std::int64_t x = 0; x < width; x += kLanes) {
            const std::int64_t lanes = std::min(kLanes, width - x);
            for (std::int64_t r = 0; r < m_rows; ++r)
                std::memcpy(m_in.data() + r * kLanes, field + r * stride + x, static_cast<std::size_t>(lanes) * sizeof(T));
            for (std::int64_t r = 0; lanes < kLanes && r < m_rows; ++r)
                std::fill_n(m_in.data() + r * kLanes + lanes, kLanes - lanes, T { 0 });
            bool done = false;
            vectorised<DirectSearch<T>>(
                static_cast<const T*>(m_in.data()), m_rows, m_weight, m_allowed, m_out.data(), &done);
            for (std::int64_t l = 0; !done && l < lanes; ++l)
                byEnvelope(m_in.data() + l, m_rows, m_weight, m_out.data() + l, m_at, m_from);
            for (std::int64_t r = 0; r < m_rows; ++r) {
                T* to = field + r * stride + x;
                const T* from = m_out.data() + r * kLanes;
                for (std::int64_t l = 0; l < lanes; ++l)
                    to[l] = std::min(from[l], farOf<T>()); // a far voxel plus a way is still just far
            }
        }
    }

private:
    std::int64_t m_rows;
    T m_weight;
    std::int64_t m_allowed;
    std::vector<T> m_in;
    std::vector<T> m_out;
    std::vector<std::int64_t> m_at;
    std::vector<double> m_from;
};

template <class T>
void alongSlices(const VolumeSource& mask, const DistanceMapOptions& options, const std::array<T, 3>& spacing,
    ScratchVolume& map, Task& task)
{
    const Shape shape = mask.shape();
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    std::vector<T> slab;
    forEachSlab(mask, slabDepth(mask, std::uint64_t { 16 } << 20), task, "Measuring distances in slices",
        [&](const Box& box, std::span<const std::byte> bytes) {
            const auto* voxels = reinterpret_cast<const std::uint8_t*>(bytes.data());
            auto kept = map.bytes();
            const bool direct = !kept.empty();
            if (!direct)
                slab.resize(static_cast<std::size_t>(box.size.voxels()));
            T* to = direct ? reinterpret_cast<T*>(kept.data()) + static_cast<std::size_t>(box.start.z) * plane : slab.data();
            parallelFor(box.size.z, 0, [&](std::int64_t z) {
                task.throwIfStopped();
                T* slice = to + static_cast<std::size_t>(z) * plane;
                for (std::int64_t y = 0; y < shape.y; ++y)
                    alongRow<T>(voxels + static_cast<std::size_t>(z) * plane + static_cast<std::size_t>(y * shape.x),
                        shape.x, options.toForeground, spacing[2], slice + y * shape.x);
                ColumnPass<T>(shape.y, spacing[1] * spacing[1], options.directSteps).run(slice, shape.x, shape.x);
            });
            if (!direct)
                map.write(box, std::as_bytes(std::span<const T>(slab)));
        });
}

/// kFar becomes kNoDistance, and the numbers unsigned.
void finishExact(std::int32_t* values, std::size_t n)
{
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t v = values[i] >= kFar ? kNoDistance : static_cast<std::uint32_t>(values[i]);
        std::memcpy(values + i, &v, sizeof v);
    }
}

template <class T>
void alongDepth(const DistanceMapOptions& options, const std::array<T, 3>& spacing, ScratchVolume& map, Task& task)
{
    const Shape shape = map.shape();
    const auto column = static_cast<std::uint64_t>(shape.z * shape.x) * sizeof(T);
    // On disk, rows enough for long reads; in memory one is as good.
    const std::int64_t rowsEach = map.onDisk()
        ? std::clamp<std::int64_t>(
              static_cast<std::int64_t>((std::uint64_t { 192 } << 20) / std::max<std::uint64_t>(1, column)), 1, shape.y)
        : 1;
    const std::int64_t blocks = (shape.y + rowsEach - 1) / rowsEach;
    std::atomic<std::int64_t> finished { 0 };
    parallelFor(blocks, map.onDisk() ? 1 : 0, [&](std::int64_t b) {
        task.throwIfStopped();
        const std::int64_t y0 = b * rowsEach;
        const std::int64_t rows = std::min(rowsEach, shape.y - y0);
        const Box box { { 0, y0, 0 }, { shape.z, rows, shape.x } };
        auto kept = map.bytes();
        std::vector<T> block;
        T* field = nullptr;
        std::int64_t stride = 0;
        if (kept.empty()) {
            block.resize(static_cast<std::size_t>(box.size.voxels()));
            map.read(box, std::as_writable_bytes(std::span(block)));
            field = block.data();
            stride = rows * shape.x;
        } else {
            field = reinterpret_cast<T*>(kept.data()) + y0 * shape.x;
            stride = shape.sliceVoxels();
        }
        parallelFor(rows, map.onDisk() ? 0 : 1, [&](std::int64_t y) {
            T* first = field + y * shape.x;
            ColumnPass<T>(shape.z, spacing[0] * spacing[0], options.directSteps).run(first, stride, shape.x);
            if constexpr (std::is_integral_v<T>) {
                for (std::int64_t z = 0; z < shape.z; ++z)
                    finishExact(first + z * stride, static_cast<std::size_t>(shape.x));
            }
        });
        if (kept.empty())
            map.write(box, std::as_bytes(std::span<const T>(block)));
        task.progress(static_cast<double>(++finished) / static_cast<double>(blocks), "Measuring distances along z");
    });
}

} // namespace

std::unique_ptr<ScratchVolume> squaredDistanceMap(const VolumeSource& mask, const DistanceMapOptions& options, Task& task)
{
    if (mask.scalar() != Scalar::U8)
        throw Error(mask.name() + " is " + scalarName(mask.scalar()) + " and not a mask", "Open it as a mask.");
    for (const double s : options.spacing) {
        if (!(s > 0 && std::isfinite(s)))
            throw Error("A voxel's edge length is not above zero", "Give the voxel size, or measure in voxels.");
    }
    const Shape shape = mask.shape();
    const auto& s = options.spacing;
    const bool exact = s[0] == s[1] && s[1] == s[2] && std::max({ shape.z, shape.y, shape.x }) <= kLongestExact;
    const std::uint64_t memory = options.memory > 0 ? options.memory : usualScratchMemory();
    auto map = std::make_unique<ScratchVolume>(
        shape, exact ? Scalar::U32 : Scalar::F32, memory, mask.voxelSize(), "distance map of " + mask.name());
    if (shape.empty())
        return map;
    Task first = task.part(0, 0.5);
    Task second = task.part(0.5, 1);
    if (exact) {
        alongSlices<std::int32_t>(mask, options, { 1, 1, 1 }, *map, first);
        alongDepth<std::int32_t>(options, { 1, 1, 1 }, *map, second);
    } else {
        const std::array<float, 3> spacing
            = { static_cast<float>(s[0]), static_cast<float>(s[1]), static_cast<float>(s[2]) };
        alongSlices<float>(mask, options, spacing, *map, first);
        alongDepth<float>(options, spacing, *map, second);
    }
    return map;
}

Cost estimateDistanceMap(const Shape& shape, const DistanceMapOptions& options)
{
    const auto all = static_cast<std::uint64_t>(shape.voxels()) * 4;
    const std::uint64_t memory = options.memory > 0 ? options.memory : usualScratchMemory();
    const auto plane = static_cast<std::uint64_t>(std::max<std::int64_t>(1, shape.sliceVoxels()));
    const std::uint64_t slab = std::max(std::uint64_t { 16 } << 20, plane);
    Cost cost;
    cost.ramBytes = 2 * slab + (all <= memory ? all : 4 * slab + std::min(all, (std::uint64_t { 192 } << 20) + plane));
    cost.operations = static_cast<double>(shape.voxels()) * 60;
    return cost;
}

} // namespace interstice
