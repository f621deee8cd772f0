// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/oblique.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace interstice {

namespace {

using Place = ObliqueGrid::Place;

constexpr double kTouch = 1e-6; ///< of a voxel: pixels on the very edge are inside

/// How the volume is divided: a plane goes through few bricks, and through a narrow part of each.
struct Bricks {
    std::int64_t depth; ///< slices
    std::int64_t rows;
    std::int64_t bands; ///< of rows in a slice
};

Bricks bricksOf(const VolumeSource& source)
{
    constexpr std::int64_t kVoxels = std::int64_t { 16 } << 20;
    const Shape shape = source.shape();
    Bricks bricks { 16, 64, 1 };
    if (!source.readsRowsAlone()) { // whole slices are decoded in any case: once, if memory allows
        bricks.depth = std::clamp<std::int64_t>(kVoxels / shape.sliceVoxels(), 1, 16);
        bricks.rows = std::clamp<std::int64_t>(2 * kVoxels / shape.x, 64, std::max<std::int64_t>(64, shape.y));
    }
    bricks.bands = (shape.y + bricks.rows - 1) / bricks.rows;
    return bricks;
}

/// Neighbouring pixels of a row whose voxels lie in one brick.
struct Run {
    int row;
    int first;
    int last;
};

/// The voxel with the next smaller centre (linear) or the nearest one, within the volume.
std::int64_t voxelOf(double place, std::int64_t n, bool nearest)
{
    return std::clamp(static_cast<std::int64_t>(std::floor(nearest ? place + 0.5 : place)), std::int64_t { 0 }, n - 1);
}

/// By brick, in ascending z.
std::vector<std::vector<Run>> runsOf(const ObliqueGrid& grid, const Shape& shape, const Bricks& bricks, bool nearest)
{
    std::vector<std::vector<Run>> all(static_cast<std::size_t>((shape.z + bricks.depth - 1) / bricks.depth * bricks.bands));
    for (int row = 0; row < grid.height; ++row) {
        std::int64_t before = -1;
        for (int column = 0; column < grid.width; ++column) {
            const Place place = grid.at(column, row);
            std::int64_t brick = -1;
            if (inVolume(place, shape))
                brick = voxelOf(place[2], shape.z, nearest) / bricks.depth * bricks.bands
                    + voxelOf(place[1], shape.y, nearest) / bricks.rows;
            if (brick >= 0) {
                auto& runs = all[static_cast<std::size_t>(brick)];
                if (brick == before)
                    runs.back().last = column;
                else
                    runs.push_back({ row, column, column });
            }
            before = brick;
        }
    }
    return all;
}

/// What has to be read for some runs: places along a run are between those of its ends.
Box boxOf(const std::vector<Run>& runs, const ObliqueGrid& grid, const Shape& shape, bool nearest)
{
    Place low { 1e300, 1e300, 1e300 };
    Place high { -1e300, -1e300, -1e300 };
    for (const Run& run : runs)
        for (const int column : { run.first, run.last }) {
            const Place place = grid.at(column, run.row);
            for (std::size_t i = 0; i < 3; ++i) {
                low[i] = std::min(low[i], place[i]);
                high[i] = std::max(high[i], place[i]);
            }
        }
    const std::array<std::int64_t, 3> sizes { shape.x, shape.y, shape.z };
    std::array<std::int64_t, 3> start;
    std::array<std::int64_t, 3> size;
    for (std::size_t i = 0; i < 3; ++i) {
        start[i] = voxelOf(low[i], sizes[i], nearest);
        const std::int64_t last = nearest
            ? voxelOf(high[i], sizes[i], true)
            : std::clamp(static_cast<std::int64_t>(std::ceil(high[i])), std::int64_t { 0 }, sizes[i] - 1);
        size[i] = last - start[i] + 1;
    }
    return { { start[2], start[1], start[0] }, { size[2], size[1], size[0] } };
}

/// The two voxels that a place lies between, in the box, and how far it is from the first.
struct Between {
    std::int64_t first;
    std::int64_t second;
    float part;
};

Between between(double place, std::int64_t n, std::int64_t start)
{
    const double inside = std::clamp(place, 0.0, static_cast<double>(n - 1));
    const auto first = static_cast<std::int64_t>(inside);
    const auto part = static_cast<float>(inside - static_cast<double>(first));
    // A voxel that has no part in the value is not looked at: it may be no number, or beyond the end.
    return { first - start, first - start + (part > 0 ? 1 : 0), part };
}

float linear(const float* voxels, const Box& box, const Shape& shape, const Place& place)
{
    const Between x = between(place[0], shape.x, box.start.x);
    const Between y = between(place[1], shape.y, box.start.y);
    const Between z = between(place[2], shape.z, box.start.z);
    const auto row = [&](std::int64_t iz, std::int64_t iy) {
        const float* line = voxels + (iz * box.size.y + iy) * box.size.x;
        return line[x.first] + x.part * (line[x.second] - line[x.first]);
    };
    const auto slice = [&](std::int64_t iz) {
        const float a = row(iz, y.first);
        return y.part > 0 ? a + y.part * (row(iz, y.second) - a) : a;
    };
    const float a = slice(z.first);
    return z.part > 0 ? a + z.part * (slice(z.second) - a) : a;
}

template <class T, class Sample>
std::vector<T> readWith(const VolumeSource& source, const ObliqueGrid& grid, T outside, bool nearest,
    const std::function<void()>& between, Sample&& sample)
{
    std::vector<T> picture(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height), outside);
    const Shape shape = source.shape();
    for (const auto& runs : runsOf(grid, shape, bricksOf(source), nearest)) {
        if (runs.empty())
            continue;
        if (between)
            between();
        const Box box = boxOf(runs, grid, shape, nearest);
        const std::vector<T> voxels = readAs<T>(source, box);
        for (const Run& run : runs) {
            T* to = picture.data() + static_cast<std::size_t>(run.row) * static_cast<std::size_t>(grid.width);
            for (int column = run.first; column <= run.last; ++column)
                to[column] = sample(voxels.data(), box, shape, grid.at(column, run.row));
        }
    }
    return picture;
}

} // namespace

