// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "render/scene_state.h"

#include <filesystem>
#include <vector>

namespace interstice {

/// What is to be seen at one moment of a movie. Between key frames the camera turns along the shortest way and the rest
/// changes evenly.
struct KeyFrame {
    double seconds = 0;
    SceneCamera camera;
    ClipBox clip;
    std::array<double, 3> slices = { 0.5, 0.5, 0.5 }; ///< as in SceneState
};

/// What the state shows now.
KeyFrame keyFrameOf(const SceneState& state, double seconds);
/// Once around the sample's upright as the picture shows it, and back where it began.
std::vector<KeyFrame> turntable(const SceneState& state, double seconds);
/// The state as it is at that moment: before the first key frame as in that, after the last as in that.
SceneState stateAt(const SceneState& state, const std::vector<KeyFrame>& keys, double seconds);

struct MovieOptions {
    int width = 1280; ///< pixels; even, as video wants it
    int height = 720;
    double framesPerSecond = 25;
    /// Pixels for one point of text.
    double scale = 1.5;
    /// Between samples along a line of sight, in voxels.
    double step = 0.8;
};

/// Frames of a movie whose last key frame is at `seconds`: one at least, and none shown twice where it loops.
int frameCount(const std::vector<KeyFrame>& keys, const MovieOptions& options);

/// Draws and writes it: a video (.ogv, Theora), or with .png one picture a frame, turn-0001.png, turn-0002.png and so on.
/// A video appears when it is whole; of pictures those that were finished before a stop stay. All OpenGL is touched by the
/// calling thread. Throws Error naming the file.
void writeMovie(const SceneState& state, const std::vector<KeyFrame>& keys, const MovieOptions& options,
    const std::filesystem::path& path, Task& task);

} // namespace interstice
