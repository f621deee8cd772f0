// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slice_view.h"

#include "picture/outline.h"
#include "widgets/theme.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr int kWheelNotch = 120;

/// The views are dark in both themes, so their links cannot have the theme's colour.
QString withLightLinks(QString html)
{
    return html.replace("<a ", "<a style='color: #6fb6ec' ");
}

constexpr double kMostZoom = 64;
constexpr double kOutlineWidth = 1.5; ///< logical pixels
constexpr double kLeastZoom = 1.0 / 64;

} // namespace

SliceView::SliceView(QWidget* parent)
    : QWidget(parent)
    , m_empty(new QLabel(this))
    , m_note(new QLabel(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumSize(120, 100);
    setAttribute(Qt::WA_OpaquePaintEvent);
    for (QLabel* label : { m_empty, m_note }) {
        label->setStyleSheet("color: #9aa3ac; background: transparent;");
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextFormat(Qt::RichText);
        label->hide();
        connect(label, &QLabel::linkActivated, this, &SliceView::linkActivated);
    }
}

void SliceView::setTitle(const QString& title, const QColor& colour)
{
    m_title = title;
    m_colour = colour;
    setAccessibleName(title);
    update();
}

void SliceView::setChip(const QString& text, const QString& explanation)
{
    m_chip = text;
    setToolTip(explanation);
    update();
}

QString SliceView::chip() const
{
    if (m_slice.reduction.none())
        return m_chip;
    const QString resolution = tr("at %1").arg(QString::fromStdString(describe(m_slice.reduction)));
    return m_chip.isEmpty() ? resolution : m_chip + " · " + resolution;
}

void SliceView::setEmptyText(const QString& html)
{
    m_empty->setText(withLightLinks(html));
    m_empty->setVisible(!hasSlice() && !html.isEmpty());
    placeLabels();
}

void SliceView::setNote(const QString& html)
{
    m_note->setText(withLightLinks(html));
    m_note->setVisible(hasSlice() && !html.isEmpty());
    placeLabels();
}

void SliceView::setSlice(const SliceImage& slice)
{
    m_slice = slice;
    m_reduced = {};
    m_outline = {};
    m_empty->setVisible(!hasSlice() && !m_empty->text().isEmpty());
    m_note->setVisible(hasSlice() && !m_note->text().isEmpty());
    update();
}

void SliceView::clearSlice()
{
    setSlice({});
}

void SliceView::setGeometryOfPixels(PixelAspect aspect, double micrometresPerUnit)
{
    m_aspect = aspect;
    m_micrometresPerUnit = micrometresPerUnit;
    m_reduced = {};
    forgetDrawn();
}

void SliceView::setTransform(const ViewTransform& transform)
{
    m_transform = transform;
    forgetDrawn();
}

void SliceView::setScaleBarShown(bool shown)
{
    m_scaleBarShown = shown;
    update();
}

void SliceView::setErrorLegendShown(bool shown)
{
    m_errorLegendShown = shown;
    update();
}

void SliceView::setLegend(std::vector<LegendEntry> entries)
{
    m_legend = std::move(entries);
    update();
}

std::vector<LegendEntry> SliceView::shownLegend() const
{
    if (!m_errorLegendShown)
        return m_legend;
    return { { kAgreeColour, tr("agree") }, { kFalsePositiveColour, tr("false positive") },
        { kFalseNegativeColour, tr("missed") } };
}

void SliceView::setColourBar(std::optional<ColourBar> bar)
{
    m_colourBar = std::move(bar);
    update();
}

void SliceView::setViewport(std::optional<QRectF> viewport)
{
    if (m_viewport == viewport)
        return;
    m_viewport = viewport;
    forgetDrawn();
}

void SliceView::forgetDrawn()
{
    m_outline = {};
    m_drawnMarks = {};
    update();
}

void SliceView::setGhost(std::optional<QPointF> slicePosition)
{
    if (m_ghost == slicePosition)
        return;
    m_ghost = slicePosition;
    update();
}

void SliceView::setMarks(std::vector<SliceMark> marks)
{
    if (marks == m_marks)
        return;
    m_marks = std::move(marks);
    m_drawnMarks = {};
    update();
}

void SliceView::setCrossHair(std::optional<CrossHair> crossHair)
{
    m_crossHair = std::move(crossHair);
    update();
}

QPointF SliceView::toSlice(const QPointF& point) const
{
    const QPointF offset = point - viewport().center();
    return m_transform.centre
        + QPointF(offset.x() / (m_transform.zoom * m_aspect.width), offset.y() / (m_transform.zoom * m_aspect.height));
}

QPointF SliceView::toWidget(const QPointF& slicePosition) const
{
    const QPointF offset = slicePosition - m_transform.centre;
    return viewport().center()
        + QPointF(offset.x() * m_transform.zoom * m_aspect.width, offset.y() * m_transform.zoom * m_aspect.height);
}

void SliceView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), kViewColour);
    if (hasSlice()) {
        paintImage(painter);
        paintMarks(painter);
        paintOutline(painter);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_ghost && hasSlice()) {
        const QPointF at = toWidget(*m_ghost);
        painter.setPen(QPen(QColor(255, 255, 120, 90), 1));
        painter.drawLine(QPointF(at.x(), 0), QPointF(at.x(), height()));
        painter.drawLine(QPointF(0, at.y()), QPointF(width(), at.y()));
    }
    if (m_crossHair && hasSlice()) {
        const QPointF at = toWidget(m_crossHair->at);
        const auto line = [&](QColor colour, const QPointF& a, const QPointF& b) {
            colour.setAlpha(170);
            painter.setPen(QPen(colour, 1));
            painter.drawLine(a, b);
        };
        line(m_crossHair->vertical, { at.x(), 0 }, { at.x(), double(height()) });
        line(m_crossHair->horizontal, { 0, at.y() }, { double(width()), at.y() });
    }
    paintAround(painter);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        QColor ring = palette().color(QPalette::Accent);
        ring.setAlpha(150);
        painter.setPen(QPen(ring, 1));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void SliceView::paintImage(QPainter& painter)
{
    const QSize pixels = m_slice.image.size();
    const QRectF target(toWidget({ -0.5, -0.5 }), toWidget({ pixels.width() - 0.5, pixels.height() - 0.5 }));
    const double ratio = devicePixelRatioF();
    const double scale = m_transform.zoom * ratio * std::max(m_aspect.width, m_aspect.height);
    if (scale < kFewerPixels) {
        // Bilinear drawing would skip pixels; averaging over all of them keeps thin outlines.
        const QSize size = (target.size() * ratio).toSize().expandedTo({ 1, 1 });
        if (m_reduced.isNull() || m_reducedFor != size) {
            m_reduced = m_slice.image.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
            m_reducedFor = size;
        }
        painter.drawImage(target, m_reduced);
        return;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform, scale < kVoxelsAsBlocks); // beyond, people want to see voxels
    const QPointF first = toSlice({ 0, 0 });
    const QPointF last = toSlice({ double(width()), double(height()) });
    const QRectF source = QRectF(QPointF(std::floor(first.x()) - 1, std::floor(first.y()) - 1),
        QPointF(std::ceil(last.x()) + 2, std::ceil(last.y()) + 2))
                              .intersected(QRectF(QPointF(0, 0), QSizeF(pixels)));
    if (source.isEmpty())
        return;
    const QRectF seen(toWidget(source.topLeft() - QPointF(0.5, 0.5)), toWidget(source.bottomRight() - QPointF(0.5, 0.5)));
    painter.drawImage(seen, m_slice.image, source);
}

