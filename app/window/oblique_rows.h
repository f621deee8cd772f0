// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/slice_geometry.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QPushButton;
class QSlider;

namespace interstice {

/// Part of the 3-D page: the slice at any angle.
class ObliqueRows : public QWidget {
    Q_OBJECT

public:
    explicit ObliqueRows(QWidget* parent = nullptr);

    /// As it is now; `depth` is 0…1 along the normal.
    void showState(bool shown, double depth, const QString& text);
    /// So many of three points are picked; −1: none are asked for.
    void showPicking(int points);
    void showRefusal(const QString& error);
    /// Whether there is a cutting plane to take over.
    void setCutPlaneThere(bool there);

signals:
    void toggled(bool shown);
    void pointsWanted(bool on);
    void facingWanted();
    void alongWanted(interstice::Orientation orientation);
    void depthChanged(double depth, bool moving);
    void cutHereWanted();
    void fromCutWanted();

private:
    QCheckBox* m_shown;
    QPushButton* m_points;
    QWidget* m_rows;
    QSlider* m_depth;
    QPushButton* m_fromCut;
    QLabel* m_text;
};

} // namespace interstice
