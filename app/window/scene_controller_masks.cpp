// SPDX-License-Identifier: GPL-3.0-or-later
// Masks in 3-D, as labels or as surfaces, and the first of them in the slices.
#include "app/window/opener.h"
#include "app/window/pyramid_controller.h"
#include "app/window/scene_controller.h"
#include "app/window/scene_page.h"
#include "base/error.h"
#include "widgets/mpr_view.h"

#include <algorithm>

namespace interstice {

namespace {

using Surfaces = std::vector<std::shared_ptr<const Surface>>;

Surfaces surfacesOf(const std::vector<SceneMask>& masks, const SceneDetail& detail, Task& task)
{
    Surfaces all;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        Task part = task.part(double(i) / double(masks.size()), double(i + 1) / double(masks.size()));
        const auto small = masks[i].by(detail.part, detail.reduction, part);
        all.push_back(extractSurface(*small, {}, part));
    }
    return all;
}

} // namespace

SceneMask SceneController::sceneMask(const QString& id) const
{
    const MaskLayer& layer = *m_workspace.mask(id);
    SceneMask mask { { layer.source, m_pyramids.of(layer.source), ReduceMode::Labels }, {}, {}, false };
    if (layer.labels) {
        mask.labels = { layer.labels, m_pyramids.of(layer.labels), ReduceMode::Labels };
        mask.shown = m_workspace.looks().labels(id);
        // A reduced copy of a copy picks other voxels than labels reduced at once: hidden ones would leave shells.
        if (!mask.labels.pyramid && !mask.shown.all())
            mask.mask.pyramid = {};
    }
    return mask;
}

QStringList SceneController::shownMasks() const
{
    QStringList ids = m_page.tickedMasks();
    ids.removeIf([this](const QString& id) { return !m_workspace.mask(id); });
    return ids;
}

std::vector<SceneMask> SceneController::wantedMasks() const
{
    std::vector<SceneMask> masks;
    for (const QString& id : shownMasks())
        masks.push_back(sceneMask(id));
    if (m_display == MaskDisplay::Labels && !m_page.surfaces())
        if (const auto first = std::ranges::find_if(masks, [](const SceneMask& mask) { return bool(mask.labels.source); });
            first != masks.end())
            first->eachLabel = true;
    return masks;
}

std::vector<LabelLook> SceneController::wantedLooks() const
{
    std::vector<LabelLook> looks;
    for (const QString& id : shownMasks())
        looks.push_back({ m_workspace.looks().colour(id), m_workspace.looks().opacity(id) });
    return looks;
}

