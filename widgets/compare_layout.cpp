// SPDX-License-Identifier: GPL-3.0-or-later
// Where the panes are and which of them are seen.
#include "widgets/compare_view.h"

#include "widgets/swipe_divider.h"

#include <QCoreApplication>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <limits>

namespace interstice {

namespace {

constexpr int kGap = 2;

} // namespace

void CompareView::fit()
{
    m_fitted = true;
    if (!m_raw)
        return;
    applyGeometry();
    const SliceSize size = sliceSize(m_raw->shape(), m_orientation);
    const PixelAspect aspect = pixelAspect(m_raw->voxelSize(), m_orientation);
    double zoom = std::numeric_limits<double>::max();
    for (const auto& pane : m_panes) {
        if (!pane.view->isVisibleTo(this))
            continue;
        zoom = std::min({ zoom, pane.view->viewport().width() / (size.width * aspect.width),
            pane.view->viewport().height() / (size.height * aspect.height) });
    }
    applyTransform({ QPointF((size.width - 1) / 2.0, (size.height - 1) / 2.0), std::clamp(zoom, 1e-3, 64.0) });
}

void CompareView::setMaximised(const QString& id)
{
    const bool swiped = swiping();
    if (m_maximised == id && !swiped)
        return;
    const bool changed = m_maximised != id;
    endSwipe();
    m_maximised = id;
    arrange();
    requestAll();
    if (const Pane* pane = find(id))
        pane->view->setFocus();
    if (swiped)
        emit swipeChanged({}, {});
    if (changed)
        emit maximisedChanged(id);
}

void CompareView::setSwipe(const QString& leftId, const QString& rightId)
{
    const Pane* left = find(leftId);
    const Pane* right = find(rightId);
    if (!left || !right || left == right || m_swipe == std::pair(leftId, rightId))
        return;
    if (!m_maximised.isEmpty())
        setMaximised({}); // before there is a swipe, which it would end
    if (!swiping())
        m_divider->setPosition(0.5);
    endSwipe();
    m_swipe = { leftId, rightId };
    arrange();
    requestAll();
    if (!left->view->hasFocus() && !right->view->hasFocus() && !m_divider->hasFocus())
        left->view->setFocus();
    emit swipeChanged(leftId, rightId);
}

void CompareView::clearSwipe()
{
    if (!swiping())
        return;
    endSwipe();
    arrange();
    requestAll();
    emit swipeChanged({}, {});
}

void CompareView::endSwipe()
{
    for (const QString& id : { m_swipe.first, m_swipe.second }) {
        if (const Pane* pane = find(id))
            pane->view->setViewport(std::nullopt);
    }
    m_swipe = {};
}

void CompareView::arrange()
{
    for (const auto& pane : m_panes)
        pane.view->setGhost(std::nullopt);
    m_divider->setVisible(swiping());
    if (swiping()) {
        m_divider->place();
        arrangeSwipe();
    } else {
        arrangeGrid();
    }
    if (m_fitted)
        fit();
}

void CompareView::arrangeSwipe()
{
    const int column = m_divider->column();
    for (const auto& pane : m_panes) {
        const bool left = pane.spec.id == m_swipe.first;
        const bool seen = left || pane.spec.id == m_swipe.second;
        pane.view->setVisible(seen);
        if (!seen)
            continue;
        // Both look through one frame, so that the same voxel is in the same place on either side.
        pane.view->setGeometry(left ? QRect(0, 0, column, height()) : QRect(column, 0, width() - column, height()));
        pane.view->setViewport(QRectF(left ? 0 : -column, 0, width(), height()));
        const bool wider = left == (2 * column >= width());
        pane.view->setScaleBarShown(wider);
    }
}

void CompareView::arrangeGrid()
{
    std::vector<SliceView*> visible;
    for (const auto& pane : m_panes) {
        const bool seen = m_maximised.isEmpty() ? pane.shown : pane.spec.id == m_maximised;
        pane.view->setVisible(seen);
        pane.view->setScaleBarShown(seen && visible.empty());
        if (seen)
            visible.push_back(pane.view);
    }
    if (visible.empty())
        return;
    // As many columns as show the slice largest; what the last row leaves over is shared out.
    const auto n = static_cast<int>(visible.size());
    const SliceSize slice = m_raw ? sliceSize(m_raw->shape(), m_orientation) : SliceSize { 1, 1 };
    int columns = 1;
    double best = 0;
    for (int c = 1; c <= n; ++c) {
        const int rows = (n + c - 1) / c;
        const double scale = std::min(width() / double(c * slice.width), height() / double(rows * slice.height));
        if (scale > best) {
            best = scale;
            columns = c;
        }
    }
    const int rows = (n + columns - 1) / columns;
    for (int i = 0; i < n; ++i) {
        const int row = i / columns;
        const int inRow = std::min(columns, n - row * columns);
        const int column = i - row * columns;
        const auto cut = [](int length, int parts, int part) { return part * (length + kGap) / parts; };
        const int left = cut(width(), inRow, column);
        const int top = cut(height(), rows, row);
        visible[static_cast<std::size_t>(i)]->setGeometry(
            left, top, cut(width(), inRow, column + 1) - kGap - left, cut(height(), rows, row + 1) - kGap - top);
    }
}

void CompareView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

/// Over the divider the wheel turns what lies under it.
void CompareView::wheelEvent(QWheelEvent* event)
{
    SliceView* view = pane(m_swipe.first);
    if (!view) {
        QWidget::wheelEvent(event);
        return;
    }
    QWheelEvent below(view->mapFrom(this, event->position()), event->globalPosition(), event->pixelDelta(),
        event->angleDelta(), event->buttons(), event->modifiers(), event->phase(), event->inverted());
    QCoreApplication::sendEvent(view, &below);
    event->accept();
}

void CompareView::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), QColor(0x2a, 0x2d, 0x30)); // dark in both themes, as the views are
}

} // namespace interstice
