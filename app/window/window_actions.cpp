// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/window_actions.h"

#include "widgets/theme.h"

#include <QAction>
#include <QActionGroup>
#include <QHBoxLayout>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QToolBar>
#include <QToolButton>

namespace interstice {

namespace {

QAction* add(QMenu* menu, const QString& text, const QKeySequence& keys = {}, const char* icon = nullptr)
{
    auto* action = menu->addAction(text);
    if (!keys.isEmpty())
        action->setShortcut(keys);
    if (icon)
        action->setIcon(themedIcon(icon));
    action->setIconVisibleInMenu(false);
    return action;
}

QActionGroup* addGroup(QMenu* menu, const QStringList& texts, const QList<QKeySequence>& keys)
{
    auto* group = new QActionGroup(menu);
    for (int i = 0; i < texts.size(); ++i) {
        auto* action = add(menu, texts[i], keys.value(i));
        action->setCheckable(true);
        action->setData(i);
        action->setChecked(i == 0);
        group->addAction(action);
    }
    return group;
}

QWidget* segments(const QList<QAction*>& actions, const QStringList& texts, QWidget* parent)
{
    auto* box = new QWidget(parent);
    auto* layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    for (int i = 0; i < actions.size(); ++i) {
        auto* button = new QToolButton(box);
        button->setObjectName("segment");
        button->setProperty("place", i == 0 ? "first" : i + 1 == actions.size() ? "last" : "middle");
        actions[i]->setIconText(texts[i]);
        button->setDefaultAction(actions[i]);
        button->setToolButtonStyle(Qt::ToolButtonTextOnly);
        layout->addWidget(button);
    }
    return box;
}

QToolButton* chromeButton(QAction* action, const QString& text, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setObjectName("chrome");
    action->setIconText(' ' + text); // Fusion sets the text close to the icon
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

} // namespace

WindowActions::WindowActions(QMainWindow* window)
    : QObject(window)
{
    auto* file = window->menuBar()->addMenu(tr("&File"));
    open = add(file, tr("&Open…"), QKeySequence::Open, "open");
    openFolder = add(file, tr("Open &folder…"), Qt::CTRL | Qt::SHIFT | Qt::Key_O, "stack");
    recent = file->addMenu(tr("Open &recent"));
    makeSample = add(file, tr("Make a &sample"));
    file->addSeparator();
    openTruth = add(file, tr("Open ground &truth…"), Qt::CTRL | Qt::Key_G);
    openMask = file->addMenu(tr("Open &mask"));
    loadModel = add(file, tr("&Load model…"));
    file->addSeparator();
    saveUNetMask = add(file, tr("&Save U-Net mask…"), QKeySequence::Save, "save");
    saveMask = file->addMenu(tr("Sa&ve mask of"));
    saveModel = add(file, tr("Save mo&del…"));
    saveScores = add(file, tr("Save s&cores…"));
    figure = add(file, tr("&Figure…"), Qt::CTRL | Qt::Key_E, "save");
    figure->setObjectName("figure");
    movie = add(file, tr("Mo&vie…"), Qt::CTRL | Qt::SHIFT | Qt::Key_E);
    movie->setObjectName("movie");
    study = add(file, tr("S&tudy…"), Qt::CTRL | Qt::SHIFT | Qt::Key_S);
    study->setObjectName("study");
    phantom = add(file, tr("P&hantom…"), Qt::CTRL | Qt::SHIFT | Qt::Key_P);
    phantom->setObjectName("phantom");
    file->addSeparator();
    quit = add(file, tr("&Quit"), QKeySequence::Quit);

    auto* view = window->menuBar()->addMenu(tr("&View"));
    layouts = addGroup(view, { tr("&Compare"), tr("&Single"), tr("&Train"), tr("S&wipe"), tr("&MPR + 3-D") },
        { Qt::CTRL | Qt::Key_1, Qt::CTRL | Qt::Key_2, Qt::CTRL | Qt::Key_3, Qt::CTRL | Qt::Key_4, Qt::CTRL | Qt::Key_5 });
    view->addSeparator();
    orientations = addGroup(view, { tr("XY (look along z)"), tr("XZ (look along y)"), tr("YZ (look along x)") },
        { Qt::Key_Z, Qt::Key_Y, Qt::Key_X });
    view->addSeparator();
    fit = add(view, tr("&Fit"), Qt::Key_F, "fit");
    reset = add(view, tr("&Reset"), Qt::Key_R);
    autoContrast = add(view, tr("&Automatic contrast"), Qt::Key_A, "contrast");
    showMasks = add(view, tr("Show &masks"), Qt::Key_S);
    showMasks->setCheckable(true);
    showMasks->setChecked(true);
    errorMap = add(view, tr("&Error map"), Qt::Key_E);
    errorMap->setCheckable(true);
    showSplit = add(view, tr("Training &blocks"), Qt::Key_B);
    showSplit->setCheckable(true);
    nextWorst = add(view, tr("&Next worst slice"), Qt::Key_N);
    view->addSeparator();
    panes = view->addMenu(tr("&Panes"));
    docks = view->addMenu(tr("&Docks"));
    auto* theme = view->addMenu(tr("T&heme"));
    themes = addGroup(theme, { tr("&System"), tr("&Light"), tr("&Dark") }, {});

    auto* methods = window->menuBar()->addMenu(tr("&Methods"));
    initialMask = add(methods, tr("Make &initial mask (CLAHE + Otsu)"));
    methods->addSeparator();
    train = add(methods, tr("&Train U-Net"), Qt::CTRL | Qt::Key_T);
    stop = add(methods, tr("&Stop and keep"));
    predict = add(methods, tr("&Predict with the model"));
    search = add(methods, tr("Search over &options…"));
    search->setObjectName("search");

    auto* help = window->menuBar()->addMenu(tr("&Help"));
    shortcuts = add(help, tr("&Keyboard and mouse"));
    shortcuts->setShortcuts({ QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question) });
    about = add(help, tr("&About Interstice"), {}, "chip");
    buildToolBar(window);
}

void WindowActions::buildToolBar(QMainWindow* window)
{
    toolBar = window->addToolBar(tr("Tools"));
    toolBar->setObjectName("tools");
    toolBar->setMovable(false);
    toolBar->setIconSize({ 16, 16 });
    toolBar->setContextMenuPolicy(Qt::PreventContextMenu);
    const auto spring = [&] {
        auto* widget = new QWidget(toolBar);
        widget->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
        toolBar->addWidget(widget);
    };
    toolBar->addWidget(chromeButton(open, tr("Open…"), toolBar));
    toolBar->addWidget(chromeButton(saveUNetMask, tr("Save mask"), toolBar));
    toolBar->addWidget(chromeButton(figure, tr("Figure…"), toolBar));
    spring();
    const QList<QAction*> all = layouts->actions();
    toolBar->addWidget(segments({ all[0], all[4], all[1], all[2], all[3] },
        { tr("Compare"), tr("MPR + 3-D"), tr("Single"), tr("Train"), tr("Swipe") }, toolBar));
    toolBar->addWidget(segments(orientations->actions(), { "XY", "XZ", "YZ" }, toolBar));
    spring();
    for (QAction* action : { fit, autoContrast }) { // their icons say it, and room is short
        auto* button = chromeButton(action, {}, toolBar);
        button->setToolButtonStyle(Qt::ToolButtonIconOnly);
        toolBar->addWidget(button);
    }
    devices = chromeButton(about, tr("…"), toolBar);
    toolBar->addWidget(devices);
}

} // namespace interstice
