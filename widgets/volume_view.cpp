// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/volume_view.h"

#include "render/oblique_plane.h"
#include "widgets/pane_painter.h"
#include "widgets/plane_overlay.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineF>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <cmath>

namespace interstice {

namespace {

constexpr double kWheelNotch = 120;
constexpr double kKeyTurn = 1.0 / 36; // 5 degrees
constexpr double kHandleRadius = 6;
constexpr double kHandleReach = 11; ///< of the pointer
/// Of the axes x, y and z, as the orientation marker has them.
constexpr QColor kAxisColours[] = { { 0xe0, 0x63, 0x6a }, { 0x7b, 0xc2, 0x6f }, { 0x5b, 0xa3, 0xe6 } };
constexpr QColor kCutPlaneColour { 0xe7, 0xe9, 0xeb };

} // namespace

VolumeView::VolumeView(QWidget* parent)
    : QWidget(parent)
    , m_empty(new QLabel(this))
{
    setMouseTracking(true);
    setObjectName("volumeView");
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(120, 90);
    setAccessibleName(tr("3-D view"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setStyleSheet(QStringLiteral("color: #9aa0a6; background: transparent;"));
    m_state.camera = standardView(StandardView::Oblique);
    connect(&m_renderer, &SceneRenderer::frameReady, this, [this](const SceneFrame& frame) {
        if (!m_state.grey.volume)
            return;
        m_frame = frame;
        update();
        emit frameShown();
    });
    connect(&m_renderer, &SceneRenderer::failed, this, &VolumeView::failed);
}

void VolumeView::setScene(const SceneState& state, bool moving)
{
    const SceneCamera camera = m_state.camera;
    m_state = state;
    m_state.camera = camera;
    m_empty->setVisible(!m_state.grey.volume);
    if (!m_state.grey.volume) {
        m_frame = {};
        m_renderer.cancel();
        update();
        return;
    }
    requestFrame(moving);
}

void VolumeView::release()
{
    m_state.grey = {};
    m_state.labels = {};
    m_state.surfaces.clear();
    m_drag = Drag::None;
    m_renderer.release();
}

void VolumeView::setCamera(const SceneCamera& camera, bool moving)
{
    m_state.camera = camera;
    requestFrame(moving);
    update();
    emit cameraChanged(camera);
}

void VolumeView::setHandlesShown(bool shown)
{
    m_handlesShown = shown;
    update();
}

void VolumeView::setEmptyText(const QString& text)
{
    m_empty->setText(text);
    placeText();
}

void VolumeView::placeText()
{
    const int wide = std::min(360, width() - 24);
    const int high = m_empty->heightForWidth(wide);
    m_empty->setGeometry((width() - wide) / 2, (height() - high) / 2, wide, high);
}

void VolumeView::resetCamera()
{
    SceneCamera camera = standardView(StandardView::Oblique);
    camera.parallel = m_state.camera.parallel;
    setCamera(camera);
}

bool VolumeView::settled() const
{
    return !isVisible() || !m_state.grey.volume || m_renderer.idle();
}

void VolumeView::requestFrame(bool moving)
{
    if (!m_state.grey.volume || !isVisible())
        return;
    const double ratio = devicePixelRatioF();
    m_renderer.request(m_state, (QSizeF(size()) * ratio).toSize(), ratio, moving);
}

void VolumeView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), kViewColour);
    if (hasFrame()) {
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(QRectF(rect()), m_frame.image);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    paintHandles(painter);
    PanePainter around(painter, size(), font());
    if (m_state.grey.volume) {
        around.paintTitle(QString::fromStdString(describeDetail(m_state.grey)), QColor(0xbb, 0xbb, 0xbb), {});
        around.paintScaleBar(micrometresPerPixel(m_state, height()));
    } else {
        around.paintTitle(tr("3-D"), QColor(0xbb, 0xbb, 0xbb), {});
    }
    if (hasFocus()) {
        QColor ring = palette().color(QPalette::Accent);
        ring.setAlpha(150);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(ring, 1));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

std::vector<SceneHandle> VolumeView::shownHandles() const
{
    std::vector<SceneHandle> handles = m_state.grey.volume ? handlesOf(m_state) : std::vector<SceneHandle> {};
    if (!m_handlesShown)
        std::erase_if(handles, [](const SceneHandle& handle) { return handle.ofCut(); });
    return handles;
}

void VolumeView::paintHandles(QPainter& painter) const
{
    if (!hasFrame())
        return;
    paintOblique(painter);
    for (const SceneHandle& handle : shownHandles()) {
        const auto place = placeOf(handle);
        if (!place)
            continue;
        const bool held
            = m_drag == Drag::Handle && m_handle && m_handle->kind == handle.kind && m_handle->axis == handle.axis;
        const bool plane = handle.kind == SceneHandle::Kind::Plane;
        painter.setPen(QPen(QColor(0, 0, 0, 190), 1.5));
        painter.setBrush(!handle.ofCut() ? kPlaneColour : plane ? kCutPlaneColour : kAxisColours[handle.axis]);
        const double radius = held ? kHandleRadius + 2 : kHandleRadius;
        if (plane || handle.kind == SceneHandle::Kind::Oblique)
            painter.drawRect(QRectF(place->x() - radius, place->y() - radius, 2 * radius, 2 * radius));
        else
            painter.drawEllipse(*place, radius, radius);
    }
}

/// The outline of the slice at an angle, and its normal towards whoever looks at it.
void VolumeView::paintOblique(QPainter& painter) const
{
    if (!m_state.oblique)
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(kPlaneColour, 1.2));
    QPolygonF outline;
    for (const Vector3& corner : outlineOf(*m_state.oblique, edgesOf(m_state.grey)))
        if (const auto place = placeOf({ SceneHandle::Kind::Oblique, 0, corner }))
            outline.append(*place);
    painter.drawPolygon(outline);
    QPolygonF normal;
    for (const SceneHandle& handle : handlesOf(m_state))
        if (const auto place = handle.ofCut() ? std::nullopt : placeOf(handle))
            normal.append(*place);
    painter.drawPolyline(normal);
}

std::optional<QPointF> VolumeView::placeOf(const SceneHandle& handle) const
{
    const auto place = interstice::placeOf(m_state, handle.at, double(width()) / std::max(1, height()));
    return place ? std::optional(QPointF((*place)[0] * width(), (*place)[1] * height())) : std::nullopt;
}

std::optional<SceneHandle> VolumeView::handleAt(const QPointF& place) const
{
    std::optional<SceneHandle> found;
    double nearest = kHandleReach;
    for (const SceneHandle& handle : shownHandles()) {
        const auto at = placeOf(handle);
        if (at && QLineF(*at, place).length() <= nearest) {
            nearest = QLineF(*at, place).length();
            found = handle;
        }
    }
    return found;
}

void VolumeView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    placeText();
    requestFrame(false);
}

