// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/compare_view.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

namespace {

constexpr int kGap = 2;
constexpr double kFitMargin = 1.0;

QColor colourOf(Rgb rgb)
{
    return { rgb.r, rgb.g, rgb.b };
}

} // namespace

CompareView::CompareView(SliceLoader& loader, const std::vector<PaneSpec>& panes, QWidget* parent)
    : QWidget(parent)
    , m_loader(loader)
{
    for (const auto& spec : panes) {
        Pane pane { spec, new SliceView(this), nullptr, true };
        pane.view->setObjectName("pane-" + spec.id);
        pane.view->setTitle(spec.name, colourOf(spec.colour));
        SliceView* view = pane.view;
        const QString id = spec.id;
        connect(view, &SliceView::stepped, this, &CompareView::stepSlices);
        connect(view, &SliceView::endRequested, this, [this](bool last) { setSlice(last ? slices() - 1 : 0); });
        connect(view, &SliceView::transformRequested, this, [this](const ViewTransform& transform) {
            m_fitted = false;
            applyTransform(transform);
        });
        connect(view, &SliceView::cursorMoved, this, [this, view](const QPointF& at) { showCursor(view, at); });
        connect(view, &SliceView::cursorLeft, this, [this] {
            for (const auto& other : m_panes)
                other.view->setGhost(std::nullopt);
            emit cursorLeft();
        });
        connect(view, &SliceView::maximiseToggled, this, [this, id] { setMaximised(m_maximised == id ? QString() : id); });
        connect(
            view, &SliceView::linkActivated, this, [this, id](const QString& link) { emit paneLinkActivated(id, link); });
        m_panes.push_back(std::move(pane));
    }
    connect(&m_loader, &SliceLoader::sliceReady, this, &CompareView::showSlice);
    setMinimumSize(320, 240);
    arrange();
}

CompareView::Pane* CompareView::find(const QString& id)
{
    const auto found = std::find_if(m_panes.begin(), m_panes.end(), [&id](const Pane& pane) { return pane.spec.id == id; });
    return found == m_panes.end() ? nullptr : &*found;
}

SliceView* CompareView::pane(const QString& id) const
{
    const auto* found = const_cast<CompareView*>(this)->find(id);
    return found ? found->view : nullptr;
}

bool CompareView::paneShown(const QString& id) const
{
    const auto* found = const_cast<CompareView*>(this)->find(id);
    return found && found->shown;
}

std::int64_t CompareView::slices() const
{
    return m_raw ? sliceCount(m_raw->shape(), m_orientation) : 0;
}

void CompareView::setRaw(const SourcePtr& raw)
{
    m_raw = raw;
    m_truth = nullptr;
    for (std::size_t i = 0; i < m_panes.size(); ++i) {
        m_panes[i].mask = nullptr;
        m_panes[i].view->clearSlice();
        m_loader.cancel(static_cast<int>(i));
    }
    if (raw)
        reset();
}

void CompareView::setMask(const QString& id, const SourcePtr& mask)
{
    Pane* pane = find(id);
    if (!pane)
        return;
    pane->mask = mask;
    requestPane(static_cast<std::size_t>(pane - m_panes.data()), 0);
}

void CompareView::setTruth(const SourcePtr& truth)
{
    m_truth = truth;
    requestAll();
}

void CompareView::setPaneShown(const QString& id, bool shown)
{
    Pane* pane = find(id);
    if (!pane || pane->shown == shown)
        return;
    pane->shown = shown;
    arrange();
    requestAll();
}

void CompareView::setOrientation(Orientation orientation)
{
    if (orientation == m_orientation)
        return;
    m_orientation = orientation;
    m_slice = slices() / 2;
    fit();
    requestAll();
    emit orientationChanged(orientation);
    emit sliceChanged(m_slice, slices());
}

void CompareView::setSlice(std::int64_t index)
{
    if (!m_raw)
        return;
    const std::int64_t next = std::clamp<std::int64_t>(index, 0, slices() - 1);
    if (next == m_slice)
        return;
    const int direction = next > m_slice ? 1 : -1;
    m_slice = next;
    requestAll(direction);
    emit sliceChanged(m_slice, slices());
}

void CompareView::stepSlices(int steps)
{
    setSlice(m_slice + steps);
}

void CompareView::setWindow(GreyWindow window)
{
    if (window == m_window)
        return;
    m_window = window;
    requestAll();
}

void CompareView::setWindowOfSlice(bool on)
{
    m_windowOfSlice = on;
    requestAll();
}

void CompareView::setOverlay(double opacity, OverlayStyle style, MaskDisplay display)
{
    m_overlay.opacity = opacity;
    m_overlay.style = style;
    m_display = display;
    requestAll();
}

