// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/oblique_plane.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>

namespace interstice {

namespace {

constexpr double kInLine = 1e-4; ///< sine of the angle between two sides that counts as none
constexpr double kMostPixels = 134217728; // 2^27

std::array<double, 3> sizesOf(const Shape& shape)
{
    return { static_cast<double>(shape.x), static_cast<double>(shape.y), static_cast<double>(shape.z) };
}

/// From one place to another, in lengths.
Vector3 lengthsFrom(const Vector3& a, const Vector3& b, const Vector3& edges)
{
    Vector3 way;
    for (std::size_t i = 0; i < 3; ++i)
        way[i] = (b[i] - a[i]) * edges[i];
    return way;
}

Vector3 movedBy(const Vector3& place, const Vector3& lengths, double factor, const Vector3& edges)
{
    Vector3 moved;
    for (std::size_t i = 0; i < 3; ++i)
        moved[i] = place[i] + factor * lengths[i] / edges[i];
    return moved;
}

/// Without what rounding left, so that a plane along an axis hits the voxels exactly.
double cleaned(double value)
{
    const double halves = std::round(value * 2) / 2;
    return std::abs(value - halves) < 1e-9 * std::max(1.0, std::abs(value)) ? halves : value;
}

/// Along the normal, from the volume's centre to the plane, and how far the centres of voxels reach.
struct Depth {
    double at;
    double reach;
};

Depth depthIn(const ObliquePlane& plane, const Shape& shape, const Vector3& edges)
{
    const auto sizes = sizesOf(shape);
    const Vector3 normal = normalOf(plane);
    Depth depth { 0, 0 };
    for (std::size_t i = 0; i < 3; ++i) {
        depth.at += (plane.centre[i] - (sizes[i] - 1) / 2) * edges[i] * normal[i];
        depth.reach += (sizes[i] - 1) / 2 * edges[i] * std::abs(normal[i]);
    }
    return depth;
}

/// The frame brought from one direction to another by the least turn.
ObliquePlane leastTurn(const ObliquePlane& plane, const Vector3& from, const Vector3& to)
{
    const Vector3 axis = cross(from, to);
    const double sine = std::sqrt(dot(axis, axis));
    const double cosine = dot(from, to);
    if (sine < 1e-12)
        return cosine > 0 ? plane : turnedAbout(plane, plane.down, std::numbers::pi);
    return turnedAbout(plane, normalised(axis), std::atan2(sine, cosine));
}

std::size_t longestOf(const Vector3& v)
{
    std::size_t longest = 2; // of equals z, then y
    for (const std::size_t i : { std::size_t { 1 }, std::size_t { 0 } })
        if (std::abs(v[i]) > std::abs(v[longest]) + 1e-12)
            longest = i;
    return longest;
}

constexpr Orientation kAcross[] = { Orientation::YZ, Orientation::XZ, Orientation::XY }; ///< x, y and z

} // namespace

Vector3 normalOf(const ObliquePlane& plane)
{
    return cross(plane.across, plane.down);
}

ObliquePlane planeAlong(Orientation orientation, const Vector3& centre)
{
    const SliceAxes axes = axesOf(orientation);
    ObliquePlane plane { centre, {}, {} };
    plane.across[axes.across] = 1;
    plane.down[axes.down] = 1;
    return plane;
}

ObliquePlane planeAcross(const Vector3& centre, const Vector3& normal)
{
    const Vector3 to = normalised(normal);
    const ObliquePlane nearest = planeAlong(kAcross[longestOf(to)], centre);
    return turnedTo(nearest, to);
}

ObliquePlane planeThrough(const std::array<Vector3, 3>& points, const Vector3& edges)
{
    const Vector3 a = lengthsFrom(points[0], points[1], edges);
    const Vector3 b = lengthsFrom(points[0], points[2], edges);
    const Vector3 normal = cross(a, b);
    if (std::sqrt(dot(normal, normal)) <= kInLine * std::sqrt(dot(a, a) * dot(b, b)))
        throw Error("The three points lie in one line, which many planes go through",
            "Pick a point beside the line of the other two.");
    Vector3 centre;
    for (std::size_t i = 0; i < 3; ++i)
        centre[i] = (points[0][i] + points[1][i] + points[2][i]) / 3;
    return planeAcross(centre, normal);
}

ObliquePlane turnedAbout(const ObliquePlane& plane, const Vector3& axis, double radians)
{
    const auto turn = [&](const Vector3& v) { // Rodrigues' formula
        const Vector3 side = cross(axis, v);
        const double along = dot(axis, v) * (1 - std::cos(radians));
        Vector3 result;
        for (std::size_t i = 0; i < 3; ++i)
            result[i] = v[i] * std::cos(radians) + side[i] * std::sin(radians) + axis[i] * along;
        return result;
    };
    ObliquePlane turned { plane.centre, normalised(turn(plane.across)), turn(plane.down) };
    // At right angles also after many small turns.
    const double rest = dot(turned.down, turned.across);
    for (std::size_t i = 0; i < 3; ++i)
        turned.down[i] -= rest * turned.across[i];
    turned.down = normalised(turned.down);
    for (Vector3* v : { &turned.across, &turned.down })
        for (double& part : *v)
            if (std::abs(part) < 1e-12)
                part = 0;
    return turned;
}

ObliquePlane turnedTo(const ObliquePlane& plane, const Vector3& normal)
{
    Vector3 to = normalised(normal);
    const Vector3 from = normalOf(plane);
    if (dot(from, to) < 0)
        for (double& part : to)
            part = -part;
    return leastTurn(plane, from, to);
}

ObliquePlane shifted(const ObliquePlane& plane, double length, const Vector3& edges)
{
    return { movedBy(plane.centre, normalOf(plane), length, edges), plane.across, plane.down };
}

ObliquePlane inside(const ObliquePlane& plane, const Shape& shape, const Vector3& edges)
{
    const Depth depth = depthIn(plane, shape, edges);
    const double to = std::clamp(depth.at, -depth.reach, depth.reach);
    return to == depth.at ? plane : shifted(plane, to - depth.at, edges);
}

double depthOf(const ObliquePlane& plane, const Shape& shape, const Vector3& edges)
{
    const Depth depth = depthIn(plane, shape, edges);
    return depth.reach > 0 ? std::clamp((depth.at / depth.reach + 1) / 2, 0.0, 1.0) : 0.5;
}

ObliquePlane atDepth(const ObliquePlane& plane, double depth, const Shape& shape, const Vector3& edges)
{
    const Depth now = depthIn(plane, shape, edges);
    return shifted(plane, (2 * std::clamp(depth, 0.0, 1.0) - 1) * now.reach - now.at, edges);
}

PixelAspect ObliquePixel::aspect() const
{
    return { across / smaller(), down / smaller() };
}

ObliquePixel pixelOf(const ObliquePlane& plane, const Vector3& edges)
{
    const auto along = [&](const Vector3& direction) {
        double sum = 0;
        for (std::size_t i = 0; i < 3; ++i)
            sum += direction[i] / edges[i] * (direction[i] / edges[i]);
        return 1 / std::sqrt(sum);
    };
    return { along(plane.across), along(plane.down) };
}

ObliquePixel pixelOf(const ObliqueGrid& grid, const Vector3& edges)
{
    const auto along = [&](const ObliqueGrid::Place& step) {
        return std::hypot(step[0] * edges[0], step[1] * edges[1], step[2] * edges[2]);
    };
    return { along(grid.across), along(grid.down) };
}

ObliqueGrid gridOf(const ObliquePlane& plane, const Shape& shape, const Vector3& edges)
{
    const auto sizes = sizesOf(shape);
    const Vector3 volume { sizes[0] * edges[0], sizes[1] * edges[1], sizes[2] * edges[2] };
    double low[2] = { std::numeric_limits<double>::max(), std::numeric_limits<double>::max() };
    double high[2] = { -low[0], -low[1] };
    for (const Vector3& corner : outlineOf(clipPlaneOf(plane, shape), volume)) {
        Vector3 place;
        for (std::size_t i = 0; i < 3; ++i)
            place[i] = corner[i] * sizes[i] - 0.5;
        const Vector3 way = lengthsFrom(plane.centre, place, edges);
        const double at[2] = { dot(way, plane.across), dot(way, plane.down) };
        for (int i = 0; i < 2; ++i) {
            low[i] = std::min(low[i], at[i]);
            high[i] = std::max(high[i], at[i]);
        }
    }
    ObliqueGrid grid;
    if (!(high[0] > low[0]) || !(high[1] > low[1]))
        return grid;
    ObliquePixel pixel = pixelOf(plane, edges);
    const double pixels = (high[0] - low[0]) / pixel.across * ((high[1] - low[1]) / pixel.down);
    const double larger = std::max(1.0, std::sqrt(pixels / kMostPixels));
    pixel.across *= larger;
    pixel.down *= larger;
    grid.width = std::max(1, static_cast<int>(std::ceil((high[0] - low[0]) / pixel.across - 1e-6)));
    grid.height = std::max(1, static_cast<int>(std::ceil((high[1] - low[1]) / pixel.down - 1e-6)));
    grid.origin = movedBy(
        movedBy(plane.centre, plane.across, low[0] + pixel.across / 2, edges), plane.down, low[1] + pixel.down / 2, edges);
    for (std::size_t i = 0; i < 3; ++i) {
        grid.origin[i] = cleaned(grid.origin[i]);
        grid.across[i] = cleaned(plane.across[i] * pixel.across / edges[i]);
        grid.down[i] = cleaned(plane.down[i] * pixel.down / edges[i]);
    }
    return grid;
}

std::optional<std::array<PanePlace, 2>> lineIn(
    const ObliquePlane& plane, Orientation orientation, std::int64_t index, const Shape& shape, const Vector3& edges)
{
    const SliceAxes axes = axesOf(orientation);
    const SliceSize size = sliceSize(shape, orientation);
    const Vector3 normal = normalOf(plane);
    // a · column + b · row = c
    const double a = normal[axes.across] * edges[axes.across];
    const double b = normal[axes.down] * edges[axes.down];
    const double c = a * plane.centre[axes.across] + b * plane.centre[axes.down]
        - normal[axes.normal] * edges[axes.normal] * (static_cast<double>(index) - plane.centre[axes.normal]);
    if (std::max(std::abs(a), std::abs(b)) < 1e-9 * std::max({ edges[0], edges[1], edges[2] }))
        return {};
    const double high[2] = { size.width - 0.5, size.height - 0.5 };
    std::vector<PanePlace> ends;
    const auto take = [&](double column, double row) {
        if (column < -0.5 - 1e-9 || row < -0.5 - 1e-9 || column > high[0] + 1e-9 || row > high[1] + 1e-9)
            return;
        ends.push_back({ column, row });
    };
    if (std::abs(b) > 1e-12)
        for (const double column : { -0.5, high[0] })
            take(column, (c - a * column) / b);
    if (std::abs(a) > 1e-12)
        for (const double row : { -0.5, high[1] })
            take((c - b * row) / a, row);
    // Through a corner there are more than two: the two that are farthest apart.
    std::optional<std::array<PanePlace, 2>> line;
    double longest = 1e-9;
    for (const PanePlace& from : ends)
        for (const PanePlace& to : ends)
            if (const double length = std::hypot(to[0] - from[0], to[1] - from[1]); length > longest) {
                longest = length;
                line = { from, to };
            }
    return line;
}

std::vector<Vector3> outlineOf(const ClipPlane& plane, const Vector3& edgesOfVolume)
{
    const Vector3 normal = normalised(plane.keep);
    const auto heightOf = [&](const Vector3& at) {
        double height = 0;
        for (std::size_t i = 0; i < 3; ++i)
            height += (at[i] - plane.point[i]) * edgesOfVolume[i] * normal[i];
        return height;
    };
    std::vector<Vector3> corners;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::size_t other[2] = { (axis + 1) % 3, (axis + 2) % 3 };
        for (int edge = 0; edge < 4; ++edge) { // of the box, along this axis
            Vector3 from {};
            from[other[0]] = edge & 1;
            from[other[1]] = edge >> 1;
            Vector3 to = from;
            to[axis] = 1;
            const double low = heightOf(from);
            const double high = heightOf(to);
            if ((low < 0 && high < 0) || (low > 0 && high > 0) || std::abs(high - low) < 1e-12 * edgesOfVolume[axis])
                continue;
            from[axis] = std::clamp(low / (low - high), 0.0, 1.0);
            corners.push_back(from);
        }
    }
    // In order around their middle.
    Vector3 middle {};
    for (const Vector3& corner : corners)
        for (std::size_t i = 0; i < 3; ++i)
            middle[i] += corner[i] / static_cast<double>(corners.size());
    const Vector3 side = normalised(cross(normal, std::abs(normal[0]) < 0.9 ? Vector3 { 1, 0, 0 } : Vector3 { 0, 1, 0 }));
    const Vector3 other = cross(normal, side);
    const auto angleOf = [&](const Vector3& corner) {
        Vector3 way;
        for (std::size_t i = 0; i < 3; ++i)
            way[i] = (corner[i] - middle[i]) * edgesOfVolume[i];
        return std::atan2(dot(way, other), dot(way, side));
    };
    std::ranges::sort(corners, {}, angleOf);
    return corners;
}

