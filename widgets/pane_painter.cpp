// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pane_painter.h"

#include "picture/scale_bar.h"
#include "picture/ticks.h"
#include "widgets/theme.h"

#include <QFontMetricsF>
#include <QObject>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kMargin = 10;
constexpr double kTitleTop = 9;
constexpr double kSwatch = 9;
constexpr double kPlatePadding = 8;
constexpr double kBarWidth = 12;
constexpr double kBarMost = 260; ///< a longer bar shows nothing more
constexpr double kBarLeast = 36;
constexpr double kTickEvery = 34;

QColor colourOf(Rgb rgb)
{
    return { rgb.r, rgb.g, rgb.b };
}

QString withMinus(QString number)
{
    return number.replace('-', QChar(0x2212));
}

} // namespace

QString formatTick(double value, double step, int decimals)
{
    const double most = std::max(std::abs(value), step);
    if (value != 0 && (most >= 1e7 || decimals > 5)) {
        const int digits = std::max(0,
            static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-9))
                - static_cast<int>(std::floor(std::log10(step) + 1e-9)));
        return withMinus(QString::number(value, 'e', digits).replace("e+0", "e").replace("e+", "e").replace("e-0", "e-"));
    }
    QString text = QString::number(std::abs(value), 'f', value == 0 && decimals > 5 ? 0 : decimals);
    const qsizetype point = text.indexOf('.');
    for (qsizetype i = (point < 0 ? text.size() : point) - 3; i > 0; i -= 3)
        text.insert(i, QChar(0x202f)); // narrow no-break space between thousands
    return value < 0 ? QChar(0x2212) + text : text;
}

PanePainter::PanePainter(QPainter& painter, QSizeF pane, const QFont& font)
    : m_painter(painter)
    , m_pane(pane)
    , m_font(font)
{
    m_painter.setRenderHint(QPainter::Antialiasing);
}

void PanePainter::paintPlate(const QRectF& plate)
{
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(kChipColour);
    m_painter.drawRoundedRect(plate, 5, 5);
}

void PanePainter::paintTitle(const QString& title, const QColor& colour, const QString& chip)
{
    const QFontMetricsF metrics(m_font);
    const double high = metrics.height() + 8;
    const double most = m_pane.width() - 2 * kMargin;
    m_top = kTitleTop + high;
    if (most < 28) // no room for more than the colour
        return;
    const double titleWidth = std::min(metrics.horizontalAdvance(title) + 36, most);
    const QRectF plate(kMargin, kTitleTop, titleWidth, high);
    paintPlate(plate);
    m_painter.setBrush(colour);
    m_painter.drawRoundedRect(QRectF(plate.left() + 9, plate.center().y() - 5, 10, 10), 3, 3);
    m_painter.setPen(kOnViewColour);
    m_painter.setFont(m_font);
    if (most >= 56)
        m_painter.drawText(plate.adjusted(27, 0, -6, 0), Qt::AlignVCenter | Qt::AlignLeft,
            metrics.elidedText(title, Qt::ElideRight, titleWidth - 34));
    if (chip.isEmpty() || most < 56)
        return;
    const QFont numbers = tabular(m_font);
    const QFontMetricsF numberMetrics(numbers);
    const double chipWidth = std::min(numberMetrics.horizontalAdvance(chip) + 20, most);
    const bool beside = plate.right() + chipWidth + 20 < m_pane.width();
    const double top = beside ? kTitleTop : kTitleTop + high + 4;
    const QRectF box(beside ? m_pane.width() - kMargin - chipWidth : kMargin, top, chipWidth, high);
    paintPlate(box);
    m_painter.setPen(kOnViewColour);
    m_painter.setFont(numbers);
    m_painter.drawText(
        box.adjusted(8, 0, -8, 0), Qt::AlignCenter, numberMetrics.elidedText(chip, Qt::ElideRight, chipWidth - 16));
    m_top = top + high;
}

void PanePainter::paintScaleBar(double micrometresPerPixel)
{
    const auto bar = chooseScaleBar(micrometresPerPixel, m_pane.width());
    if (!bar || m_pane.width() < 80)
        return;
    const QFont small = resized(m_font, -0.75);
    const double textHeight = QFontMetricsF(small).height();
    const QRectF line(14, m_pane.height() - 18 - textHeight, bar->pixels, 4);
    const QRectF text(14, line.bottom() + 3, std::max(bar->pixels, 120.0), textHeight);
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(QColor(0, 0, 0, 150));
    m_painter.drawRect(line.adjusted(-1, -1, 1, 1));
    m_painter.setBrush(Qt::white);
    m_painter.drawRect(line);
    m_painter.setFont(small);
    const QString label = QString::fromStdString(bar->text);
    m_painter.setPen(QColor(0, 0, 0, 180));
    for (const QPointF shift : { QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1) })
        m_painter.drawText(text.translated(shift), Qt::AlignLeft | Qt::AlignTop, label);
    m_painter.setPen(Qt::white);
    m_painter.drawText(text, Qt::AlignLeft | Qt::AlignTop, label);
}

