// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/figure.h"

#include "base/error.h"
#include "base/file.h"
#include "picture/scale_bar.h"
#include "picture/ticks.h"

#include <QBuffer>
#include <QFileInfo>
#include <QFontMetricsF>
#include <QImageWriter>
#include <QLinearGradient>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kOutlineMm = 0.2; ///< about half a point: the finest line journals take
constexpr double kGap = 2; // mm between panels
constexpr double kPointMm = 25.4 / 72;

/// Fonts are made 100 times larger and drawn 100 times smaller: at one unit a millimetre sizes would be rounded.
constexpr double kFine = 100;

QFont fontOf(const FigureSpec& spec, bool bold = false)
{
    QFont font(QStringLiteral("Inter"));
    font.setStyleHint(QFont::SansSerif);
    font.setPixelSize(int(std::lround(spec.textPoints * kPointMm * kFine)));
    font.setBold(bold);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

double widthOf(const QFont& font, const QString& text)
{
    return QFontMetricsF(font).horizontalAdvance(text) / kFine;
}

struct Layout {
    int columns = 1;
    int rows = 1;
    double headMm = 0; ///< above each panel
    double footMm = 0; ///< below, for a legend
    std::vector<QRectF> panels; ///< mm, of the pictures alone
    double heightMm = 0;
};

bool hasBar(const FigureSpec& spec, const FigurePanel& panel)
{
    return spec.colourBars && panel.colourBar;
}

Ticks ticksOf(const FigureSpec& spec, const ColourBar& bar, double heightMm)
{
    return chooseTicks(bar.range.black, bar.range.white, std::max(2, int(heightMm / (spec.textPoints * kPointMm * 2))));
}

/// Beside a panel with a colour bar: the bar, its numbers and, upright, what they count. Millimetres.
double barRoom(const FigureSpec& spec, const FigurePanel& panel)
{
    if (!hasBar(spec, panel))
        return 0;
    double numbers = 0;
    const Ticks ticks = ticksOf(spec, *panel.colourBar, 40);
    for (const double place : ticks.places)
        numbers = std::max(numbers, widthOf(fontOf(spec), formatTick(place, ticks.step, ticks.decimals)));
    return 1.2 + 2.4 + 1 + numbers + 0.5 + spec.textPoints * kPointMm * 1.1;
}

/// Width by height.
double shapeOf(const FigurePanel& panel)
{
    return panel.image.isNull()
        ? 1
        : panel.image.width() * panel.pixelWidth / (std::max(1, panel.image.height()) * panel.pixelHeight);
}

Layout layoutOf(const FigureSpec& spec)
{
    Layout layout;
    const int n = int(spec.panels.size());
    if (n == 0)
        return layout;
    layout.columns = spec.columns > 0 ? std::min(spec.columns, n) : n;
    layout.rows = (n + layout.columns - 1) / layout.columns;
    layout.headMm = spec.letters || spec.captions ? spec.textPoints * kPointMm * 1.5 : 0;
    const bool legend = spec.colourBars
        && std::any_of(spec.panels.begin(), spec.panels.end(), [](const FigurePanel& p) { return !p.legend.empty(); });
    layout.footMm = legend ? spec.textPoints * kPointMm * 1.6 : 0;
    double y = 0;
    for (int row = 0; row < layout.rows; ++row) {
        const int first = row * layout.columns;
        const int last = std::min(n, first + layout.columns);
        double bars = 0;
        for (int i = first; i < last; ++i)
            bars += barRoom(spec, spec.panels[std::size_t(i)]);
        // Panels of a row are equally high, whatever their shapes; a last row that is not full is no higher than the one
        // above it.
        double shapes = 0; // Σ width / height
        for (int i = first; i < last; ++i)
            shapes += shapeOf(spec.panels[std::size_t(i)]);
        double high = (spec.widthMm - kGap * (last - first - 1) - bars) / shapes;
        if (last - first < layout.columns && !layout.panels.empty())
            high = std::min(high, layout.panels.back().height());
        double x = 0;
        for (int i = first; i < last; ++i) {
            const FigurePanel& panel = spec.panels[std::size_t(i)];
            layout.panels.emplace_back(x, y + layout.headMm, high * shapeOf(panel), high);
            x += high * shapeOf(panel) + kGap + barRoom(spec, panel);
        }
        y += layout.headMm + high + layout.footMm + (row + 1 < layout.rows ? kGap : 0);
    }
    layout.heightMm = y;
    return layout;
}

/// The baseline begins at (x, y), millimetres.
void drawText(QPainter& painter, double x, double y, const QFont& font, const QColor& colour, const QString& text)
{
    painter.save();
    painter.translate(x, y);
    painter.scale(1 / kFine, 1 / kFine);
    painter.setFont(font);
    painter.setPen(colour);
    painter.drawText(QPointF(0, 0), text);
    painter.restore();
}

void paintScaleBar(QPainter& painter, const FigureSpec& spec, const FigurePanel& panel, const QRectF& area)
{
    const double perMm = panel.micrometresPerPixel * panel.image.width() / area.width();
    const auto bar = chooseScaleBar(perMm, area.width());
    if (!bar)
        return;
    const QFont font = fontOf(spec);
    const double line = spec.textPoints * kPointMm;
    const QString text = QString::fromStdString(bar->text);
    const double pad = line * 0.35;
    const QRectF plate(area.left() + line * 0.5, area.bottom() - line * 2.4,
        std::max(bar->pixels, widthOf(font, text)) + 2 * pad, line * 1.9);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0, 0, 0, 150)); // seen on bright and dark pictures alike
    painter.drawRoundedRect(plate, 0.5, 0.5);
    painter.setBrush(Qt::white);
    painter.drawRect(QRectF(plate.left() + pad, plate.top() + pad, bar->pixels, line * 0.16));
    drawText(painter, plate.left() + pad, plate.bottom() - pad, font, Qt::white, text);
}

