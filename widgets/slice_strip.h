// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"

#include <QString>
#include <QWidget>

#include <vector>

class QPainter;

namespace interstice {

/// What the voxels of a slice were used for, as shares of it; the rest tests.
struct SliceUse {
    double training = 0;
    double validation = 0;
    double guard = 0;
};

/// Slices that train together or not at all.
struct SliceSlab {
    std::int64_t first = 0;
    std::int64_t count = 0;
    bool chosen = false;
    bool operator==(const SliceSlab&) const = default;
};

/// Dice by slice, a line a method, above a strip that shows what each slice was used for, and in which slabs can be
/// chosen: by a click, by a drag over several, or with the arrow keys and Space.
class SliceStrip : public QWidget {
    Q_OBJECT

public:
    struct Curve {
        QString id;
        QString name;
        Rgb colour;
        std::vector<double> dice; ///< NaN where nothing was scored
    };

    explicit SliceStrip(QWidget* parent = nullptr);

    void setSlices(std::int64_t count);
    void setCurrent(std::int64_t index);
    void setCurves(std::vector<Curve> curves);
    const std::vector<Curve>& curves() const { return m_curves; }
    /// Empty for none.
    void setUses(std::vector<SliceUse> uses);
    /// Slabs to choose from; none: nothing is to be chosen.
    void setSlabs(std::vector<SliceSlab> slabs);
    const std::vector<SliceSlab>& slabs() const { return m_slabs; }
    /// Where a slice is drawn in the strip, for clicks: the middle of it.
    QPoint placeOf(std::int64_t slice) const;
    /// The slice with the lowest score among all curves after (cyclically) the current one's rank; −1 for none.
    std::int64_t nextWorst() const;
    QSize sizeHint() const override { return { 400, 96 }; }
    QSize minimumSizeHint() const override { return { 200, 96 }; }

signals:
    void slicePicked(qint64 index);
    /// By hand; see slabs().
    void slabsChosen();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF curveArea() const;
    QRectF useArea() const;
    std::int64_t sliceAt(double x) const;
    double leftOf(std::int64_t slice) const;
    void paintCurves(QPainter& painter, double baseline);
    void paintUses(QPainter& painter);
    void paintSlabs(QPainter& painter);
    void paintKeys(QPainter& painter, double baseline);
    QString heading() const;
    /// −1 where there is none.
    int slabAt(std::int64_t slice) const;
    void choose(int slab, bool chosen);

    std::int64_t m_count = 0;
    std::int64_t m_current = 0;
    std::vector<Curve> m_curves;
    std::vector<SliceUse> m_uses;
    std::vector<SliceSlab> m_slabs;
    int m_slab = 0; ///< that the keys act on
    enum class Drag { None, Slice, Choose, Drop } m_drag = Drag::None;
};

} // namespace interstice
