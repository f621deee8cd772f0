// SPDX-License-Identifier: GPL-3.0-or-later
// The slice at any angle beside the three along the axes.
#include "base/error.h"
#include "widgets/mpr_view.h"
#include "widgets/plane_overlay.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

namespace {

constexpr Orientation kAll[] = { Orientation::XY, Orientation::XZ, Orientation::YZ };
constexpr int kObliquePane = 3;

/// The voxel that a pixel lies in; nothing beside the volume.
std::optional<Index> voxelUnder(const ObliqueGrid& grid, int column, int row, const Shape& shape)
{
    const ObliqueGrid::Place place = grid.at(column, row);
    if (column < 0 || row < 0 || column >= grid.width || row >= grid.height || !inVolume(place, shape))
        return {};
    const auto nearest = [](double at, std::int64_t n) {
        return std::clamp(static_cast<std::int64_t>(std::floor(at + 0.5)), std::int64_t { 0 }, n - 1);
    };
    return Index { nearest(place[2], shape.z), nearest(place[1], shape.y), nearest(place[0], shape.x) };
}

std::pair<int, int> pixelAt(const QPointF& at)
{
    return { static_cast<int>(std::floor(at.x() + 0.5)), static_cast<int>(std::floor(at.y() + 0.5)) };
}

} // namespace

void MprView::buildOblique()
{
    m_oblique = new SliceView(this);
    m_oblique->setObjectName("mpr-oblique");
    m_oblique->setTitle(tr("Oblique"), kPlaneColour);
    m_oblique->setScaleBarShown(true);
    m_oblique->setPicking(true);
    m_oblique->hide();
    for (const Orientation orientation : kAll) {
        auto* overlay = new PlaneOverlay(slice(orientation), orientation);
        overlay->setObjectName(QString("plane-%1").arg(orientationName(orientation)));
        m_overlays[static_cast<std::size_t>(orientation)] = overlay;
        connect(overlay, &PlaneOverlay::planeDragged, this,
            [this](const ObliquePlane& plane, bool moving) { setOblique(plane, moving); });
        connect(overlay, &PlaneOverlay::pointPicked, this, &MprView::addPoint);
        connect(overlay, &PlaneOverlay::pickingCancelled, this, [this] { pickPoints(false); });
    }
    connect(m_oblique, &SliceView::stepped, this, [this](int steps) {
        const ObliquePixel pixel = pixelOf(*m_plane, edges());
        setOblique(shifted(*m_plane, steps * pixel.smaller(), edges()));
    });
    connect(m_oblique, &SliceView::endRequested, this,
        [this](bool last) { setOblique(atDepth(*m_plane, last ? 1 : 0, m_raw->shape(), edges())); });
    connect(m_oblique, &SliceView::transformRequested, this, [this](const ViewTransform& transform) {
        m_obliqueFitted = false;
        m_oblique->setTransform(transform);
        emit viewsChanged();
    });
    connect(m_oblique, &SliceView::picked, this, [this](const QPointF& at) {
        const auto [column, row] = pixelAt(at);
        if (const auto voxel = voxelUnder(m_grid, column, row, m_raw->shape()))
            setVoxel(*voxel);
    });
    connect(m_oblique, &SliceView::cursorMoved, this, &MprView::showObliqueCursor);
    connect(m_oblique, &SliceView::cursorLeft, this, &MprView::cursorLeft);
    connect(m_oblique, &SliceView::maximiseToggled, this, [this] { toggleMaximised(m_oblique); });
}