void paintColourBar(QPainter& painter, const FigureSpec& spec, const ColourBar& bar, const QRectF& area, const QColor& ink)
{
    const double line = spec.textPoints * kPointMm;
    const QRectF strip(area.right() + 1.2, area.top() + line * 0.4, 2.4, area.height() - line * 0.8);
    QLinearGradient gradient(strip.bottomLeft(), strip.topLeft());
    const auto table = coloursOf(bar.look);
    for (int i = 0; i <= 32; ++i)
        gradient.setColorAt(i / 32.0, QColor(table[static_cast<std::size_t>(std::lround(i * 255 / 32.0))]));
    painter.setPen(QPen(ink, 0.15));
    painter.setBrush(gradient);
    painter.drawRect(strip);
    const QFont font = fontOf(spec);
    const Ticks ticks = ticksOf(spec, bar, strip.height());
    double numbers = 0;
    for (const double place : ticks.places) {
        const double y = strip.bottom() - (place - bar.range.black) / (bar.range.white - bar.range.black) * strip.height();
        painter.setPen(QPen(ink, 0.15));
        painter.drawLine(QPointF(strip.right(), y), QPointF(strip.right() + 0.6, y));
        const QString number = formatTick(place, ticks.step, ticks.decimals);
        drawText(painter, strip.right() + 1, y + line * 0.35, font, ink, number);
        numbers = std::max(numbers, widthOf(font, number));
    }
    painter.save();
    painter.translate(strip.right() + 1 + numbers + 0.5 + line * 0.85, strip.center().y() + widthOf(font, bar.unit) / 2);
    painter.rotate(-90);
    drawText(painter, 0, 0, font, ink, bar.unit);
    painter.restore();
}

