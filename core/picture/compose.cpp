// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/compose.h"

#include "base/error.h"
#include "volume/labels.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace interstice {

namespace {

constexpr Rgb kEmpty { 0x14, 0x16, 0x18 };

void requirePixels(std::size_t got, int width, int height)
{
    if (got != static_cast<std::size_t>(width) * static_cast<std::size_t>(height))
        throw Error("A slice of " + std::to_string(width) + " × " + std::to_string(height) + " pixels came with "
                + std::to_string(got) + " values",
            "Please report this.");
}

std::uint32_t blend(std::uint32_t under, Rgb over, std::uint32_t alpha256)
{
    const std::uint32_t rest = 256 - alpha256;
    const std::uint32_t r = (((under >> 16) & 0xff) * rest + over.r * alpha256) >> 8;
    const std::uint32_t g = (((under >> 8) & 0xff) * rest + over.g * alpha256) >> 8;
    const std::uint32_t b = ((under & 0xff) * rest + over.b * alpha256) >> 8;
    return 0xff000000U | (r << 16) | (g << 8) | b;
}

std::uint32_t alphaOf(double opacity)
{
    return static_cast<std::uint32_t>(std::lround(std::clamp(opacity, 0.0, 1.0) * 256));
}

} // namespace

std::array<std::uint32_t, 256> coloursOf(const GreyLook& look)
{
    std::array<std::uint32_t, 256> table;
    for (std::size_t v = 0; v < table.size(); ++v) {
        const double place = std::pow(static_cast<double>(v) / 255, std::clamp(look.gamma, 0.05, 20.0));
        table[v]
            = colourTable(look.colours)[static_cast<std::size_t>(std::lround(255 * (look.inverted ? 1 - place : place)))];
    }
    return table;
}

RgbImage composeGrey(std::span<const float> values, int width, int height, GreyWindow window, const GreyLook& look)
{
    requirePixels(values.size(), width, height);
    RgbImage image { width, height, std::vector<std::uint32_t>(values.size()) };
    const double range = window.white - window.black;
    const auto scale = static_cast<float>(range > 0 ? 255.0 / range : 0);
    const auto black = static_cast<float>(window.black);
    const auto table = coloursOf(look);
    for (std::size_t i = 0; i < values.size(); ++i) {
        float grey = scale > 0 ? (values[i] - black) * scale : (values[i] > black ? 255.0F : 0.0F);
        grey = grey > 0 ? std::min(grey, 255.0F) : 0.0F; // also what is not a number
        image.pixels[i] = table[static_cast<std::size_t>(grey + 0.5F)];
    }
    return image;
}

RgbImage composeMap(std::span<const float> values, int width, int height, GreyWindow range, ColourMap map)
{
    requirePixels(values.size(), width, height);
    RgbImage image { width, height, std::vector<std::uint32_t>(values.size()) };
    const auto& table = colourTable(map);
    const double span = range.white - range.black;
    const auto scale = static_cast<float>(span > 0 ? 256.0 / span : 0);
    const auto low = static_cast<float>(range.black);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) {
            image.pixels[i] = 0xff000000U;
            continue;
        }
        const float place = scale > 0 ? (values[i] - low) * scale : (values[i] > low ? 255.0F : 0.0F);
        image.pixels[i] = table[static_cast<std::size_t>(std::clamp(place, 0.0F, 255.0F))];
    }
    return image;
}

RgbImage composeEmpty(int width, int height)
{
    return { width, height,
        std::vector<std::uint32_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), kEmpty.packed()) };
}

void overlayMask(RgbImage& image, std::span<const std::uint8_t> mask, const Overlay& overlay)
{
    requirePixels(mask.size(), image.width, image.height);
    if (overlay.style == OverlayStyle::Outline)
        return;
    const std::uint32_t alpha = alphaOf(overlay.opacity);
    for (std::size_t i = 0; i < mask.size(); ++i)
        if (mask[i] == 1)
            image.pixels[i] = blend(image.pixels[i], overlay.colour, alpha);
}

void overlayErrors(
    RgbImage& image, std::span<const std::uint8_t> mask, std::span<const std::uint8_t> truth, const Overlay& overlay)
{
    requirePixels(mask.size(), image.width, image.height);
    requirePixels(truth.size(), image.width, image.height);
    // Errors are what one looks for: they stay well visible where the agreement is faint.
    const std::uint32_t agree = alphaOf(overlay.opacity * 0.8);
    const std::uint32_t wrong = alphaOf(0.45 + 0.55 * overlay.opacity);
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (mask[i] == kIgnoreLabel || truth[i] == kIgnoreLabel)
            continue;
        if (mask[i] == 1)
            image.pixels[i] = truth[i] == 1 ? blend(image.pixels[i], kAgreeColour, agree)
                                            : blend(image.pixels[i], kFalsePositiveColour, wrong);
        else if (truth[i] == 1)
            image.pixels[i] = blend(image.pixels[i], kFalseNegativeColour, wrong);
    }
}

void overlayCounts(RgbImage& image, std::span<const std::uint8_t> counts, int most, double opacity)
{
    requirePixels(counts.size(), image.width, image.height);
    const std::uint32_t alpha = alphaOf(opacity);
    const std::vector<Rgb> colours = countColours(most);
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0 || counts[i] == kIgnoreLabel || colours.empty())
            continue;
        image.pixels[i] = blend(image.pixels[i], colours[std::min<std::size_t>(counts[i], colours.size()) - 1], alpha);
    }
}

void overlayLabels(RgbImage& image, std::span<const float> labels, double opacity, const LabelChoice& shown)
{
    requirePixels(labels.size(), image.width, image.height);
    const std::uint32_t alpha = alphaOf(opacity);
    // Neighbouring pixels mostly have the same label.
    float last = 0;
    bool shows = true;
    Rgb colour;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (!(labels[i] >= 1))
            continue;
        if (labels[i] != last) {
            last = labels[i];
            colour = labelColour(static_cast<std::uint32_t>(last));
            shows = shown.shows(static_cast<std::uint32_t>(last));
        }
        if (!shows)
            continue;
        image.pixels[i] = blend(image.pixels[i], colour, alpha);
    }
}

} // namespace interstice
