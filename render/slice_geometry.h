// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/shape.h"
#include "volume/voxel_size.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace interstice {

/// Which two axes a view shows, across and down. The origin is top-left and y points down in XY; YZ shows
/// z across and y down, so that it lines up beside XY, and XZ shows x across and z down, below it.
enum class Orientation { XY, XZ, YZ };

const char* orientationName(Orientation orientation);
/// "z", "y", "x": the axis that the slices are counted along.
char normalAxis(Orientation orientation);

/// Columns, rows and the normal of slices as axes of a place: 0 x, 1 y, 2 z.
struct SliceAxes {
    std::size_t across;
    std::size_t down;
    std::size_t normal;
};
constexpr SliceAxes axesOf(Orientation orientation)
{
    return orientation == Orientation::XY ? SliceAxes { 0, 1, 2 }
        : orientation == Orientation::XZ  ? SliceAxes { 0, 2, 1 }
                                          : SliceAxes { 2, 1, 0 };
}

/// Slices along the normal axis.
std::int64_t sliceCount(const Shape& shape, Orientation orientation);

struct SliceSize {
    int width = 0;
    int height = 0;
    bool operator==(const SliceSize&) const = default;
};
SliceSize sliceSize(const Shape& shape, Orientation orientation);

/// The voxels of one slice, to be read from a source.
Box sliceBox(const Shape& shape, Orientation orientation, std::int64_t index);
/// The voxel behind a pixel of a slice.
/// The coordinate of a voxel that slices of an orientation are counted on.
std::int64_t& along(Index& voxel, Orientation orientation);
Index voxelAt(Orientation orientation, std::int64_t index, std::int64_t column, std::int64_t row);

/// Width and height of one pixel relative to the smaller of the two; {1, 1} where the size along one of
/// the axes is unknown.
struct PixelAspect {
    double width = 1;
    double height = 1;
};
PixelAspect pixelAspect(const VoxelSize& size, Orientation orientation);
/// Edge lengths of a voxel (x, y, z) in micrometres; 1 along all where one is unknown, as lengths of different kinds would
/// give a volume of no true shape.
std::array<double, 3> edgesOfVoxel(const VoxelSize& size);
/// Micrometres that one unit of `pixelAspect` stands for; 0 when unknown along either axis.
double micrometresPerUnit(const VoxelSize& size, Orientation orientation);

/// Brings a box as read, (z, y, x), into rows of the view: a transposition for YZ, nothing otherwise.
template <class T> std::vector<T> toRows(std::vector<T> voxels, const Shape& shape, Orientation orientation)
{
    if (orientation != Orientation::YZ)
        return voxels;
    std::vector<T> rows(voxels.size());
    for (std::int64_t z = 0; z < shape.z; ++z) {
        for (std::int64_t y = 0; y < shape.y; ++y)
            rows[static_cast<std::size_t>(y * shape.z + z)] = voxels[static_cast<std::size_t>(z * shape.y + y)];
    }
    return rows;
}

} // namespace interstice
