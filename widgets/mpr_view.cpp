// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/mpr_view.h"

#include "widgets/plane_overlay.h"
#include "widgets/volume_view.h"

#include <QGridLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

namespace {

constexpr Orientation kAll[] = { Orientation::XY, Orientation::XZ, Orientation::YZ };
/// The frame of a slice and its line in the others: of the axis that it is at right angles to.
const QColor kAxisColours[] = { QColor(0x4a, 0x8d, 0xe8), QColor(0x4d, 0xb0, 0x5a), QColor(0xe0, 0x50, 0x4a) };

/// Column and row of a voxel in a slice.
QPointF inSlice(const Index& voxel, Orientation orientation)
{
    return { double(orientation == Orientation::YZ ? voxel.z : voxel.x),
        double(orientation == Orientation::XZ ? voxel.z : voxel.y) };
}

QColor axisColour(Orientation orientation)
{
    return kAxisColours[static_cast<int>(orientation)];
}

} // namespace

MprView::MprView(SliceLoader& loader, int firstPane, QWidget* parent)
    : QWidget(parent)
    , m_loader(loader)
    , m_firstPane(firstPane)
    , m_volume(new VolumeView(this))
{
    setObjectName("mprView");
    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    for (const Orientation orientation : kAll) {
        auto* view = new SliceView(this);
        view->setObjectName(QString("mpr-%1").arg(orientationName(orientation)));
        view->setTitle(orientationName(orientation), axisColour(orientation));
        view->setScaleBarShown(orientation == Orientation::XY);
        view->setPicking(true);
        m_views[static_cast<std::size_t>(orientation)] = view;
        connect(view, &SliceView::stepped, this, [this, orientation](int steps) {
            Index next = m_voxel;
            along(next, orientation) += steps;
            setVoxel(next);
        });
        connect(view, &SliceView::endRequested, this, [this, orientation](bool last) {
            Index next = m_voxel;
            along(next, orientation) = last ? std::numeric_limits<std::int32_t>::max() : 0;
            setVoxel(next);
        });
        connect(view, &SliceView::transformRequested, this, [this, view](const ViewTransform& transform) {
            m_fitted = false;
            view->setTransform(transform);
            emit viewsChanged();
        });
        connect(view, &SliceView::picked, this, [this, orientation](const QPointF& at) { pick(orientation, at); });
        connect(
            view, &SliceView::cursorMoved, this, [this, orientation](const QPointF& at) { showCursor(orientation, at); });
        connect(view, &SliceView::cursorLeft, this, &MprView::cursorLeft);
        connect(view, &SliceView::maximiseToggled, this, [this, view] { toggleMaximised(view); });
    }
    buildOblique();
    arrange();
    connect(m_volume, &VolumeView::frameShown, this, &MprView::viewsChanged);
    connect(m_volume, &VolumeView::maximiseToggled, this, [this] { toggleMaximised(m_volume); });
    connect(&m_loader, &SliceLoader::sliceReady, this, &MprView::showSlice);
}

void MprView::setRaw(const SourcePtr& raw)
{
    m_raw = raw;
    m_mask = {};
    for (SliceView* view : m_views)
        view->clearSlice();
    const Shape shape = raw ? raw->shape() : Shape {};
    m_voxel = { shape.z / 2, shape.y / 2, shape.x / 2 };
    pickPoints(false);
    setOblique({});
    if (!raw)
        return;
    for (const Orientation orientation : kAll)
        slice(orientation)
            ->setGeometryOfPixels(
                pixelAspect(raw->voxelSize(), orientation), micrometresPerUnit(raw->voxelSize(), orientation));
    fit();
    showCrossHair();
    requestAll();
}

void MprView::setMask(const Mask& mask)
{
    m_mask = mask;
    requestAll();
}

void MprView::setWindowOfSlice(bool on)
{
    m_windowOfSlice = on;
    requestAll();
}

void MprView::setWindow(GreyWindow window)
{
    m_window = window;
    requestAll();
}

void MprView::setGreyLook(const GreyLook& look)
{
    m_look = look;
    requestAll();
}

