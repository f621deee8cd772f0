// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"
#include "render/scene_camera.h"
#include "render/surface.h"
#include "render/transfer_function.h"
#include "volume/reduce.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace interstice {

/// A volume as a scene takes it: small enough for the graphics card, with what was left out to get there.
struct SceneVolume {
    std::shared_ptr<const Volume> volume; ///< grey: its own type, or u8 labels
    Reduction reduction;
    Shape full; ///< of the volume it was made from
    Index start {}; ///< its first voxel there, where it is only a part

    bool part() const { return volume && volume->shape() != reducedShape(full, reduction); }
};

/// The look of one label.
struct LabelLook {
    Rgb colour;
    double opacity = 0.4; ///< of a layer of 1/256 of the longest edge, 0…1; 0: not shown
    bool operator==(const LabelLook&) const = default;
};

/// A surface and its look.
struct SceneSurface {
    std::shared_ptr<const Surface> surface;
    Rgb colour;
    double opacity = 1;
    bool operator==(const SceneSurface&) const = default;
};

/// Part of the volume that is shown, as fractions of its axes (x, y, z), 0…1.
struct ClipBox {
    std::array<double, 3> low = { 0, 0, 0 };
    std::array<double, 3> high = { 1, 1, 1 };

    bool whole() const { return *this == ClipBox {}; }
    bool operator==(const ClipBox&) const = default;
};

/// What is on one side of a plane is cut away. The point is in fractions of the axes.
struct ClipPlane {
    Vector3 point = { 0.5, 0.5, 0.5 };
    Vector3 keep = { 1, 0, 0 }; ///< the normal, towards what is kept
    bool operator==(const ClipPlane&) const = default;
};

/// Everything a 3-D picture depends on but its size: values and immutable data, so that it can be handed to another
/// thread and kept with a figure.
struct SceneState {
    SceneVolume grey;
    bool greyShown = true;
    TransferFunction transfer;
    /// Drawn inside the grey volume, in one texture more, however many labels there are. The grey volume's shape.
    SceneVolume labels;
    std::vector<LabelLook> looks; ///< of labels 1, 2, …
    std::vector<SceneSurface> surfaces;
    ClipBox clip;
    std::optional<ClipPlane> plane;
    /// Slices in place: z, y and x, as fractions of their axes; and the grey values they show.
    bool slicesShown = false;
    std::array<double, 3> slices = { 0.5, 0.5, 0.5 };
    GreyWindow sliceWindow;
    /// A slice at any angle, shown in place with the same grey values. Nothing is cut away.
    std::optional<ClipPlane> oblique;
    SceneCamera camera;
    bool boxShown = true; ///< bounding box with ticks
    bool axesShown = true; ///< orientation marker
    Rgb background { 0x0c, 0x0d, 0x0e };
    Rgb foreground { 0xe7, 0xe9, 0xeb };
    bool transparent = false; ///< background, in exported pictures
};

/// Edge lengths (x, y, z) of a voxel before the reduction, micrometres; 1 along all where one is unknown.
Vector3 fullSpacing(const SceneVolume& volume);
/// Edge lengths (x, y, z) of the whole volume, in the same.
Vector3 edgesOf(const SceneVolume& volume);
/// Of the whole volume, in the same.
double diagonalOf(const SceneVolume& volume);
/// "3-D at 1/4", "3-D" at full resolution, "3-D, box at 1/1" of a part.
std::string describeDetail(const SceneVolume& volume);
/// At the focus, for a picture of `height` pixels; 0 where a voxel's size is unknown.
double micrometresPerPixel(const SceneState& state, double height);

} // namespace interstice
