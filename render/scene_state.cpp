// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/scene_state.h"

#include <cmath>

namespace interstice {

Vector3 fullSpacing(const SceneVolume& scene)
{
    if (!scene.volume)
        return { 1, 1, 1 };
    const VoxelSize size = scene.volume->voxelSize();
    const VoxelSize um = size.inMicrometres();
    const auto one = [&](double reduced, std::int64_t factor) {
        return size.unit != LengthUnit::Voxel && reduced > 0 ? reduced / static_cast<double>(factor) : 1.0;
    };
    return { one(um.x, scene.reduction.x), one(um.y, scene.reduction.y), one(um.z, scene.reduction.z) };
}

double diagonalOf(const SceneVolume& scene)
{
    const Vector3 spacing = fullSpacing(scene);
    return std::hypot(spacing[0] * static_cast<double>(scene.full.x), spacing[1] * static_cast<double>(scene.full.y),
        spacing[2] * static_cast<double>(scene.full.z));
}

std::string describeDetail(const SceneVolume& volume)
{
    return volume.reduction.none() ? "3-D" : "3-D at " + describe(volume.reduction);
}

double micrometresPerPixel(const SceneState& state, double height)
{
    if (!state.grey.volume || !state.grey.volume->voxelSize().known() || !(height > 0))
        return 0;
    return state.camera.height * diagonalOf(state.grey) / height;
}

} // namespace interstice
