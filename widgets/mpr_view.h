// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/oblique_plane.h"
#include "widgets/slice_view.h"

#include <QWidget>

#include <array>

namespace interstice {

class PlaneOverlay;
class VolumeView;

/// Three slices through one voxel, XY, XZ and YZ, and the volume in 3-D; when wanted also a slice at any angle, which is a
/// line in the three. A click or drag in a slice moves the voxel, and with it the other two; a double-click gives one view
/// all of the room.
class MprView : public QWidget {
    Q_OBJECT

public:
    /// Panes of the loader from `firstPane` on are this view's.
    MprView(SliceLoader& loader, int firstPane, QWidget* parent = nullptr);

    void setRaw(const SourcePtr& raw);
    const SourcePtr& raw() const { return m_raw; }
    /// Drawn over all slices; none without a mask. `labels` and `truth` as in SliceRequest.
    struct Mask {
        SourcePtr source;
        Rgb colour;
        SourcePtr labels;
        SourcePtr truth;
        std::shared_ptr<const LabelChoice> shown;
    };
    void setMask(const Mask& mask);
    void setWindow(GreyWindow window);
    void setGreyLook(const GreyLook& look);
    void setOverlay(double opacity, OverlayStyle style, MaskDisplay display);
    /// The window follows each slice.
    void setWindowOfSlice(bool on);
    /// Parts of the volume to be tinted in the slices; empty for none.
    void setMarks(std::vector<BoxMark> marks);
    void setMasksShown(bool shown);
    void setVoxel(const Index& voxel);
    const Index& voxel() const { return m_voxel; }
    void fit();

    SliceView* slice(Orientation orientation) const { return m_views[static_cast<std::size_t>(orientation)]; }
    VolumeView* volume() const { return m_volume; }

    /// Shown with a view of its own while there is one; kept in the volume. `moving`: more changes follow soon.
    void setOblique(const std::optional<ObliquePlane>& plane, bool moving = false);
    const std::optional<ObliquePlane>& oblique() const { return m_plane; }
    SliceView* obliqueSlice() const { return m_oblique; }
    PlaneOverlay* overlay(Orientation orientation) const { return m_overlays[static_cast<std::size_t>(orientation)]; }
    /// The next three clicks in slices say where the plane goes through; false, or Escape, ends it before.
    void pickPoints(bool on);
    bool picking() const { return m_picking; }

signals:
    void voxelChanged(const interstice::Index& voxel);
    void cursorAt(const interstice::Index& voxel, double value);
    void cursorLeft();
    void sliceFailed(const QString& error);
    void obliqueChanged(bool moving);
    /// So many of three are picked, none of them at the start; −1: picking has ended.
    void pointsPicked(int count);
    /// The points that were picked are none that a plane can be put through.
    void obliqueRefused(const QString& error);
    /// One of the views shows something else.
    void viewsChanged();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    std::int64_t indexOf(Orientation orientation) const;
    void request(Orientation orientation, int direction = 0);
    void requestAll();
    void showSlice(const SliceImage& slice);
    void showCrossHair();
    void showCursor(Orientation orientation, const QPointF& at);
    void pick(Orientation orientation, const QPointF& at);
    void toggleMaximised(QWidget* view);
    void arrange();
    void fitOne(Orientation orientation);
    /// What all slices are drawn with.
    SliceRequest requestFor(int pane) const;
    bool againstTruth() const;

    // mpr_oblique.cpp
    void buildOblique();
    void requestOblique();
    void showOblique(const SliceImage& image);
    void showObliqueCursor(const QPointF& at);
    void fitOblique();
    void addPoint(const Vector3& place);
    void showOverlays();
    Vector3 edges() const { return edgesOfVoxel(m_raw->voxelSize()); }

    SliceLoader& m_loader;
    int m_firstPane;
    std::array<SliceView*, 3> m_views;
    std::array<PlaneOverlay*, 3> m_overlays;
    SliceView* m_oblique;
    std::optional<ObliquePlane> m_plane;
    ObliqueGrid m_grid; ///< of m_plane
    bool m_obliqueFitted = true;
    std::vector<Vector3> m_points;
    bool m_picking = false;
    VolumeView* m_volume;
    SourcePtr m_raw;
    Mask m_mask;
    MaskDisplay m_display = MaskDisplay::OverRaw;
    bool m_windowOfSlice = false;
    GreyWindow m_window;
    GreyLook m_look;
    Overlay m_overlay;
    bool m_masksShown = true;
    std::vector<BoxMark> m_marks;
    Index m_voxel {};
    QWidget* m_maximised = nullptr;
    bool m_fitted = true;
};

} // namespace interstice
