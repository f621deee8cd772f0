// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/outline.h"

#include <QTest>

#include <numeric>

using namespace interstice;

namespace {

constexpr Rgb kColour { 9, 8, 7 };

/// A block of 3 × 4 pixels in 5 × 5 that leaves the picture at the bottom.
std::vector<std::uint8_t> block()
{
    std::vector<std::uint8_t> mask(25, 0);
    for (int row = 1; row < 5; ++row)
        for (int column = 1; column < 4; ++column)
            mask[std::size_t(row * 5 + column)] = 1;
    return mask;
}

/// Which of a screen's pixels are outline when every pixel of the mask takes `zoom` of them.
QStringList drawn(const std::vector<std::uint8_t>& mask, int width, int height, int zoom, int thickness)
{
    std::vector<int> columns;
    std::vector<int> rows;
    for (int x = 0; x < width * zoom; ++x)
        columns.push_back(x / zoom);
    for (int y = 0; y < height * zoom; ++y)
        rows.push_back(y / zoom);
    RgbImage image { width * zoom, height * zoom, std::vector<std::uint32_t>(columns.size() * rows.size(), 0) };
    drawOutline(image, mask, width, columns, rows, thickness, kColour);
    QStringList lines;
    for (int y = 0; y < image.height; ++y) {
        QString line;
        for (int x = 0; x < image.width; ++x)
            line += image.at(x, y) == kColour.packed() ? '#' : image.at(x, y) == 0 ? '.' : '?';
        lines.append(line);
    }
    return lines;
}

} // namespace

class TestOutline : public QObject {
    Q_OBJECT

private slots:
    void widthIsOfTheScreen()
    {
        QCOMPARE(drawn(block(), 5, 5, 1, 1), (QStringList { ".....", ".###.", ".#.#.", ".#.#.", ".#.#." }));
        // Four times as large, and the line as wide as before; the picture's own border has none.
        const QStringList large = drawn(block(), 5, 5, 4, 1);
        QCOMPARE(large[3], QString(20, '.'));
        QCOMPARE(large[4], QString("....############....")); // of the block's first row
        QCOMPARE(large[5], QString("....#..........#...."));
        QCOMPARE(large[19], QString("....#..........#...."));
        const QStringList thick = drawn(block(), 5, 5, 4, 3);
        QCOMPARE(thick[6], QString("....############...."));
        QCOMPARE(thick[7], QString("....###......###...."));
    }

    void whatIsOutsideIsNoEdge()
    {
        const std::vector<std::uint8_t> mask(4, 1);
        const std::vector<int> places { -1, 0, 1, -1 };
        RgbImage image { 4, 4, std::vector<std::uint32_t>(16, 0) };
        drawOutline(image, mask, 2, places, places, 1, kColour);
        QVERIFY(std::ranges::all_of(image.pixels, [](std::uint32_t p) { return p == 0; }));
        const std::vector<std::uint8_t> ignored { 1, 255, 1, 1 }; // ignored is not foreground
        drawOutline(image, ignored, 2, places, places, 1, kColour);
        QCOMPARE(image.at(1, 1), kColour.packed());
        QCOMPARE(image.at(2, 1), 0U);
    }

    void noneTowardsWhatIsBeyond()
    {
        // A slice at an angle whose right half has no volume: the foreground's lower edge alone is outlined.
        const std::vector<std::uint8_t> mask { 1, 1, kBeyondLabel, kBeyondLabel, 0, 0, kBeyondLabel, kBeyondLabel };
        const auto pieces = outlinePieces(mask, 4, 2);
        QCOMPARE(pieces.size(), std::size_t { 1 });
        QVERIFY(pieces[0] == (OutlinePiece { 0, 1, 2, 1 }));
        QCOMPARE(drawn(mask, 4, 2, 3, 1),
            (QStringList {
                "............", "............", "######......", "............", "............", "............" }));
    }

    void piecesAreStraightRuns()
    {
        // Top, left and right of the block; the bottom is the picture's border.
        auto pieces = outlinePieces(block(), 5, 5);
        QCOMPARE(pieces.size(), std::size_t { 3 });
        QVERIFY(pieces[0] == (OutlinePiece { 1, 1, 4, 1 }));
        QVERIFY(pieces[1] == (OutlinePiece { 1, 1, 1, 5 }));
        QVERIFY(pieces[2] == (OutlinePiece { 4, 1, 4, 5 }));
        // Two pixels that touch at a corner: eight sides, none runs through the corner.
        pieces = outlinePieces(std::vector<std::uint8_t> { 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 }, 4, 4);
        QCOMPARE(pieces.size(), std::size_t { 8 });
        for (const auto& p : pieces)
            QCOMPARE(std::abs(p.column1 - p.column0) + std::abs(p.row1 - p.row0), 1);
        QVERIFY(outlinePieces(std::vector<std::uint8_t>(9, 1), 3, 3).empty());
    }
};

QTEST_GUILESS_MAIN(TestOutline)
#include "tst_outline.moc"
