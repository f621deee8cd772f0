// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/workspace.h"
#include "picture/compose.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QListWidget;
class QSlider;

namespace interstice {

/// What there is: the raw volume and its masks, each with its colour.
class DataPage : public QWidget {
    Q_OBJECT

public:
    explicit DataPage(QWidget* parent = nullptr);
    void show(const Workspace& workspace);

signals:
    void paneWanted(const QString& id);
    /// Another colour is wanted for a mask; `place` is on the screen.
    void colourWanted(const QString& id, const QPoint& place);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitHeight();

    QListWidget* m_list;
    QLabel* m_shape;
};

/// How masks are drawn.
class OverlayPage : public QWidget {
    Q_OBJECT

public:
    explicit OverlayPage(QWidget* parent = nullptr);
    double opacity() const;
    OverlayStyle style() const;
    MaskDisplay display() const;
    void setState(double opacity, int style, int display);
    /// Whether training and test blocks are drawn.
    bool splitShown() const;
    void setSplitShown(bool shown);
    int styleIndex() const;
    int displayIndex() const;

signals:
    void changed();
    void splitToggled(bool shown);
    /// The list of labels should be seen.
    void labelsClicked();

private:
    QSlider* m_opacity;
    QLabel* m_percent;
    QComboBox* m_style;
    QComboBox* m_display;
    QCheckBox* m_split;
};

} // namespace interstice