void MprView::setOblique(const std::optional<ObliquePlane>& plane, bool moving)
{
    const bool was = m_plane.has_value();
    if (!plane || !m_raw) {
        if (!was)
            return;
        m_plane.reset();
        m_loader.cancel(m_firstPane + kObliquePane);
        m_oblique->clearSlice();
        if (m_maximised == m_oblique)
            m_maximised = nullptr;
    } else {
        const Shape shape = m_raw->shape();
        const ObliqueGrid before = m_grid;
        m_plane = interstice::inside(*plane, shape, edges());
        m_grid = gridOf(*m_plane, shape, edges());
        const ObliquePixel pixel = pixelOf(m_grid, edges());
        m_oblique->setGeometryOfPixels(pixel.aspect(), m_raw->voxelSize().known() ? pixel.smaller() : 0);
        m_oblique->setChip(QString::fromStdString(describe(*m_plane)),
            tr("The normal (x, y, z) points away from you; as in XY nothing is mirrored."));
        if (was && !m_obliqueFitted && before.width > 0) { // the middle stays the middle
            ViewTransform transform = m_oblique->transform();
            transform.centre += QPointF((m_grid.width - before.width) / 2.0, (m_grid.height - before.height) / 2.0);
            m_oblique->setTransform(transform);
        }
    }
    if (was != m_plane.has_value()) {
        if (m_plane)
            m_maximised = nullptr; // what was asked for is to be seen
        m_obliqueFitted = true;
        arrange();
        if (m_fitted)
            fit();
        else
            fitOblique();
        requestAll();
    } else {
        if (m_obliqueFitted)
            fitOblique();
        requestOblique();
    }
    showOverlays();
    emit obliqueChanged(moving);
}

void MprView::requestOblique()
{
    const int pane = m_firstPane + kObliquePane;
    if (!m_raw || !m_plane || m_grid.width == 0 || !m_oblique->isVisible()) {
        m_loader.cancel(pane);
        return;
    }
    SliceRequest request = requestFor(pane);
    request.oblique = m_grid;
    m_loader.request(request);
}

void MprView::showOblique(const SliceImage& image)
{
    if (!m_plane)
        return;
    m_oblique->setSlice(image);
    emit viewsChanged();
}

void MprView::showObliqueCursor(const QPointF& at)
{
    const SliceImage& image = m_oblique->slice();
    const auto [column, row] = pixelAt(at);
    const auto voxel = m_raw && m_plane ? voxelUnder(m_grid, column, row, m_raw->shape()) : std::nullopt;
    if (!voxel) {
        emit cursorLeft();
        return;
    }
    const bool current = image.values && image.oblique == m_grid;
    emit cursorAt(*voxel,
        current ? static_cast<double>((*image.values)[static_cast<std::size_t>(row) * static_cast<std::size_t>(m_grid.width)
                      + static_cast<std::size_t>(column)])
                : std::numeric_limits<double>::quiet_NaN());
}

void MprView::fitOblique()
{
    m_obliqueFitted = true;
    if (!m_raw || !m_plane || m_grid.width == 0)
        return;
    const PixelAspect aspect = pixelOf(m_grid, edges()).aspect();
    const double zoom = std::min(
        m_oblique->width() / (m_grid.width * aspect.width), m_oblique->height() / (m_grid.height * aspect.height));
    m_oblique->setTransform({ { (m_grid.width - 1) / 2.0, (m_grid.height - 1) / 2.0 }, std::max(zoom, 1e-3) });
}

void MprView::pickPoints(bool on)
{
    if (on == m_picking || (on && !m_raw))
        return;
    m_picking = on;
    m_points.clear();
    showOverlays();
    emit pointsPicked(on ? 0 : -1);
}

void MprView::addPoint(const Vector3& place)
{
    m_points.push_back(place);
    if (m_points.size() < 3) {
        showOverlays();
        emit pointsPicked(static_cast<int>(m_points.size()));
        return;
    }
    std::optional<ObliquePlane> plane;
    QString error;
    try {
        plane = planeThrough({ m_points[0], m_points[1], m_points[2] }, edges());
    } catch (const Error& problem) {
        error = QString::fromUtf8(problem.what());
    }
    pickPoints(false);
    if (plane)
        setOblique(plane);
    else
        emit obliqueRefused(error);
}

void MprView::showOverlays()
{
    for (const Orientation orientation : kAll) {
        PlaneOverlay* over = overlay(orientation);
        if (m_raw)
            over->setSlice(m_raw->shape(), edges(), indexOf(orientation));
        over->setPlane(m_raw ? m_plane : std::nullopt);
        over->setPoints(m_points, m_picking);
    }
}

} // namespace interstice
