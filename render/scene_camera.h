// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

namespace interstice {

/// (x, y, z), right-handed, as the axes of the volume: the sample is seen as it was scanned, never mirrored.
using Vector3 = std::array<double, 3>;

/// Where a 3-D view is seen from. Lengths are in diagonals of the volume, so that a camera fits volumes of any size.
struct SceneCamera {
    /// From the focus to the eye; unit length.
    Vector3 direction = { 0.45, 0.78, -0.435 };
    /// Unit length and at right angles to `direction`. The first slice is at the top, as in the XZ view.
    Vector3 up = { -0.217, -0.377, -0.9 };
    /// From the centre of the volume.
    Vector3 focus {};
    /// Height of what is seen at the focus.
    double height = 1.3;
    bool parallel = false;

    bool operator==(const SceneCamera&) const = default;
};

/// Opening angle of the perspective, top to bottom, in degrees.
inline constexpr double kViewAngle = 30;

enum class StandardView { Oblique, XY, XZ, YZ };
/// Looking along one axis as the slice views do: XY with x right and y down, XZ with x right and z down, YZ with z
/// right and y down.
SceneCamera standardView(StandardView view);

/// Turned as if a ball around the focus was dragged by so much of the view's height, right and down.
SceneCamera turned(const SceneCamera& camera, double right, double down);
/// Turned about an axis through the focus (unit length), anticlockwise as seen against it.
SceneCamera turnedAbout(const SceneCamera& camera, const Vector3& axis, double degrees);
/// Moved so that what was at the focus goes by so much of the view's height, right and down.
SceneCamera moved(const SceneCamera& camera, double right, double down);
/// `factor` > 1: nearer.
SceneCamera zoomed(const SceneCamera& camera, double factor);
/// From the focus to the eye, in diagonals.
double eyeDistance(const SceneCamera& camera);

Vector3 cross(const Vector3& a, const Vector3& b);
double dot(const Vector3& a, const Vector3& b);
Vector3 normalised(const Vector3& v);

} // namespace interstice
