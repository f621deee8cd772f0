// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/slice_view.h"

#include <QPointer>
#include <QWidget>

#include <optional>
#include <utility>
#include <vector>

namespace interstice {

class SwipeDivider;

/// Mask: raw with a mask over it. Counts: raw with how many methods say foreground. Map: other numbers in
/// colours, in place of raw.
enum class PaneKind { Mask, Counts, Map };

/// One pane of the comparison: the raw volume alone, or what its kind says.
struct PaneSpec {
    QString id;
    QString name;
    Rgb colour;
    PaneKind kind = PaneKind::Mask;
};

/// Panes side by side, linked in slice, zoom and pan, or two of them in one place with a divider to swipe. All
/// of them show the same raw volume, each with a mask, counts or map of its own; which there are is no concern
/// of this class.
class CompareView : public QWidget {
    Q_OBJECT

public:
    /// The first pane is the raw volume's and never has a mask.
    CompareView(SliceLoader& loader, const std::vector<PaneSpec>& panes, QWidget* parent = nullptr);

    void setRaw(const SourcePtr& raw);
    /// `labels`: what the mask was made of, where it tells kinds or objects apart.
    void setMask(const QString& id, const SourcePtr& mask, const SourcePtr& labels = nullptr);
    /// Which of a mask's labels are shown.
    void setShownLabels(const QString& id, const LabelChoice& shown);
    /// Of a mask, and of its pane's title.
    void setColour(const QString& id, Rgb colour);
    /// For panes of the kind Counts: voxels hold how many of `most` methods say foreground, 255 where nobody knows.
    void setCounts(const QString& id, const SourcePtr& source, int most);
    /// For panes of the kind Map: numbers in the shape of raw, coloured from `range.black` to `range.white`.
    /// `unit` is what they count, as the colour bar says it.
    void setMap(const QString& id, const SourcePtr& source, GreyWindow range, ColourMap colours, const QString& unit);
    /// The map's number at a voxel of the slice shown; nothing where it is not there yet or no map is shown.
    std::optional<double> mapValueAt(const QString& id, const Index& voxel) const;
    /// The mask that error maps compare with.
    void setTruth(const SourcePtr& truth);
    void setPaneShown(const QString& id, bool shown);
    bool paneShown(const QString& id) const;
    SliceView* pane(const QString& id) const;
    /// Of all panes, shown or not, in their order.
    QStringList paneIds() const;

    void setOrientation(Orientation orientation);
    Orientation orientation() const { return m_orientation; }
    void setSlice(std::int64_t index);
    void stepSlices(int slices);
    std::int64_t slice() const { return m_slice; }
    /// The slice through this voxel, in this and in the other orientations.
    void setPlace(const Index& voxel);
    std::int64_t slices() const;
    void setWindow(GreyWindow window);
    GreyWindow window() const { return m_window; }
    void setGreyLook(const GreyLook& look);
    void setWindowOfSlice(bool on);
    bool windowOfSlice() const { return m_windowOfSlice; }
    void setOverlay(double opacity, OverlayStyle style, MaskDisplay display);
    /// Parts of the volume to be tinted in all panes; empty for none.
    void setMarks(std::vector<BoxMark> marks);
    void setMasksShown(bool shown);
    bool masksShown() const { return m_masksShown; }

    void fit();
    /// Fit, middle slice, XY.
    void reset();
    void setMaximised(const QString& id);
    QString maximised() const { return m_maximised; }

    /// Shows two panes, shown or hidden before, in one place: left of a divider the first, right of it the second.
    /// Ends by `clearSwipe` or `setMaximised`, then all is as before.
    void setSwipe(const QString& leftId, const QString& rightId);
    void clearSwipe();
    /// Both empty while there is none.
    std::pair<QString, QString> swipe() const { return m_swipe; }
    bool swiping() const { return !m_swipe.first.isEmpty(); }

signals:
    void sliceChanged(qint64 index, qint64 count);
    void orientationChanged(interstice::Orientation orientation);
    /// The mouse is over this voxel; NaN where the value is not known yet.
    void cursorAt(const interstice::Index& voxel, double value);
    void cursorLeft();
    void windowFollowed(const interstice::GreyWindow& window);
    void sliceFailed(const QString& error);
    /// A pane shows another slice, or another part of it.
    void viewsChanged();
    void paneLinkActivated(const QString& id, const QString& link);
    void maximisedChanged(const QString& id);
    /// Both empty when the swipe has ended.
    void swipeChanged(const QString& leftId, const QString& rightId);

protected:
    void wheelEvent(QWheelEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    struct Pane {
        PaneSpec spec;
        SliceView* view = nullptr;
        SourcePtr source; ///< mask, counts or map
        bool shown = true;
        int most = 0;
        ColourBar bar {};
        SourcePtr labels {}; ///< of a mask
        std::shared_ptr<const LabelChoice> shownLabels {};
    };
    Pane* find(const QString& id);
    const Pane* find(const QString& id) const;
    void setSource(Pane& pane, const SourcePtr& source);
    void arrange();
    void arrangeSwipe();
    void arrangeGrid();
    void endSwipe();
    void showLegends(const Pane& pane, bool againstTruth);
    void showMarks();
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
    Index m_place; ///< where slices of the other orientations are taken up again
    GreyWindow m_window;
    GreyLook m_look;
    bool m_windowOfSlice = false;
    Overlay m_overlay;
    MaskDisplay m_display = MaskDisplay::OverRaw;
    bool m_masksShown = true;
    std::vector<BoxMark> m_marks;
    QString m_maximised;
    std::pair<QString, QString> m_swipe;
    SwipeDivider* m_divider;
    ViewTransform m_transform;
    bool m_fitted = true;
};

} // namespace interstice