void SceneController::makeMasks()
{
    if (!m_state.grey.volume || m_greyRough)
        return; // come when it is there
    const std::vector<SceneMask> masks = wantedMasks();
    const QStringList ids = shownMasks();
    std::vector<MadeOf> wanted;
    for (std::size_t i = 0; i < masks.size(); ++i)
        wanted.push_back({ ids[qsizetype(i)], masks[i].mask.source, masks[i].shown, masks[i].eachLabel });
    const bool surfaces = m_page.surfaces();
    if (wanted == m_masksOf && surfaces == m_masksAsSurfaces)
        return;
    m_masksOf = wanted;
    m_masksAsSurfaces = surfaces;
    if (masks.empty()) {
        m_state.labels = {};
        m_state.looks.clear();
        m_state.surfaces.clear();
        return showState();
    }
    const SceneDetail detail = m_detail;
    const Shape full = m_state.grey.full;
    const auto done = [this, wanted, surfaces](const std::function<void()>& take) {
        if (!m_released && wanted == m_masksOf && surfaces == m_masksAsSurfaces) {
            take();
            showState();
        }
    };
    const auto stopped = [this](const QString& error) {
        m_masksOf.clear();
        emit failed(error);
    };
    if (surfaces) {
        const auto show = [this, done](const Surfaces& found) {
            done([&] {
                m_state.labels = {};
                m_state.looks.clear();
                m_state.surfaces.clear();
                const std::vector<LabelLook> looks = wantedLooks();
                for (std::size_t i = 0; i < found.size(); ++i)
                    m_state.surfaces.push_back({ found[i], looks[i].colour, looks[i].opacity });
            });
        };
        const SceneDetail rough = wholeDetail(full, kRoughVoxels, m_graphics->longestEdge);
        const SceneDetail fine = wholeDetail(full, m_graphics->mostVoxels(), m_graphics->longestEdge);
        if (rough.reduction != fine.reduction)
            m_queue.submit(
                { tr("Coarse surfaces for 3-D"), JobLane::Light, "scene-surfaces-coarse" }, this,
                [masks, rough](Task& task) {
                    try {
                        return surfacesOf(masks, rough, task);
                    } catch (const Error&) { // too small to be seen in so few voxels; the fine ones say what is wrong
                        return Surfaces();
                    }
                },
                [show](const Surfaces& found) {
                    if (!found.empty())
                        show(found);
                });
        m_queue.submit(
            { tr("Surfaces for 3-D"), JobLane::Light, "scene-surfaces" }, this,
            [masks, fine](Task& task) { return surfacesOf(masks, fine, task); }, show, stopped);
        return;
    }
    m_queue.submit(
        { tr("Masks for 3-D"), JobLane::Light, "scene-labels" }, this,
        [masks, detail](Task& task) { return labelsOf(masks, detail, task); },
        [this, done, masks, detail, full](const std::shared_ptr<const Volume>& labels) {
            done([&] {
                m_state.surfaces.clear();
                m_state.labels = { labels, detail.reduction, full, detail.part.start };
                m_state.looks = looksOf(masks, wantedLooks());
            });
        },
        stopped);
}

/// What there is in its new looks; what is being made asks for them when it is done.
void SceneController::recolour(bool moving)
{
    const std::vector<LabelLook> looks = wantedLooks();
    if (m_masksOf.size() != looks.size())
        return;
    if (m_state.surfaces.size() == looks.size())
        for (std::size_t i = 0; i < looks.size(); ++i) {
            m_state.surfaces[i].colour = looks[i].colour;
            m_state.surfaces[i].opacity = looks[i].opacity;
        }
    if (m_state.labels.volume)
        m_state.looks = looksOf(wantedMasks(), looks);
    showState(moving);
}

void SceneController::setDisplay(MaskDisplay display)
{
    if (display == m_display)
        return;
    m_display = display;
    refresh();
}

const MethodInfo* SceneController::firstTicked() const
{
    const QStringList ids = m_page.tickedMasks();
    return ids.isEmpty() ? nullptr : m_workspace.methods().find(ids.first());
}

void SceneController::showMaskInSlices()
{
    const MethodInfo* method = firstTicked();
    const MaskLayer* layer = method ? m_workspace.mask(method->id) : nullptr;
    const MaskLayer* truth = m_workspace.truth();
    m_view.setMask(layer ? MprView::Mask { layer->source, m_workspace.looks().colour(method->id), layer->labels,
                               truth ? truth->source : nullptr,
                               std::make_shared<const LabelChoice>(m_workspace.looks().labels(method->id)) }
                         : MprView::Mask {});
}

void SceneController::saveSurface(const std::filesystem::path& path)
{
    const MethodInfo* method = firstTicked();
    const MaskLayer* layer = method ? m_workspace.mask(method->id) : nullptr;
    if (!layer)
        return;
    SourcePtr source = layer->source;
    if (const LabelChoice& shown = m_workspace.looks().labels(method->id); layer->labels && !shown.all())
        source = std::make_shared<ShownMask>(layer->source, layer->labels, shown);
    m_queue.submit(
        { tr("Saving the surface of %1").arg(method->name), JobLane::Light, {}, false }, this,
        [source, path](Task& task) {
            const auto surface = extractSurface(*source, {}, task);
            writeSurface(*surface, path);
            return surface->triangles();
        },
        [this, path](std::int64_t triangles) {
            emit noted(tr("Saved %1 with %2 triangles").arg(toText(path.filename())).arg(triangles));
        },
        [this](const QString& error) { emit failed(error); });
}

} // namespace interstice
