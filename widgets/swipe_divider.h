// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace interstice {

/// The line between two panes in one place, with a grip: dragged with the mouse or moved with the arrow keys;
/// a double click brings it back to the middle. Moves within its parent by itself and says so.
class SwipeDivider : public QWidget {
    Q_OBJECT

public:
    explicit SwipeDivider(QWidget* parent = nullptr);

    /// To be taken anywhere in it; the line is in its middle.
    static constexpr int kWidth = 16;
    double position() const { return m_position; }
    /// 0…1 of the parent's width: moves there, but never so far that it could not be taken any more.
    void setPosition(double position);
    /// The parent's column that the line is at.
    int column() const { return x() + kWidth / 2; }
    void place();

signals:
    void moved(double position);
    void stepped(int slices);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void moveTo(double column);

    double m_position = 0.5;
    double m_grabbedAt = 0; ///< the mouse beside the line when it was taken
    bool m_dragged = false;
    bool m_hovered = false;
};

} // namespace interstice
