// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_handles.h"
#include "widgets/scene_renderer.h"

#include <QPointF>
#include <QWidget>

class QLabel;
class QPainter;

namespace interstice {

/// The 3-D view: shows what a SceneRenderer draws and turns the mouse and keys into cameras. Left-drag turns, middle or
/// Space moves, right-drag and Ctrl+wheel zoom, double-click maximises. With slices shown, Shift-drag moves the one under
/// the pointer and Ctrl-click goes to the place on it. Handles, when shown, move the faces of the cut and the cutting plane;
/// those of a slice at an angle are always there.
class VolumeView : public QWidget {
    Q_OBJECT

public:
    explicit VolumeView(QWidget* parent = nullptr);

    /// Without a volume in it, the empty text is shown.
    /// The camera stays. `moving`: more changes follow soon.
    void setScene(const SceneState& state, bool moving = false);
    const SceneState& scene() const { return m_state; }
    void setCamera(const SceneCamera& camera, bool moving = false);
    /// Lets go of the volumes and of what the graphics card holds; the last picture stays until the next scene.
    void release();
    void setHandlesShown(bool shown);
    void setEmptyText(const QString& text);
    /// Oblique, everything in view.
    void resetCamera();
    /// Drawn as it was asked for last, in full quality.
    bool settled() const;
    bool hasFrame() const { return !m_frame.image.isNull(); }
    const SceneFrame& frame() const { return m_frame; }

signals:
    void frameShown();
    /// The view came into sight, or went out of it.
    void sightChanged(bool seen);
    void cameraChanged(const interstice::SceneCamera& camera);
    void maximiseToggled();
    /// Fractions of the axes (z, y, x), as SceneState::slices: where the slices should go.
    void slicesMoved(const std::array<double, 3>& slices);
    /// A handle was pulled: where the cut should be; `moving` while it still is.
    void cutMoved(const interstice::ClipBox& clip, const std::optional<interstice::ClipPlane>& plane, bool moving);
    /// A handle of the slice at an angle was pulled: where it should be.
    void obliqueMoved(const interstice::ClipPlane& plane, bool moving);
    void failed(const QString& error);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;

private:
    enum class Drag { None, Turn, Move, Zoom, Slice, Handle };
    void requestFrame(bool moving);
    void placeText();
    SceneRay rayAt(const QPointF& place) const;
    std::optional<SlicePick> pickAt(const QPointF& place) const;
    /// In the widget's points; nothing behind the eye.
    std::optional<QPointF> placeOf(const SceneHandle& handle) const;
    /// The handle under a place, the nearest to it.
    std::optional<SceneHandle> handleAt(const QPointF& place) const;
    std::vector<SceneHandle> shownHandles() const;
    void paintHandles(QPainter& painter) const;
    void paintOblique(QPainter& painter) const;
    /// The cut leaves room along the axis of that face.
    bool boxMovesWith(const SceneHandle& handle) const;
    void pullHandle(const QPointF& place, bool moving);
    void showCursorFor(const QPointF& place, Qt::KeyboardModifiers modifiers);

    SceneRenderer m_renderer;
    SceneState m_state;
    SceneFrame m_frame;
    QLabel* m_empty;
    Drag m_drag = Drag::None;
    QPointF m_last;
    std::optional<SlicePick> m_slice; ///< that is being dragged, where it was picked up
    std::optional<SceneHandle> m_handle; ///< that is being pulled, where it was taken
    bool m_wholeBox = false; ///< goes with the face that is held
    bool m_handlesShown = false;
    bool m_spaceHeld = false;
};

} // namespace interstice
