// SPDX-License-Identifier: GPL-3.0-or-later
// The layout with three linked slices and the volume in 3-D, and views as figures.
#include "app/window/figure_controller.h"
#include "app/window/main_window.h"
#include "app/window/movie_controller.h"
#include "app/window/oblique_controller.h"
#include "app/window/results_pages.h"
#include "app/window/scene_page.h"
#include "app/window/window_actions.h"
#include "widgets/message_bar.h"
#include "widgets/mpr_view.h"
#include "widgets/volume_view.h"

#include <QAction>
#include <QActionGroup>
#include <QDockWidget>
#include <QStatusBar>

namespace interstice {

void MainWindow::connectScene()
{
    m_scene = new SceneController(m_workspace, m_queue, m_pyramids, *m_mpr, *m_scenePage, m_settings, this);
    new ObliqueController(*m_mpr, *m_scenePage, this);
    connect(m_scene, &SceneController::failed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(&m_pyramids, &PyramidController::warned, this,
        [this](const QString& text) { m_messages->show(MessageBar::Kind::Warning, text); });
    connect(m_scene, &SceneController::noted, this, [this](const QString& text) { statusBar()->showMessage(text, 8000); });
    connect(m_mpr, &MprView::sliceFailed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(m_mpr, &MprView::cursorAt, this, &MainWindow::showCursor);
    connect(m_mpr, &MprView::cursorLeft, m_views, &CompareView::cursorLeft);
    // The comparison looks at the same place when one comes back to it.
    connect(m_mpr, &MprView::voxelChanged, m_views, &CompareView::setPlace);
    connect(m_views, &CompareView::sliceChanged, this, [this](qint64 index) {
        Index voxel = m_mpr->voxel();
        along(voxel, m_views->orientation()) = index;
        m_mpr->setVoxel(voxel);
    });
    connect(m_actions->showMasks, &QAction::toggled, m_mpr, &MprView::setMasksShown);
    connect(m_actions->reset, &QAction::triggered, m_mpr->volume(), &VolumeView::resetCamera);
    connect(m_contrast, &ContrastPage::lookChanged, m_views, &CompareView::setGreyLook);
    connect(m_contrast, &ContrastPage::lookChanged, m_mpr, &MprView::setGreyLook);
    connect(m_scenePage, &ScenePage::saveSurfaceClicked, this, [this] {
        const QString path = askTarget(tr("Save surface"), "surface.stl", tr("Surfaces (*.stl *.ply *.vtp)"));
        if (!path.isEmpty())
            m_scene->saveSurface(toPath(path));
    });
    connect(m_scenePage, &ScenePage::saveTransferClicked, this, [this] {
        const QString path = askTarget(tr("Save transfer function"), "transfer.json", tr("JSON (*.json)"));
        if (!path.isEmpty())
            m_scene->saveTransfer(toPath(path));
    });
    connect(m_scenePage, &ScenePage::loadTransferClicked, this, [this] {
        const QString path = askFile(tr("Load transfer function"), tr("JSON (*.json)"));
        if (!path.isEmpty())
            m_scene->loadTransfer(toPath(path));
    });
}

void MainWindow::connectFigures()
{
    m_figures = new FigureController(*m_views, *m_mpr, m_queue, this);
    connect(m_actions->figure, &QAction::triggered, m_figures, &FigureController::openDialog);
    connect(m_figures, &FigureController::failed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(m_figures, &FigureController::failed, this, &MainWindow::openingFailed);
    connect(
        m_figures, &FigureController::noted, this, [this](const QString& text) { statusBar()->showMessage(text, 8000); });
    connect(m_figures, &FigureController::panesWanted, this, [this](const QStringList& ids) {
        setLayoutOfWindow(WindowLayout::Compare);
        for (const QString& id : m_views->paneIds())
            if (auto* action = findChild<QAction*>("show-" + id))
                action->setChecked(ids.contains(id));
    });
    connect(m_figures, &FigureController::saveWanted, this, [this](const FigureSpec& spec) {
        const QString path = askTarget(tr("Save figure"), "figure.png", tr("Figures (*.png *.tif *.svg *.pdf)"));
        if (!path.isEmpty())
            m_figures->save(spec, path);
    });
}

void MainWindow::connectMovies()
{
    m_movies = new MovieController(*m_mpr->volume(), m_queue, this);
    connect(m_actions->movie, &QAction::triggered, this, [this] {
        setLayoutOfWindow(WindowLayout::Mpr);
        m_movies->openDialog();
    });
    connect(m_movies, &MovieController::failed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(m_movies, &MovieController::failed, this, &MainWindow::openingFailed);
    connect(m_movies, &MovieController::viewWanted, m_scene, &SceneController::lookAgain);
    connect(m_movies, &MovieController::noted, this, [this](const QString& text) { statusBar()->showMessage(text, 8000); });
    connect(m_movies, &MovieController::saveWanted, this,
        [this](const SceneState& state, const std::vector<KeyFrame>& keys, const MovieOptions& options) {
            const QString path = askTarget(tr("Save movie"), "movie.ogv", tr("Video (*.ogv);;A picture a frame (*.png)"));
            if (!path.isEmpty())
                m_movies->save(state, keys, options, path);
        });
}

void MainWindow::applyWindow(GreyWindow window)
{
    m_views->setWindow(window);
    m_scene->setWindow(window);
}

void MainWindow::showMpr(bool shown)
{
    if (shown == m_mpr->isVisibleTo(m_mpr->parentWidget()))
        return;
    m_views->setVisible(!shown);
    m_mpr->setVisible(shown);
    // The page of the 3-D view takes the place of what belongs to training, as far as that is open.
    findChild<QDockWidget*>("dock-scene")->setVisible(shown);
    if (shown)
        m_docksAside.clear();
    for (const char* name : { "dock-training", "dock-scores" }) {
        auto* dock = findChild<QDockWidget*>(name);
        if (shown && !dock->isHidden())
            m_docksAside.append(dock);
    }
    for (QDockWidget* dock : m_docksAside)
        dock->setVisible(!shown);
    m_scene->setShown(shown);
}

} // namespace interstice
