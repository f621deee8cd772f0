// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/outline.h"

#include <algorithm>

namespace interstice {

namespace {

/// Calls f(first, end, line) for runs along lines 1…lines − 1 in which one of at(place, line − 1) and at(place, line) is
/// foreground and the other is the rest of the volume.
template <class At, class F> void forEachRun(int length, int lines, At&& at, F&& f)
{
    for (int line = 1; line < lines; ++line) {
        int start = -1;
        bool side = false;
        for (int place = 0; place <= length; ++place) {
            const std::uint8_t from = place < length ? at(place, line - 1) : kBeyondLabel;
            const std::uint8_t to = place < length ? at(place, line) : kBeyondLabel;
            const bool before = from == 1;
            const bool edge = before != (to == 1) && from != kBeyondLabel && to != kBeyondLabel;
            // A run ends where the foreground changes sides: the outline turns a corner there.
            if (start >= 0 && (!edge || before != side)) {
                f(start, place, line);
                start = -1;
            }
            if (edge && start < 0) {
                start = place;
                side = before;
            }
        }
    }
}

} // namespace

std::vector<OutlinePiece> outlinePieces(std::span<const std::uint8_t> mask, int width, int height)
{
    std::vector<OutlinePiece> pieces;
    const auto valueAt = [&](int column, int row) {
        return mask[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)];
    };
    forEachRun(
        width, height, [&](int place, int line) { return valueAt(place, line); },
        [&](int first, int end, int line) { pieces.push_back({ first, line, end, line }); });
    forEachRun(
        height, width, [&](int place, int line) { return valueAt(line, place); },
        [&](int first, int end, int line) { pieces.push_back({ line, first, line, end }); });
    return pieces;
}

void drawOutline(RgbImage& image, std::span<const std::uint8_t> mask, int maskWidth, std::span<const int> columns,
    std::span<const int> rows, int thickness, Rgb colour)
{
    const auto w = static_cast<std::ptrdiff_t>(columns.size());
    const auto h = static_cast<std::ptrdiff_t>(rows.size());
    enum : std::uint8_t { Background, Foreground, Outside };
    std::vector<std::uint8_t> seen(columns.size() * rows.size(), Outside);
    for (std::ptrdiff_t y = 0; y < h; ++y) {
        const int row = rows[static_cast<std::size_t>(y)];
        std::uint8_t* line = seen.data() + y * w;
        if (row < 0)
            continue;
        if (y > 0 && row == rows[static_cast<std::size_t>(y - 1)]) {
            std::copy_n(line - w, w, line);
            continue;
        }
        const std::uint8_t* from = mask.data() + static_cast<std::ptrdiff_t>(row) * maskWidth;
        for (std::ptrdiff_t x = 0; x < w; ++x)
            if (const int column = columns[static_cast<std::size_t>(x)]; column >= 0 && from[column] != kBeyondLabel)
                line[x] = from[column] == 1 ? Foreground : Background;
    }
    // Foreground with background no farther than `thickness` along a row or column, or diagonally next to it.
    for (std::ptrdiff_t y = 0; y < h; ++y) {
        for (std::ptrdiff_t x = 0; x < w; ++x) {
            const std::uint8_t* here = seen.data() + y * w + x;
            if (*here != Foreground)
                continue;
            bool edge = false;
            for (std::ptrdiff_t d = 1; d <= thickness && !edge; ++d)
                edge = (x >= d && here[-d] == Background) || (x + d < w && here[d] == Background)
                    || (y >= d && here[-d * w] == Background) || (y + d < h && here[d * w] == Background);
            if (edge)
                image.pixels[static_cast<std::size_t>(y * w + x)] = colour.packed();
        }
    }
}

} // namespace interstice
