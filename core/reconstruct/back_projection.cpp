// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/back_projection.h"

#include "base/parallel.h"
#include "base/vectors.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <numeric>

namespace interstice {

namespace {

/// Voxels of a tile's side: its sums (32 kB) stay in the nearest cache while all angles pass over them.
constexpr std::int64_t kTile = 32;

struct Tile {
    const LanedProjections* projections;
    std::span<const double> angles;
    std::span<const float> weights;
    const SliceGrid* grid;
    std::int64_t y = 0;
    std::int64_t x = 0;
    /// kTile × kTile × kLanes
    float* sums;
};

struct AddTile {
    static INTERSTICE_KERNEL void run(const Tile* tile)
    {
        const float last = static_cast<float>(tile->projections->columns()) + 1;
        for (std::size_t a = 0; a < tile->angles.size(); ++a) {
            const double cosine = std::cos(tile->angles[a]);
            const double sine = std::sin(tile->angles[a]);
            const float* row = tile->projections->row(static_cast<std::int64_t>(a));
            const float weight = tile->weights[a];
            const auto step = static_cast<float>(cosine);
            for (std::int64_t y = 0; y < kTile; ++y) {
                // One more for the column −1 with which rows begin.
                const auto start = static_cast<float>(tile->grid->axisColumn + 1
                    + (static_cast<double>(tile->x) - tile->grid->axisX) * cosine
                    + (static_cast<double>(tile->y + y) - tile->grid->axisY) * sine);
                std::array<int, kTile> at;
                std::array<float, kTile> part;
                for (int x = 0; x < kTile; ++x) {
                    const float u = std::min(std::max(start + static_cast<float>(x) * step, 0.0F), last);
                    const int left = static_cast<int>(u);
                    at[static_cast<std::size_t>(x)] = left * static_cast<int>(kLanes);
                    part[static_cast<std::size_t>(x)] = u - static_cast<float>(left);
                }
                float* sums = tile->sums + y * kTile * kLanes;
                for (std::size_t x = 0; x < kTile; ++x) {
                    const float* value = row + at[x];
                    const float right = part[x] * weight;
                    const float left = weight - right;
                    for (std::int64_t lane = 0; lane < kLanes; ++lane)
                        sums[lane] += left * value[lane] + right * value[lane + kLanes];
                    sums += kLanes;
                }
            }
        }
    }
};

} // namespace

LanedProjections::LanedProjections(std::int64_t angles, std::int64_t columns)
    : m_angles(angles)
    , m_columns(columns)
    , m_values(static_cast<std::size_t>(angles * (columns + 3) * kLanes))
{
}

void LanedProjections::set(std::int64_t first, std::int64_t second, std::int64_t lane, const std::complex<float>* rows)
{
    const auto start = [&](std::int64_t angle) { return m_values.data() + (angle * (m_columns + 3) + 1) * kLanes + lane; };
    float* to = start(first);
    for (std::int64_t i = 0; i < m_columns; ++i)
        to[i * kLanes] = rows[i].real();
    if (second < 0)
        return;
    to = start(second);
    for (std::int64_t i = 0; i < m_columns; ++i)
        to[i * kLanes] = rows[i].imag();
}

void backProject(const LanedProjections& projections, std::span<const double> angles, std::span<const float> weights,
    const SliceGrid& grid, std::int64_t slices, std::span<float> out, int threads)
{
    const std::int64_t across = (grid.width + kTile - 1) / kTile;
    const std::int64_t down = (grid.height + kTile - 1) / kTile;
    parallelFor(across * down, threads, [&](std::int64_t i) {
        AlignedVector<float> sums(static_cast<std::size_t>(kTile * kTile * kLanes));
        const Tile tile { &projections, angles, weights, &grid, i / across * kTile, i % across * kTile, sums.data() };
        vectorised<AddTile>(&tile);
        const std::int64_t height = std::min(kTile, grid.height - tile.y);
        const std::int64_t width = std::min(kTile, grid.width - tile.x);
        for (std::int64_t lane = 0; lane < slices; ++lane) {
            for (std::int64_t y = 0; y < height; ++y) {
                float* to = out.data() + (lane * grid.height + tile.y + y) * grid.width + tile.x;
                const float* from = sums.data() + y * kTile * kLanes + lane;
                for (std::int64_t x = 0; x < width; ++x)
                    to[x] = from[x * kLanes];
            }
        }
    });
}

double backProjectionRate()
{
    constexpr std::int64_t angles = 64;
    constexpr std::int64_t side = 2 * kTile;
    const LanedProjections projections(angles, 2 * side);
    std::vector<double> radians(angles);
    for (std::size_t i = 0; i < radians.size(); ++i)
        radians[i] = std::numbers::pi * static_cast<double>(i) / angles;
    const std::vector<float> weights(angles, 1.0F);
    std::vector<float> out(static_cast<std::size_t>(kLanes * side * side));
    const SliceGrid grid { side, side, 0.5 * side, 0.5 * side, static_cast<double>(side) };
    const auto started = std::chrono::steady_clock::now();
    backProject(projections, radians, weights, grid, kLanes, out, 1);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    return static_cast<double>(angles * side * side * kLanes) / seconds.count();
}

std::vector<float> angleWeights(std::span<const double> degrees, double& largestGap)
{
    const std::size_t n = degrees.size();
    std::vector<double> folded(n);
    for (std::size_t i = 0; i < n; ++i) {
        folded[i] = std::fmod(degrees[i], 180);
        if (folded[i] < 0)
            folded[i] += 180;
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t { 0 });
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return folded[a] < folded[b]; });
    std::vector<float> weights(n);
    largestGap = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double here = folded[order[i]];
        const double before = i > 0 ? folded[order[i - 1]] : folded[order[n - 1]] - 180;
        const double after = i + 1 < n ? folded[order[i + 1]] : folded[order[0]] + 180;
        largestGap = std::max(largestGap, after - here);
        weights[order[i]] = static_cast<float>(0.5 * (after - before) * std::numbers::pi / 180);
    }
    return weights;
}

} // namespace interstice