void MprView::setOverlay(double opacity, OverlayStyle style, MaskDisplay display)
{
    m_overlay.opacity = opacity;
    m_overlay.style = style;
    m_display = display;
    requestAll();
}

void MprView::setMasksShown(bool shown)
{
    m_masksShown = shown;
    requestAll();
}

void MprView::setMarks(std::vector<BoxMark> marks)
{
    m_marks = std::move(marks);
    for (const Orientation orientation : kAll)
        slice(orientation)->setMarks(marksIn(m_marks, orientation, indexOf(orientation)));
}

void MprView::setVoxel(const Index& voxel)
{
    if (!m_raw)
        return;
    const Shape shape = m_raw->shape();
    const Index next { std::clamp<std::int64_t>(voxel.z, 0, shape.z - 1), std::clamp<std::int64_t>(voxel.y, 0, shape.y - 1),
        std::clamp<std::int64_t>(voxel.x, 0, shape.x - 1) };
    if (next == m_voxel)
        return;
    Index before = m_voxel;
    m_voxel = next;
    for (const Orientation orientation : kAll) {
        const std::int64_t moved = indexOf(orientation) - along(before, orientation);
        if (moved != 0)
            request(orientation, moved > 0 ? 1 : -1);
    }
    showCrossHair();
    emit voxelChanged(m_voxel);
}

std::int64_t MprView::indexOf(Orientation orientation) const
{
    Index voxel = m_voxel;
    return along(voxel, orientation);
}

bool MprView::againstTruth() const
{
    return m_display == MaskDisplay::ErrorMap && m_mask.source && m_mask.truth && m_mask.truth != m_mask.source;
}

SliceRequest MprView::requestFor(int pane) const
{
    SliceRequest request;
    request.pane = pane;
    request.raw = m_raw;
    request.mask = m_mask.source;
    request.labels = m_mask.labels;
    request.shown = m_mask.shown;
    request.truth = m_mask.truth;
    request.display = m_display == MaskDisplay::ErrorMap && !againstTruth() ? MaskDisplay::OverRaw : m_display;
    request.windowOfSlice = m_windowOfSlice;
    request.window = m_window;
    request.look = m_look;
    request.showMask = m_masksShown;
    request.overlay = m_overlay;
    request.overlay.colour = m_mask.colour;
    return request;
}

void MprView::request(Orientation orientation, int direction)
{
    const int pane = m_firstPane + static_cast<int>(orientation);
    slice(orientation)->setMarks(marksIn(m_marks, orientation, indexOf(orientation)));
    if (!m_raw || !slice(orientation)->isVisible()) {
        m_loader.cancel(pane);
        return;
    }
    if (orientation == Orientation::XY)
        slice(orientation)->setErrorLegendShown(againstTruth() && m_masksShown);
    SliceRequest request = requestFor(pane);
    request.orientation = orientation;
    request.index = indexOf(orientation);
    request.direction = direction;
    m_loader.request(request);
}

void MprView::requestAll()
{
    for (const Orientation orientation : kAll)
        request(orientation);
    requestOblique();
}

void MprView::showSlice(const SliceImage& image)
{
    const int i = image.pane - m_firstPane;
    if (i < 0 || i > 3)
        return;
    if (!image.error.isEmpty()) {
        emit sliceFailed(image.error);
        return;
    }
    if (i == 3)
        return showOblique(image);
    m_views[static_cast<std::size_t>(i)]->setSlice(image);
    if (i == static_cast<int>(Orientation::XY)) // once is enough
        slice(Orientation::XY)->setColourBar(greyBar(image.window, m_look));
    emit viewsChanged();
}

void MprView::showCrossHair()
{
    for (const Orientation orientation : kAll) {
        // The vertical line is where the slice across it lies, and so has its colour.
        const QColor vertical = axisColour(orientation == Orientation::YZ ? Orientation::XY : Orientation::YZ);
        const QColor horizontal = axisColour(orientation == Orientation::XZ ? Orientation::XY : Orientation::XZ);
        slice(orientation)->setCrossHair(CrossHair { inSlice(m_voxel, orientation), vertical, horizontal });
        slice(orientation)
            ->setChip(m_raw ? QString("%1 / %2").arg(indexOf(orientation) + 1).arg(sliceCount(m_raw->shape(), orientation))
                            : QString());
    }
    showOverlays();
}

