// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_pick.h"

#include <array>
#include <optional>
#include <vector>

namespace interstice {

/// What can be taken hold of in a 3-D picture: the six faces of the cut box, the cutting plane, and the slice at an angle
/// with the tip of its normal, which turns it.
struct SceneHandle {
    enum class Kind { LowFace, HighFace, Plane, Oblique, ObliqueTip };
    Kind kind = Kind::LowFace;
    int axis = 0; ///< of a face: 0 x, 1 y, 2 z
    Vector3 at {}; ///< fractions of the axes

    bool ofBox() const { return kind == Kind::LowFace || kind == Kind::HighFace; }
    bool ofCut() const { return kind != Kind::Oblique && kind != Kind::ObliqueTip; }
};
std::vector<SceneHandle> handlesOf(const SceneState& state);

/// Where a place (fractions of the axes) appears in the picture, as fractions of its width and height from the top left;
/// nothing behind the eye. The inverse of rayThrough.
std::optional<std::array<double, 2>> placeOf(const SceneState& state, const Vector3& at, double aspect);

/// Pulls a handle to the line of sight: its face or plane goes with it, along its normal. Opposite faces keep a hundredth
/// of the axis between them, and planes stay in the volume. The tip of a normal follows on a ball around its foot.
/// `wholeBox`: a face takes the one opposite with it, so that the box moves and stays as large.
void pull(SceneState& state, const SceneHandle& handle, const SceneRay& ray, bool wholeBox = false);

/// The plane at right angles to a direction (lengths, need not be of length one) at a depth: −1 touches the volume from
/// the side that is cut away, so that all is kept, 1 from the other.
ClipPlane planeAt(const SceneVolume& volume, const Vector3& keep, double depth);
/// The depth of a plane in that sense.
double depthOf(const SceneVolume& volume, const ClipPlane& plane);

} // namespace interstice
