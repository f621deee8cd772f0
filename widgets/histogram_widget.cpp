// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/histogram_widget.h"

#include "render/histogram_columns.h"
#include "widgets/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kGrip = 8;

} // namespace

QString formatGrey(double value)
{
    if (!std::isfinite(value))
        return QStringLiteral("–");
    if (std::abs(value) >= 1000 && value != std::floor(value))
        value = std::round(value);
    if (value == std::floor(value) && std::abs(value) < 1e15) {
        QString digits = QString::number(static_cast<qint64>(std::abs(value)));
        for (qsizetype i = digits.size() - 3; i > 0; i -= 3)
            digits.insert(i, QChar(0x202f)); // narrow no-break space between thousands
        return value < 0 ? QChar(0x2212) + digits : digits;
    }
    return QString::number(value, 'g', 4);
}

HistogramWidget::HistogramWidget(QWidget* parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setFont(tabular(resized(font(), -1)));
    setAccessibleName(tr("Histogram of grey values"));
    setToolTip(tr("Drag the two lines to choose which grey values are black and white."));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setSizePolicy(policy);
}

void HistogramWidget::setHistogram(const Histogram& histogram)
{
    m_histogram = histogram;
    const GreyWindow range = plotRange(histogram, 0.06);
    m_low = range.black;
    m_high = range.white;
    update();
}

void HistogramWidget::setWindow(GreyWindow window)
{
    m_window = window;
    update();
}

QRectF HistogramWidget::plotArea() const
{
    return QRectF(rect()).adjusted(8, 6, -8, -QFontMetricsF(font()).height() - 6);
}

double HistogramWidget::xOf(double grey) const
{
    const QRectF area = plotArea();
    return area.left() + (grey - m_low) / (m_high - m_low) * area.width();
}

double HistogramWidget::greyAt(double x) const
{
    const QRectF area = plotArea();
    return m_low + (x - area.left()) / area.width() * (m_high - m_low);
}

void HistogramWidget::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::Mid), 1));
    painter.setBrush(palette().color(QPalette::Base));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    const QRectF area = plotArea();
    if (m_histogram.finite == 0) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect(), Qt::AlignCenter, tr("No volume"));
        return;
    }
    const int columns = std::max(8, static_cast<int>(area.width() / 2));
    std::vector<double> heights = columnCounts(m_histogram, { m_low, m_high }, columns);
    // Square roots: small phases stay visible beside large ones. The end columns hold what is cut off.
    double most = 0;
    for (double& value : heights) {
        value = std::sqrt(value);
        most = std::max(most, value);
    }
    QPainterPath path(area.bottomLeft());
    for (int c = 0; c < columns; ++c)
        path.lineTo(area.left() + (c + 0.5) * area.width() / columns,
            area.bottom() - (most > 0 ? heights[static_cast<std::size_t>(c)] / most : 0) * (area.height() - 6));
    path.lineTo(area.bottomRight());
    QColor fill = palette().color(QPalette::PlaceholderText);
    fill.setAlpha(150);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawPath(path);
    const QColor accent = palette().color(QPalette::Accent);
    const QFontMetricsF metrics(font());
    double taken = -1e9;
    for (const double grey : { m_window.black, m_window.white }) {
        const double x = std::clamp(xOf(grey), area.left(), area.right());
        painter.setBrush(accent);
        painter.setPen(Qt::NoPen);
        painter.drawRect(QRectF(x - 1, area.top(), 2, area.height()));
        painter.drawRoundedRect(QRectF(x - 4, area.top() + area.height() / 2 - 8, 8, 16), 3, 3);
        painter.setPen(palette().color(QPalette::PlaceholderText));
        const QString text = formatGrey(grey);
        const double wide = metrics.horizontalAdvance(text);
        double left = std::clamp(x - wide / 2, 6.0, width() - 6 - wide);
        left = std::max(left, taken + 8);
        painter.drawText(QPointF(left, height() - 6), text);
        taken = left + wide;
    }
}

HistogramWidget::Handle HistogramWidget::handleAt(double x) const
{
    const double black = std::abs(x - std::clamp(xOf(m_window.black), plotArea().left(), plotArea().right()));
    const double white = std::abs(x - std::clamp(xOf(m_window.white), plotArea().left(), plotArea().right()));
    if (std::min(black, white) > kGrip)
        return Handle::None;
    return black < white ? Handle::Black : Handle::White;
}

void HistogramWidget::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && m_histogram.finite > 0)
        m_dragged = handleAt(event->position().x());
}

void HistogramWidget::mouseMoveEvent(QMouseEvent* event)
{
    const double x = event->position().x();
    if (m_dragged == Handle::None) {
        setCursor(m_histogram.finite > 0 && handleAt(x) != Handle::None ? Qt::SplitHCursor : Qt::ArrowCursor);
        return;
    }
    const double grey = std::clamp(greyAt(x), m_low, m_high);
    const double least = (m_high - m_low) / 1000;
    if (m_dragged == Handle::Black)
        m_window.black = std::min(grey, m_window.white - least);
    else
        m_window.white = std::max(grey, m_window.black + least);
    update();
    emit windowDragged(m_window);
}

void HistogramWidget::mouseReleaseEvent(QMouseEvent*)
{
    m_dragged = Handle::None;
}

} // namespace interstice
