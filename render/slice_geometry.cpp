// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/slice_geometry.h"

#include <algorithm>

namespace interstice {

namespace {

struct Pair {
    double across = 0;
    double down = 0;
};

Pair inPlane(const VoxelSize& size, Orientation orientation)
{
    const VoxelSize um = size.inMicrometres();
    if (size.unit == LengthUnit::Voxel)
        return {};
    switch (orientation) {
    case Orientation::XY:
        return { um.x, um.y };
    case Orientation::XZ:
        return { um.x, um.z };
    case Orientation::YZ:
        break;
    }
    return { um.z, um.y };
}

} // namespace

const char* orientationName(Orientation orientation)
{
    switch (orientation) {
    case Orientation::XY:
        return "XY";
    case Orientation::XZ:
        return "XZ";
    case Orientation::YZ:
        break;
    }
    return "YZ";
}

char normalAxis(Orientation orientation)
{
    return orientation == Orientation::XY ? 'z' : orientation == Orientation::XZ ? 'y' : 'x';
}

std::int64_t sliceCount(const Shape& shape, Orientation orientation)
{
    return orientation == Orientation::XY ? shape.z : orientation == Orientation::XZ ? shape.y : shape.x;
}

std::int64_t& along(Index& voxel, Orientation orientation)
{
    return orientation == Orientation::XY ? voxel.z : orientation == Orientation::XZ ? voxel.y : voxel.x;
}

SliceSize sliceSize(const Shape& shape, Orientation orientation)
{
    const auto whole = [](std::int64_t n) { return static_cast<int>(n); };
    switch (orientation) {
    case Orientation::XY:
        return { whole(shape.x), whole(shape.y) };
    case Orientation::XZ:
        return { whole(shape.x), whole(shape.z) };
    case Orientation::YZ:
        break;
    }
    return { whole(shape.z), whole(shape.y) };
}

Box sliceBox(const Shape& shape, Orientation orientation, std::int64_t index)
{
    switch (orientation) {
    case Orientation::XY:
        return { { index, 0, 0 }, { 1, shape.y, shape.x } };
    case Orientation::XZ:
        return { { 0, index, 0 }, { shape.z, 1, shape.x } };
    case Orientation::YZ:
        break;
    }
    return { { 0, 0, index }, { shape.z, shape.y, 1 } };
}

Index voxelAt(Orientation orientation, std::int64_t index, std::int64_t column, std::int64_t row)
{
    switch (orientation) {
    case Orientation::XY:
        return { index, row, column };
    case Orientation::XZ:
        return { row, index, column };
    case Orientation::YZ:
        break;
    }
    return { column, row, index };
}

PixelAspect pixelAspect(const VoxelSize& size, Orientation orientation)
{
    const Pair pair = inPlane(size, orientation);
    if (pair.across <= 0 || pair.down <= 0)
        return {};
    const double unit = std::min(pair.across, pair.down);
    return { pair.across / unit, pair.down / unit };
}

std::array<double, 3> edgesOfVoxel(const VoxelSize& size)
{
    if (!size.known())
        return { 1, 1, 1 };
    const VoxelSize um = size.inMicrometres();
    return { um.x, um.y, um.z };
}

double micrometresPerUnit(const VoxelSize& size, Orientation orientation)
{
    const Pair pair = inPlane(size, orientation);
    return pair.across > 0 && pair.down > 0 ? std::min(pair.across, pair.down) : 0;
}

} // namespace interstice
