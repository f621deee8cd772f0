// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_state.h"
#include "render/slice_geometry.h"
#include "volume/oblique.h"

#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// A plane at any angle, and which way round its slice is shown. Places are in voxels (x, y, z), the centre of the first
/// voxel being 0; directions are in lengths, as angles mean nothing in voxels that are no cubes. `edges` are those of
/// a voxel (edgesOfVoxel).
struct ObliquePlane {
    Vector3 centre {}; ///< a place on it: what it is turned about
    Vector3 across { 1, 0, 0 }; ///< to the right in its slice, of length one
    Vector3 down { 0, 1, 0 }; ///< of length one, at right angles to it

    bool operator==(const ObliquePlane&) const = default;
};

/// Away from the viewer, as z in XY: x across, y down and the normal are right-handed, so nothing is mirrored.
Vector3 normalOf(const ObliquePlane& plane);
/// As XY, XZ or YZ shows it.
ObliquePlane planeAlong(Orientation orientation, const Vector3& centre);
/// At right angles to a direction (of any length). It is shown as the slice of the three that is nearest to it, turned
/// no more than it must be; the normal's sign follows from that.
ObliquePlane planeAcross(const Vector3& centre, const Vector3& normal);
/// Throws Error where they lie in one line.
ObliquePlane planeThrough(const std::array<Vector3, 3>& points, const Vector3& edges);
/// Turned about its centre and an axis of length one, as a right-handed screw turns.
ObliquePlane turnedAbout(const ObliquePlane& plane, const Vector3& axis, double radians);
/// Turned about its centre by the least angle that makes `normal` its normal; the same plane, seen from behind, does too.
ObliquePlane turnedTo(const ObliquePlane& plane, const Vector3& normal);
/// Moved by a length along its normal.
ObliquePlane shifted(const ObliquePlane& plane, double length, const Vector3& edges);
/// The nearest plane of the same direction that goes through the voxels' centres or between them.
ObliquePlane inside(const ObliquePlane& plane, const Shape& shape, const Vector3& edges);
/// How far inside: 0 where it touches the volume first, 1 last, as it is moved along its normal.
double depthOf(const ObliquePlane& plane, const Shape& shape, const Vector3& edges);
ObliquePlane atDepth(const ObliquePlane& plane, double depth, const Shape& shape, const Vector3& edges);

/// Edge lengths of a pixel: those of a voxel along the plane's axes, so that a plane along XY, XZ or YZ has the voxels for
/// pixels, and one through cubes has pixels of their size.
struct ObliquePixel {
    double across = 1;
    double down = 1;
    PixelAspect aspect() const;
    double smaller() const { return across < down ? across : down; }
};
ObliquePixel pixelOf(const ObliquePlane& plane, const Vector3& edges);
ObliquePixel pixelOf(const ObliqueGrid& grid, const Vector3& edges);
/// All of the plane that is in the volume. Pixels are larger where there would be more than 2^27.
ObliqueGrid gridOf(const ObliquePlane& plane, const Shape& shape, const Vector3& edges);

/// Where the plane goes through a slice: two places (column, row) on the slice's edge. Nothing where it does not.
using PanePlace = std::array<double, 2>;
std::optional<std::array<PanePlace, 2>> lineIn(
    const ObliquePlane& plane, Orientation orientation, std::int64_t index, const Shape& shape, const Vector3& edges);
/// The corners of the part of the plane that is in the volume, in order, as fractions of the axes.
std::vector<Vector3> outlineOf(const ClipPlane& plane, const Vector3& edgesOfVolume);

/// The same plane for the 3-D view, which knows fractions of the axes; what lies beyond it, along the normal, is kept.
ClipPlane clipPlaneOf(const ObliquePlane& plane, const Shape& shape);
/// The plane turned and moved to where the 3-D view has it.
ObliquePlane movedTo(const ObliquePlane& plane, const ClipPlane& place, const Shape& shape);

/// "30.0° from XY, normal 0.00, −0.50, 0.87", x, y and z; "along XZ".
std::string describe(const ObliquePlane& plane);

} // namespace interstice