void SliceView::paintMarks(QPainter& painter)
{
    if (m_marks.empty())
        return;
    const double ratio = devicePixelRatioF();
    if (m_drawnMarks.size() != (QSizeF(size()) * ratio).toSize())
        m_drawnMarks = drawMarks(m_marks, size(), ratio, [this](const QPointF& at) { return toWidget(at); });
    painter.drawImage(QPointF(0, 0), m_drawnMarks);
}

/// As wide at every zoom: a mask is outlined on the screen's pixels.
void SliceView::paintOutline(QPainter& painter)
{
    if (!m_slice.outlined)
        return;
    const double ratio = devicePixelRatioF();
    const QSize size = (QSizeF(this->size()) * ratio).toSize();
    if (m_outline.size() != size) {
        const QSize pixels = m_slice.image.size();
        const auto places = [&](int count, int limit, auto&& at) {
            std::vector<int> all(static_cast<std::size_t>(count));
            for (int i = 0; i < count; ++i) {
                const double place = std::floor(at((i + 0.5) / ratio) + 0.5);
                all[static_cast<std::size_t>(i)] = place >= 0 && place < limit ? static_cast<int>(place) : -1;
            }
            return all;
        };
        const auto columns = places(size.width(), pixels.width(), [&](double x) { return toSlice({ x, 0 }).x(); });
        const auto rows = places(size.height(), pixels.height(), [&](double y) { return toSlice({ 0, y }).y(); });
        RgbImage outline { size.width(), size.height(), std::vector<std::uint32_t>(columns.size() * rows.size(), 0) };
        drawOutline(outline, *m_slice.outlined, pixels.width(), columns, rows,
            std::max(1, static_cast<int>(std::lround(kOutlineWidth * ratio))), m_slice.outlineColour);
        m_outline = QImage(reinterpret_cast<const uchar*>(outline.pixels.data()), size.width(), size.height(),
            QImage::Format_ARGB32_Premultiplied)
                        .copy();
    }
    painter.drawImage(QRectF(rect()), m_outline);
}

