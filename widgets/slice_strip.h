// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"

#include <QString>
#include <QWidget>

#include <vector>

namespace interstice {

/// What the voxels of a slice were used for, as shares of it; the rest tests.
struct SliceUse {
    double training = 0;
    double validation = 0;
    double guard = 0;
};

/// Dice by slice, a line a method, above a strip that shows what each slice was used for.
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
    /// The slice with the lowest score among all curves after (cyclically) the current one's rank; −1 for none.
    std::int64_t nextWorst() const;
    QSize sizeHint() const override { return { 400, 96 }; }
    QSize minimumSizeHint() const override { return { 200, 96 }; }

signals:
    void slicePicked(qint64 index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF curveArea() const;
    QRectF useArea() const;
    std::int64_t sliceAt(double x) const;

    std::int64_t m_count = 0;
    std::int64_t m_current = 0;
    std::vector<Curve> m_curves;
    std::vector<SliceUse> m_uses;
};

} // namespace interstice
