// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"
#include "render/scene_camera.h"

#include <memory>
#include <string>

class vtkRenderer;

namespace interstice {

struct BoxAxesLook {
    Rgb colour;
    std::string unit; ///< "µm" or "vx"
    double scale = 1; ///< pixels for one point of text
    int height = 0; ///< of the picture, pixels
};

/// The edges of a box, and on three of them round numbers: of the edges that run along an axis, one on the outline as it
/// is seen, low and to the left.
class BoxAxes {
public:
    explicit BoxAxes(vtkRenderer* renderer);
    ~BoxAxes();

    void hide();
    /// After the renderer's camera is where it will be.
    void show(const Vector3& low, const Vector3& high, const BoxAxesLook& look);

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace interstice
