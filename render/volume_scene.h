// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/compose.h"
#include "render/scene_state.h"

#include <memory>

namespace interstice {

struct SceneQuality {
    int width = 0; ///< of the picture, pixels
    int height = 0;
    /// Between samples along a line of sight, in voxels: 0.5 is fine, 2 is coarse.
    double step = 1;
    /// Pixels for one point of text, lines in proportion: 1 at 72 per inch.
    double scale = 1;
};

/// Draws scene states into pictures, in a hidden OpenGL window. All calls, constructor and destructor included, come
/// from one thread, and only where `probeGraphics` says usable.
class VolumeScene {
public:
    VolumeScene();
    ~VolumeScene();
    VolumeScene(const VolumeScene&) = delete;
    VolumeScene& operator=(const VolumeScene&) = delete;

    /// Throws Error where the graphics card refuses. Pixels are 0xAARRGGBB, opaque unless the state's background is
    /// transparent (then not multiplied by alpha).
    RgbImage draw(const SceneState& state, const SceneQuality& quality);

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace interstice
