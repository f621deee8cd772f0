// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/compose.h"
#include "study/study.h"

#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// A scale of colours below a panel.
struct ColourBar {
    double low = 0;
    double high = 1;
    /// "grey values"
    std::string unit;
    ColourMap map = ColourMap::Viridis;
};

struct StudyPanel {
    RgbImage image;
    std::string caption;
    std::optional<ColourBar> bar;
};

/// Panels of one slice side by side.
struct StudyFigure {
    /// Names its file: "figure-1".
    std::string id;
    /// "Figure 1"
    std::string title;
    std::string caption;
    std::vector<StudyPanel> panels;
    /// 0 where the voxel size is unknown: then there is no scale bar.
    double micrometresPerPixel = 0;
};

/// The study's Figures 1 to 5 (1, 4, 5: raw, reference, U-Net; 2: raw, K-means; 3: raw, depth-map mask, depth map) and a
/// sixth with each method's errors. 1 to 3 show the first data set; 4 and 5 the further data, or other data sets, or other
/// slices of the first. Those that the recipe has no method for are left out. Reads one slice of each volume.
std::vector<StudyFigure> makeFigures(const StudyResult& result, const StudyPlaces& places, Task& task);

/// As an SVG element with letters, captions, scale bar and colour bars; the pictures inside as data URIs.
std::string toSvg(const StudyFigure& figure);
/// The panels alone, side by side with a white gap, enlarged to whole multiples where they are small.
RgbImage joined(const StudyFigure& figure);

} // namespace interstice
