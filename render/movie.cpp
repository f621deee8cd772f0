// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/movie.h"

#include "base/error.h"
#include "base/file.h"
#include "render/volume_scene.h"

#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkOggTheoraWriter.h>
#include <vtkPNGWriter.h>
#include <vtkSmartPointer.h>

#include <algorithm>
#include <cmath>

namespace fs = std::filesystem;

namespace interstice {

namespace {

constexpr int kTurntableKeys = 12; ///< no two more than half a turn apart, and evenly

using Quaternion = std::array<double, 4>; ///< w, x, y, z

/// Of the turn that brings the axes of the picture (right, up, towards the eye) where the camera has them.
Quaternion orientationOf(const SceneCamera& camera)
{
    const Vector3 r = cross(camera.up, camera.direction);
    const Vector3& u = camera.up;
    const Vector3& d = camera.direction;
    // Shepperd 1978: divides by the largest of the four.
    const double trace = r[0] + u[1] + d[2];
    const double xx = r[0];
    const double yy = u[1];
    const double zz = d[2];
    Quaternion q;
    if (trace >= std::max({ xx, yy, zz })) {
        const double w = std::sqrt(std::max(0.0, 1 + trace)) / 2;
        q = { w, (u[2] - d[1]) / (4 * w), (d[0] - r[2]) / (4 * w), (r[1] - u[0]) / (4 * w) };
    } else if (xx >= std::max(yy, zz)) {
        const double x = std::sqrt(std::max(0.0, 1 + xx - yy - zz)) / 2;
        q = { (u[2] - d[1]) / (4 * x), x, (r[1] + u[0]) / (4 * x), (d[0] + r[2]) / (4 * x) };
    } else if (yy >= zz) {
        const double y = std::sqrt(std::max(0.0, 1 - xx + yy - zz)) / 2;
        q = { (d[0] - r[2]) / (4 * y), (r[1] + u[0]) / (4 * y), y, (u[2] + d[1]) / (4 * y) };
    } else {
        const double z = std::sqrt(std::max(0.0, 1 - xx - yy + zz)) / 2;
        q = { (r[1] - u[0]) / (4 * z), (d[0] + r[2]) / (4 * z), (u[2] + d[1]) / (4 * z), z };
    }
    return q;
}

/// Along the shorter great circle (Shoemake 1985).
Quaternion between(const Quaternion& a, Quaternion b, double t)
{
    double cosine = 0;
    for (std::size_t i = 0; i < 4; ++i)
        cosine += a[i] * b[i];
    if (cosine < 0) {
        cosine = -cosine;
        for (double& x : b)
            x = -x;
    }
    const double angle = std::acos(std::min(1.0, cosine));
    const double sine = std::sin(angle);
    const double fromA = sine < 1e-9 ? 1 - t : std::sin((1 - t) * angle) / sine;
    const double fromB = sine < 1e-9 ? t : std::sin(t * angle) / sine;
    Quaternion q;
    for (std::size_t i = 0; i < 4; ++i)
        q[i] = fromA * a[i] + fromB * b[i];
    return q;
}

void orient(SceneCamera& camera, const Quaternion& q)
{
    const auto& [w, x, y, z] = q;
    camera.up = normalised({ 2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x) });
    camera.direction = normalised({ 2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y) });
}

Vector3 between(const Vector3& a, const Vector3& b, double t)
{
    Vector3 result;
    for (std::size_t i = 0; i < 3; ++i)
        result[i] = a[i] + t * (b[i] - a[i]);
    return result;
}

vtkSmartPointer<vtkImageData> toVtkPicture(const RgbImage& picture)
{
    auto image = vtkSmartPointer<vtkImageData>::New();
    image->SetDimensions(picture.width, picture.height, 1);
    image->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
    auto* to = static_cast<unsigned char*>(image->GetScalarPointer());
    for (int row = picture.height - 1; row >= 0; --row) { // VTK's first row is the lowest
        for (int column = 0; column < picture.width; ++column) {
            const std::uint32_t pixel = picture.at(column, row);
            *to++ = static_cast<unsigned char>(pixel >> 16);
            *to++ = static_cast<unsigned char>(pixel >> 8);
            *to++ = static_cast<unsigned char>(pixel);
        }
    }
    return image;
}

std::string frameName(const fs::path& path, int frame)
{
    char number[16];
    std::snprintf(number, sizeof number, "-%04d", frame + 1);
    return utf8(path.parent_path() / (path.stem().string() + number + path.extension().string()));
}

[[noreturn]] void refuse(const fs::path& path)
{
    throw Error("Cannot write " + utf8(path), "Check that the folder can be written to and the disk is not full.");
}

/// Calls take(frame, its picture) for every frame.
template <class F>
void drawFrames(
    const SceneState& state, const std::vector<KeyFrame>& keys, const MovieOptions& options, Task& task, F&& take)
{
    const int frames = frameCount(keys, options);
    VolumeScene scene;
    for (int frame = 0; frame < frames; ++frame) {
        task.throwIfStopped();
        task.progress(double(frame) / frames, "Frame " + std::to_string(frame + 1) + " of " + std::to_string(frames));
        const SceneState now = stateAt(state, keys, keys.front().seconds + frame / options.framesPerSecond);
        take(frame, toVtkPicture(scene.draw(now, { options.width, options.height, options.step, options.scale })));
    }
    task.progress(1, "Written");
}

} // namespace