void SliceView::paintAround(QPainter& painter)
{
    PanePainter around(painter, size(), font());
    around.paintTitle(m_title, m_colour, chip());
    if (!hasSlice())
        return;
    if (m_scaleBarShown)
        around.paintScaleBar(m_micrometresPerUnit / m_transform.zoom);
    const double reserved = m_scaleBarShown ? width() / 4.0 + 28 : 0;
    if (const auto legend = shownLegend(); !legend.empty())
        around.paintLegend(legend, reserved);
    if (m_colourBar)
        around.paintColourBar(*m_colourBar);
}

void SliceView::placeLabels()
{
    const int wide = std::max(60, std::min(360, width() - 32));
    const int high = m_empty->heightForWidth(wide);
    m_empty->setGeometry((width() - wide) / 2, (height() - high) / 2, wide, high);
    const int noteHigh = m_note->heightForWidth(wide);
    m_note->setGeometry((width() - wide) / 2, height() - noteHigh - 12, wide, noteHigh);
}

void SliceView::resizeEvent(QResizeEvent* event)
{
    placeLabels();
    QWidget::resizeEvent(event);
}

void SliceView::zoomAbout(const QPointF& point, double factor)
{
    const QPointF anchor = toSlice(point);
    ViewTransform next = m_transform;
    next.zoom = std::clamp(m_transform.zoom * factor, kLeastZoom, kMostZoom);
    const QPointF offset = point - viewport().center();
    next.centre = anchor - QPointF(offset.x() / (next.zoom * m_aspect.width), offset.y() / (next.zoom * m_aspect.height));
    emit transformRequested(next);
}

void SliceView::wheelEvent(QWheelEvent* event)
{
    event->accept();
    // Some platforms turn Shift+wheel into a sideways wheel.
    const int delta = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (event->modifiers() & Qt::ControlModifier) {
        zoomAbout(event->position(), std::pow(1.2, double(delta) / kWheelNotch));
        return;
    }
    m_wheelRest += delta;
    const int notches = m_wheelRest / kWheelNotch;
    m_wheelRest -= notches * kWheelNotch;
    if (notches != 0)
        emit stepped(-notches * (event->modifiers() & Qt::ShiftModifier ? 10 : 1));
}

void SliceView::mousePressEvent(QMouseEvent* event)
{
    m_last = m_pressed = event->position();
    if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && m_spaceHeld)) {
        m_drag = Drag::Pan;
        setCursor(Qt::ClosedHandCursor);
    } else if (event->button() == Qt::RightButton) {
        m_drag = Drag::Zoom;
    } else if (event->button() == Qt::LeftButton && m_picking) {
        m_drag = Drag::Pick;
        emit picked(toSlice(event->position()));
    }
}

void SliceView::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF delta = event->position() - m_last;
    m_last = event->position();
    if (m_drag == Drag::Pan) {
        ViewTransform next = m_transform;
        next.centre -= QPointF(delta.x() / (next.zoom * m_aspect.width), delta.y() / (next.zoom * m_aspect.height));
        emit transformRequested(next);
    } else if (m_drag == Drag::Zoom) {
        zoomAbout(m_pressed, std::pow(1.01, -delta.y()));
    } else if (m_drag == Drag::Pick) {
        emit picked(toSlice(event->position()));
    }
    emit cursorMoved(toSlice(event->position()));
}

void SliceView::mouseReleaseEvent(QMouseEvent*)
{
    m_drag = Drag::None;
    setCursor(m_spaceHeld ? Qt::OpenHandCursor : Qt::ArrowCursor);
}

void SliceView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && !m_spaceHeld)
        emit maximiseToggled();
}

void SliceView::keyPressEvent(QKeyEvent* event)
{
    const int step = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Left:
    case Qt::Key_PageUp:
        emit stepped(-step);
        return;
    case Qt::Key_Down:
    case Qt::Key_Right:
    case Qt::Key_PageDown:
        emit stepped(step);
        return;
    case Qt::Key_Home:
        emit endRequested(false);
        return;
    case Qt::Key_End:
        emit endRequested(true);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomAbout(viewport().center(), 1.25);
        return;
    case Qt::Key_Minus:
        zoomAbout(viewport().center(), 0.8);
        return;
    case Qt::Key_Space:
        if (!event->isAutoRepeat()) {
            m_spaceHeld = true;
            setCursor(Qt::OpenHandCursor);
        }
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void SliceView::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        m_spaceHeld = false;
        if (m_drag == Drag::None)
            setCursor(Qt::ArrowCursor);
        return;
    }
    QWidget::keyReleaseEvent(event);
}

void SliceView::leaveEvent(QEvent* event)
{
    emit cursorLeft();
    QWidget::leaveEvent(event);
}

} // namespace interstice
