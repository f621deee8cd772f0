// SPDX-License-Identifier: GPL-3.0-or-later
// Sums over all voxels and over clusters, and what follows from them.
#include "base/vectors.h"
#include "segment/kmeans_pass.h"
#include "segment/kmeans_rows.h"
#include "volume/slabs.h"

namespace interstice::detail {

ClusterSums& ClusterSums::operator+=(const ClusterSums& other)
{
    count += other.count;
    intensity += other.intensity;
    z += other.z;
    y += other.y;
    x += other.x;
    return *this;
}

ClusterSums& ClusterSums::operator-=(const ClusterSums& other)
{
    count -= other.count;
    intensity -= other.intensity;
    z -= other.z;
    y -= other.y;
    x -= other.x;
    return *this;
}

double intensityReference(const ClusterModel& model)
{
    return static_cast<double>(std::nearbyint(static_cast<float>(model.mean[0])));
}

namespace {

struct RowMoments {
    std::int64_t count = 0;
    std::int64_t x = 0;
    double squareX = 0;
    double value = 0; ///< relative to the reference
    double square = 0;
};

template <class T> struct RowMomentsKernel {
    static INTERSTICE_KERNEL void run(const T* values, std::int64_t n, float threshold, double reference, RowMoments* sums)
    {
        if constexpr (std::is_integral_v<T> && sizeof(T) <= 2) {
            // Whole numbers, which the compiler turns into vectors, exactly.
            const auto t = static_cast<std::int32_t>(std::clamp(threshold, -40000.0F, 70000.0F));
            const auto r = static_cast<std::int64_t>(reference);
            for (std::int64_t start = 0; start < n; start += kStretch) {
                const auto length = static_cast<std::int32_t>(std::min(kStretch, n - start));
                std::int32_t count = 0;
                std::int32_t x = 0;
                std::int64_t squareX = 0;
                std::int32_t value = 0;
                std::int64_t square = 0;
                for (std::int32_t i = 0; i < length; ++i) {
                    const std::int32_t v = values[start + i];
                    const std::int32_t use = v > t ? -1 : 0;
                    count -= use;
                    x += i & use;
                    squareX += (i * i) & use;
                    value += v & use;
                    const auto u = static_cast<std::uint32_t>(v);
                    square += static_cast<std::int64_t>((u * u) & static_cast<std::uint32_t>(use));
                }
                const std::int64_t c = count;
                sums->count += c;
                sums->x += x + c * start;
                sums->squareX += static_cast<double>(squareX + 2 * start * x + c * start * start);
                sums->value += static_cast<double>(value - c * r);
                sums->square += static_cast<double>(square - 2 * r * value + c * r * r);
            }
        } else {
            for (std::int64_t x = 0; x < n; ++x) {
                const auto v = static_cast<float>(values[x]);
                if (!(v > threshold && v <= std::numeric_limits<float>::max()))
                    continue;
                const double relative = static_cast<double>(v) - reference;
                ++sums->count;
                sums->x += x;
                sums->squareX += static_cast<double>(x) * static_cast<double>(x);
                sums->value += relative;
                sums->square += relative * relative;
            }
        }
    }
};

} // namespace

Moments momentsPass(const VolumeSource& raw, double threshold, double reference, Task& task)
{
    const Shape shape = raw.shape();
    Moments all;
    all.reference = reference;
    const std::int64_t rowsEach = rowsOfBlock(shape);
    forEachTypedSlab(raw, slabDepth(raw), task, "Measuring the spread", [&](const Box& box, auto voxels) {
        using T = typename decltype(voxels)::value_type;
        const float t = std::isinf(threshold) ? -std::numeric_limits<float>::infinity()
                                              : thresholdAsFloat(threshold, std::is_integral_v<T>);
        std::vector<Moments> parts(static_cast<std::size_t>((box.size.z * box.size.y + rowsEach - 1) / rowsEach));
        forEachBlockOfRows(box, rowsEach, [&](std::int64_t first, std::int64_t end, std::int64_t block) {
            task.throwIfStopped();
            Moments& part = parts[static_cast<std::size_t>(block)];
            for (std::int64_t row = first; row < end; ++row) {
                const T* values = voxels.data() + row * shape.x;
                RowMoments one;
                vectorised<RowMomentsKernel<T>>(values, shape.x, t, reference, &one);
                const auto [count, sumX, squareX, sum, square] = one;
                const auto z = static_cast<double>(box.start.z + row / shape.y);
                const auto y = static_cast<double>(row % shape.y);
                const auto n = static_cast<double>(count);
                part.count += count;
                const Features sums = { sum, n * z, n * y, static_cast<double>(sumX) };
                const Features squares = { square, n * z * z, n * y * y, squareX };
                for (std::size_t d = 0; d < 4; ++d) {
                    part.sum[d] += sums[d];
                    part.squares[d] += squares[d];
                }
            }
        });
        for (const Moments& part : parts) {
            all.count += part.count;
            for (std::size_t d = 0; d < 4; ++d) {
                all.sum[d] += part.sum[d];
                all.squares[d] += part.squares[d];
            }
        }
    });
    return all;
}

double inertiaOf(const ClusterModel& model, const std::vector<ClusterSums>& sums, const Moments& moments)
{
    // Σ |f|² − 2 Σ c·S + Σ n |c|², with the features' sums S of each cluster.
    double inertia = 0;
    const auto n = static_cast<double>(moments.count);
    for (std::size_t d = 0; d < 4; ++d) {
        const double mean = moments.sum[d] / n;
        inertia += (moments.squares[d] - n * mean * mean) * model.gain[d] * model.gain[d];
    }
    for (std::size_t c = 0; c < sums.size(); ++c) {
        const auto count = static_cast<double>(sums[c].count);
        if (sums[c].count == 0)
            continue;
        const Features mean = model.standardised(
            { intensityReference(model) + sums[c].intensity / count, static_cast<double>(sums[c].z) / count,
                static_cast<double>(sums[c].y) / count, static_cast<double>(sums[c].x) / count });
        for (std::size_t d = 0; d < 4; ++d)
            inertia += count * model.centres[c][d] * (model.centres[c][d] - 2 * mean[d]);
    }
    return std::max(0.0, inertia);
}

} // namespace interstice::detail
