// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/png.h"
#include "picture/scale_bar.h"
#include "study/figures.h"
#include "study/plot.h"
#include "study/statistics.h"
#include "study/table.h"

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kPageWidth = 960;
constexpr double kGap = 14;
constexpr double kCaption = 24;
constexpr double kColourBar = 34;
constexpr int kLeastPixels = 320; // of a panel in a file of its own
constexpr std::uint32_t kWhite = 0xffffffffU;

std::string at(double value)
{
    return fixed(value, 1);
}

std::string base64(const std::vector<std::byte>& bytes)
{
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= count ? letters[group >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

/// A bar along the lower edge, white with a dark rim so that it stands out of any picture.
std::string scaleBarSvg(double micrometresPerUnit, double x, double y, double width, double height)
{
    const auto bar = chooseScaleBar(micrometresPerUnit, width);
    if (!bar)
        return {};
    const double left = x + width - 10 - bar->pixels;
    const double top = y + height - 13;
    return "<rect x=\"" + at(left) + "\" y=\"" + at(top) + "\" width=\"" + at(bar->pixels)
        + "\" height=\"4\" class=\"bar\"/><text x=\"" + at(left + bar->pixels / 2) + "\" y=\"" + at(top - 5)
        + "\" text-anchor=\"middle\" class=\"bar\">" + escaped(bar->text) + "</text>";
}

std::string colourBarSvg(const ColourBar& bar, double x, double y, double width)
{
    RgbImage colours { 256, 1, {} };
    for (const std::uint32_t pixel : colourTable(bar.map))
        colours.pixels.push_back(pixel);
    const std::string below = "\" y=\"" + at(y + 24) + "\" ";
    return "<image x=\"" + at(x) + "\" y=\"" + at(y) + "\" width=\"" + at(width)
        + "\" height=\"9\" preserveAspectRatio=\"none\" href=\"data:image/png;base64," + base64(encodePng(colours)) + "\"/>"
        + "<text x=\"" + at(x) + below + ">" + fixed(bar.low, 0) + "</text><text x=\"" + at(x + width) + below
        + "text-anchor=\"end\">" + fixed(bar.high, 0) + "</text><text x=\"" + at(x + width / 2) + below
        + "text-anchor=\"middle\">" + escaped(bar.unit) + "</text>";
}

} // namespace

std::string toSvg(const StudyFigure& figure)
{
    const std::size_t columns = std::min<std::size_t>(std::max<std::size_t>(figure.panels.size(), 3), 4);
    const double width = (kPageWidth - kGap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
    const RgbImage& first = figure.panels.front().image;
    const double height = width * first.height / first.width;
    const bool bars = std::any_of(
        figure.panels.begin(), figure.panels.end(), [](const StudyPanel& panel) { return panel.bar.has_value(); });
    const double rowHeight = height + kCaption + (bars ? kColourBar : 0) + 6;
    const std::size_t rows = (figure.panels.size() + columns - 1) / columns;
    std::string svg = "<svg class=\"panels\" viewBox=\"0 0 " + at(kPageWidth) + " "
        + at(rowHeight * static_cast<double>(rows)) + "\" role=\"img\" aria-label=\"" + escaped(figure.title) + "\">";
    for (std::size_t i = 0; i < figure.panels.size(); ++i) {
        const StudyPanel& panel = figure.panels[i];
        const double x = static_cast<double>(i % columns) * (width + kGap);
        const double y = static_cast<double>(i / columns) * rowHeight;
        svg += "<image x=\"" + at(x) + "\" y=\"" + at(y) + "\" width=\"" + at(width) + "\" height=\"" + at(height)
            + "\" preserveAspectRatio=\"none\" class=\"voxels\" href=\"data:image/png;base64,"
            + base64(encodePng(panel.image)) + "\"/>";
        if (figure.micrometresPerPixel > 0)
            svg += scaleBarSvg(figure.micrometresPerPixel * panel.image.width / width, x, y, width, height);
        svg += "<text x=\"" + at(x) + "\" y=\"" + at(y + height + 17) + "\" class=\"panel\"><tspan class=\"letter\">"
            + std::string(1, static_cast<char>('a' + i)) + "</tspan> " + escaped(panel.caption) + "</text>";
        if (panel.bar)
            svg += colourBarSvg(*panel.bar, x, y + height + kCaption + 4, width);
    }
    return svg + "</svg>\n";
}

RgbImage joined(const StudyFigure& figure)
{
    const auto times = [](const RgbImage& image) { return std::max(1, (kLeastPixels + image.width - 1) / image.width); };
    constexpr int gap = 8;
    RgbImage all { -gap, 0, {} };
    for (const StudyPanel& panel : figure.panels) {
        all.width += gap + panel.image.width * times(panel.image);
        all.height = std::max(all.height, panel.image.height * times(panel.image));
    }
    all.pixels.assign(static_cast<std::size_t>(all.width) * static_cast<std::size_t>(all.height), kWhite);
    int left = 0;
    for (const StudyPanel& panel : figure.panels) {
        const int scale = times(panel.image);
        for (int row = 0; row < panel.image.height * scale; ++row)
            for (int column = 0; column < panel.image.width * scale; ++column)
                all.pixels[static_cast<std::size_t>(row) * static_cast<std::size_t>(all.width)
                    + static_cast<std::size_t>(left + column)]
                    = panel.image.at(column / scale, row / scale);
        left += panel.image.width * scale + gap;
    }
    return all;
}

} // namespace interstice
