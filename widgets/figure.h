// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/outline.h"
#include "widgets/pane_painter.h"

#include <QImage>
#include <QString>

#include <optional>
#include <vector>

namespace interstice {

/// One picture of a figure, at full resolution.
struct FigurePanel {
    QString caption;
    QImage image;
    /// Width and height of one pixel relative to each other.
    double pixelWidth = 1;
    double pixelHeight = 1;
    /// Across; 0 for no scale bar.
    double micrometresPerPixel = 0;
    std::optional<ColourBar> colourBar;
    std::vector<LegendEntry> legend;
    /// Drawn as lines over the image, whose pixels they count in.
    std::vector<OutlinePiece> outline;
    QColor outlineColour;
};

enum class FigureBackground { White, Black, Transparent };

/// A figure for print: panels in rows, with text in points and lengths in millimetres.
struct FigureSpec {
    std::vector<FigurePanel> panels;
    double widthMm = 170; ///< 20…400; journals print 85 and 170
    int dpi = 300; ///< of pictures in pixels, 72…1200
    int columns = 0; ///< 0: all in one row
    FigureBackground background = FigureBackground::White;
    bool letters = true; ///< (a), (b), (c)
    bool captions = true;
    bool scaleBar = true; ///< in the first panel of each scale
    bool colourBars = true; ///< and legends
    double textPoints = 8;
};

/// Millimetres; the height follows from the panels.
QSizeF figureSize(const FigureSpec& spec);
/// Pixels at the figure's resolution: the width is what was asked for, to the pixel.
QSize figurePixels(const FigureSpec& spec);
/// Pixels that a panel's picture takes in the file.
QSize panelPixels(const FigureSpec& spec, std::size_t panel);
/// Draws it with one unit of the painter a millimetre.
void paintFigure(QPainter& painter, const FigureSpec& spec);
/// In `pixels` pixels, as the file would look.
QImage renderFigure(const FigureSpec& spec, QSize pixels);
/// PNG, TIFF (both with the resolution in them), SVG or PDF (text stays text) by the name's ending; written beside the
/// target and renamed. Throws Error.
void writeFigure(const FigureSpec& spec, const QString& path);

} // namespace interstice
