// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/shape.h"

namespace interstice {

std::string describe(const Shape& shape)
{
    return std::to_string(shape.x) + " \u00d7 " + std::to_string(shape.y) + " \u00d7 " + std::to_string(shape.z)
        + " (X \u00d7 Y \u00d7 Z)";
}

namespace {

bool axisWithin(std::int64_t start, std::int64_t count, std::int64_t length)
{
    return start >= 0 && count >= 0 && start <= length && count <= length - start;
}

std::string range(const char* axis, std::int64_t start, std::int64_t count)
{
    return std::string(axis) + ' ' + std::to_string(start) + ':' + std::to_string(start + count);
}

} // namespace

bool Box::within(const Shape& shape) const
{
    return axisWithin(start.z, size.z, shape.z) && axisWithin(start.y, size.y, shape.y)
        && axisWithin(start.x, size.x, shape.x);
}

std::string describe(const Box& box)
{
    return range("z", box.start.z, box.size.z) + ", " + range("y", box.start.y, box.size.y) + ", "
        + range("x", box.start.x, box.size.x);
}

} // namespace interstice
