// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/scene_pick.h"

#include <algorithm>
#include <cmath>

namespace interstice {

SceneRay rayThrough(const SceneState& state, double right, double down, double aspect)
{
    const SceneCamera& camera = state.camera;
    const Vector3 edges = edgesOf(state.grey);
    const double diagonal = diagonalOf(state.grey);
    const Vector3 side = cross(camera.up, camera.direction);
    const double u = (right - 0.5) * camera.height * aspect;
    const double v = (0.5 - down) * camera.height;
    const double distance = eyeDistance(camera);
    SceneRay ray;
    for (std::size_t i = 0; i < 3; ++i) {
        const double inPlane = camera.focus[i] + u * side[i] + v * camera.up[i];
        const double eye = (camera.parallel ? inPlane : camera.focus[i]) + distance * camera.direction[i];
        ray.origin[i] = 0.5 + eye * diagonal / edges[i];
        ray.direction[i] = (inPlane - eye) * diagonal / edges[i];
    }
    return ray;
}

std::optional<SlicePick> pickSlice(const SceneState& state, const SceneRay& ray)
{
    if (!state.slicesShown || !state.grey.volume)
        return {};
    std::optional<SlicePick> best;
    double nearest = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        if (std::abs(ray.direction[axis]) < 1e-9)
            continue;
        const double t = (state.slices[2 - axis] - ray.origin[axis]) / ray.direction[axis]; // kept as z, y, x
        SlicePick pick { static_cast<int>(axis), {} };
        bool inside = t > 0 && (!best || t < nearest);
        for (std::size_t i = 0; i < 3; ++i) {
            pick.at[i] = ray.origin[i] + t * ray.direction[i];
            inside = inside && (i == axis || (pick.at[i] >= 0 && pick.at[i] <= 1));
        }
        if (!inside)
            continue;
        best = pick;
        nearest = t;
    }
    return best;
}

double lengthAlong(const SceneState& state, const Vector3& from, const Vector3& along, const SceneRay& ray)
{
    const Vector3 edges = edgesOf(state.grey);
    Vector3 sight; // in lengths, as angles mean nothing in fractions
    Vector3 offset;
    for (std::size_t i = 0; i < 3; ++i) {
        sight[i] = ray.direction[i] * edges[i];
        offset[i] = (ray.origin[i] - from[i]) * edges[i];
    }
    sight = normalised(sight);
    // Nearest points of two lines (Eberly, Geometric Tools: distance between lines).
    const double b = dot(along, sight);
    const double sine = 1 - b * b;
    return sine < 1e-4 ? 0 : (dot(along, offset) - b * dot(sight, offset)) / sine;
}

double draggedTo(const SceneState& state, const SlicePick& from, const SceneRay& ray)
{
    const auto axis = static_cast<std::size_t>(from.axis);
    Vector3 along {};
    along[axis] = 1;
    return std::clamp(from.at[axis] + lengthAlong(state, from.at, along, ray) / edgesOf(state.grey)[axis], 0.0, 1.0);
}

} // namespace interstice
