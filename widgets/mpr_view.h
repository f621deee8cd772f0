// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/slice_view.h"

#include <QWidget>

#include <array>

namespace interstice {

class VolumeView;

/// Three slices through one voxel, XY, XZ and YZ, and the volume in 3-D. A click or drag in a slice moves the voxel, and
/// with it the other two; a double-click gives one view all of the room.
class MprView : public QWidget {
    Q_OBJECT

public:
    /// Panes of the loader from `firstPane` on are this view's.
    MprView(SliceLoader& loader, int firstPane, QWidget* parent = nullptr);

    void setRaw(const SourcePtr& raw);
    /// Drawn over all slices; none without a mask. `labels` and `truth` as in SliceRequest.
    struct Mask {
        SourcePtr source;
        Rgb colour;
        SourcePtr labels;
        SourcePtr truth;
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

signals:
    void voxelChanged(const interstice::Index& voxel);
    void cursorAt(const interstice::Index& voxel, double value);
    void cursorLeft();
    void sliceFailed(const QString& error);
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
    void fitOne(Orientation orientation);

    SliceLoader& m_loader;
    int m_firstPane;
    std::array<SliceView*, 3> m_views;
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