void paintLegend(
    QPainter& painter, const FigureSpec& spec, const std::vector<LegendEntry>& legend, const QRectF& area, const QColor& ink)
{
    const double line = spec.textPoints * kPointMm;
    const QFont font = fontOf(spec);
    double total = 0;
    for (const LegendEntry& entry : legend)
        total += line * 1.6 + widthOf(font, entry.text);
    double x = std::max(0.0, std::min(area.left(), spec.widthMm - total));
    for (const LegendEntry& entry : legend) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(entry.colour.r, entry.colour.g, entry.colour.b));
        painter.drawRect(QRectF(x, area.bottom() + line * 0.5, line * 0.7, line * 0.7));
        drawText(painter, x + line, area.bottom() + line * 1.15, font, ink, entry.text);
        x += line * 1.6 + widthOf(font, entry.text);
    }
}

/// Lines stay lines in SVG and PDF.
void paintOutline(QPainter& painter, const FigurePanel& panel, const QRectF& area)
{
    if (panel.outline.empty())
        return;
    const double width = area.width() / panel.image.width();
    const double height = area.height() / panel.image.height();
    std::vector<QLineF> lines;
    lines.reserve(panel.outline.size());
    for (const OutlinePiece& piece : panel.outline)
        lines.emplace_back(area.left() + piece.column0 * width, area.top() + piece.row0 * height,
            area.left() + piece.column1 * width, area.top() + piece.row1 * height);
    painter.save();
    painter.setPen(QPen(panel.outlineColour, kOutlineMm, Qt::SolidLine, Qt::SquareCap));
    painter.drawLines(lines.data(), int(lines.size()));
    painter.restore();
}

} // namespace

QSizeF figureSize(const FigureSpec& spec)
{
    return { spec.widthMm, layoutOf(spec).heightMm };
}

QSize figurePixels(const FigureSpec& spec)
{
    const QSizeF mm = figureSize(spec);
    return { int(std::lround(mm.width() / 25.4 * spec.dpi)), std::max(1, int(std::lround(mm.height() / 25.4 * spec.dpi))) };
}

QSize panelPixels(const FigureSpec& spec, std::size_t panel)
{
    const QSizeF mm = layoutOf(spec).panels.at(panel).size();
    return (mm / 25.4 * spec.dpi).toSize().expandedTo({ 1, 1 });
}

namespace {

/// As the views draw it: where pixels are fewer than voxels all voxels count, and where a voxel is wide it has corners.
void paintPicture(QPainter& painter, const FigureSpec& spec, const QImage& image, const QRectF& area)
{
    const QSizeF pixels = area.size() / 25.4 * spec.dpi;
    const double scale = pixels.width() / image.width();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, scale < kVoxelsAsBlocks);
    painter.drawImage(area,
        scale < kFewerPixels
            ? image.scaled(pixels.toSize().expandedTo({ 1, 1 }), Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
            : image);
}

} // namespace

void paintFigure(QPainter& painter, const FigureSpec& spec)
{
    const Layout layout = layoutOf(spec);
    const QColor ink = spec.background == FigureBackground::Black ? Qt::white : Qt::black;
    if (spec.background != FigureBackground::Transparent)
        painter.fillRect(
            QRectF(0, 0, spec.widthMm, layout.heightMm), spec.background == FigureBackground::White ? Qt::white : Qt::black);
    // Else a PDF would hold the pictures as JPEG, whose colours are not those of the screen.
    painter.setRenderHints(QPainter::Antialiasing | QPainter::LosslessImageRendering);
    const double line = spec.textPoints * kPointMm;
    double scaleShown = 0;
    for (std::size_t i = 0; i < layout.panels.size(); ++i) {
        const FigurePanel& panel = spec.panels[i];
        const QRectF& area = layout.panels[i];
        double x = area.left();
        const double baseline = area.top() - line * 0.45;
        if (spec.letters) {
            const QString letter = QString("(%1)").arg(QChar('a' + int(i % 26)));
            const QFont bold = fontOf(spec, true);
            drawText(painter, x, baseline, bold, ink, letter);
            x += widthOf(bold, letter) + line * 0.45;
        }
        if (spec.captions) {
            const QFont font = fontOf(spec);
            const double room = (area.right() - x) * kFine;
            drawText(painter, x, baseline, font, ink, QFontMetricsF(font).elidedText(panel.caption, Qt::ElideRight, room));
        }
        if (!panel.image.isNull())
            paintPicture(painter, spec, panel.image, area);
        paintOutline(painter, panel, area);
        const double scale = panel.image.isNull() ? 0 : panel.micrometresPerPixel * panel.image.width() / area.width();
        if (spec.scaleBar && scale > 0 && std::abs(scale - scaleShown) > 1e-6 * scale) {
            paintScaleBar(painter, spec, panel, area);
            scaleShown = scale;
        }
        if (hasBar(spec, panel))
            paintColourBar(painter, spec, *panel.colourBar, area, ink);
        if (spec.colourBars && !panel.legend.empty())
            paintLegend(painter, spec, panel.legend, area, ink);
    }
}

