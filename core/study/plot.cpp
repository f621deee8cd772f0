// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/plot.h"

#include "picture/ticks.h"
#include "study/statistics.h"
#include "study/table.h"

#include <algorithm>
#include <cstdio>

namespace interstice {

namespace {

constexpr double kWidth = 460;
constexpr double kPlotHeight = 250;
constexpr double kLeft = 58;
constexpr double kRight = 14;
constexpr double kTop = 30;
constexpr double kBelow = 46; // tick labels and the axis' name
constexpr double kLegendRow = 18;
constexpr double kLegendColumn = (kWidth - kLeft - kRight) / 2;

struct Range {
    double low = 0;
    double high = 1;

    void include(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    /// A little room at both ends, some even where all values are one.
    Range widened(double share) const
    {
        const double room = high > low ? (high - low) * share : std::max(std::abs(high) * 0.1, 1e-6);
        return { low - room, high + room };
    }
};

std::string at(double value)
{
    return fixed(value, 1);
}

std::string text(double x, double y, const std::string& anchor, const std::string& what, const std::string& more = {})
{
    return "<text x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\"" + more + ">" + escaped(what)
        + "</text>";
}

std::string line(double x1, double y1, double x2, double y2, const std::string& more)
{
    return "<line x1=\"" + at(x1) + "\" y1=\"" + at(y1) + "\" x2=\"" + at(x2) + "\" y2=\"" + at(y2) + "\" " + more + "/>";
}

/// The frame that data are drawn in.
class Axes {
public:
    explicit Axes(const Plot& plot)
    {
        bool first = true;
        for (const auto& series : plot.series) {
            for (const auto& point : series.points) {
                if (first)
                    m_x = { point.x, point.x }, m_y = { point.y, point.y };
                first = false;
                m_x.include(point.x);
                m_y.include(point.y - point.deviation);
                m_y.include(point.y + point.deviation);
            }
        }
        if (!plot.levelName.empty() && !first)
            m_y.include(plot.level);
        m_x = m_x.widened(0.06);
        m_y = m_y.widened(0.08);
    }

    double x(double value) const { return kLeft + (value - m_x.low) / (m_x.high - m_x.low) * (kWidth - kLeft - kRight); }
    double y(double value) const { return kTop + (m_y.high - value) / (m_y.high - m_y.low) * kPlotHeight; }

    std::string grid(const Plot& plot) const
    {
        std::string svg;
        const double bottom = kTop + kPlotHeight;
        const Ticks ys = chooseTicks(m_y.low, m_y.high, 6);
        for (const double place : ys.places)
            svg += line(kLeft, y(place), kWidth - kRight, y(place), "class=\"grid\"")
                + text(kLeft - 6, y(place) + 3.5, "end", fixed(place, ys.decimals));
        const Ticks xs = chooseTicks(m_x.low, m_x.high, 8);
        for (const double place : xs.places)
            svg += line(x(place), bottom, x(place), bottom + 4, "class=\"axis\"")
                + text(x(place), bottom + 16, "middle", fixed(place, xs.decimals));
        svg += line(kLeft, bottom, kWidth - kRight, bottom, "class=\"axis\"");
        svg += text((kLeft + kWidth - kRight) / 2, bottom + 34, "middle", plot.xLabel, " class=\"name\"");
        const double middle = kTop + kPlotHeight / 2;
        svg += text(14, middle, "middle", plot.yLabel, " class=\"name\" transform=\"rotate(-90 14 " + at(middle) + ")\"");
        return svg + text(kLeft, 17, "start", plot.title, " class=\"title\"");
    }

private:
    Range m_x;
    Range m_y;
};

std::string drawn(const PlotSeries& series, const Axes& axes)
{
    const std::string colour = webColour(series.colour);
    std::string points;
    std::string marks;
    for (const auto& point : series.points) {
        points += at(axes.x(point.x)) + "," + at(axes.y(point.y)) + " ";
        if (!series.markers)
            continue;
        if (point.deviation > 0)
            marks += line(axes.x(point.x), axes.y(point.y - point.deviation), axes.x(point.x),
                axes.y(point.y + point.deviation), "stroke=\"" + colour + "\" stroke-width=\"1.2\"");
        marks += "<circle cx=\"" + at(axes.x(point.x)) + "\" cy=\"" + at(axes.y(point.y)) + "\" r=\"3.4\" fill=\""
            + (series.dashed ? "#fff" : colour) + "\" stroke=\"" + colour + "\" stroke-width=\"1.6\"/>";
    }
    return "<polyline points=\"" + points + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.6\""
        + (series.dashed ? " stroke-dasharray=\"5 3\"" : "") + "/>" + marks;
}

/// Two names a row where all fit into half of it.
std::size_t legendColumns(const std::vector<const PlotSeries*>& all)
{
    constexpr std::size_t kLetters = 29;
    return std::all_of(all.begin(), all.end(), [](const PlotSeries* one) { return one->name.size() <= kLetters; }) ? 2 : 1;
}

std::string legend(const std::vector<const PlotSeries*>& all)
{
    std::string svg;
    const double top = kTop + kPlotHeight + kBelow;
    const std::size_t columns = legendColumns(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double x = kLeft + static_cast<double>(i % columns) * kLegendColumn;
        const double y = top + static_cast<double>(i / columns) * kLegendRow + 8;
        const std::string colour = webColour(all[i]->colour);
        svg += line(x, y, x + 22, y,
            "stroke=\"" + colour + "\" stroke-width=\"1.8\"" + (all[i]->dashed ? " stroke-dasharray=\"5 3\"" : ""));
        svg += text(x + 28, y + 3.5, "start", all[i]->name);
    }
    return svg;
}

} // namespace

std::string webColour(Rgb colour)
{
    char text[8];
    std::snprintf(text, sizeof text, "#%02x%02x%02x", colour.r, colour.g, colour.b);
    return text;
}

std::string toSvg(const Plot& plot)
{
    std::vector<const PlotSeries*> all;
    for (const auto& series : plot.series)
        if (!series.points.empty())
            all.push_back(&series);
    if (all.empty())
        return {};
    const Axes axes(plot);
    const std::size_t columns = legendColumns(all);
    const double height
        = kTop + kPlotHeight + kBelow + kLegendRow * static_cast<double>((all.size() + columns - 1) / columns) + 4;
    std::string svg = "<svg class=\"plot\" viewBox=\"0 0 " + at(kWidth) + " " + at(height) + "\" role=\"img\" aria-label=\""
        + escaped(plot.title) + "\">" + axes.grid(plot);
    if (!plot.levelName.empty())
        svg += line(kLeft, axes.y(plot.level), kWidth - kRight, axes.y(plot.level), "class=\"level\"")
            + text((kLeft + kWidth - kRight) / 2, axes.y(plot.level) + 13, "middle", plot.levelName, " class=\"level\"");
    for (const auto* series : all)
        svg += drawn(*series, axes);
    return svg + legend(all) + "</svg>\n";
}

} // namespace interstice
