// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/compare_view.h"

#include "widgets/swipe_divider.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

namespace {

QColor colourOf(Rgb rgb)
{
    return { rgb.r, rgb.g, rgb.b };
}

} // namespace

CompareView::CompareView(SliceLoader& loader, const std::vector<PaneSpec>& panes, QWidget* parent)
    : QWidget(parent)
    , m_loader(loader)
    , m_divider(new SwipeDivider(this))
{
    for (const auto& spec : panes) {
        Pane pane { spec, new SliceView(this), nullptr, true, 0, {} };
        pane.view->setMinimumSize(1, 1); // this view places them, and the divider may leave one little room
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
    m_divider->hide();
    m_divider->raise();
    connect(m_divider, &SwipeDivider::moved, this, &CompareView::arrangeSwipe);
    connect(m_divider, &SwipeDivider::stepped, this, &CompareView::stepSlices);
    connect(&m_loader, &SliceLoader::sliceReady, this, &CompareView::showSlice);
    setMinimumSize(320, 240);
    arrange();
}

CompareView::Pane* CompareView::find(const QString& id)
{
    const auto found = std::find_if(m_panes.begin(), m_panes.end(), [&id](const Pane& pane) { return pane.spec.id == id; });
    return found == m_panes.end() ? nullptr : &*found;
}

const CompareView::Pane* CompareView::find(const QString& id) const
{
    return const_cast<CompareView*>(this)->find(id);
}

SliceView* CompareView::pane(const QString& id) const
{
    const auto* found = find(id);
    return found ? found->view : nullptr;
}

bool CompareView::paneShown(const QString& id) const
{
    const auto* found = find(id);
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
        m_panes[i].source = nullptr;
        m_panes[i].view->clearSlice();
        m_loader.cancel(static_cast<int>(i));
    }
    if (raw)
        reset();
}

void CompareView::setSource(Pane& pane, const SourcePtr& source)
{
    pane.source = source;
    requestPane(static_cast<std::size_t>(&pane - m_panes.data()), 0);
}

void CompareView::setMask(const QString& id, const SourcePtr& mask, const SourcePtr& labels)
{
    Pane* pane = find(id);
    if (!pane || pane->spec.kind != PaneKind::Mask)
        return;
    pane->labels = labels;
    setSource(*pane, mask);
}

void CompareView::setShownLabels(const QString& id, const LabelChoice& shown)
{
    Pane* pane = find(id);
    if (!pane)
        return;
    pane->shownLabels = std::make_shared<const LabelChoice>(shown);
    if (pane->labels)
        requestPane(static_cast<std::size_t>(pane - m_panes.data()), 0);
}

void CompareView::setColour(const QString& id, Rgb colour)
{
    Pane* pane = find(id);
    if (!pane || pane->spec.colour == colour)
        return;
    pane->spec.colour = colour;
    pane->view->setTitle(pane->spec.name, colourOf(colour));
    requestPane(static_cast<std::size_t>(pane - m_panes.data()), 0);
}

void CompareView::setCounts(const QString& id, const SourcePtr& source, int most)
{
    Pane* pane = find(id);
    if (!pane || pane->spec.kind != PaneKind::Counts)
        return;
    pane->most = most;
    setSource(*pane, source);
}

void CompareView::setMap(
    const QString& id, const SourcePtr& source, GreyWindow range, ColourMap colours, const QString& unit)
{
    Pane* pane = find(id);
    if (!pane || pane->spec.kind != PaneKind::Map)
        return;
    pane->bar = { range, { colours }, unit };
    setSource(*pane, source);
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
    m_slice = along(m_place, orientation);
    fit();
    requestAll();
    emit orientationChanged(orientation);
    emit sliceChanged(m_slice, slices());
}

QStringList CompareView::paneIds() const
{
    QStringList ids;
    for (const auto& pane : m_panes)
        ids.append(pane.spec.id);
    return ids;
}

void CompareView::setPlace(const Index& voxel)
{
    Index place = voxel;
    const std::int64_t here = along(place, m_orientation);
    along(place, m_orientation) = m_slice;
    m_place = place;
    setSlice(here);
}