KeyFrame keyFrameOf(const SceneState& state, double seconds)
{
    return { seconds, state.camera, state.clip, state.slices };
}

std::vector<KeyFrame> turntable(const SceneState& state, double seconds)
{
    std::vector<KeyFrame> keys;
    for (int i = 0; i <= kTurntableKeys; ++i) {
        KeyFrame key = keyFrameOf(state, seconds * i / kTurntableKeys);
        key.camera = turnedAbout(state.camera, state.camera.up, 360.0 * i / kTurntableKeys);
        keys.push_back(key);
    }
    return keys;
}

SceneState stateAt(const SceneState& state, const std::vector<KeyFrame>& keys, double seconds)
{
    SceneState now = state;
    if (keys.empty())
        return now;
    const auto after = std::find_if(keys.begin(), keys.end(), [&](const KeyFrame& key) { return key.seconds > seconds; });
    const KeyFrame& b = after == keys.end() ? keys.back() : *after;
    const KeyFrame& a = after == keys.begin() ? keys.front() : *std::prev(after);
    const double length = b.seconds - a.seconds;
    const double t = length > 0 ? std::clamp((seconds - a.seconds) / length, 0.0, 1.0) : 0;
    now.camera = t < 1 ? a.camera : b.camera;
    orient(now.camera, between(orientationOf(a.camera), orientationOf(b.camera), t));
    now.camera.focus = between(a.camera.focus, b.camera.focus, t);
    // Zooms look even when heights change by equal factors.
    now.camera.height = a.camera.height * std::pow(b.camera.height / a.camera.height, t);
    now.clip = { between(a.clip.low, b.clip.low, t), between(a.clip.high, b.clip.high, t) };
    now.slices = between(a.slices, b.slices, t);
    return now;
}

int frameCount(const std::vector<KeyFrame>& keys, const MovieOptions& options)
{
    if (keys.empty())
        return 0;
    const double seconds = keys.back().seconds - keys.front().seconds;
    const int frames = std::max(1, static_cast<int>(std::lround(seconds * options.framesPerSecond)));
    const auto same = [](const SceneCamera& a, const SceneCamera& b) {
        const Vector3 moved = { a.focus[0] - b.focus[0], a.focus[1] - b.focus[1], a.focus[2] - b.focus[2] };
        return dot(a.direction, b.direction) > 1 - 1e-9 && dot(a.up, b.up) > 1 - 1e-9
            && std::abs(a.height - b.height) < 1e-9 * a.height && std::sqrt(dot(moved, moved)) < 1e-9 * a.height;
    };
    const bool loops = keys.size() > 1 && keys.front().clip == keys.back().clip && keys.front().slices == keys.back().slices
        && same(keys.front().camera, keys.back().camera);
    return frames + (loops || keys.size() == 1 ? 0 : 1);
}

void writeMovie(const SceneState& state, const std::vector<KeyFrame>& keys, const MovieOptions& options,
    const fs::path& path, Task& task)
{
    if (keys.empty())
        throw Error("The movie has no views", "Add one with the button, or choose a turn.");
    if (options.width < 16 || options.height < 16 || options.width % 2 != 0 || options.height % 2 != 0)
        throw Error("A movie's frames are even numbers of pixels, 16 or more", "1280 × 720 is usual.");
    if (path.extension() == ".png") {
        drawFrames(state, keys, options, task, [&](int frame, vtkImageData* picture) {
            const std::string name = frameName(path, frame);
            vtkNew<vtkPNGWriter> writer;
            writer->SetFileName(name.c_str());
            writer->SetInputData(picture);
            writer->Write();
            if (writer->GetErrorCode() != 0)
                refuse(name);
        });
        return;
    }
    if (path.extension() != ".ogv")
        throw Error("A movie cannot be written as " + utf8(path.filename()),
            "End its name with .ogv for a video, or .png for a picture a frame.");
    PendingFile file(path);
    vtkNew<vtkOggTheoraWriter> writer;
    writer->SetFileName(file.path().c_str());
    writer->SetRate(static_cast<int>(std::lround(options.framesPerSecond)));
    writer->SetQuality(2);
    writer->SubsamplingOff(); // thin coloured lines keep their colour
    bool open = false;
    try {
        drawFrames(state, keys, options, task, [&](int, vtkImageData* picture) {
            writer->SetInputData(picture);
            if (!open)
                writer->Start();
            open = true;
            if (writer->GetError() == 0)
                writer->Write();
            if (writer->GetError() != 0)
                refuse(path);
        });
    } catch (...) {
        if (open)
            writer->End(); // lets go of the file, which is removed
        throw;
    }
    writer->End();
    file.commit();
}

} // namespace interstice
