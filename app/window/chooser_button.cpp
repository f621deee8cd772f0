// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/chooser_button.h"

#include <QStyleOptionToolButton>
#include <QStylePainter>

namespace interstice {

ChooserButton::ChooserButton(QWidget* parent)
    : QToolButton(parent)
{
    setProperty("chooser", true); // the style sheet's
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    setFocusPolicy(Qt::StrongFocus);
}

void ChooserButton::paintEvent(QPaintEvent*)
{
    QStylePainter painter(this);
    QStyleOptionToolButton frame;
    initStyleOption(&frame);
    frame.text.clear();
    painter.drawComplexControl(QStyle::CC_ToolButton, frame);
    const auto group = isEnabled() ? QPalette::Active : QPalette::Disabled;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(palette().color(group, QPalette::WindowText));
    constexpr int left = 8;
    constexpr int right = 20; // of the chevron
    const QRect room = rect().adjusted(left, 0, -right, 0);
    painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft, fontMetrics().elidedText(text(), Qt::ElideRight, room.width()));
    painter.setPen(QPen(palette().color(group, QPalette::PlaceholderText), 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF tip(width() - right / 2.0 - 1.5, height() / 2.0 + 1.5);
    painter.drawPolyline(QPolygonF { tip + QPointF(-3.2, -3.2), tip, tip + QPointF(3.2, -3.2) });
}

} // namespace interstice
