// SPDX-License-Identifier: GPL-3.0-or-later
// What follows what in the main window, and what it remembers; building and showing are in main_window.cpp.
#include "app/window/colour_menu.h"
#include "app/window/help_dialogs.h"
#include "app/window/labels_controller.h"
#include "app/window/main_window.h"
#include "app/window/method_page.h"
#include "app/window/methods_panel.h"
#include "app/window/results_pages.h"
#include "app/window/scene_page.h"
#include "app/window/side_pages.h"
#include "app/window/swipe_bar.h"
#include "app/window/welcome_page.h"
#include "app/window/window_actions.h"
#include "widgets/log_pane.h"
#include "widgets/message_bar.h"
#include "widgets/mpr_view.h"
#include "widgets/slice_strip.h"
#include "widgets/theme.h"
#include "widgets/training_plot.h"

#include <QAction>
#include <QActionGroup>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QStatusBar>

namespace interstice {

namespace {

constexpr int kMostRecent = 10;
constexpr int kStateVersion = 1;

} // namespace

void MainWindow::buildMaskMenus()
{
    const auto addPane = [this](const QString& id, const QString& name) {
        auto* action = m_actions->panes->addAction(name);
        action->setCheckable(true);
        action->setChecked(m_views->paneShown(id));
        action->setObjectName("show-" + id);
        connect(action, &QAction::toggled, m_views, [this, id](bool on) { m_views->setPaneShown(id, on); });
    };
    addPane(kRawId, tr("Raw"));
    addPane(kDepthValuesId, tr("Depth map, values"));
    addPane(kDoubtId, tr("U-Net, doubt"));
    addPane(kAgreementId, tr("Agreement"));
    for (const auto& method : m_methods.all()) {
        addPane(method.id, method.name);
        auto* save = m_actions->saveMask->addAction(method.name + "…");
        save->setObjectName("save-" + method.id);
        connect(save, &QAction::triggered, this, [this, &method] {
            const QString name = QFileInfo(toText(m_workspace.rawPath())).completeBaseName() + "_" + method.id + ".tif";
            const QString target = askTarget(tr("Save mask"), name, tr("TIFF stack (*.tif *.tiff)"));
            if (!target.isEmpty())
                m_opener->saveMask(method.id, toPath(target));
        });
        if (method.truth)
            continue;
        connect(m_actions->openMask->addAction(tr("of %1…").arg(method.name)), &QAction::triggered, this, [this, &method] {
            const QString path = askFile(tr("Open mask"), tr("TIFF stacks (*.tif *.tiff)"));
            if (!path.isEmpty())
                m_opener->importMask(method.id, toPath(path));
        });
    }
}

void MainWindow::connectActions()
{
    const auto on = [this](QAction* action, auto&& slot) { connect(action, &QAction::triggered, this, slot); };
    const auto openFile = [this] {
        const QString path = askFile(tr("Open volume"), tr("Volumes (*.tif *.tiff *.h5 *.hdf5 *.nxs);;All files (*)"));
        if (!path.isEmpty())
            m_opener->importRaw(toPath(path));
    };
    const auto openFolder = [this] {
        const QString path = askFile(tr("Open a folder of slices"), {}, true);
        if (!path.isEmpty())
            m_opener->importRaw(toPath(path));
    };
    const auto openTruth = [this] {
        const QString path = askFile(tr("Open ground truth"), tr("Volumes (*.tif *.tiff *.h5 *.hdf5 *.nxs);;All files (*)"));
        if (!path.isEmpty())
            m_opener->importMask(kTruthId, toPath(path));
    };
    on(m_actions->open, openFile);
    on(m_actions->openFolder, openFolder);
    on(m_actions->openTruth, openTruth);
    on(m_actions->makeSample, [this] { m_opener->makeSample(); });
    on(m_actions->loadModel, [this] {
        const QString path = askFile(tr("Load model"), tr("Models (*.safetensors *.pt *.pth *.ts);;All files (*)"));
        if (!path.isEmpty())
            loadModel(path);
    });
    on(m_actions->saveModel, [this] {
        const QString end = m_trainer.modelIsScript() ? QStringLiteral("pt") : QStringLiteral("safetensors");
        const QString path = askTarget(tr("Save model"), "unet." + end, tr("Models (*.%1)").arg(end));
        if (!path.isEmpty())
            m_trainer.saveModel(toPath(path));
    });
    const auto saveScores = [this] {
        const QString path = askTarget(tr("Save scores"), "scores.csv", tr("Tables (*.csv)"));
        if (!path.isEmpty())
            m_opener->saveText(tr("Scores"), toPath(path), m_scores->table().scores().asText(',').toStdString());
    };
    on(m_actions->saveScores, saveScores);
    on(m_actions->saveUNetMask, [this] { findChild<QAction*>("save-" + kUNetId)->trigger(); });
    on(m_actions->quit, [this] { close(); });
    on(m_actions->train, [this] { m_trainer.train(m_method->options()); });
    on(m_actions->stop, [this] {
        m_trainer.stopAndKeep();
        m_classical.stop();
    });
    on(m_actions->predict, [this] { m_trainer.predictStack(); });
    on(m_actions->initialMask, [this] { makeInitialMask(); });
    on(m_actions->fit, [this] {
        m_views->fit();
        m_mpr->fit();
    });
    on(m_actions->reset, [this] { m_views->reset(); });
    on(m_actions->autoContrast, [this] { applyAutoContrast(); });
    on(m_actions->nextWorst, [this] {
        const std::int64_t worst = m_strip->nextWorst();
        if (worst >= 0)
            m_views->setSlice(worst);
    });
    connect(m_actions->showMasks, &QAction::toggled, m_views, &CompareView::setMasksShown);
    on(m_actions->errorMap,
        [this](bool shown) { m_overlay->setState(m_overlay->opacity(), m_overlay->styleIndex(), shown ? 2 : 0); });
    on(m_actions->shortcuts, [this] { showShortcuts(this); });
    on(m_actions->about,
        [this] { showAbout(this, m_trainer.learnVersionText(), m_trainer.devices(), m_scene->graphics()); });
    connect(m_actions->layouts, &QActionGroup::triggered, this,
        [this](const QAction* action) { setLayoutOfWindow(WindowLayout(action->data().toInt())); });
    connect(m_actions->orientations, &QActionGroup::triggered, this,
        [this](const QAction* action) { m_views->setOrientation(Orientation(action->data().toInt())); });
    connect(m_actions->themes, &QActionGroup::triggered, this, [this](const QAction* action) {
        m_theme.apply(ThemeChoice(action->data().toInt()));
        m_settings.setValue("theme", action->data().toInt());
    });
    connect(&m_theme, &Theme::themeChanged, this, &MainWindow::showSlicePosition);
    connect(m_welcome, &WelcomePage::openClicked, this, openFile);
    connect(m_welcome, &WelcomePage::openFolderClicked, this, openFolder);
    connect(m_welcome, &WelcomePage::sampleClicked, m_actions->makeSample, &QAction::trigger);
    connect(m_welcome, &WelcomePage::recentPicked, this, [this](const QString& path) { m_opener->openRaw(toPath(path)); });
    connect(m_scores, &ScoresPage::saveClicked, this, saveScores);
    connect(m_method, &MethodPage::openTruthClicked, this, openTruth);
}

void MainWindow::connectData()
{
    const auto say
        = [this](MessageBar::Kind kind) { return [this, kind](const QString& text) { m_messages->show(kind, text); }; };
    const auto note = [this](const QString& text) { statusBar()->showMessage(text, 8000); };
    connect(m_opener, &Opener::failed, this, say(MessageBar::Kind::Error));
    connect(m_opener, &Opener::failed, this, &MainWindow::openingFailed);
    connect(m_opener, &Opener::warned, this, say(MessageBar::Kind::Warning));
    connect(m_opener, &Opener::noted, this, note);
    connect(m_opener, &Opener::fileOpened, this, &MainWindow::noteRecent);
    connect(&m_queue, &JobQueue::jobEnded, this, [this](JobId id) {
        // Jobs whose owners say nothing themselves: counting and scoring.
        const auto job = m_queue.job(id);
        if (job && job->state == JobState::Failed)
            m_messages->show(MessageBar::Kind::Error, job->error);
    });
    connect(&m_workspace, &Workspace::rawOpened, this, &MainWindow::showRaw);
    connect(&m_workspace, &Workspace::histogramComputed, this, [this] {
        m_contrast->histogram().setHistogram(*m_workspace.histogram());
        if (m_autoWindow && !m_views->windowOfSlice())
            applyAutoContrast();
    });
    connect(&m_workspace, &Workspace::maskChanged, this, &MainWindow::showMask);
    connect(&m_workspace, &Workspace::foregroundCounted, this, [this] { showScores(); });
    connect(&m_workspace, &Workspace::scored, this, [this] {
        showScores();
        showState();
    });
    connect(&m_workspace, &Workspace::savedStateChanged, this, &MainWindow::showTitle);
    connect(m_data, &DataPage::paneWanted, this,
        [this](const QString& id) { m_views->setMaximised(m_views->maximised() == id ? QString() : id); });
    connect(m_views, &CompareView::sliceChanged, this, &MainWindow::showSlicePosition);
    connect(m_views, &CompareView::orientationChanged, this,
        [this](Orientation orientation) { m_actions->orientations->actions().at(int(orientation))->setChecked(true); });
    connect(m_views, &CompareView::maximisedChanged, this, [this](const QString& id) {
        const int layout = m_mpr->isVisibleTo(this) ? 4
            : m_views->swiping()                    ? 3
            : !id.isEmpty()                         ? 1
            : m_largePlot->isVisibleTo(this)        ? 2
                                                    : 0;
        m_swipeBar->setVisible(layout == 3);
        m_actions->layouts->actions().at(layout)->setChecked(true);
    });
    connect(m_views, &CompareView::cursorAt, this, &MainWindow::showCursor);
    connect(m_views, &CompareView::cursorLeft, this, [this] { m_cursorText->clear(); });
    connect(m_views, &CompareView::windowFollowed, this,
        [this](const GreyWindow& window) { m_contrast->histogram().setWindow(window); });
    connect(m_views, &CompareView::sliceFailed, this, say(MessageBar::Kind::Error));
    connect(
        m_views, &CompareView::paneLinkActivated, this, [this](const QString&, const QString& link) { runCommand(link); });
    connect(m_strip, &SliceStrip::slicePicked, this, [this](qint64 index) {
        m_views->setOrientation(Orientation::XY);
        m_views->setSlice(index);
    });
    connect(&m_contrast->histogram(), &HistogramWidget::windowDragged, this, [this](const GreyWindow& window) {
        m_autoWindow = false;
        m_contrast->setWindowOfSlice(false);
        applyWindow(window);
    });
    connect(m_contrast, &ContrastPage::autoClicked, this, &MainWindow::applyAutoContrast);
    connect(m_contrast, &ContrastPage::windowOfSliceToggled, m_views, &CompareView::setWindowOfSlice);
    connect(m_contrast, &ContrastPage::windowOfSliceToggled, m_mpr, &MprView::setWindowOfSlice);
    connect(m_overlay, &OverlayPage::changed, this, &MainWindow::applyOverlay);
    new LabelsController(m_workspace, m_queue, *m_labels, this);
    connect(m_overlay, &OverlayPage::labelsClicked, this, [this] {
        auto* dock = findChild<QDockWidget*>("dock-labels");
        dock->show();
        dock->raise();
    });
    connect(&m_workspace.looks(), &MaskLooks::labelsChanged, this,
        [this](const QString& method) { m_views->setShownLabels(method, m_workspace.looks().labels(method)); });
    connect(&m_workspace.looks(), &MaskLooks::colourChanged, this, [this](const QString& method) {
        const Rgb colour = m_workspace.looks().colour(method);
        m_views->setColour(method, colour);
        m_methodsPanel->setColour(method, colour);
        showScores();
    });
    connect(m_data, &DataPage::colourWanted, this, &MainWindow::askColourOf);
    connect(m_scenePage, &ScenePage::colourWanted, this, &MainWindow::askColourOf);
}

void MainWindow::askColourOf(const QString& method, const QPoint& place)
{
    MaskLooks& looks = m_workspace.looks();
    askColour(this, place, looks.colour(method), m_methods.find(method)->colour,
        [&looks, method](Rgb colour) { looks.setColour(method, colour); });
}

void MainWindow::restore()
{
    resize(1440, 900);
    restoreGeometry(m_settings.value("geometry").toByteArray());
    restoreState(m_settings.value("state").toByteArray(), kStateVersion);
    findChild<QDockWidget*>("dock-scene")->hide(); // belongs to a layout that needs a volume
    m_overlay->setState(m_settings.value("overlay/opacity", 0.45).toDouble(), m_settings.value("overlay/style", 0).toInt(),
        m_settings.value("overlay/display", 0).toInt());
    m_overlay->setSplitShown(m_settings.value("overlay/split", false).toBool());
    m_actions->themes->actions().at(int(m_theme.choice()))->setChecked(true);
    applyOverlay();
    showRecent();
}

void MainWindow::start(const CommandLine& line)
{
    if (line.unattended())
        m_keepSettings = false;
    if (line.size)
        resize(*line.size);
    if (line.layout == WindowLayout::Compare && !line.panes.isEmpty()) {
        m_fixedPanes = line.panes;
        for (auto* action : m_actions->panes->actions())
            action->setChecked(line.panes.contains(action->objectName().mid(5))); // "show-…"
    }
    if (!line.display.isEmpty())
        m_overlay->setState(m_overlay->opacity(), m_overlay->styleIndex(),
            line.display == "labels"       ? 3
                : line.display == "errors" ? 2
                : line.display == "mask"   ? 1
                                           : 0);
    if (line.split)
        m_overlay->setSplitShown(true);
    if (line.path.isEmpty()) {
        if (!line.model.isEmpty())
            m_trainer.loadModel(toPath(line.model));
        return;
    }
    m_opener->openRaw(toPath(line.path), [this, line] {
        if (line.orientation == "XZ" || line.orientation == "YZ")
            m_views->setOrientation(line.orientation == "XZ" ? Orientation::XZ : Orientation::YZ);
        if (line.slice > 0)
            m_views->setSlice(line.slice - 1);
        if (!line.truth.isEmpty())
            m_opener->openMask(kTruthId, toPath(line.truth), line.truthRule);
        for (const auto& [method, file] : line.masks)
            m_opener->openMask(method, toPath(file), std::nullopt);
        m_method->setDoubt(line.doubt);
        if (!line.model.isEmpty())
            m_trainer.loadModel(toPath(line.model));
        if (!line.depthMap.isEmpty())
            m_opener->openDepthMap(toPath(line.depthMap));
        if (!line.method.isEmpty())
            m_methodsPanel->setCurrent(line.method);
        if (line.layout == WindowLayout::Swipe && line.panes.size() == 2)
            m_swipeBar->choose(line.panes[0], line.panes[1]);
        setLayoutOfWindow(line.layout);
        if (line.oblique) {
            const Index& voxel = m_mpr->voxel();
            m_mpr->setOblique(planeAcross({ double(voxel.x), double(voxel.y), double(voxel.z) }, *line.oblique));
        }
        if (line.layout == WindowLayout::Single) // what was asked for last is what somebody wants to see alone
            m_views->setMaximised(!line.model.isEmpty() ? kUNetId
                    : !line.masks.empty()               ? line.masks.back().first
                    : !line.truth.isEmpty()             ? kTruthId
                                                        : kRawId);
    });
}

QString MainWindow::askFile(const QString& title, const QString& filter, bool folder)
{
    const QString last = m_settings.value("lastFolder").toString();
    const QString path = folder ? QFileDialog::getExistingDirectory(this, title, last)
                                : QFileDialog::getOpenFileName(this, title, last, filter);
    if (!path.isEmpty())
        m_settings.setValue("lastFolder", QFileInfo(path).absolutePath());
    return path;
}

QString MainWindow::askTarget(const QString& title, const QString& name, const QString& filter)
{
    const QString last = m_settings.value("lastFolder").toString();
    const QString path = QFileDialog::getSaveFileName(this, title, last.isEmpty() ? name : last + "/" + name, filter);
    if (!path.isEmpty())
        m_settings.setValue("lastFolder", QFileInfo(path).absolutePath());
    return path;
}

void MainWindow::noteRecent(const QString& path)
{
    if (!m_keepSettings)
        return;
    QStringList recent = m_settings.value("recent").toStringList();
    const QString absolute = QFileInfo(path).absoluteFilePath();
    recent.removeAll(absolute);
    recent.prepend(absolute);
    m_settings.setValue("recent", QStringList(recent.mid(0, kMostRecent)));
    showRecent();
}

void MainWindow::showRecent()
{
    const QStringList recent = m_settings.value("recent").toStringList();
    m_actions->recent->clear();
    m_actions->recent->setEnabled(!recent.isEmpty());
    for (const QString& path : recent)
        connect(m_actions->recent->addAction(path), &QAction::triggered, this,
            [this, path] { m_opener->openRaw(toPath(path)); });
    m_welcome->setRecent(recent);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls() && event->mimeData()->urls().constFirst().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const QString path = event->mimeData()->urls().constFirst().toLocalFile();
    const QString end = QFileInfo(path).suffix().toLower();
    if (QStringList { "safetensors", "pt", "pth", "ts" }.contains(end))
        loadModel(path);
    else
        m_opener->importRaw(toPath(path));
    event->acceptProposedAction();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    bool running = false;
    for (const auto& job : m_queue.jobs())
        running = running || (job.active() && !job.quiet);
    if (!m_quitAnyway && (running || m_workspace.unsaved()) && m_keepSettings) {
        event->ignore();
        askToQuit(running);
        return;
    }
    if (m_keepSettings) {
        setLayoutOfWindow(WindowLayout::Compare); // what is kept is how the docks lie beside the comparison
        m_settings.setValue("geometry", saveGeometry());
        m_settings.setValue("state", saveState(kStateVersion));
        m_settings.setValue("overlay/opacity", m_overlay->opacity());
        m_settings.setValue("overlay/style", m_overlay->styleIndex());
        m_settings.setValue("overlay/display", m_overlay->displayIndex());
        m_settings.setValue("overlay/split", m_overlay->splitShown());
    }
    m_queue.stopAll();
    QMainWindow::closeEvent(event);
}

void MainWindow::askToQuit(bool running)
{
    if (findChild<QMessageBox*>("quitQuestion"))
        return;
    auto* box = new QMessageBox(this);
    box->setObjectName("quitQuestion");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setIcon(QMessageBox::Question);
    box->setWindowTitle(tr("Quit Interstice?"));
    box->setText(running ? tr("Work is still running.") : tr("Masks made in this session have not been saved."));
    box->setInformativeText(
        running ? tr("Stopping loses what it has not finished.") : tr("Quitting loses them; File ▸ Save mask keeps them."));
    auto* quit = box->addButton(running ? tr("Stop and quit") : tr("Quit without saving"), QMessageBox::DestructiveRole);
    box->setDefaultButton(box->addButton(running ? tr("Keep running") : tr("Stay"), QMessageBox::RejectRole));
    connect(quit, &QPushButton::clicked, this, [this] {
        m_quitAnyway = true;
        m_queue.stopAll();
        QMetaObject::invokeMethod(this, &QWidget::close, Qt::QueuedConnection);
    });
    box->open();
}

} // namespace interstice
