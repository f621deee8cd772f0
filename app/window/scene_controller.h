// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/scene_memory.h"
#include "app/window/scene_volumes.h"
#include "app/window/workspace.h"
#include "picture/compose.h"
#include "render/graphics.h"
#include "render/scene_state.h"

#include <QObject>
#include <QTimer>

#include <filesystem>
#include <vector>

namespace interstice {

struct KeyFrame;
class MprView;
class PyramidController;
class ScenePage;

/// Brings the workspace into the 3-D view: volumes small enough for the graphics card, masks as labels or surfaces, made
/// in jobs; and keeps view, page and slices together. Nothing is made before the view is shown.
class SceneController : public QObject {
    Q_OBJECT

public:
    SceneController(Workspace& workspace, JobQueue& queue, const PyramidController& pyramids, MprView& view, ScenePage& page,
        QSettings& settings, QObject* parent = nullptr);

    /// What the machine can draw; asked for in a process of its own when nobody said before the view is shown.
    void setGraphics(const GraphicsInfo& info);
    const std::optional<GraphicsInfo>& graphics() const { return m_graphics; }
    /// The view is on the screen, or no longer.
    void setShown(bool shown);
    /// How long the 3-D view is out of sight, in this layout or another, before what is held for it is let go of.
    void setReleaseDelay(int milliseconds) { m_releaseSoon.setInterval(milliseconds); }
    void setWindow(GreyWindow window);
    /// The graphics are known and the view is drawn; what jobs make is the queue's business.
    bool settled() const;
    /// Labels: a mask's labels have colours of their own, as in slices.
    void setDisplay(MaskDisplay display);
    /// Camera, cut and, where they are shown, slices as they were.
    void lookAgain(const KeyFrame& key);
    /// What is shown of the first ticked mask, at full resolution.
    void saveSurface(const std::filesystem::path& path);
    void saveTransfer(const std::filesystem::path& path);
    void loadTransfer(const std::filesystem::path& path);

signals:
    void graphicsKnown(const interstice::GraphicsInfo& info);
    void noted(const QString& text);
    void failed(const QString& error);

private:
    void rawChanged();
    void moveSlices(const std::array<double, 3>& slices);
    /// The page for a volume's grey values: as it was left the last time, or its preset.
    void takeHistogram();
    void refresh();
    void makeGrey();
    SceneDetail wantedDetail() const;
    void followCut();
    void release();
    /// What was made of the volume and its masks.
    void forgetVolumes();
    void sightChanged(bool seen);
    void makeMasks();
    void showState(bool moving = false);
    void showMaskInSlices();
    /// Ticked ones that there are.
    QStringList shownMasks() const;
    SceneMask sceneMask(const QString& id) const;
    std::vector<SceneMask> wantedMasks() const;
    /// Of each mask that is shown, opacities as somebody wants them.
    std::vector<LabelLook> wantedLooks() const;
    void recolour(bool moving);
    const MethodInfo* firstTicked() const;

    Workspace& m_workspace;
    JobQueue& m_queue;
    const PyramidController& m_pyramids;
    MprView& m_view;
    ScenePage& m_page;
    SceneMemory m_memory;
    bool m_recalling = false; ///< what changes now nobody chose
    std::optional<GraphicsInfo> m_graphics;
    bool m_probing = false;
    bool m_shown = false;
    SceneState m_state;
    SourcePtr m_greyOf; ///< what m_state.grey was made of
    SceneDetail m_detail; ///< of m_state.grey, or of what is being made for it
    QTimer m_cutRests;
    QTimer m_releaseSoon;
    bool m_released = false; ///< out of sight: nothing is made for it
    bool m_greyRough = false; ///< a better one is made when the reduced copies are there
    /// What labels and surfaces were made of.
    struct MadeOf {
        QString id;
        SourcePtr source;
        LabelChoice shown;
        bool eachLabel;
        bool operator==(const MadeOf&) const = default;
    };
    std::vector<MadeOf> m_masksOf;
    bool m_masksAsSurfaces = false;
    MaskDisplay m_display = MaskDisplay::OverRaw;
};

} // namespace interstice
