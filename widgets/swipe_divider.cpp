// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/swipe_divider.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kKeyStep = 4;
constexpr double kLargeKeyStep = 40;

} // namespace

SwipeDivider::SwipeDivider(QWidget* parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setObjectName("divider");
    setCursor(Qt::SplitHCursor);
    setAccessibleName(tr("Divider"));
    setToolTip(tr("Drag, or press Left and Right; double-click for the middle"));
}

void SwipeDivider::setPosition(double position)
{
    m_position = std::clamp(position, 0.0, 1.0);
    place();
}

void SwipeDivider::place()
{
    const QWidget* frame = parentWidget();
    const int column = std::clamp(
        int(std::lround(m_position * frame->width())), kWidth / 2, std::max(kWidth / 2, frame->width() - kWidth / 2));
    setGeometry(column - kWidth / 2, 0, kWidth, frame->height());
}

void SwipeDivider::moveTo(double column)
{
    const int before = this->column();
    const double wide = parentWidget()->width();
    if (wide <= 0)
        return;
    setPosition(std::clamp(column, kWidth / 2.0, std::max(kWidth / 2.0, wide - kWidth / 2.0)) / wide);
    if (this->column() != before)
        emit moved(m_position);
}

void SwipeDivider::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double middle = kWidth / 2.0;
    const bool strong = m_hovered || m_dragged || hasFocus();
    const QColor line = strong ? QColor(0xff, 0xff, 0xff) : QColor(0xe7, 0xe9, 0xeb, 225);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0, 0, 0, 130)); // a dark edge, to be seen over bright pictures
    painter.drawRect(QRectF(middle - 2, 0, 4, height()));
    painter.setBrush(line);
    painter.drawRect(QRectF(middle - 1, 0, 2, height()));
    const QRectF grip(1.5, std::floor(height() / 2.0) - 20, kWidth - 3, 40);
    painter.setPen(QPen(hasFocus() ? palette().color(QPalette::Accent) : QColor(0, 0, 0, 160), hasFocus() ? 2 : 1));
    painter.setBrush(line);
    painter.drawRoundedRect(grip, grip.width() / 2, grip.width() / 2);
    painter.setPen(QPen(QColor(0x2a, 0x2d, 0x30), 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    for (const int side : { -1, 1 }) {
        const QPointF tip(middle + side * 4.4, grip.center().y());
        painter.drawPolyline(QPolygonF({ tip + QPointF(-side * 2.4, -3.4), tip, tip + QPointF(-side * 2.4, 3.4) }));
    }
}

void SwipeDivider::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        event->ignore();
        return;
    }
    m_dragged = true;
    m_grabbedAt = event->position().x() - kWidth / 2.0;
    update();
}

void SwipeDivider::mouseMoveEvent(QMouseEvent* event)
{
    if (m_dragged)
        moveTo(mapToParent(event->position()).x() - m_grabbedAt);
}

void SwipeDivider::mouseReleaseEvent(QMouseEvent*)
{
    m_dragged = false;
    update();
}

void SwipeDivider::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        moveTo(parentWidget()->width() / 2.0);
}

void SwipeDivider::keyPressEvent(QKeyEvent* event)
{
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    const double step = shift ? kLargeKeyStep : kKeyStep;
    switch (event->key()) {
    case Qt::Key_Left:
        moveTo(column() - step);
        return;
    case Qt::Key_Right:
        moveTo(column() + step);
        return;
    // Who has just dragged goes on through the slices without a click into a pane.
    case Qt::Key_Up:
    case Qt::Key_PageUp:
        emit stepped(shift ? -10 : -1);
        return;
    case Qt::Key_Down:
    case Qt::Key_PageDown:
        emit stepped(shift ? 10 : 1);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void SwipeDivider::enterEvent(QEnterEvent* event)
{
    m_hovered = true;
    update();
    QWidget::enterEvent(event);
}

void SwipeDivider::leaveEvent(QEvent* event)
{
    m_hovered = false;
    update();
    QWidget::leaveEvent(event);
}

} // namespace interstice
