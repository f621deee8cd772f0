// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"

#include <string>
#include <vector>

namespace interstice {

struct PlotPoint {
    double x = 0;
    double y = 0;
    /// Half the bar drawn through it; 0 for none.
    double deviation = 0;
};

struct PlotSeries {
    std::string name;
    Rgb colour;
    bool dashed = false;
    /// Circles and error bars at the points; without, a line alone.
    bool markers = true;
    std::vector<PlotPoint> points;
};

struct Plot {
    std::string title;
    /// With the unit: "Volume fraction of spheres (%)".
    std::string xLabel;
    std::string yLabel;
    std::vector<PlotSeries> series;
    /// A level to compare with, like the study's own number; drawn when levelName is not empty.
    double level = 0;
    std::string levelName;
};

/// The plot as an SVG element for an HTML page: lines, points with their spread, axes with round ticks, a legend. Empty
/// when no series has a point.
std::string toSvg(const Plot& plot);

/// "#e69f00"
std::string webColour(Rgb colour);

} // namespace interstice
