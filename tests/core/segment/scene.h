// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/volume/known_numbers.h"
#include "volume/volume.h"

#include <cmath>
#include <cstdlib>
#include <vector>

namespace interstice::test {

inline constexpr Shape kSceneShape { 14, 40, 37 };

/// Bright balls and a dark hole in grey, noisy, as reference_classical.py makes it.
inline std::vector<std::uint16_t> sceneVoxels(std::uint32_t seed)
{
    KnownNumbers numbers(seed);
    std::vector<std::uint16_t> voxels;
    for (int z = 0; z < kSceneShape.z; ++z) {
        for (int y = 0; y < kSceneShape.y; ++y) {
            for (int x = 0; x < kSceneShape.x; ++x) {
                int v = 20000 + static_cast<int>(numbers.below(3000));
                const auto inside = [&](int cz, int cy, int cx, int squared) {
                    return (z - cz) * (z - cz) + (y - cy) * (y - cy) + (x - cx) * (x - cx) < squared;
                };
                v += inside(5, 12, 11, 36) ? 9000 : 0;
                v += inside(9, 27, 25, 49) ? 9000 : 0;
                v -= inside(4, 30, 9, 25) ? 8000 : 0;
                voxels.push_back(static_cast<std::uint16_t>(v));
            }
        }
    }
    return voxels;
}

inline std::shared_ptr<Volume> scene(std::uint32_t seed, VoxelSize size = {})
{
    return Volume::from<std::uint16_t>(kSceneShape, sceneVoxels(seed), size);
}

/// Voxels of a volume at every step-th place, from the first on.
template <class T> std::vector<T> every(const std::vector<T>& voxels, const Shape& shape, Index step)
{
    std::vector<T> some;
    for (std::int64_t z = 0; z < shape.z; z += step.z) {
        for (std::int64_t y = 0; y < shape.y; y += step.y) {
            for (std::int64_t x = 0; x < shape.x; x += step.x)
                some.push_back(voxels[static_cast<std::size_t>((z * shape.y + y) * shape.x + x)]);
        }
    }
    return some;
}

/// Largest difference between two lists of equal length; infinite where the lengths differ.
template <class A, class B> double largestDifference(const std::vector<A>& a, const std::vector<B>& b)
{
    if (a.size() != b.size() || a.empty())
        return std::numeric_limits<double>::infinity();
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        if (!(difference <= worst))
            worst = difference;
    }
    return worst;
}

} // namespace interstice::test