void VolumeView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    emit sightChanged(true);
    requestFrame(false);
}

void VolumeView::hideEvent(QHideEvent* event)
{
    m_renderer.cancel();
    QWidget::hideEvent(event);
    emit sightChanged(false);
}

bool VolumeView::boxMovesWith(const SceneHandle& handle) const
{
    const auto axis = std::size_t(handle.axis);
    return handle.ofBox() && m_state.clip.high[axis] - m_state.clip.low[axis] < 1;
}

void VolumeView::mousePressEvent(QMouseEvent* event)
{
    m_last = event->position();
    m_wholeBox = event->modifiers() == Qt::ShiftModifier;
    if (event->button() == Qt::LeftButton && (event->modifiers() == Qt::NoModifier || m_wholeBox) && !m_spaceHeld) {
        m_handle = handleAt(event->position());
        if (m_handle && (!m_wholeBox || boxMovesWith(*m_handle))) {
            m_drag = Drag::Handle;
            return update();
        }
    }
    if (event->button() == Qt::LeftButton && event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier)) {
        m_slice = pickAt(event->position());
        m_drag = m_slice && event->modifiers() & Qt::ShiftModifier ? Drag::Slice : Drag::None;
        if (m_slice && m_drag == Drag::None)
            emit slicesMoved({ m_slice->at[2], m_slice->at[1], m_slice->at[0] });
        return;
    }
    m_drag = event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && m_spaceHeld) ? Drag::Move
        : event->button() == Qt::RightButton                                                           ? Drag::Zoom
                                                                                                       : Drag::Turn;
}

