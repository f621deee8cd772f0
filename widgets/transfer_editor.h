// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/transfer_function.h"

#include <QWidget>

namespace interstice {

/// The opacity of grey values over their histogram: drag a point, click the line's surroundings for a new one, take one
/// away with the right button or Delete.
class TransferEditor : public QWidget {
    Q_OBJECT

public:
    explicit TransferEditor(QWidget* parent = nullptr);

    void setHistogram(const Histogram& histogram);
    void setFunction(const TransferFunction& function);
    const TransferFunction& function() const { return m_function; }
    QSize sizeHint() const override { return { 260, 132 }; }
    QSize minimumSizeHint() const override { return { 160, 110 }; }

    QPointF toWidget(const OpacityPoint& point) const;
    OpacityPoint toPoint(const QPointF& at) const;

signals:
    /// By the user's hand; `moving` while a point is dragged.
    void edited(const interstice::TransferFunction& function, bool moving);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF plotArea() const;
    int pointAt(const QPointF& at) const;
    void removePoint(int index);

    TransferFunction m_function;
    Histogram m_histogram;
    double m_low = 0; ///< grey values at the plot's ends
    double m_high = 1;
    int m_current = -1;
    bool m_dragging = false;
};

} // namespace interstice
