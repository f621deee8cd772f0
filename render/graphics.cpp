// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/graphics.h"

#include <vtkNew.h>
#include <vtkOpenGLRenderWindow.h>
#include <vtkOpenGLState.h>
#include <vtkRenderWindow.h>
#include <vtkVersion.h>
#include <vtk_glew.h>

#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <thread>

namespace interstice {

namespace {

void* openDisplay()
{
    void* library = dlopen("libX11.so.6", RTLD_NOW | RTLD_LOCAL);
    const auto open = library ? reinterpret_cast<void* (*)(const char*)>(dlsym(library, "XOpenDisplay")) : nullptr;
    // A server that has just lost its last client starts anew, and refuses for a moment.
    for (int attempt = 0; open && attempt < 20; ++attempt) {
        if (void* connection = open(nullptr))
            return connection;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return nullptr;
}

} // namespace

void keepDriverApart()
{
#ifdef RTLD_DEEPBIND
    static void* const driver = dlopen("libGLX_mesa.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    (void)driver;
#endif
}

bool holdDisplay()
{
    keepDriverApart();
    const char* display = std::getenv("DISPLAY");
    if (!display || !*display)
        return false;
    static void* const connection = openDisplay(); // as long as the program runs
    return connection != nullptr;
}

bool GraphicsInfo::software() const
{
    for (const char* name : { "llvmpipe", "softpipe", "swrast", "SWR", "Software" })
        if (renderer.find(name) != std::string::npos)
            return true;
    return false;
}

std::int64_t GraphicsInfo::mostVoxels() const
{
    // 256³ takes most of a second a full frame on two cores; 512³ of 16 bits are 256 MiB of a card's memory.
    const std::int64_t edge = software() ? 256 : 512;
    return edge * edge * edge;
}

Json toJson(const GraphicsInfo& info)
{
    return { { "usable", info.usable }, { "problem", info.problem }, { "vendor", info.vendor },
        { "renderer", info.renderer }, { "version", info.version }, { "vtk", info.vtk },
        { "longest_edge", info.longestEdge } };
}

GraphicsInfo graphicsInfoFromJson(const Json& json)
{
    GraphicsInfo info;
    info.usable = json.value("usable", false);
    info.problem = json.value("problem", "");
    info.vendor = json.value("vendor", "");
    info.renderer = json.value("renderer", "");
    info.version = json.value("version", "");
    info.vtk = json.value("vtk", "");
    info.longestEdge = json.value("longest_edge", 0);
    return info;
}

GraphicsInfo probeGraphics()
{
    GraphicsInfo info;
    info.vtk = vtkVersion::GetVTKVersion();
    if (!holdDisplay()) {
        info.problem = "3-D needs an X server or XWayland, and none answers (DISPLAY). Slices work without.";
        return info;
    }
    vtkNew<vtkRenderWindow> window;
    window->SetOffScreenRendering(true);
    window->SetSize(16, 16);
    if (!window->SupportsOpenGL()) {
        info.problem = "3-D needs OpenGL 3.2 or newer, which the graphics driver does not offer. Update the driver, or go on"
                       " with slices.";
        return info;
    }
    window->Render();
    const auto text = [](unsigned int what) {
        const auto* bytes = glGetString(what);
        return bytes ? std::string(reinterpret_cast<const char*>(bytes)) : std::string();
    };
    info.vendor = text(GL_VENDOR);
    info.renderer = text(GL_RENDERER);
    info.version = text(GL_VERSION);
    GLint edge = 0;
    glGetIntegerv(GL_MAX_3D_TEXTURE_SIZE, &edge);
    info.longestEdge = edge;
    info.usable = edge >= 64;
    if (!info.usable)
        info.problem = "3-D needs 3-D textures, which the graphics driver does not offer. Update the driver, or go on with"
                       " slices.";
    return info;
}

} // namespace interstice
