// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_state.h"

#include <optional>

namespace interstice {

/// A line of sight, in fractions of the volume's axes (x, y, z); the direction points away from the viewer.
struct SceneRay {
    Vector3 origin;
    Vector3 direction;
};

/// Through a place in the picture, as fractions of its width and height from the top left.
SceneRay rayThrough(const SceneState& state, double right, double down, double aspect);

/// Where a line of sight meets one of the slices that the state shows.
struct SlicePick {
    int axis = 0; ///< that the slice is at right angles to: 0 x, 1 y, 2 z
    Vector3 at {}; ///< fractions of the axes
};
/// The nearest one; nothing without slices or beside them.
std::optional<SlicePick> pickSlice(const SceneState& state, const SceneRay& ray);

/// How far along a direction (of length one, in lengths as fullSpacing's) from a place the line of sight passes nearest; 0
/// where the direction is seen end on.
double lengthAlong(const SceneState& state, const Vector3& from, const Vector3& along, const SceneRay& ray);

/// Where a slice goes that was picked up at `from` and is held to the line of sight: the place along its axis that comes
/// nearest to it, 0…1. As it was where the axis is seen end on.
double draggedTo(const SceneState& state, const SlicePick& from, const SceneRay& ray);

} // namespace interstice