void CompareView::setMasksShown(bool shown)
{
    m_masksShown = shown;
    requestAll();
}

void CompareView::requestAll(int direction)
{
    for (std::size_t i = 0; i < m_panes.size(); ++i)
        requestPane(i, direction);
}

void CompareView::requestPane(std::size_t i, int direction)
{
    const Pane& pane = m_panes[i];
    const bool raw = i == 0;
    if (!m_raw || !pane.view->isVisibleTo(this) || (!raw && !pane.mask)) {
        m_loader.cancel(static_cast<int>(i));
        if (!raw && !pane.mask)
            pane.view->clearSlice();
        return;
    }
    SliceRequest request;
    request.pane = static_cast<int>(i);
    request.raw = m_raw;
    request.orientation = m_orientation;
    request.index = m_slice;
    request.window = m_window;
    request.windowOfSlice = m_windowOfSlice;
    request.direction = direction;
    const bool againstTruth = m_display == MaskDisplay::ErrorMap && m_truth && pane.mask != m_truth;
    if (!raw) {
        request.mask = pane.mask;
        request.truth = m_truth;
        request.showMask = m_masksShown;
        request.display = m_display == MaskDisplay::ErrorMap && !againstTruth ? MaskDisplay::OverRaw : m_display;
        request.overlay = m_overlay;
        request.overlay.colour = pane.spec.colour;
    }
    pane.view->setErrorLegendShown(!raw && againstTruth && m_masksShown);
    m_loader.request(request);
}

void CompareView::showSlice(const SliceImage& slice)
{
    const auto i = static_cast<std::size_t>(slice.pane);
    if (i >= m_panes.size() || slice.orientation != m_orientation)
        return;
    if (!slice.error.isEmpty()) {
        m_panes[i].view->clearSlice();
        emit sliceFailed(slice.error);
        return;
    }
    m_panes[i].view->setSlice(slice);
    if (m_windowOfSlice && slice.index == m_slice) {
        m_window = slice.window;
        emit windowFollowed(slice.window);
    }
}

void CompareView::showCursor(const SliceView* from, const QPointF& at)
{
    for (const auto& pane : m_panes)
        pane.view->setGhost(pane.view == from ? std::nullopt : std::optional(at));
    if (!m_raw)
        return;
    const SliceSize size = sliceSize(m_raw->shape(), m_orientation);
    const auto column = static_cast<std::int64_t>(std::floor(at.x() + 0.5));
    const auto row = static_cast<std::int64_t>(std::floor(at.y() + 0.5));
    if (column < 0 || row < 0 || column >= size.width || row >= size.height) {
        emit cursorLeft();
        return;
    }
    double value = std::numeric_limits<double>::quiet_NaN();
    for (const auto& pane : m_panes) {
        const SliceImage& slice = pane.view->slice();
        if (slice.values && slice.index == m_slice && slice.orientation == m_orientation) {
            value = static_cast<double>((*slice.values)[static_cast<std::size_t>(row * size.width + column)]);
            break;
        }
    }
    emit cursorAt(voxelAt(m_orientation, m_slice, column, row), value);
}

void CompareView::applyTransform(const ViewTransform& transform)
{
    m_transform = transform;
    for (const auto& pane : m_panes)
        pane.view->setTransform(transform);
}

void CompareView::applyGeometry()
{
    if (!m_raw)
        return;
    for (const auto& pane : m_panes)
        pane.view->setGeometryOfPixels(
            pixelAspect(m_raw->voxelSize(), m_orientation), micrometresPerUnit(m_raw->voxelSize(), m_orientation));
}

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
        zoom = std::min({ zoom, pane.view->width() * kFitMargin / (size.width * aspect.width),
            pane.view->height() * kFitMargin / (size.height * aspect.height) });
    }
    applyTransform({ QPointF((size.width - 1) / 2.0, (size.height - 1) / 2.0), std::clamp(zoom, 1e-3, 64.0) });
}

void CompareView::reset()
{
    const bool turned = m_orientation != Orientation::XY;
    m_orientation = Orientation::XY;
    m_slice = slices() / 2;
    fit();
    requestAll();
    if (turned)
        emit orientationChanged(m_orientation);
    emit sliceChanged(m_slice, slices());
}

void CompareView::setMaximised(const QString& id)
{
    if (m_maximised == id)
        return;
    m_maximised = id;
    arrange();
    requestAll();
    if (const Pane* pane = find(id))
        pane->view->setFocus();
    emit maximisedChanged(id);
}

void CompareView::arrange()
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
    if (m_fitted)
        fit();
}

void CompareView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void CompareView::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), QColor(0x2a, 0x2d, 0x30)); // dark in both themes, as the views are
}

} // namespace interstice
