// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/scene_controller.h"

#include "app/window/graphics_probe.h"
#include "app/window/opener.h"
#include "app/window/pyramid_controller.h"
#include "app/window/scene_page.h"
#include "app/window/scene_volumes.h"
#include "base/error.h"
#include "render/movie.h"
#include "widgets/mpr_view.h"
#include "widgets/transfer_editor.h"
#include "widgets/volume_view.h"

#include <QCoreApplication>

namespace interstice {

namespace {

/// Somebody who looks at something else for a moment finds the 3-D view as it was.
constexpr int kReleaseDelay = 10'000;

} // namespace

SceneController::SceneController(Workspace& workspace, JobQueue& queue, const PyramidController& pyramids, MprView& view,
    ScenePage& page, QSettings& settings, QObject* parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_pyramids(pyramids)
    , m_view(view)
    , m_page(page)
    , m_memory(settings)
{
    m_state.camera = standardView(StandardView::Oblique);
    connect(&workspace, &Workspace::rawOpened, this, &SceneController::rawChanged);
    connect(&pyramids, &PyramidController::ended, this, [this](const SourcePtr& source) {
        if (source == m_workspace.raw() && m_greyRough) {
            m_greyOf = nullptr;
            refresh();
        }
    });
    connect(&workspace, &Workspace::histogramComputed, this, &SceneController::takeHistogram);
    connect(&page, &ScenePage::lookChanged, this, [this](bool moving) {
        if (moving || m_recalling || !m_workspace.raw() || !m_workspace.histogram())
            return;
        SceneState look;
        m_page.applyTo(look);
        m_memory.keep(m_workspace.rawPath(), { look.transfer, look.clip });
    });
    MaskLooks& looks = workspace.looks();
    connect(
        &looks, &MaskLooks::chosen, this, [this] { m_memory.keepMasks(m_workspace.rawPath(), m_workspace.looks().all()); });
    connect(&looks, &MaskLooks::colourChanged, this, [this] {
        m_page.setMasks(m_workspace);
        showMaskInSlices();
        recolour(false);
    });
    connect(&looks, &MaskLooks::opacityChanged, this, [this] {
        m_page.showOpacities(m_workspace.looks());
        recolour(m_page.opacityMoves());
    });
    connect(&page, &ScenePage::opacityPicked, &looks, &MaskLooks::setOpacity);
    connect(&looks, &MaskLooks::labelsChanged, this, [this] {
        showMaskInSlices();
        refresh();
    });
    connect(&workspace, &Workspace::maskChanged, this, [this] {
        m_page.setMasks(m_workspace);
        showMaskInSlices();
        refresh();
    });
    connect(&page, &ScenePage::lookChanged, this, &SceneController::showState);
    m_cutRests.setSingleShot(true);
    m_cutRests.setInterval(400);
    connect(&page, &ScenePage::lookChanged, this, [this] {
        if (m_page.sharpCut() || m_state.grey.part())
            m_cutRests.start();
    });
    connect(&m_cutRests, &QTimer::timeout, this, &SceneController::followCut);
    connect(&page, &ScenePage::masksChanged, this, [this] {
        showMaskInSlices();
        refresh();
    });
    connect(&page, &ScenePage::viewPicked, this, [this](StandardView standard) {
        SceneCamera camera = standardView(standard);
        camera.parallel = m_view.volume()->scene().camera.parallel;
        m_view.volume()->setCamera(camera);
    });
    connect(&page, &ScenePage::parallelToggled, this, [this](bool on) {
        SceneCamera camera = m_view.volume()->scene().camera;
        camera.parallel = on;
        m_view.volume()->setCamera(camera);
    });
    connect(&view, &MprView::voxelChanged, this, [this] {
        if (m_state.slicesShown)
            showState(true);
    });
    connect(&view, &MprView::obliqueChanged, this, &SceneController::showState);
    connect(view.volume(), &VolumeView::slicesMoved, this, &SceneController::moveSlices);
    connect(&page, &ScenePage::handlesToggled, view.volume(), &VolumeView::setHandlesShown);
    connect(&page, &ScenePage::planeAsked, this, [this] {
        Vector3 away = m_view.volume()->scene().camera.direction;
        for (double& part : away)
            part = -part; // what lies behind the plane stays
        m_page.setPlane(away);
    });
    connect(view.volume(), &VolumeView::cutMoved, this,
        [this](const ClipBox& clip, const std::optional<ClipPlane>& plane, bool moving) {
            if (!m_state.grey.volume)
                return; // replaced while a handle was held
            m_page.setCut(clip, plane ? std::optional(depthOf(m_state.grey, *plane)) : std::nullopt, moving);
        });
    connect(view.volume(), &VolumeView::failed, this, &SceneController::failed);
    m_releaseSoon.setSingleShot(true);
    m_releaseSoon.setInterval(kReleaseDelay);
    connect(&m_releaseSoon, &QTimer::timeout, this, &SceneController::release);
    connect(view.volume(), &VolumeView::sightChanged, this, &SceneController::sightChanged);
    view.volume()->setEmptyText(tr("The volume appears here when it has been read."));
}

void SceneController::moveSlices(const std::array<double, 3>& slices)
{
    if (!m_workspace.raw())
        return;
    const Shape shape = m_workspace.raw()->shape();
    m_view.setVoxel({ std::int64_t(slices[0] * double(shape.z)), std::int64_t(slices[1] * double(shape.y)),
        std::int64_t(slices[2] * double(shape.x)) }); // clamps
}

void SceneController::lookAgain(const KeyFrame& key)
{
    m_view.volume()->setCamera(key.camera);
    m_page.setCut(key.clip, {}, false);
    if (m_state.slicesShown)
        moveSlices(key.slices);
}

void SceneController::setGraphics(const GraphicsInfo& info)
{
    m_probing = false;
    m_graphics = info;
    if (!info.usable)
        m_view.volume()->setEmptyText(QString::fromStdString(info.problem));
    emit graphicsKnown(info);
    refresh();
}

void SceneController::setShown(bool shown)
{
    m_shown = shown;
    // What a stopped job did not make is made when one looks again.
    m_probing = false;
    if (!m_state.grey.volume)
        m_greyOf = nullptr;
    if (!m_state.labels.volume && m_state.surfaces.empty())
        m_masksOf.clear();
    refresh();
}

void SceneController::setWindow(GreyWindow window)
{
    m_view.setWindow(window);
    m_state.sliceWindow = window;
    if (m_state.slicesShown || m_state.oblique)
        showState();
}

bool SceneController::settled() const
{
    return !m_shown || (!m_probing && !m_cutRests.isActive() && m_view.volume()->settled());
}

void SceneController::rawChanged()
{
    m_workspace.looks().replace(m_memory.recallMasks(m_workspace.rawPath()));
    m_view.setRaw(m_workspace.raw());
    forgetVolumes();
    m_page.setMasks(m_workspace);
    m_released = m_released && !m_view.volume()->isVisible();
    m_view.volume()->setScene(m_state);
    refresh();
}

void SceneController::takeHistogram()
{
    m_recalling = true;
    m_page.setHistogram(*m_workspace.histogram());
    if (const auto look = m_memory.recall(m_workspace.rawPath())) {
        m_page.setFunction(look->transfer);
        m_page.setCut(look->clip, {}, false);
    } else {
        m_page.setCut({}, {}, false); // not that of the volume before
    }
    m_recalling = false;
    showState();
}

void SceneController::sightChanged(bool seen)
{
    if (!seen)
        return m_releaseSoon.start();
    m_releaseSoon.stop();
    if (!std::exchange(m_released, false))
        return;
    m_greyOf = nullptr;
    refresh();
}

void SceneController::release()
{
    m_released = true;
    forgetVolumes();
    m_view.volume()->release();
}

void SceneController::forgetVolumes()
{
    m_state.grey = {};
    m_state.labels = {};
    m_state.surfaces.clear();
    m_state.looks.clear();
    m_greyOf = nullptr;
    m_masksOf.clear();
}

void SceneController::refresh()
{
    if (!m_shown || m_released || !m_workspace.raw() || m_probing)
        return;
    if (!m_graphics) {
        m_probing = true;
        m_queue.submit(
            { tr("Looking at the graphics"), JobLane::Light, "graphics", true }, this,
            [program = QCoreApplication::applicationFilePath()](Task& task) { return probeInChild(program, task); },
            [this](const GraphicsInfo& info) { setGraphics(info); },
            [this](const QString& error) {
                GraphicsInfo none;
                none.problem = error.toStdString();
                setGraphics(none);
            });
        return;
    }
    if (!m_graphics->usable)
        return;
    if (m_greyOf != m_workspace.raw())
        makeGrey();
    else
        makeMasks();
}

void SceneController::makeGrey()
{
    const SourcePtr raw = m_workspace.raw();
    m_greyOf = raw;
    m_greyRough = m_pyramids.pending(raw);
    const bool rough = m_greyRough;
    const SceneDetail detail = rough
        ? wholeDetail(raw->shape(), std::min(kRoughVoxels, m_graphics->mostVoxels()), m_graphics->longestEdge)
        : wantedDetail();
    m_detail = detail;
    m_queue.submit(
        { tr("Preparing 3-D"), JobLane::Light, "scene-grey" }, this,
        [from = Reducible { raw, m_pyramids.of(raw), ReduceMode::Mean }, detail, rough](Task& task) {
            return std::shared_ptr<const Volume>(rough ? sampled(*from.source, detail.reduction, from.mode, task)
                                                       : from.by(detail.part, detail.reduction, task));
        },
        [this, raw, detail](const std::shared_ptr<const Volume>& volume) {
            if (m_released)
                return;
            if (m_workspace.raw() != raw)
                return refresh();
            m_state.grey = { volume, detail.reduction, raw->shape(), detail.part.start };
            m_state.labels = {}; // of another part or reduction
            m_masksOf.clear();
            showState();
            refresh();
        },
        [this](const QString& error) { emit failed(error); });
}

SceneDetail SceneController::wantedDetail() const
{
    const Shape shape = m_workspace.raw()->shape();
    SceneState state;
    m_page.applyTo(state);
    return m_page.sharpCut() && !state.clip.whole()
        ? detailWithin(state.clip, shape, m_graphics->mostVoxels(), m_graphics->longestEdge)
        : wholeDetail(shape, m_graphics->mostVoxels(), m_graphics->longestEdge);
}

/// When the cut has rested for a moment: what is inside it is read again, finer.
void SceneController::followCut()
{
    if (!m_shown || !m_graphics || !m_graphics->usable || !m_workspace.raw() || m_greyRough || wantedDetail() == m_detail)
        return;
    m_greyOf = nullptr;
    refresh();
}

void SceneController::showState(bool moving)
{
    m_page.applyTo(m_state);
    if (m_workspace.raw()) {
        const Shape shape = m_workspace.raw()->shape();
        const Index& voxel = m_view.voxel();
        m_state.slices = { (double(voxel.z) + 0.5) / double(shape.z), (double(voxel.y) + 0.5) / double(shape.y),
            (double(voxel.x) + 0.5) / double(shape.x) };
        const auto& oblique = m_view.oblique();
        m_state.oblique = oblique ? std::optional(clipPlaneOf(*oblique, shape)) : std::nullopt;
    }
    if (!m_released)
        m_view.volume()->setScene(m_state, moving);
}

void SceneController::saveTransfer(const std::filesystem::path& path)
{
    m_queue.submit(
        { tr("Saving the transfer function"), JobLane::Light, {}, true }, this,
        [path, json = toJson(m_page.editor().function())](Task&) { writeJsonFile(path, json); },
        [this, path] { emit noted(tr("Saved %1").arg(toText(path.filename()))); },
        [this](const QString& error) { emit failed(error); });
}

void SceneController::loadTransfer(const std::filesystem::path& path)
{
    m_queue.submit(
        { tr("Loading a transfer function"), JobLane::Light, {}, true }, this,
        [path](Task&) { return transferFunctionFromJson(readJsonFile(path)); },
        [this](const TransferFunction& function) { m_page.setFunction(function); },
        [this](const QString& error) { emit failed(error); });
}

} // namespace interstice
