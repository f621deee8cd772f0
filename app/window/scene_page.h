// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/methods.h"
#include "app/window/workspace.h"
#include "render/scene_state.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QSlider;
class QSpinBox;

namespace interstice {

class ObliqueRows;
class TransferEditor;

/// What the 3-D view shows and how.
class ScenePage : public QWidget {
    Q_OBJECT

public:
    explicit ScenePage(QWidget* parent = nullptr);

    void setHistogram(const Histogram& histogram);
    /// The masks there are; those that were ticked stay so.
    void setMasks(const Workspace& workspace);
    QStringList tickedMasks() const;
    void showOpacities(const MaskLooks& looks);
    /// One of them is being dragged.
    bool opacityMoves() const;
    bool surfaces() const;
    /// What the cut leaves is to be read as finely as the graphics take.
    bool sharpCut() const;
    /// Everything of a state that this page knows: transfer function, clip box, what is shown. The rest is kept.
    void applyTo(SceneState& state) const;
    /// The box as spin boxes can have it, in per cent; without a plane here none is taken.
    void setCut(const ClipBox& clip, const std::optional<double>& planeDepth, bool moving);
    /// Cuts with a plane at right angles to a direction, towards what is kept.
    void setPlane(const Vector3& keep);
    /// Switches the plane on, at right angles to a direction, at a depth as planeAt's.
    void cutWith(const Vector3& keep, double depth);
    bool planeShown() const;
    bool handlesShown() const;
    ObliqueRows& oblique() { return *m_oblique; }
    TransferEditor& editor() { return *m_editor; }
    void setFunction(const TransferFunction& function);

signals:
    /// `moving`: a slider or point is being dragged.
    void lookChanged(bool moving);
    void masksChanged();
    void opacityPicked(const QString& method, double opacity);
    void viewPicked(interstice::StandardView view);
    void parallelToggled(bool on);
    void handlesToggled(bool on);
    /// Another colour is wanted for a mask; `place` is on the screen.
    void colourWanted(const QString& method, const QPoint& place);
    /// The plane should face the viewer.
    void planeAsked();
    void saveSurfaceClicked();
    void saveTransferClicked();
    void loadTransferClicked();

private:
    void loadPreset();
    QWidget* planeRows();

    Histogram m_histogram;
    QComboBox* m_preset;
    QComboBox* m_colours;
    QComboBox* m_lighting;
    QCheckBox* m_grey;
    QCheckBox* m_slices;
    QCheckBox* m_box;
    QCheckBox* m_parallel;
    TransferEditor* m_editor;
    QWidget* m_masks;
    std::vector<QCheckBox*> m_maskBoxes; ///< property "method": its id; each in a row of its own
    QLabel* m_noMasks;
    QComboBox* m_maskStyle;
    std::vector<QSlider*> m_maskOpacities; ///< in the same rows, with the same property
    std::array<std::array<QSpinBox*, 2>, 3> m_clip; ///< x, y, z; low and high, per cent
    QCheckBox* m_sharpCut;
    QCheckBox* m_handles;
    QCheckBox* m_plane;
    QSlider* m_planeDepth; ///< per mille, −1000…1000
    QPushButton* m_planeFlip;
    Vector3 m_planeKeep = { 0, 0, 1 };
    ObliqueRows* m_oblique;
    QPushButton* m_saveSurface;
};

} // namespace interstice
