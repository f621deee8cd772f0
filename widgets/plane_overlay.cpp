// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plane_overlay.h"

#include "widgets/slice_view.h"

#include <QKeyEvent>
#include <QLineF>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr double kRadius = 6;
constexpr double kReach = 11; ///< of the pointer
constexpr double kInset = 14; ///< of the handles from the view's edge
constexpr double kShortest = 60; ///< line with room for three handles

/// The part of a line inside a rectangle (Liang and Barsky's clipping).
std::optional<QLineF> clipped(const QLineF& line, const QRectF& box)
{
    double begin = 0;
    double end = 1;
    const double p[4] = { -line.dx(), line.dx(), -line.dy(), line.dy() };
    const double q[4] = { line.x1() - box.left(), box.right() - line.x1(), line.y1() - box.top(), box.bottom() - line.y1() };
    for (int i = 0; i < 4; ++i) {
        if (p[i] == 0 && q[i] < 0)
            return {};
        if (p[i] < 0)
            begin = std::max(begin, q[i] / p[i]);
        if (p[i] > 0)
            end = std::min(end, q[i] / p[i]);
    }
    if (begin >= end)
        return {};
    return QLineF(line.pointAt(begin), line.pointAt(end));
}

} // namespace

PlaneOverlay::PlaneOverlay(SliceView* view, Orientation orientation)
    : QWidget(view)
    , m_view(view)
    , m_orientation(orientation)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
    view->installEventFilter(this);
    setGeometry(view->rect());
}

void PlaneOverlay::setSlice(const Shape& shape, const Vector3& edges, std::int64_t index)
{
    m_shape = shape;
    m_edges = edges;
    m_index = index;
    update();
}

void PlaneOverlay::setPlane(const std::optional<ObliquePlane>& plane)
{
    m_plane = plane;
    if (!plane)
        m_grip = Grip::None;
    update();
}

void PlaneOverlay::setPoints(const std::vector<Vector3>& points, bool picking)
{
    m_points = points;
    if (m_picking && !picking)
        m_view->unsetCursor();
    m_picking = picking;
    update();
}

QPointF PlaneOverlay::inSlice(const Vector3& place) const
{
    const SliceAxes axes = axesOf(m_orientation);
    return { place[axes.across], place[axes.down] };
}

Vector3 PlaneOverlay::placeAt(const QPointF& slicePosition) const
{
    const SliceAxes axes = axesOf(m_orientation);
    Vector3 place;
    place[axes.across] = slicePosition.x();
    place[axes.down] = slicePosition.y();
    place[axes.normal] = static_cast<double>(m_index);
    return place;
}

QPointF PlaneOverlay::lengthsFrom(const QPointF& slicePosition, const QPointF& to) const
{
    const SliceAxes axes = axesOf(m_orientation);
    return { (to.x() - slicePosition.x()) * m_edges[axes.across], (to.y() - slicePosition.y()) * m_edges[axes.down] };
}

std::optional<PlaneOverlay::Handles> PlaneOverlay::handles() const
{
    if (!m_plane || !m_view->hasSlice())
        return {};
    const auto line = lineIn(*m_plane, m_orientation, m_index, m_shape, m_edges);
    if (!line)
        return {};
    const auto toWidget = [&](const PanePlace& at) { return m_view->toWidget({ at[0], at[1] }); };
    const QRectF seen = QRectF(m_view->rect()).adjusted(kInset, kInset, -kInset, -kInset);
    const auto part = clipped({ toWidget((*line)[0]), toWidget((*line)[1]) }, seen);
    if (!part || part->length() < 2)
        return {};
    // Where the plane's centre is nearest, yet within what is seen.
    const QPointF centre = m_view->toWidget(inSlice(m_plane->centre));
    const QPointF way = part->p2() - part->p1();
    const double place = QPointF::dotProduct(centre - part->p1(), way) / QPointF::dotProduct(way, way);
    Handles handles { part->p1(), part->p2(), part->pointAt(std::clamp(place, 0.25, 0.75)), {} };
    for (int i = 0; i < 2; ++i)
        handles.turns[i] = handles.middle + 0.8 * ((i == 0 ? part->p1() : part->p2()) - handles.middle);
    return handles;
}

PlaneOverlay::Grip PlaneOverlay::gripAt(const QPointF& point) const
{
    const auto all = handles();
    if (!all)
        return Grip::None;
    if (QLineF(all->middle, point).length() <= kReach)
        return Grip::Move;
    if (QLineF(all->from, all->to).length() >= kShortest)
        for (const QPointF& turn : all->turns)
            if (QLineF(turn, point).length() <= kReach)
                return Grip::Turn;
    return Grip::None;
}

