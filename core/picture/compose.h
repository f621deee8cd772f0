// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colour_maps.h"
#include "picture/colours.h"
#include "picture/contrast.h"
#include "volume/label_choice.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace interstice {

/// Opaque pixels 0xffRRGGBB, row by row from the top left.
struct RgbImage {
    int width = 0;
    int height = 0;
    std::vector<std::uint32_t> pixels;

    std::uint32_t at(int column, int row) const
    {
        return pixels[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)];
    }
};

enum class OverlayStyle { Fill, Outline, FillAndOutline };
/// What a pane makes of its mask.
enum class MaskDisplay { OverRaw, Alone, ErrorMap, Labels };

struct Overlay {
    Rgb colour;
    /// Of the fill, 0…1. Outlines are opaque.
    double opacity = 0.45;
    OverlayStyle style = OverlayStyle::FillAndOutline;
};

/// What the way from black to white looks like.
struct GreyLook {
    ColourMap colours = ColourMap::Grey;
    bool inverted = false;
    /// Exponent of the place in the window, 0…1; below 1 brightens the dark.
    double gamma = 1;
    bool operator==(const GreyLook&) const = default;
};

/// The colours that a look gives 256 equal steps from the window's black to its white, opaque (0xffRRGGBB).
std::array<std::uint32_t, 256> coloursOf(const GreyLook& look);
/// Grey values through the window; NaN is as black. `values` holds width × height numbers.
RgbImage composeGrey(std::span<const float> values, int width, int height, GreyWindow window, const GreyLook& look = {});
/// Other numbers than grey values, `range.black` the colour map's low end and `range.white` its high one; NaN
/// is black.
RgbImage composeMap(std::span<const float> values, int width, int height, GreyWindow range, ColourMap map);
/// A dark image of that size, under a mask that is shown alone.
RgbImage composeEmpty(int width, int height);
/// Fills a mask (0, 1; 255 is ignored) over the image, unless it is to be outlined alone. Outlines are drawn when the size
/// of the picture is known (see outline.h).
void overlayMask(RgbImage& image, std::span<const std::uint8_t> mask, const Overlay& overlay);
/// Draws where mask and truth agree on foreground, where the mask says too much and where it misses.
/// Pixels that either ignores (255) stay as they are.
void overlayErrors(
    RgbImage& image, std::span<const std::uint8_t> mask, std::span<const std::uint8_t> truth, const Overlay& overlay);
/// Draws how many of `most` methods say foreground, in the colours of `countColours`. Nobody (0) and nobody
/// knows (255) stay as they are.
void overlayCounts(RgbImage& image, std::span<const std::uint8_t> counts, int most, double opacity);

/// Draws each label that is shown in its own colour (see labelColour); 0 and what is no number stay as they are.
void overlayLabels(RgbImage& image, std::span<const float> labels, double opacity, const LabelChoice& shown = {});

} // namespace interstice