void MprView::pick(Orientation orientation, const QPointF& at)
{
    const auto column = static_cast<std::int64_t>(std::floor(at.x() + 0.5));
    const auto row = static_cast<std::int64_t>(std::floor(at.y() + 0.5));
    setVoxel(voxelAt(orientation, indexOf(orientation), column, row));
}

void MprView::showCursor(Orientation orientation, const QPointF& at)
{
    if (!m_raw)
        return;
    const SliceSize size = sliceSize(m_raw->shape(), orientation);
    const auto column = static_cast<std::int64_t>(std::floor(at.x() + 0.5));
    const auto row = static_cast<std::int64_t>(std::floor(at.y() + 0.5));
    if (column < 0 || row < 0 || column >= size.width || row >= size.height) {
        emit cursorLeft();
        return;
    }
    const SliceImage& image = slice(orientation)->slice();
    const double value = image.values && image.index == indexOf(orientation)
        ? static_cast<double>((*image.values)[static_cast<std::size_t>(row * size.width + column)])
        : std::numeric_limits<double>::quiet_NaN();
    emit cursorAt(voxelAt(orientation, indexOf(orientation), column, row), value);
}

void MprView::toggleMaximised(QWidget* view)
{
    m_maximised = m_maximised == view ? nullptr : view;
    arrange();
    fit();
    requestAll();
}

void MprView::arrange()
{
    // YZ lines up beside XY (y down in both), XZ below it (x across in both).
    struct Cell {
        QWidget* view;
        int row;
        int column;
        int columns;
        bool shown;
    };
    const bool oblique = m_plane.has_value();
    const Cell cells[] = { { slice(Orientation::XY), 0, 0, 1, true }, { slice(Orientation::YZ), 0, 1, 1, true },
        { slice(Orientation::XZ), 1, 0, 1, true }, { m_volume, oblique ? 0 : 1, oblique ? 2 : 1, 1, true },
        { m_oblique, 1, 1, 2, oblique } };
    auto* grid = static_cast<QGridLayout*>(layout());
    // Rows and columns without a view take no room.
    int rows[2] = {};
    int columns[3] = {};
    for (const Cell& cell : cells) {
        const bool shown = m_maximised ? m_maximised == cell.view : cell.shown;
        if (shown || grid->indexOf(cell.view) < 0) {
            grid->removeWidget(cell.view);
            grid->addWidget(cell.view, cell.row, cell.column, 1, cell.columns);
        }
        cell.view->setVisible(shown);
        if (!shown)
            continue;
        rows[cell.row] = 1;
        for (int i = 0; i < cell.columns; ++i)
            columns[cell.column + i] = 1;
    }
    for (int i = 0; i < 2; ++i)
        grid->setRowStretch(i, rows[i]);
    for (int i = 0; i < 3; ++i)
        grid->setColumnStretch(i, columns[i]);
    grid->activate();
}

void MprView::fit()
{
    m_fitted = true;
    for (const Orientation orientation : kAll)
        fitOne(orientation);
    fitOblique();
}

void MprView::fitOne(Orientation orientation)
{
    if (!m_raw)
        return;
    SliceView* view = slice(orientation);
    const SliceSize size = sliceSize(m_raw->shape(), orientation);
    const PixelAspect aspect = pixelAspect(m_raw->voxelSize(), orientation);
    const double zoom
        = std::min(view->width() / (size.width * aspect.width), view->height() / (size.height * aspect.height));
    view->setTransform({ { (size.width - 1) / 2.0, (size.height - 1) / 2.0 }, std::max(zoom, 1e-3) });
}

void MprView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_fitted)
        fit();
    requestAll();
}

void MprView::hideEvent(QHideEvent* event)
{
    for (int i = 0; i < 4; ++i)
        m_loader.cancel(m_firstPane + i);
    QWidget::hideEvent(event);
}

void MprView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layout()->activate();
    if (m_fitted)
        fit();
    else if (m_obliqueFitted)
        fitOblique();
}

} // namespace interstice