QImage renderFigure(const FigureSpec& spec, QSize pixels)
{
    QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
    if (image.isNull())
        throw Error("There is not enough memory for a figure of " + std::to_string(pixels.width()) + " × "
                + std::to_string(pixels.height()) + " pixels",
            "Choose fewer dots per inch or a smaller width.");
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.scale(pixels.width() / spec.widthMm, pixels.width() / spec.widthMm);
    paintFigure(painter, spec);
    painter.end();
    return spec.background == FigureBackground::Transparent ? image : image.convertToFormat(QImage::Format_RGB32);
}

void writeFigure(const FigureSpec& spec, const QString& path)
{
    if (spec.panels.empty())
        throw Error("The figure has no panels", "Show at least one view.");
    const QString ending = QFileInfo(path).suffix().toLower();
    PendingFile file(std::filesystem::path(path.toStdString()));
    const QString target = QString::fromStdString(file.path().string());
    const Error full("The figure could not be written to " + path.toStdString(), "Check that the disk has room for it.");
    const QSizeF mm = figureSize(spec);
    if (ending == "png" || ending == "tif" || ending == "tiff") {
        QImage image = renderFigure(spec, figurePixels(spec));
        image.setDotsPerMeterX(int(std::lround(spec.dpi / 0.0254)));
        image.setDotsPerMeterY(int(std::lround(spec.dpi / 0.0254)));
        QImageWriter writer(target, ending == "png" ? "png" : "tiff");
        if (ending != "png")
            writer.setCompression(1); // LZW
        if (!writer.write(image))
            throw Error(
                "The figure could not be written to " + path.toStdString() + ": " + writer.errorString().toStdString(),
                "Check that the disk has room for it, or choose another kind of file.");
    } else if (ending == "svg") {
        QSvgGenerator generator;
        generator.setFileName(target);
        constexpr double kUnits = 90; // per inch, so that lines and pictures keep their places
        const double perMm = kUnits / 25.4;
        generator.setResolution(int(kUnits));
        generator.setSize((mm * perMm).toSize());
        generator.setViewBox(QRectF(0, 0, mm.width() * perMm, mm.height() * perMm));
        QPainter painter(&generator);
        painter.scale(perMm, perMm);
        paintFigure(painter, spec);
        if (!painter.end())
            throw full;
    } else if (ending == "pdf") {
        QPdfWriter writer(target);
        writer.setCreator("Interstice");
        writer.setResolution(1200);
        writer.setPageSize(QPageSize(mm, QPageSize::Millimeter, {}, QPageSize::ExactMatch));
        writer.setPageMargins(QMarginsF(0, 0, 0, 0));
        QPainter painter(&writer);
        painter.scale(1200 / 25.4, 1200 / 25.4);
        paintFigure(painter, spec);
        if (!painter.end())
            throw full;
    } else {
        throw Error(
            "'" + path.toStdString() + "' names no kind of figure", "Choose a name ending in .png, .tif, .svg or .pdf.");
    }
    file.commit();
}

} // namespace interstice
