// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_pick.h"
#include "widgets/scene_renderer.h"

#include <QPointF>
#include <QWidget>

class QLabel;

namespace interstice {

/// The 3-D view: shows what a SceneRenderer draws and turns the mouse and keys into cameras. Left-drag turns, middle or
/// Space moves, right-drag and Ctrl+wheel zoom, double-click maximises. With slices shown, Shift-drag moves the one under
/// the pointer and Ctrl-click goes to the place on it.
class VolumeView : public QWidget {
    Q_OBJECT

public:
    explicit VolumeView(QWidget* parent = nullptr);

    /// Without a volume in it, the empty text is shown.
    /// The camera stays. `moving`: more changes follow soon.
    void setScene(const SceneState& state, bool moving = false);
    const SceneState& scene() const { return m_state; }
    void setCamera(const SceneCamera& camera, bool moving = false);
    void setEmptyText(const QString& text);
    /// Oblique, everything in view.
    void resetCamera();
    /// Drawn as it was asked for last, in full quality.
    bool settled() const;
    bool hasFrame() const { return !m_frame.image.isNull(); }
    const SceneFrame& frame() const { return m_frame; }

signals:
    void frameShown();
    void cameraChanged(const interstice::SceneCamera& camera);
    void maximiseToggled();
    /// Fractions of the axes (z, y, x), as SceneState::slices: where the slices should go.
    void slicesMoved(const std::array<double, 3>& slices);
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
    enum class Drag { None, Turn, Move, Zoom, Slice };
    void requestFrame(bool moving);
    void placeText();
    SceneRay rayAt(const QPointF& place) const;
    std::optional<SlicePick> pickAt(const QPointF& place) const;
    void showCursorFor(const QPointF& place, Qt::KeyboardModifiers modifiers);

    SceneRenderer m_renderer;
    SceneState m_state;
    SceneFrame m_frame;
    QLabel* m_empty;
    Drag m_drag = Drag::None;
    QPointF m_last;
    std::optional<SlicePick> m_slice; ///< that is being dragged, where it was picked up
    bool m_spaceHeld = false;
};

} // namespace interstice
