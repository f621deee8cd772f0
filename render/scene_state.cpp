// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/scene_state.h"

#include <cmath>

namespace interstice {

Vector3 fullSpacing(const SceneVolume& scene)
{
    if (!scene.volume || !scene.volume->voxelSize().known())
        return { 1, 1, 1 };
    const VoxelSize um = scene.volume->voxelSize().inMicrometres();
    return { um.x / static_cast<double>(scene.reduction.x), um.y / static_cast<double>(scene.reduction.y),
        um.z / static_cast<double>(scene.reduction.z) };
}

Vector3 edgesOf(const SceneVolume& scene)
{
    const Vector3 spacing = fullSpacing(scene);
    return { spacing[0] * static_cast<double>(scene.full.x), spacing[1] * static_cast<double>(scene.full.y),
        spacing[2] * static_cast<double>(scene.full.z) };
}

double diagonalOf(const SceneVolume& scene)
{
    const Vector3 edges = edgesOf(scene);
    return std::hypot(edges[0], edges[1], edges[2]);
}

std::string describeDetail(const SceneVolume& volume)
{
    if (volume.part())
        return "3-D, box at " + describe(volume.reduction);
    return volume.reduction.none() ? "3-D" : "3-D at " + describe(volume.reduction);
}

double micrometresPerPixel(const SceneState& state, double height)
{
    if (!state.grey.volume || !state.grey.volume->voxelSize().known() || !(height > 0))
        return 0;
    return state.camera.height * diagonalOf(state.grey) / height;
}

} // namespace interstice