void PanePainter::paintLegend(const std::vector<LegendEntry>& entries, double reserved)
{
    const QFont small = tabular(resized(m_font, -0.75));
    const QFontMetricsF metrics(small);
    std::vector<double> widths;
    double row = 8;
    double widest = 0;
    for (const auto& entry : entries) {
        widths.push_back(metrics.horizontalAdvance(entry.text) + 1);
        row += 14 + widths.back() + 9;
        widest = std::max(widest, widths.back());
    }
    const double lineHigh = metrics.height() + 3;
    const bool across = row <= m_pane.width() - kMargin - std::max(kMargin, reserved);
    const double wide = across ? row : 17 + 14 + widest;
    const double high = across ? metrics.height() + 8 : lineHigh * static_cast<double>(entries.size()) + 8;
    const QRectF box(m_pane.width() - kMargin - wide, m_pane.height() - 12 - high, wide, high);
    if (entries.empty() || box.left() < 4 || box.top() < m_top + 4)
        return;
    paintPlate(box);
    m_painter.setFont(small);
    QPointF at(box.left() + 9, across ? box.top() : box.bottom() - 4 - lineHigh);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        // One below the other, the last is on top: more is higher.
        const QRectF line(at.x(), at.y(), wide, across ? high : lineHigh);
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(colourOf(entries[i].colour));
        m_painter.drawRoundedRect(QRectF(line.left(), line.center().y() - kSwatch / 2, kSwatch, kSwatch), 2, 2);
        m_painter.setPen(kOnViewColour);
        m_painter.drawText(QRectF(line.left() + 14, line.top(), widths[i], line.height()), Qt::AlignVCenter | Qt::AlignLeft,
            entries[i].text);
        at += across ? QPointF(14 + widths[i] + 9, 0) : QPointF(0, -lineHigh);
    }
}

std::optional<ColourBar> greyBar(GreyWindow window, const GreyLook& look)
{
    if (look.colours == ColourMap::Grey)
        return std::nullopt;
    return ColourBar { window, look, QObject::tr("grey value") };
}

void PanePainter::paintColourBar(const ColourBar& bar)
{
    const QFont small = tabular(resized(m_font, -0.75));
    const QFontMetricsF metrics(small);
    const double padding = std::ceil(metrics.height() / 2) + 2; // numbers at the ends stand out half their height
    const double room = m_pane.height() - m_top - 6 - 12;
    const double high = std::floor(std::min(room - 2 * padding, kBarMost));
    if (high < kBarLeast)
        return;
    const Ticks ticks = chooseTicks(bar.range.black, bar.range.white, std::max(2, static_cast<int>(high / kTickEvery) + 1));
    double numbers = 0;
    std::vector<QString> texts;
    for (const double place : ticks.places) {
        texts.push_back(formatTick(place, ticks.step, ticks.decimals));
        numbers = std::max(numbers, metrics.horizontalAdvance(texts.back()));
    }
    const double unit = bar.unit.isEmpty() ? 0 : metrics.height() + 4;
    const double wide = kPlatePadding + kBarWidth + (texts.empty() ? 0 : 8 + std::ceil(numbers)) + unit + kPlatePadding;
    const QRectF plate(
        m_pane.width() - kMargin - wide, m_top + 6 + std::floor((room - high - 2 * padding) / 2), wide, high + 2 * padding);
    if (plate.left() < 4)
        return;
    paintPlate(plate);
    // One image, a row a colour, drawn with hard edges where device pixels allow: what is seen are the map's colours.
    const QRectF strip(std::round(plate.left() + kPlatePadding), std::round(plate.top() + padding), kBarWidth, high);
    const auto table = coloursOf(bar.look);
    QImage colours(1, 256, QImage::Format_RGB32);
    for (int i = 0; i < 256; ++i)
        colours.setPixel(0, 255 - i, table[static_cast<std::size_t>(i)]);
    m_painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    m_painter.drawImage(strip, colours);
    m_painter.setPen(QPen(QColor(255, 255, 255, 110), 1));
    m_painter.setBrush(Qt::NoBrush);
    m_painter.drawRect(strip.adjusted(-0.5, -0.5, 0.5, 0.5));
    m_painter.setFont(small);
    m_painter.setPen(kOnViewColour);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const double part = (ticks.places[i] - bar.range.black) / (bar.range.white - bar.range.black);
        const double y = strip.bottom() - part * strip.height();
        m_painter.drawLine(QPointF(strip.right() + 1, y), QPointF(strip.right() + 4, y));
        m_painter.drawText(QRectF(strip.right() + 8, y - metrics.height() / 2, numbers + 1, metrics.height()),
            Qt::AlignRight | Qt::AlignVCenter, texts[i]);
    }
    if (bar.unit.isEmpty())
        return;
    m_painter.save();
    m_painter.translate(plate.right() - kPlatePadding - metrics.height(), plate.center().y());
    m_painter.rotate(-90);
    m_painter.drawText(QRectF(-plate.height() / 2 + 4, 0, plate.height() - 8, metrics.height()), Qt::AlignCenter,
        metrics.elidedText(bar.unit, Qt::ElideRight, plate.height() - 8));
    m_painter.restore();
}

} // namespace interstice
