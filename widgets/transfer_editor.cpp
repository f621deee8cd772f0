// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/transfer_editor.h"

#include "render/histogram_columns.h"
#include "widgets/histogram_widget.h"
#include "widgets/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kGrip = 8;
constexpr double kRadius = 4;

} // namespace

TransferEditor::TransferEditor(QWidget* parent)
    : QWidget(parent)
{
    setObjectName("transferEditor");
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setFont(tabular(resized(font(), -1)));
    setAccessibleName(tr("Opacity of grey values"));
    setToolTip(tr("Opacity of grey values: drag a point, click for a new one, right-click or Delete to take one away."));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void TransferEditor::setHistogram(const Histogram& histogram)
{
    m_histogram = histogram;
    const GreyWindow range = plotRange(histogram, 0.05);
    m_low = range.black;
    m_high = range.white;
    update();
}

void TransferEditor::setFunction(const TransferFunction& function)
{
    m_function = function;
    m_current = -1;
    update();
}

QRectF TransferEditor::plotArea() const
{
    return QRectF(rect()).adjusted(6, 6, -6, -20);
}

QPointF TransferEditor::toWidget(const OpacityPoint& point) const
{
    const QRectF area = plotArea();
    // Faint opacities matter most, so they get more room.
    return { area.left() + (point.value - m_low) / (m_high - m_low) * area.width(),
        area.bottom() - std::sqrt(std::clamp(point.opacity, 0.0, 1.0)) * area.height() };
}

OpacityPoint TransferEditor::toPoint(const QPointF& at) const
{
    const QRectF area = plotArea();
    const double up = std::clamp((area.bottom() - at.y()) / area.height(), 0.0, 1.0);
    return { m_low + std::clamp((at.x() - area.left()) / area.width(), 0.0, 1.0) * (m_high - m_low), up * up };
}

int TransferEditor::pointAt(const QPointF& at) const
{
    int nearest = -1;
    double least = kGrip;
    for (std::size_t i = 0; i < m_function.opacity.size(); ++i) {
        const QPointF d = toWidget(m_function.opacity[i]) - at;
        const double distance = std::hypot(d.x(), d.y());
        if (distance < least) {
            least = distance;
            nearest = static_cast<int>(i);
        }
    }
    return nearest;
}

void TransferEditor::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::Mid), 1));
    painter.setBrush(palette().color(QPalette::Base));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    const QRectF area = plotArea();
    if (m_histogram.finite > 0) {
        // Counts on a logarithmic scale, one column of pixels a bar, in the colours that the values have in 3-D.
        const int columns = std::max(1, int(area.width()));
        const std::vector<double> bars = columnCounts(m_histogram, { m_low, m_high }, columns);
        const double most = std::log1p(*std::max_element(bars.begin(), bars.end()));
        const GreyWindow window = m_function.window;
        for (int i = 0; i < columns && most > 0; ++i) {
            const double grey = m_low + (i + 0.5) / columns * (m_high - m_low);
            const double place = (grey - window.black) / std::max(window.white - window.black, 1e-30);
            const Rgb rgb = colourAt(m_function.colours, m_function.inverted ? 1 - place : place);
            QColor colour(rgb.r, rgb.g, rgb.b);
            colour = m_function.colours == ColourMap::Grey ? palette().color(QPalette::Mid) : colour;
            colour.setAlpha(150);
            const double high = std::log1p(bars[static_cast<std::size_t>(i)]) / most * area.height();
            painter.fillRect(QRectF(area.left() + i, area.bottom() - high, 1, high), colour);
        }
    }
    painter.setPen(palette().color(QPalette::PlaceholderText));
    const QRectF foot(area.left(), area.bottom() + 2, area.width(), 16);
    painter.drawText(foot, Qt::AlignLeft | Qt::AlignVCenter, formatGrey(m_low));
    painter.drawText(foot, Qt::AlignRight | Qt::AlignVCenter, formatGrey(m_high));
    if (m_current >= 0) {
        const OpacityPoint& p = m_function.opacity[static_cast<std::size_t>(m_current)];
        painter.drawText(foot, Qt::AlignHCenter | Qt::AlignVCenter,
            tr("%1 · %2 %").arg(formatGrey(p.value)).arg(100 * p.opacity, 0, 'f', p.opacity < 0.1 ? 1 : 0));
    } else {
        painter.drawText(foot, Qt::AlignHCenter | Qt::AlignVCenter, tr("opacity"));
    }
    if (m_function.opacity.empty())
        return;
    painter.setClipRect(area.adjusted(-kRadius - 1, -kRadius - 1, kRadius + 1, kRadius + 1));
    QPainterPath line;
    line.moveTo(area.left(), toWidget(m_function.opacity.front()).y());
    for (const auto& point : m_function.opacity)
        line.lineTo(toWidget(point));
    line.lineTo(area.right(), toWidget(m_function.opacity.back()).y());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Accent), 1.6));
    painter.drawPath(line);
    for (std::size_t i = 0; i < m_function.opacity.size(); ++i) {
        painter.setBrush(
            static_cast<int>(i) == m_current ? palette().color(QPalette::Accent) : palette().color(QPalette::Base));
        painter.drawEllipse(toWidget(m_function.opacity[i]), kRadius, kRadius);
    }
}

void TransferEditor::mousePressEvent(QMouseEvent* event)
{
    const int hit = pointAt(event->position());
    if (event->button() == Qt::RightButton) {
        removePoint(hit);
        return;
    }
    if (event->button() != Qt::LeftButton)
        return;
    if (hit >= 0) {
        m_current = hit;
    } else {
        const OpacityPoint point = toPoint(event->position());
        auto& points = m_function.opacity;
        const auto at = std::upper_bound(
            points.begin(), points.end(), point.value, [](double v, const OpacityPoint& p) { return v < p.value; });
        const auto inserted = points.insert(at, point); // moves begin()
        m_current = static_cast<int>(inserted - points.begin());
        emit edited(m_function, true);
    }
    m_dragging = true;
    update();
}

void TransferEditor::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_dragging) {
        setCursor(pointAt(event->position()) >= 0 ? Qt::SizeAllCursor : Qt::CrossCursor);
        return;
    }
    OpacityPoint point = toPoint(event->position());
    auto& points = m_function.opacity;
    const auto i = static_cast<std::size_t>(m_current);
    // A point stays between its neighbours.
    const double gap = (m_high - m_low) * 1e-4;
    if (i > 0)
        point.value = std::max(point.value, points[i - 1].value + gap);
    if (i + 1 < points.size())
        point.value = std::min(point.value, points[i + 1].value - gap);
    points[i] = point;
    update();
    emit edited(m_function, true);
}

void TransferEditor::mouseReleaseEvent(QMouseEvent*)
{
    if (!m_dragging)
        return;
    m_dragging = false;
    emit edited(m_function, false);
}

void TransferEditor::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        removePoint(m_current);
    else
        QWidget::keyPressEvent(event);
}

void TransferEditor::removePoint(int index)
{
    if (index < 0 || index >= std::ssize(m_function.opacity) || m_function.opacity.size() <= 2)
        return;
    m_function.opacity.erase(m_function.opacity.begin() + index);
    m_current = -1;
    update();
    emit edited(m_function, false);
}

} // namespace interstice