void VolumeView::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_state.grey.volume)
        return;
    if (m_drag == Drag::None)
        return showCursorFor(event->position(), event->modifiers());
    const QPointF delta = (event->position() - m_last) / std::max(1, height());
    m_last = event->position();
    switch (m_drag) {
    case Drag::Turn:
        setCamera(turned(m_state.camera, delta.x(), delta.y()), true);
        break;
    case Drag::Move:
        setCamera(moved(m_state.camera, delta.x(), delta.y()), true);
        break;
    case Drag::Zoom:
        setCamera(zoomed(m_state.camera, std::pow(8, -delta.y())), true);
        break;
    case Drag::Slice: {
        auto slices = m_state.slices;
        slices[std::size_t(2 - m_slice->axis)] = draggedTo(m_state, *m_slice, rayAt(event->position()));
        emit slicesMoved(slices);
        break;
    }
    case Drag::Handle:
        pullHandle(event->position(), true);
        break;
    case Drag::None:
        break;
    }
}

SceneRay VolumeView::rayAt(const QPointF& place) const
{
    return rayThrough(m_state, place.x() / std::max(1, width()), place.y() / std::max(1, height()),
        double(width()) / std::max(1, height()));
}

std::optional<SlicePick> VolumeView::pickAt(const QPointF& place) const
{
    return m_state.grey.volume ? pickSlice(m_state, rayAt(place)) : std::nullopt;
}

void VolumeView::showCursorFor(const QPointF& place, Qt::KeyboardModifiers modifiers)
{
    if (handleAt(place))
        setCursor(Qt::PointingHandCursor);
    else if (!(modifiers & (Qt::ShiftModifier | Qt::ControlModifier)) || !pickAt(place))
        unsetCursor();
    else
        setCursor(modifiers & Qt::ShiftModifier ? Qt::OpenHandCursor : Qt::CrossCursor);
}

void VolumeView::pullHandle(const QPointF& place, bool moving)
{
    SceneState pulled = m_state;
    pull(pulled, *m_handle, rayAt(place), m_wholeBox);
    if (m_handle->ofCut())
        emit cutMoved(pulled.clip, pulled.plane, moving);
    else if (pulled.oblique)
        emit obliqueMoved(*pulled.oblique, moving);
}

void VolumeView::mouseReleaseEvent(QMouseEvent*)
{
    const bool pulled = m_drag == Drag::Handle && m_handle && m_state.grey.volume;
    m_drag = Drag::None;
    if (!pulled)
        return;
    if (m_handle->ofCut())
        emit cutMoved(m_state.clip, m_state.plane, false);
    else if (m_state.oblique)
        emit obliqueMoved(*m_state.oblique, false);
}

void VolumeView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        emit maximiseToggled();
}

void VolumeView::wheelEvent(QWheelEvent* event)
{
    event->accept();
    const int delta = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    setCamera(zoomed(m_state.camera, std::pow(1.15, delta / kWheelNotch)), true);
}

void VolumeView::keyPressEvent(QKeyEvent* event)
{
    const SceneCamera& c = m_state.camera;
    switch (event->key()) {
    case Qt::Key_Left:
        return setCamera(turned(c, -kKeyTurn, 0), true);
    case Qt::Key_Right:
        return setCamera(turned(c, kKeyTurn, 0), true);
    case Qt::Key_Up:
        return setCamera(turned(c, 0, -kKeyTurn), true);
    case Qt::Key_Down:
        return setCamera(turned(c, 0, kKeyTurn), true);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return setCamera(zoomed(c, 1.2), true);
    case Qt::Key_Minus:
        return setCamera(zoomed(c, 1 / 1.2), true);
    case Qt::Key_Space:
        m_spaceHeld = true;
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void VolumeView::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat())
        m_spaceHeld = false;
    QWidget::keyReleaseEvent(event);
}

} // namespace interstice