ClipPlane clipPlaneOf(const ObliquePlane& plane, const Shape& shape)
{
    const auto sizes = sizesOf(shape);
    ClipPlane clip;
    for (std::size_t i = 0; i < 3; ++i)
        clip.point[i] = (plane.centre[i] + 0.5) / sizes[i];
    clip.keep = normalOf(plane);
    return clip;
}

ObliquePlane movedTo(const ObliquePlane& plane, const ClipPlane& place, const Shape& shape)
{
    const auto sizes = sizesOf(shape);
    ObliquePlane moved = turnedTo(plane, place.keep);
    for (std::size_t i = 0; i < 3; ++i)
        moved.centre[i] = place.point[i] * sizes[i] - 0.5;
    return moved;
}

std::string describe(const ObliquePlane& plane)
{
    const Vector3 normal = normalOf(plane);
    const std::size_t nearest = longestOf(normal);
    const double degrees = std::acos(std::min(1.0, std::abs(normal[nearest]))) * 180 / std::numbers::pi;
    const std::string name = orientationName(kAcross[nearest]);
    if (degrees < 0.05)
        return "along " + name;
    const auto hundredths = [](double part) { return std::round(part * 100) / 100 + 0.0; }; // and no minus before 0
    char text[160];
    std::snprintf(text, sizeof text, "%.1f° from %s, normal %.2f, %.2f, %.2f", degrees, name.c_str(), hundredths(normal[0]),
        hundredths(normal[1]), hundredths(normal[2]));
    std::string shown;
    for (const char* c = text; *c != 0; ++c)
        shown += *c == '-' ? std::string("−") : std::string(1, *c);
    return shown;
}

} // namespace interstice