void CompareView::setSlice(std::int64_t index)
{
    if (!m_raw)
        return;
    const std::int64_t next = std::clamp<std::int64_t>(index, 0, slices() - 1);
    if (next == m_slice)
        return;
    const int direction = next > m_slice ? 1 : -1;
    m_slice = along(m_place, m_orientation) = next;
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

void CompareView::setGreyLook(const GreyLook& look)
{
    m_look = look;
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

void CompareView::setMarks(std::vector<BoxMark> marks)
{
    m_marks = std::move(marks);
    showMarks();
}

void CompareView::showMarks()
{
    const std::vector<SliceMark> here = marksIn(m_marks, m_orientation, m_slice);
    for (const Pane& pane : m_panes)
        pane.view->setMarks(here);
}

void CompareView::requestAll(int direction)
{
    showMarks();
    for (std::size_t i = 0; i < m_panes.size(); ++i)
        requestPane(i, direction);
}

void CompareView::requestPane(std::size_t i, int direction)
{
    const Pane& pane = m_panes[i];
    const bool raw = i == 0;
    if (!m_raw || !pane.view->isVisibleTo(this) || (!raw && !pane.source)) {
        m_loader.cancel(static_cast<int>(i));
        if (!raw && !pane.source)
            pane.view->clearSlice();
        return;
    }
    SliceRequest request;
    request.pane = static_cast<int>(i);
    request.raw = m_raw;
    request.orientation = m_orientation;
    request.index = m_slice;
    request.window = m_window;
    request.look = m_look;
    request.windowOfSlice = m_windowOfSlice;
    request.direction = direction;
    const bool masked = !raw && pane.spec.kind == PaneKind::Mask;
    const bool againstTruth = masked && m_display == MaskDisplay::ErrorMap && m_truth && pane.source != m_truth;
    if (!raw) {
        request.showMask = m_masksShown;
        request.display = m_display == MaskDisplay::ErrorMap && !againstTruth ? MaskDisplay::OverRaw : m_display;
        request.overlay = m_overlay;
        request.overlay.colour = pane.spec.colour;
    }
    if (masked) {
        request.mask = pane.source;
        request.labels = pane.labels;
        request.shown = pane.shownLabels;
        request.truth = m_truth;
    } else if (!raw && pane.spec.kind == PaneKind::Counts) {
        request.counts = pane.source;
        request.mostCount = pane.most;
    } else if (!raw) {
        request.map = pane.source;
        request.mapRange = pane.bar.range;
        request.mapColours = pane.bar.look.colours;
    }
    showLegends(pane, againstTruth);
    m_loader.request(request);
}

void CompareView::showLegends(const Pane& pane, bool againstTruth)
{
    pane.view->setErrorLegendShown(againstTruth && m_masksShown);
    std::vector<LegendEntry> legend;
    if (pane.spec.kind == PaneKind::Counts && (m_masksShown || m_display == MaskDisplay::Alone)) {
        const std::vector<Rgb> colours = countColours(pane.most);
        for (std::size_t i = 0; i < colours.size(); ++i)
            legend.push_back({ colours[i], tr("%1 of %2").arg(i + 1).arg(pane.most) });
    }
    pane.view->setLegend(std::move(legend));
    if (&pane != &m_panes.front()) // the raw volume's follows its slice
        pane.view->setColourBar(pane.spec.kind == PaneKind::Map ? std::optional(pane.bar) : std::nullopt);
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
    if (i == 0)
        m_panes[i].view->setColourBar(greyBar(slice.window, m_look));
    emit viewsChanged();
    if (m_windowOfSlice && slice.index == m_slice) {
        m_window = slice.window;
        emit windowFollowed(slice.window);
    }
}

void CompareView::showCursor(const SliceView* from, const QPointF& at)
{
    for (const auto& pane : m_panes)
        pane.view->setGhost(pane.view == from || swiping() ? std::nullopt : std::optional(at));
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

std::optional<double> CompareView::mapValueAt(const QString& id, const Index& voxel) const
{
    const Pane* pane = find(id);
    if (!pane || !m_raw)
        return std::nullopt;
    const SliceImage& slice = pane->view->slice();
    const SliceSize size = sliceSize(m_raw->shape(), m_orientation);
    const std::int64_t column = m_orientation == Orientation::YZ ? voxel.z : voxel.x;
    const std::int64_t row = m_orientation == Orientation::XZ ? voxel.z : voxel.y;
    const bool inside = column >= 0 && row >= 0 && column < size.width && row < size.height
        && voxelAt(m_orientation, m_slice, column, row) == voxel;
    if (!inside || !slice.mapValues || slice.index != m_slice || slice.orientation != m_orientation)
        return std::nullopt;
    return static_cast<double>((*slice.mapValues)[static_cast<std::size_t>(row * size.width + column)]);
}

void CompareView::applyTransform(const ViewTransform& transform)
{
    m_transform = transform;
    for (const auto& pane : m_panes)
        pane.view->setTransform(transform);
    emit viewsChanged();
}

void CompareView::applyGeometry()
{
    if (!m_raw)
        return;
    for (const auto& pane : m_panes)
        pane.view->setGeometryOfPixels(
            pixelAspect(m_raw->voxelSize(), m_orientation), micrometresPerUnit(m_raw->voxelSize(), m_orientation));
}

void CompareView::reset()
{
    const bool turned = m_orientation != Orientation::XY;
    m_orientation = Orientation::XY;
    const Shape shape = m_raw ? m_raw->shape() : Shape {};
    m_place = { shape.z / 2, shape.y / 2, shape.x / 2 };
    m_slice = m_place.z;
    fit();
    requestAll();
    if (turned)
        emit orientationChanged(m_orientation);
    emit sliceChanged(m_slice, slices());
}

} // namespace interstice
