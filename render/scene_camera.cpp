// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/scene_camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

Vector3 cross(const Vector3& a, const Vector3& b)
{
    return { a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0] };
}

double dot(const Vector3& a, const Vector3& b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Vector3 normalised(const Vector3& v)
{
    const double length = std::sqrt(dot(v, v));
    if (!(length > 0))
        return { 0, 0, 1 };
    return { v[0] / length, v[1] / length, v[2] / length };
}

namespace {

Vector3 plus(const Vector3& a, const Vector3& b, double factor)
{
    return { a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2] };
}

/// Rodrigues' formula.
Vector3 rotated(const Vector3& v, const Vector3& axis, double angle)
{
    const Vector3 side = cross(axis, v);
    const double along = dot(axis, v) * (1 - std::cos(angle));
    Vector3 result;
    for (std::size_t i = 0; i < 3; ++i)
        result[i] = v[i] * std::cos(angle) + side[i] * std::sin(angle) + axis[i] * along;
    return result;
}

/// `up` at right angles to the direction again.
SceneCamera upright(SceneCamera camera)
{
    camera.direction = normalised(camera.direction);
    camera.up = normalised(plus(camera.up, camera.direction, -dot(camera.up, camera.direction)));
    return camera;
}

} // namespace

SceneCamera turnedAbout(const SceneCamera& camera, const Vector3& axis, double degrees)
{
    SceneCamera result = camera;
    const double angle = degrees * std::numbers::pi / 180;
    result.direction = rotated(camera.direction, axis, angle);
    result.up = rotated(camera.up, axis, angle);
    return upright(result);
}

SceneCamera standardView(StandardView view)
{
    SceneCamera camera;
    switch (view) {
    case StandardView::Oblique:
        camera.direction = { 0.5, 0.8, -0.45 };
        camera.up = { 0, 0, -1 };
        break;
    case StandardView::XY:
        camera.direction = { 0, 0, -1 };
        camera.up = { 0, -1, 0 };
        break;
    case StandardView::XZ:
        camera.direction = { 0, 1, 0 };
        camera.up = { 0, 0, -1 };
        break;
    case StandardView::YZ:
        camera.direction = { 1, 0, 0 };
        camera.up = { 0, -1, 0 };
        break;
    }
    return upright(camera);
}

SceneCamera turned(const SceneCamera& camera, double right, double down)
{
    const Vector3 side = cross(camera.up, camera.direction); // to the viewer's right
    const double angle = std::numbers::pi;
    SceneCamera result = camera;
    result.direction = rotated(result.direction, camera.up, -right * angle);
    result.direction = rotated(result.direction, side, -down * angle);
    result.up = rotated(result.up, side, -down * angle);
    return upright(result);
}

SceneCamera moved(const SceneCamera& camera, double right, double down)
{
    const Vector3 side = cross(camera.up, camera.direction);
    SceneCamera result = camera;
    result.focus = plus(result.focus, side, -right * camera.height);
    result.focus = plus(result.focus, camera.up, down * camera.height);
    return result;
}

SceneCamera zoomed(const SceneCamera& camera, double factor)
{
    SceneCamera result = camera;
    result.height = std::clamp(camera.height / std::max(factor, 1e-6), 1e-4, 20.0);
    return result;
}

double eyeDistance(const SceneCamera& camera)
{
    return camera.height / 2 / std::tan(kViewAngle / 2 * std::numbers::pi / 180);
}

} // namespace interstice
