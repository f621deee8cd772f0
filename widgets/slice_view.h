// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/box_marks.h"
#include "widgets/pane_painter.h"
#include "widgets/slice_loader.h"

#include <QPointF>
#include <QWidget>

#include <optional>

class QLabel;

namespace interstice {

/// Where linked panes look: the slice position (in pixels of the slice, 0 at the centre of the first) in
/// the middle of the pane, and screen pixels (device independent) for one unit of the pixel aspect.
struct ViewTransform {
    QPointF centre;
    double zoom = 1;
};

/// Two lines across a slice, each in the colour of the slice that it stands for.
struct CrossHair {
    QPointF at; ///< slice position
    QColor vertical;
    QColor horizontal;
};

/// One pane: draws a slice and turns the mouse and keys into requests; holds no data.
class SliceView : public QWidget {
    Q_OBJECT

public:
    explicit SliceView(QWidget* parent = nullptr);

    void setTitle(const QString& title, const QColor& colour);
    QString title() const { return m_title; }
    /// Top right; empty for none.
    void setChip(const QString& text, const QString& explanation = {});
    /// With the resolution of a coarse slice.
    QString chip() const;
    /// What captions of printed figures say after the title: the slice, a score.
    void setFigures(const QString& text) { m_figures = text; }
    const QString& figures() const { return m_figures; }
    /// Shown in place of a slice: rich text, whose links are signalled.
    void setEmptyText(const QString& html);
    /// Under the title: why what is shown is not all there could be. Empty for none.
    void setNote(const QString& html);
    void setSlice(const SliceImage& slice);
    void clearSlice();
    bool hasSlice() const { return !m_slice.image.isNull(); }
    const SliceImage& slice() const { return m_slice; }

    void setGeometryOfPixels(PixelAspect aspect, double micrometresPerUnit);
    PixelAspect aspect() const { return m_aspect; }
    double micrometresPerUnit() const { return m_micrometresPerUnit; }
    void setTransform(const ViewTransform& transform);
    const ViewTransform& transform() const { return m_transform; }
    void setScaleBarShown(bool shown);
    void setErrorLegendShown(bool shown);
    /// In place of the error map's legend; empty for none.
    void setLegend(std::vector<LegendEntry> entries);
    /// Of the error map or what was set; empty where there is none.
    std::vector<LegendEntry> shownLegend() const;
    void setColourBar(std::optional<ColourBar> bar);
    const std::optional<ColourBar>& colourBar() const { return m_colourBar; }
    /// What the transform's centre is the middle of, in the view's own coordinates: a larger rectangle of which
    /// this view shows a part. Nothing for the view itself.
    void setViewport(std::optional<QRectF> viewport);
    QRectF viewport() const { return m_viewport.value_or(QRectF(rect())); }
    /// A faint cross where the mouse is in another pane.
    void setGhost(std::optional<QPointF> slicePosition);

    /// Drawn over the slice, under everything else; they are no part of figures.
    void setMarks(std::vector<SliceMark> marks);
    const std::vector<SliceMark>& marks() const { return m_marks; }
    void setCrossHair(std::optional<CrossHair> crossHair);
    /// A click or a drag with the left button picks places.
    void setPicking(bool on) { m_picking = on; }

    /// Slice position (as in ViewTransform) under a point of the widget, and back.
    QPointF toSlice(const QPointF& point) const;
    QPointF toWidget(const QPointF& slicePosition) const;

signals:
    void stepped(int slices);
    void endRequested(bool last);
    void transformRequested(const interstice::ViewTransform& transform);
    void cursorMoved(const QPointF& slicePosition);
    void cursorLeft();
    void picked(const QPointF& slicePosition);
    void maximiseToggled();
    void linkActivated(const QString& link);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    enum class Drag { None, Pan, Zoom, Pick };
    void paintImage(QPainter& painter);
    void paintMarks(QPainter& painter);
    void paintOutline(QPainter& painter);
    /// What is drawn for one place and size alone is to be drawn anew.
    void forgetDrawn();
    void paintAround(QPainter& painter);
    void placeLabels();
    void zoomAbout(const QPointF& point, double factor);

    SliceImage m_slice;
    QString m_title;
    QColor m_colour;
    QString m_chip;
    QString m_figures;
    PixelAspect m_aspect;
    double m_micrometresPerUnit = 0;
    ViewTransform m_transform;
    bool m_scaleBarShown = false;
    bool m_errorLegendShown = false;
    std::vector<LegendEntry> m_legend;
    std::optional<ColourBar> m_colourBar;
    std::optional<QRectF> m_viewport;
    std::optional<QPointF> m_ghost;
    std::optional<CrossHair> m_crossHair;
    bool m_picking = false;
    QLabel* m_empty;
    QLabel* m_note;
    QImage m_reduced; ///< the slice scaled down well, for the zoom it was made for
    QSize m_reducedFor;
    QImage m_outline; ///< of m_slice at m_transform; null until it is drawn
    std::vector<SliceMark> m_marks;
    QImage m_drawnMarks; ///< at m_transform; null until they are drawn
    Drag m_drag = Drag::None;
    QPointF m_last;
    QPointF m_pressed;
    bool m_spaceHeld = false;
    int m_wheelRest = 0;
};

} // namespace interstice
