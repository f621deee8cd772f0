// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/slice_view.h"

#include <QPointer>
#include <QWidget>

#include <map>
#include <vector>

namespace interstice {

/// One pane of the comparison: the raw volume alone, or it with one mask.
struct PaneSpec {
    QString id;
    QString name;
    Rgb colour;
};

/// Panes side by side, linked in slice, zoom and pan. All of them show the same raw volume, each with a
/// mask of its own; which masks there are is no concern of this class.
class CompareView : public QWidget {
    Q_OBJECT

public:
    /// The first pane is the raw volume's and never has a mask.
    CompareView(SliceLoader& loader, const std::vector<PaneSpec>& panes, QWidget* parent = nullptr);

    void setRaw(const SourcePtr& raw);
    void setMask(const QString& id, const SourcePtr& mask);
    /// The mask that error maps compare with.
    void setTruth(const SourcePtr& truth);
    void setPaneShown(const QString& id, bool shown);
    bool paneShown(const QString& id) const;
    SliceView* pane(const QString& id) const;

    void setOrientation(Orientation orientation);
    Orientation orientation() const { return m_orientation; }
    void setSlice(std::int64_t index);
    void stepSlices(int slices);
    std::int64_t slice() const { return m_slice; }
    std::int64_t slices() const;
    void setWindow(GreyWindow window);
    GreyWindow window() const { return m_window; }
    void setWindowOfSlice(bool on);
    bool windowOfSlice() const { return m_windowOfSlice; }
    void setOverlay(double opacity, OverlayStyle style, MaskDisplay display);
    void setMasksShown(bool shown);
    bool masksShown() const { return m_masksShown; }

    void fit();
    /// Fit, middle slice, XY.
    void reset();
    void setMaximised(const QString& id);
    QString maximised() const { return m_maximised; }

signals:
    void sliceChanged(qint64 index, qint64 count);
    void orientationChanged(interstice::Orientation orientation);
    /// The mouse is over this voxel; NaN where the value is not known yet.
    void cursorAt(const interstice::Index& voxel, double value);
    void cursorLeft();
    void windowFollowed(const interstice::GreyWindow& window);
    void sliceFailed(const QString& error);
    void paneLinkActivated(const QString& id, const QString& link);
    void maximisedChanged(const QString& id);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    struct Pane {
        PaneSpec spec;
        SliceView* view = nullptr;
        SourcePtr mask;
        bool shown = true;
    };
    Pane* find(const QString& id);
    void arrange();
    void requestAll(int direction = 0);
    void requestPane(std::size_t i, int direction);
    void applyTransform(const ViewTransform& transform);
    void applyGeometry();
    void showSlice(const SliceImage& slice);
    void showCursor(const SliceView* from, const QPointF& slicePosition);

    SliceLoader& m_loader;
    std::vector<Pane> m_panes;
    SourcePtr m_raw;
    SourcePtr m_truth;
    Orientation m_orientation = Orientation::XY;
    std::int64_t m_slice = 0;
    GreyWindow m_window;
    bool m_windowOfSlice = false;
    Overlay m_overlay;
    MaskDisplay m_display = MaskDisplay::OverRaw;
    bool m_masksShown = true;
    QString m_maximised;
    ViewTransform m_transform;
    bool m_fitted = true;
};

} // namespace interstice
