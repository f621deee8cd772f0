// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/contrast.h"

#include <QWidget>

namespace interstice {

/// The grey values of the volume and the window over them: two handles to drag.
class HistogramWidget : public QWidget {
    Q_OBJECT

public:
    explicit HistogramWidget(QWidget* parent = nullptr);

    /// Empty counts for none.
    void setHistogram(const Histogram& histogram);
    void setWindow(GreyWindow window);
    GreyWindow window() const { return m_window; }
    QSize sizeHint() const override { return { 300, 124 }; }
    QSize minimumSizeHint() const override { return { 160, 96 }; }

    double xOf(double grey) const;
    double greyAt(double x) const;

signals:
    /// By the user's hand.
    void windowDragged(const interstice::GreyWindow& window);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    enum class Handle { None, Black, White };
    Handle handleAt(double x) const;
    QRectF plotArea() const;

    Histogram m_histogram;
    GreyWindow m_window;
    double m_low = 0; ///< grey values at the plot's ends
    double m_high = 1;
    Handle m_dragged = Handle::None;
};

/// "18 420", "0.0132": grey values as people read them.
QString formatGrey(double value);

} // namespace interstice
