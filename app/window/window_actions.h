// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>

class QAction;
class QActionGroup;
class QMainWindow;
class QMenu;
class QToolBar;
class QToolButton;

namespace interstice {

/// The window's commands, in menus and the tool bar. They do nothing by themselves: the window connects them.
class WindowActions : public QObject {
    Q_OBJECT

public:
    explicit WindowActions(QMainWindow* window);

    QAction* open;
    QAction* openFolder;
    QAction* openTruth;
    QMenu* openMask;
    QMenu* recent;
    QAction* makeSample;
    QMenu* saveMask;
    QAction* saveUNetMask;
    QAction* saveScores;
    QAction* figure;
    QAction* study = nullptr;
    QAction* phantom = nullptr;
    QAction* movie = nullptr;
    QAction* loadModel;
    QAction* saveModel;
    QAction* quit;
    QAction* train;
    QAction* stop;
    QAction* predict;
    QAction* search;
    QAction* initialMask;
    QActionGroup* layouts; ///< data: a WindowLayout
    QActionGroup* orientations; ///< data: 0 XY, 1 XZ, 2 YZ
    QActionGroup* themes; ///< data: 0 system, 1 light, 2 dark
    QAction* fit;
    QAction* reset;
    QAction* autoContrast;
    QAction* showMasks;
    QAction* errorMap;
    QAction* showSplit = nullptr;
    QAction* nextWorst;
    QMenu* panes;
    QMenu* docks;
    QAction* shortcuts;
    QAction* about;
    QToolBar* toolBar;
    QToolButton* devices;

private:
    void buildToolBar(QMainWindow* window);
};

} // namespace interstice