bool inVolume(const Place& place, const Shape& shape)
{
    const auto in
        = [](double at, std::int64_t n) { return at >= -0.5 - kTouch && at <= static_cast<double>(n) - 0.5 + kTouch; };
    return in(place[0], shape.x) && in(place[1], shape.y) && in(place[2], shape.z);
}

ObliqueGrid coarser(const ObliqueGrid& grid, const Reduction& reduction, int step)
{
    const Place factors { static_cast<double>(reduction.x), static_cast<double>(reduction.y),
        static_cast<double>(reduction.z) };
    ObliqueGrid small;
    small.width = (grid.width + step - 1) / step;
    small.height = (grid.height + step - 1) / step;
    const Place first = grid.at((step - 1) / 2.0, (step - 1) / 2.0);
    for (std::size_t i = 0; i < 3; ++i) {
        small.origin[i] = (first[i] + 0.5) / factors[i] - 0.5;
        small.across[i] = grid.across[i] * step / factors[i];
        small.down[i] = grid.down[i] * step / factors[i];
    }
    return small;
}

std::vector<float> readOblique(
    const VolumeSource& source, const ObliqueGrid& grid, float outside, const std::function<void()>& between)
{
    return readWith<float>(source, grid, outside, false, between, linear);
}

template <class T>
std::vector<T> readObliqueNearest(
    const VolumeSource& source, const ObliqueGrid& grid, T outside, const std::function<void()>& between)
{
    return readWith<T>(
        source, grid, outside, true, between, [](const T* voxels, const Box& box, const Shape& shape, const Place& place) {
            const std::int64_t x = voxelOf(place[0], shape.x, true) - box.start.x;
            const std::int64_t y = voxelOf(place[1], shape.y, true) - box.start.y;
            const std::int64_t z = voxelOf(place[2], shape.z, true) - box.start.z;
            return voxels[(z * box.size.y + y) * box.size.x + x];
        });
}

template std::vector<float> readObliqueNearest(const VolumeSource&, const ObliqueGrid&, float, const std::function<void()>&);
template std::vector<std::uint8_t> readObliqueNearest(
    const VolumeSource&, const ObliqueGrid&, std::uint8_t, const std::function<void()>&);

} // namespace interstice
