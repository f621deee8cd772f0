// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/volume_view.h"

#include "widgets/pane_painter.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <cmath>

namespace interstice {

namespace {

constexpr double kWheelNotch = 120;
constexpr double kKeyTurn = 1.0 / 36; // 5 degrees

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

void VolumeView::setCamera(const SceneCamera& camera, bool moving)
{
    m_state.camera = camera;
    requestFrame(moving);
    update();
    emit cameraChanged(camera);
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

void VolumeView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    placeText();
    requestFrame(false);
}

void VolumeView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    requestFrame(false);
}

void VolumeView::hideEvent(QHideEvent* event)
{
    m_renderer.cancel();
    QWidget::hideEvent(event);
}

void VolumeView::mousePressEvent(QMouseEvent* event)
{
    m_last = event->position();
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
    if (!(modifiers & (Qt::ShiftModifier | Qt::ControlModifier)) || !pickAt(place))
        unsetCursor();
    else
        setCursor(modifiers & Qt::ShiftModifier ? Qt::OpenHandCursor : Qt::CrossCursor);
}

void VolumeView::mouseReleaseEvent(QMouseEvent*)
{
    m_drag = Drag::None;
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