bool PlaneOverlay::press(const QPointF& point)
{
    m_grip = gripAt(point);
    if (m_grip == Grip::None)
        return false;
    m_grabbed = *m_plane;
    m_grabbedAt = m_view->toSlice(point);
    // What it is turned about is on the line, and so on the plane.
    if (m_grip == Grip::Turn)
        m_grabbed.centre = placeAt(m_view->toSlice(handles()->middle));
    update();
    return true;
}

void PlaneOverlay::drag(const QPointF& point, bool moving)
{
    const SliceAxes axes = axesOf(m_orientation);
    const QPointF at = m_view->toSlice(point);
    ObliquePlane plane = m_grabbed;
    if (m_grip == Grip::Move) {
        plane.centre[axes.across] += at.x() - m_grabbedAt.x();
        plane.centre[axes.down] += at.y() - m_grabbedAt.y();
    } else {
        const QPointF pivot = inSlice(m_grabbed.centre);
        const QPointF from = lengthsFrom(pivot, m_grabbedAt);
        const QPointF to = lengthsFrom(pivot, at);
        if (std::hypot(to.x(), to.y()) < 1e-9)
            return;
        Vector3 across {};
        Vector3 down {};
        across[axes.across] = 1;
        down[axes.down] = 1;
        plane = turnedAbout(m_grabbed, cross(across, down), std::atan2(to.y(), to.x()) - std::atan2(from.y(), from.x()));
    }
    emit planeDragged(inside(plane, m_shape, m_edges), moving);
}

void PlaneOverlay::showCursor(const QPointF& point)
{
    const Grip grip = gripAt(point);
    if (m_picking)
        m_view->setCursor(Qt::CrossCursor);
    else if (grip != Grip::None)
        m_view->setCursor(grip == Grip::Move ? Qt::SizeAllCursor : Qt::PointingHandCursor);
    else if (m_cursorOurs)
        m_view->unsetCursor();
    m_cursorOurs = m_picking || grip != Grip::None;
}

bool PlaneOverlay::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_view)
        return false;
    switch (event->type()) {
    case QEvent::Resize:
        setGeometry(m_view->rect());
        return false;
    case QEvent::MouseButtonPress: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() != Qt::LeftButton || mouse->modifiers() != Qt::NoModifier || !m_view->hasSlice())
            return false;
        if (!m_picking)
            return press(mouse->position());
        const Vector3 place = placeAt(m_view->toSlice(mouse->position()));
        if (inVolume(place, m_shape))
            emit pointPicked(place);
        return true;
    }
    case QEvent::MouseButtonDblClick:
        return m_picking || gripAt(static_cast<QMouseEvent*>(event)->position()) != Grip::None;
    case QEvent::MouseMove: {
        const QPointF at = static_cast<QMouseEvent*>(event)->position();
        if (m_grip == Grip::None) {
            showCursor(at);
            return false;
        }
        drag(at, true);
        return true;
    }
    case QEvent::MouseButtonRelease:
        if (m_grip == Grip::None)
            return false;
        drag(static_cast<QMouseEvent*>(event)->position(), false);
        m_grip = Grip::None;
        update();
        return true;
    case QEvent::KeyPress:
        if (!m_picking || static_cast<QKeyEvent*>(event)->key() != Qt::Key_Escape)
            return false;
        emit pickingCancelled();
        return true;
    default:
        return false;
    }
}

void PlaneOverlay::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPen rim(QColor(0, 0, 0, 190), 1.5);
    if (const auto all = handles()) {
        const QLineF line(all->from, all->to);
        painter.setPen(QPen(QColor(0, 0, 0, 120), 3));
        painter.drawLine(line);
        painter.setPen(QPen(kPlaneColour, 1.2));
        painter.drawLine(line);
        painter.setPen(rim);
        painter.setBrush(kPlaneColour);
        const double move = m_grip == Grip::Move ? kRadius + 1 : kRadius - 1;
        painter.drawRect(QRectF(all->middle.x() - move, all->middle.y() - move, 2 * move, 2 * move));
        const double turn = m_grip == Grip::Turn ? kRadius + 1 : kRadius - 1;
        if (line.length() >= kShortest)
            for (const QPointF& place : all->turns)
                painter.drawEllipse(place, turn, turn);
    }
    for (std::size_t i = 0; i < m_points.size() && m_view->hasSlice(); ++i) {
        const SliceAxes axes = axesOf(m_orientation);
        const QPointF at = m_view->toWidget(inSlice(m_points[i]));
        const bool here = std::abs(m_points[i][axes.normal] - static_cast<double>(m_index)) < 0.5;
        painter.setPen(here ? rim : QPen(kPlaneColour, 1.2));
        painter.setBrush(here ? QBrush(kPlaneColour) : QBrush(Qt::NoBrush)); // hollow: in another slice
        painter.drawEllipse(at, kRadius - 1, kRadius - 1);
        painter.setPen(kPlaneColour);
        painter.drawText(at + QPointF(kRadius + 3, kRadius - 2), QString::number(i + 1));
    }
}

} // namespace interstice
