// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <string>

namespace interstice {

/// What the machine can draw in 3-D.
struct GraphicsInfo {
    bool usable = false;
    std::string problem; ///< a sentence, where it is not usable
    std::string vendor;
    std::string renderer;
    std::string version; ///< of OpenGL
    std::string vtk;
    int longestEdge = 0; ///< of a 3-D texture, voxels

    /// Drawn by the processor: llvmpipe and the like.
    bool software() const;
    /// Voxels of a volume that are drawn at a bearable speed.
    std::int64_t mostVoxels() const;
};
Json toJson(const GraphicsInfo& info);
GraphicsInfo graphicsInfoFromJson(const Json& json);

/// Opens a hidden window and asks. A broken driver may end the process: call it in one of its own.
GraphicsInfo probeGraphics();

/// Loads Mesa's driver, where there is one, so that it finds its own LLVM: LibTorch of some distributions exports a second
/// one, and software OpenGL crashes in it. Once, before anything uses OpenGL; does no harm elsewhere.
void keepDriverApart();

/// False where no X server answers. Otherwise a connection stays open, so that a server without other clients does not
/// start anew between two windows: VTK ends the process where it finds no server.
bool holdDisplay();

} // namespace interstice
