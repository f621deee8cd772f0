// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/compose.h"

#include <span>
#include <vector>

namespace interstice {

/// Outlines of a mask (foreground is 1) whose width belongs to the picture, not to the voxels. The slice's own border is no
/// outline.

/// Beyond the volume, in a slice at an angle: there is no outline towards it either.
inline constexpr std::uint8_t kBeyondLabel = 254;

/// A straight piece of the border between foreground and the rest, between corners of pixels: pixel (column, row) lies
/// between corners (column, row) and (column + 1, row + 1).
struct OutlinePiece {
    int column0;
    int row0;
    int column1;
    int row1;
    bool operator==(const OutlinePiece&) const = default;
};
/// As few pieces as there are straight runs. For print: lines that can be drawn at any size.
std::vector<OutlinePiece> outlinePieces(std::span<const std::uint8_t> mask, int width, int height);

/// The outline on a screen: for each pixel of the screen the mask's pixel that it shows is (columns[x], rows[y]), −1 outside
/// the slice. The inner edge of the foreground, `thickness` screen pixels wide, is painted in `colour`; the rest stays as it
/// is. `image` has columns.size() × rows.size() pixels.
void drawOutline(RgbImage& image, std::span<const std::uint8_t> mask, int maskWidth, std::span<const int> columns,
    std::span<const int> rows, int thickness, Rgb colour);

} // namespace interstice
