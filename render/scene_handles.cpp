// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/scene_handles.h"

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kLeastGap = 0.01;
constexpr double kNormalLength = 0.16; ///< as it is shown, in diagonals of the volume

/// Half the extent of the volume along a direction of length one.
double reachAlong(const Vector3& edges, const Vector3& direction)
{
    double reach = 0;
    for (std::size_t i = 0; i < 3; ++i)
        reach += std::abs(direction[i]) * edges[i] / 2;
    return reach;
}

Vector3 tipOf(const SceneState& state)
{
    const Vector3 edges = edgesOf(state.grey);
    const Vector3 along = normalised(state.oblique->keep);
    Vector3 tip;
    for (std::size_t i = 0; i < 3; ++i)
        tip[i] = state.oblique->point[i] - kNormalLength * diagonalOf(state.grey) * along[i] / edges[i];
    return tip;
}

/// Moves along its normal to where the line of sight comes nearest to it.
ClipPlane pulledAlong(const SceneState& state, const ClipPlane& plane, const SceneHandle& handle, const SceneRay& ray)
{
    const Vector3 edges = edgesOf(state.grey);
    const Vector3 along = normalised(plane.keep);
    const double length = lengthAlong(state, handle.at, along, ray);
    Vector3 point;
    for (std::size_t i = 0; i < 3; ++i)
        point[i] = handle.at[i] + length * along[i] / edges[i];
    return { point, along };
}

/// The normal whose tip is where the line of sight meets the ball that tips lie on, or comes nearest to it.
Vector3 pulledTip(const SceneState& state, const SceneRay& ray)
{
    const Vector3 edges = edgesOf(state.grey);
    const double radius = kNormalLength * diagonalOf(state.grey);
    Vector3 sight;
    Vector3 offset; // from the ball's middle to the eye
    for (std::size_t i = 0; i < 3; ++i) {
        sight[i] = ray.direction[i] * edges[i];
        offset[i] = (ray.origin[i] - state.oblique->point[i]) * edges[i];
    }
    sight = normalised(sight);
    const double nearest = -dot(offset, sight);
    const double square = dot(offset, offset) - nearest * nearest;
    const double half = std::sqrt(std::max(0.0, radius * radius - square));
    const Vector3 before = normalised(state.oblique->keep);
    Vector3 best = before;
    double closest = -2;
    for (const double place : { nearest - half, nearest + half }) { // in front and behind
        Vector3 keep;
        for (std::size_t i = 0; i < 3; ++i)
            keep[i] = -(offset[i] + place * sight[i]);
        keep = normalised(keep);
        if (dot(keep, before) > closest) {
            closest = dot(keep, before);
            best = keep;
        }
    }
    return best;
}

} // namespace

std::vector<SceneHandle> handlesOf(const SceneState& state)
{
    std::vector<SceneHandle> handles;
    if (!state.grey.volume)
        return handles;
    Vector3 middle;
    for (std::size_t i = 0; i < 3; ++i)
        middle[i] = (state.clip.low[i] + state.clip.high[i]) / 2;
    for (int axis = 0; axis < 3; ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        Vector3 at = middle;
        at[i] = state.clip.low[i];
        handles.push_back({ SceneHandle::Kind::LowFace, axis, at });
        at[i] = state.clip.high[i];
        handles.push_back({ SceneHandle::Kind::HighFace, axis, at });
    }
    if (state.plane)
        handles.push_back({ SceneHandle::Kind::Plane, 0, state.plane->point });
    if (state.oblique) {
        handles.push_back({ SceneHandle::Kind::Oblique, 0, state.oblique->point });
        handles.push_back({ SceneHandle::Kind::ObliqueTip, 0, tipOf(state) });
    }
    return handles;
}

std::optional<std::array<double, 2>> placeOf(const SceneState& state, const Vector3& at, double aspect)
{
    const SceneCamera& camera = state.camera;
    const Vector3 edges = edgesOf(state.grey);
    const double diagonal = diagonalOf(state.grey);
    Vector3 offset;
    for (std::size_t i = 0; i < 3; ++i)
        offset[i] = (at[i] - 0.5) * edges[i] / diagonal - camera.focus[i];
    double scale = 1;
    if (!camera.parallel) {
        const double distance = eyeDistance(camera);
        const double before = distance - dot(offset, camera.direction);
        if (before <= 1e-9)
            return {};
        scale = distance / before;
    }
    const double u = dot(offset, cross(camera.up, camera.direction)) * scale;
    const double v = dot(offset, camera.up) * scale;
    return std::array<double, 2> { 0.5 + u / (camera.height * aspect), 0.5 - v / camera.height };
}

void pull(SceneState& state, const SceneHandle& handle, const SceneRay& ray, bool wholeBox)
{
    const auto axis = static_cast<std::size_t>(handle.axis);
    if (handle.kind == SceneHandle::Kind::Plane) {
        if (!state.plane)
            return;
        const ClipPlane to = pulledAlong(state, *state.plane, handle, ray);
        state.plane = planeAt(state.grey, to.keep, std::clamp(depthOf(state.grey, to), -1.0, 1.0));
        return;
    }
    if (!handle.ofCut()) {
        if (!state.oblique)
            return;
        if (handle.kind == SceneHandle::Kind::ObliqueTip)
            state.oblique->keep = pulledTip(state, ray);
        else
            state.oblique = pulledAlong(state, *state.oblique, handle, ray);
        return;
    }
    const double to = draggedTo(state, { handle.axis, handle.at }, ray);
    if (wholeBox) {
        const double edge = state.clip.high[axis] - state.clip.low[axis];
        const double low = handle.kind == SceneHandle::Kind::LowFace ? to : to - edge;
        state.clip.low[axis] = std::clamp(low, 0.0, 1 - edge);
        state.clip.high[axis] = state.clip.low[axis] + edge;
        return;
    }
    if (handle.kind == SceneHandle::Kind::LowFace)
        state.clip.low[axis] = std::min(to, state.clip.high[axis] - kLeastGap);
    else
        state.clip.high[axis] = std::max(to, state.clip.low[axis] + kLeastGap);
}

ClipPlane planeAt(const SceneVolume& volume, const Vector3& keep, double depth)
{
    const Vector3 edges = edgesOf(volume);
    ClipPlane plane;
    plane.keep = normalised(keep);
    const double length = depth * reachAlong(edges, plane.keep);
    for (std::size_t i = 0; i < 3; ++i)
        plane.point[i] = 0.5 + length * plane.keep[i] / edges[i];
    return plane;
}

double depthOf(const SceneVolume& volume, const ClipPlane& plane)
{
    const Vector3 edges = edgesOf(volume);
    const Vector3 along = normalised(plane.keep);
    double length = 0;
    for (std::size_t i = 0; i < 3; ++i)
        length += (plane.point[i] - 0.5) * edges[i] * along[i];
    return length / reachAlong(edges, along);
}

} // namespace interstice
