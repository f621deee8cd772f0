// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/oblique_controller.h"

#include "app/window/oblique_rows.h"
#include "app/window/scene_page.h"
#include "render/oblique_plane.h"
#include "render/scene_handles.h"
#include "widgets/mpr_view.h"
#include "widgets/volume_view.h"

#include <numbers>

namespace interstice {

namespace {

/// Of a slice that is shown for the first time, so that it is seen to be none along an axis.
constexpr double kFirstTilt = 30 * std::numbers::pi / 180;

Vector3 placeOf(const Index& voxel)
{
    return { double(voxel.x), double(voxel.y), double(voxel.z) };
}

} // namespace

ObliqueController::ObliqueController(MprView& view, ScenePage& page, QObject* parent)
    : QObject(parent)
    , m_view(view)
    , m_page(page)
{
    ObliqueRows& rows = page.oblique();
    connect(&rows, &ObliqueRows::toggled, this, &ObliqueController::show);
    connect(&rows, &ObliqueRows::pointsWanted, &view, &MprView::pickPoints);
    connect(&rows, &ObliqueRows::facingWanted, this, &ObliqueController::face);
    connect(&rows, &ObliqueRows::alongWanted, this,
        [this](Orientation orientation) { m_view.setOblique(planeAlong(orientation, current().centre)); });
    connect(&rows, &ObliqueRows::depthChanged, this, [this](double depth, bool moving) {
        if (m_view.oblique())
            m_view.setOblique(
                atDepth(*m_view.oblique(), depth, m_view.raw()->shape(), edgesOfVoxel(m_view.raw()->voxelSize())), moving);
    });
    connect(&rows, &ObliqueRows::cutHereWanted, this, &ObliqueController::cutHere);
    connect(&rows, &ObliqueRows::fromCutWanted, this, [this] {
        if (const auto& plane = m_view.volume()->scene().plane)
            moveTo(*plane, false);
    });
    connect(view.volume(), &VolumeView::obliqueMoved, this, &ObliqueController::moveTo);
    connect(&view, &MprView::obliqueChanged, this, &ObliqueController::showState);
    connect(&view, &MprView::pointsPicked, this, [this](int count) {
        m_page.oblique().showPicking(count);
        if (count < 0)
            showState();
    });
    connect(&view, &MprView::obliqueRefused, &rows, &ObliqueRows::showRefusal);
    connect(&page, &ScenePage::lookChanged, this, [this] { m_page.oblique().setCutPlaneThere(m_page.planeShown()); });
}

ObliquePlane ObliqueController::current() const
{
    return m_view.oblique().value_or(planeAlong(Orientation::XY, placeOf(m_view.voxel())));
}

void ObliqueController::show(bool shown)
{
    m_view.pickPoints(false);
    if (shown && m_view.raw())
        m_view.setOblique(turnedAbout(current(), { 1, 0, 0 }, kFirstTilt));
    else
        m_view.setOblique({});
    showState();
}

void ObliqueController::face()
{
    Vector3 away = m_view.volume()->scene().camera.direction;
    for (double& part : away)
        part = -part;
    m_view.setOblique(planeAcross(current().centre, away));
}

void ObliqueController::moveTo(const ClipPlane& place, bool moving)
{
    if (m_view.raw())
        m_view.setOblique(movedTo(current(), place, m_view.raw()->shape()), moving);
}

void ObliqueController::cutHere()
{
    const SceneState& scene = m_view.volume()->scene();
    if (!m_view.oblique() || !scene.grey.volume)
        return;
    // What lies on the far side of it as it is seen now stays.
    ClipPlane plane = clipPlaneOf(*m_view.oblique(), scene.grey.full);
    if (dot(plane.keep, scene.camera.direction) > 0)
        for (double& part : plane.keep)
            part = -part;
    m_page.cutWith(plane.keep, depthOf(scene.grey, plane));
}

void ObliqueController::showState()
{
    const auto& plane = m_view.oblique();
    if (m_view.picking())
        return; // what is to be clicked next is said
    const bool known = plane && m_view.raw();
    m_page.oblique().showState(known,
        known ? depthOf(*plane, m_view.raw()->shape(), edgesOfVoxel(m_view.raw()->voxelSize())) : 0.5,
        known ? QString::fromStdString(describe(*plane)) : QString());
}

} // namespace interstice
