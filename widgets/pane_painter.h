// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colour_maps.h"
#include "picture/compose.h"
#include "picture/contrast.h"

#include <QColor>
#include <QFont>
#include <QRectF>
#include <QString>

#include <optional>
#include <vector>

class QPainter;

namespace interstice {

/// What lies over a slice. The views are dark in both themes, and so are these colours.
inline const QColor kViewColour(0x0c, 0x0d, 0x0e);
inline const QColor kChipColour(20, 22, 24, 200);
inline const QColor kOnViewColour(0xe7, 0xe9, 0xeb);

/// Pixels for a voxel below which all voxels are averaged over, so that none is skipped, and from which on voxels are
/// drawn with their corners.
inline constexpr double kFewerPixels = 0.75;
inline constexpr double kVoxelsAsBlocks = 3;

/// One entry of a legend.
struct LegendEntry {
    Rgb colour;
    QString text;
};

/// The scale of a map, or of grey values in colours: its colours from `range.black` to `range.white` with numbers, and what
/// they count.
struct ColourBar {
    GreyWindow range;
    GreyLook look { ColourMap::Viridis };
    QString unit;
};

/// Of grey values that are shown in colours; plain grey needs none.
std::optional<ColourBar> greyBar(GreyWindow window, const GreyLook& look);

/// Draws what lies over a slice into a pane of that size. Functions that need more room than there is draw
/// less or nothing.
class PanePainter {
public:
    PanePainter(QPainter& painter, QSizeF pane, const QFont& font);

    /// Title at the top left; the chip at the top right where there is room, under the title otherwise.
    void paintTitle(const QString& title, const QColor& colour, const QString& chip);
    /// At the bottom left.
    void paintScaleBar(double micrometresPerPixel);
    /// At the bottom right: in a row, or one below the other where `reserved` pixels on the left leave no room.
    void paintLegend(const std::vector<LegendEntry>& entries, double reserved);
    /// At the right edge, under title and chip.
    void paintColourBar(const ColourBar& bar);

private:
    void paintPlate(const QRectF& plate);

    QPainter& m_painter;
    QSizeF m_pane;
    QFont m_font;
    double m_top = 0; ///< what title and chip take
};

/// "18 420", "0.05", "−3", "2e−7": a tick's number with as many digits as tell it from its neighbours.
QString formatTick(double value, double step, int decimals);

} // namespace interstice
