// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/main_window.h"

#include "app/window/classical_pages.h"
#include "app/window/form_rows.h"
#include "app/window/labels_page.h"
#include "app/window/method_page.h"
#include "app/window/methods_panel.h"
#include "app/window/results_pages.h"
#include "app/window/scene_page.h"
#include "app/window/side_pages.h"
#include "app/window/swipe_bar.h"
#include "app/window/welcome_page.h"
#include "app/window/window_actions.h"
#include "base/cost.h"
#include "base/error.h"
#include "base/log.h"
#include "widgets/jobs_panel.h"
#include "widgets/log_pane.h"
#include "widgets/message_bar.h"
#include "widgets/mpr_view.h"
#include "widgets/slice_strip.h"
#include "widgets/theme.h"
#include "widgets/training_plot.h"

#include <QAction>
#include <QActionGroup>
#include <QDockWidget>
#include <QFileInfo>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace interstice {

namespace {

constexpr int kLeftWidth = 272;
constexpr int kRightWidth = 372;

QString nameOf(LogLevel level)
{
    constexpr const char* names[] = { "debug", "info", "warning", "error" };
    return names[int(level)];
}

} // namespace

MainWindow::MainWindow(
    const MethodRegistry& methods, JobQueue& queue, SessionFolder& session, Theme& theme, QSettings& settings)
    : m_queue(queue)
    , m_theme(theme)
    , m_settings(settings)
    , m_methods(methods)
    , m_workspace(methods, queue)
    , m_trainer(m_workspace, queue, session)
    , m_classical(m_workspace, queue, session)
    , m_pyramids(m_workspace, queue, m_loader)
    , m_opener(new Opener(m_workspace, queue, session, this))
    , m_actions(new WindowActions(this))
{
    setObjectName("mainWindow");
    m_workspace.setPriority(m_loader.priority());
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    buildCentre();
    buildDocks();
    buildStatusBar();
    buildMaskMenus();
    connectActions();
    connectData();
    connectTraining();
    connectSplit();
    connectResuming(session);
    connectMethods();
    connectScene();
    connectFigures();
    connectMovies();
    connectStudies();
    // Lines may come from any thread, and one may be on its way when the window goes.
    setLogListener([&queue, pane = QPointer<QObject>(m_log), log = m_log](LogLevel level, const std::string& text) {
        queue.post(pane, [log, level, text] { log->addLine(nameOf(level), QString::fromStdString(text)); });
    });
    restore();
    showState();
    showTitle();
    showScores();
    m_data->show(m_workspace);
    m_trainer.listDevicesSoon();
    m_queue.submit(
        { tr("Cleaning up"), JobLane::Light, {}, true }, this, [](Task& task) { SessionFolder::removeLeftovers(task); },
        [] {});
}

MainWindow::~MainWindow()
{
    setLogListener({});
    hide(); // while what the views let go of is still there
}

void MainWindow::buildCentre()
{
    auto* centre = new QWidget(this);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_messages = new MessageBar(centre);
    layout->addWidget(m_messages);
    m_stack = new QStackedWidget(centre);
    m_welcome = new WelcomePage(m_stack);
    m_stack->addWidget(m_welcome);
    auto* work = new QSplitter(Qt::Vertical, m_stack);
    work->setChildrenCollapsible(false);
    m_largePlot = new TrainingPlot(work);
    m_largePlot->hide();
    std::vector<PaneSpec> panes = { { kRawId, tr("Raw"), kRawColour } };
    for (const auto& method : m_methods.all())
        panes.push_back({ method.id, method.name, method.colour });
    panes.push_back({ kDepthValuesId, tr("Depth map, values"), kDepthMapColour, PaneKind::Map });
    panes.push_back({ kDoubtId, tr("U-Net, doubt"), kUNetColour, PaneKind::Map });
    panes.push_back({ kAgreementId, tr("Agreement"), kAgreeColour, PaneKind::Counts });
    m_views = new CompareView(m_loader, panes, work);
    for (const QString& extra : { kDepthValuesId, kDoubtId, kAgreementId })
        m_views->setPaneShown(extra, false);
    m_views->pane(kDepthValuesId)->setEmptyText(tr("No depth map yet: make one in <b>Methods</b>."));
    m_views->pane(kDoubtId)->setEmptyText(tr("Tick <b>Map of doubt</b> in <b>Methods</b> and predict to see where the "
                                             "network is undecided."));
    m_views->pane(kAgreementId)->setEmptyText(tr("Agreement takes the masks of at least two methods."));
    for (const auto& method : m_methods.all()) {
        m_views->pane(method.id)->setEmptyText(method.emptyText);
        m_views->setPaneShown(method.id, method.paneAtStart);
    }
    work->addWidget(m_largePlot);
    work->addWidget(m_views);
    work->setStretchFactor(1, 1);
    m_mpr = new MprView(m_loader, int(panes.size()), work);
    m_mpr->hide();
    work->addWidget(m_mpr);
    work->setStretchFactor(2, 1);
    m_stack->addWidget(work);
    m_swipeBar = new SwipeBar(panes, centre);
    m_swipeBar->hide();
    layout->addWidget(m_swipeBar);
    layout->addWidget(m_stack, 1);
    m_strip = new SliceStrip(centre);
    m_strip->hide();
    layout->addWidget(m_strip);
    setCentralWidget(centre);
}

void MainWindow::addDock(const QString& id, const QString& title, QWidget* widget, Qt::DockWidgetArea area, bool shown)
{
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(id);
    auto* bar = sectionLabel(title, dock);
    bar->setContentsMargins(12, 10, 12, 4);
    bar->setToolTip(tr("Drag to move"));
    dock->setTitleBarWidget(bar);
    dock->setWidget(widget);
    addDockWidget(area, dock);
    dock->setVisible(shown);
    m_actions->docks->addAction(dock->toggleViewAction());
}

void MainWindow::buildDocks()
{
    m_data = new DataPage(this);
    m_methodsPanel = new MethodsPanel(m_methods, this);
    m_method = &m_methodsPanel->unet();
    m_overlay = new OverlayPage(this);
    m_labels = new LabelsPage(this);
    m_contrast = new ContrastPage(this);
    m_scores = new ScoresPage(this);
    m_log = new LogPane(this);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_methodsPanel);
    scroll->setMinimumWidth(std::max(kLeftWidth, m_methodsPanel->minimumSizeHint().width() + 4));
    m_scenePage = new ScenePage(this);
    auto* sceneScroll = new QScrollArea(this);
    sceneScroll->setWidgetResizable(true);
    sceneScroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    sceneScroll->setWidget(m_scenePage);
    auto* plotPage = new QWidget(this);
    auto* plotLayout = new QVBoxLayout(plotPage);
    plotLayout->setContentsMargins(12, 2, 12, 8);
    m_plot = new TrainingPlot(plotPage);
    m_plot->setFixedHeight(232);
    plotLayout->addWidget(m_plot);
    plotPage->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    addDock("dock-data", tr("Data"), m_data, Qt::LeftDockWidgetArea);
    addDock("dock-method", tr("Methods"), scroll, Qt::LeftDockWidgetArea);
    addDock("dock-overlay", tr("Overlay"), m_overlay, Qt::LeftDockWidgetArea);
    addDock("dock-labels", tr("Labels"), m_labels, Qt::LeftDockWidgetArea, false);
    addDock("dock-histogram", tr("Histogram"), m_contrast, Qt::RightDockWidgetArea);
    addDock("dock-scene", tr("3-D"), sceneScroll, Qt::RightDockWidgetArea, false);
    addDock("dock-training", tr("Training"), plotPage, Qt::RightDockWidgetArea);
    addDock("dock-scores", tr("Scores"), m_scores, Qt::RightDockWidgetArea);
    addDock("dock-jobs", tr("Jobs"), new JobsPanel(m_queue, this), Qt::RightDockWidgetArea, false);
    addDock("dock-log", tr("Log"), m_log, Qt::BottomDockWidgetArea, false);
    resizeDocks({ findChild<QDockWidget*>("dock-method"), findChild<QDockWidget*>("dock-scores") },
        { kLeftWidth, kRightWidth }, Qt::Horizontal);
}

void MainWindow::buildStatusBar()
{
    m_sliceText = new QLabel(this);
    m_cursorText = new QLabel(this);
    for (QLabel* label : { m_sliceText, m_cursorText }) {
        label->setObjectName("muted");
        label->setFont(tabular(label->font()));
        label->setContentsMargins(8, 2, 8, 2);
        statusBar()->addWidget(label);
    }
    m_jobStatus = new JobStatus(m_queue, this);
    statusBar()->addPermanentWidget(m_jobStatus);
    statusBar()->setSizeGripEnabled(false);
    connect(m_jobStatus, &JobStatus::clicked, this, [this] {
        auto* dock = findChild<QDockWidget*>("dock-jobs");
        dock->setVisible(!dock->isVisible());
    });
}

void MainWindow::showRaw()
{
    m_autoWindow = true;
    m_stack->setCurrentIndex(m_workspace.raw() ? 1 : 0);
    m_strip->setVisible(m_workspace.raw() != nullptr);
    m_views->setRaw(m_workspace.raw());
    m_contrast->histogram().setHistogram({});
    m_plot->clear();
    m_largePlot->clear();
    for (const auto& method : m_methods.all()) {
        m_views->pane(method.id)->setTitle(method.name, colourOf(m_workspace.looks().colour(method.id)));
        m_views->pane(method.id)->setChip({});
    }
    m_views->pane(kRawId)->setFocus();
    m_data->show(m_workspace);
    showScores();
    showTitle();
    showState();
    showCost();
}

void MainWindow::showMask(const QString& id)
{
    const MaskLayer* layer = m_workspace.mask(id);
    m_views->setMask(id, layer ? layer->source : nullptr, layer ? layer->labels : nullptr);
    if (layer && !m_views->paneShown(id))
        revealPane(id);
    if (id == kTruthId) {
        m_views->setTruth(layer ? layer->source : nullptr);
        m_method->setTruthText(layer ? tr("Learns from: %1").arg(layer->label.toHtmlEscaped())
                                     : tr("Needs a ground truth: <a href='open'>open one</a>, or"),
            layer);
        showCost();
    }
    m_data->show(m_workspace);
    showState();
}

void MainWindow::showScores()
{
    m_data->show(m_workspace);
    m_scores->table().scores().setDistanceUnit(m_workspace.distanceUnit());
    m_scores->setRows(m_workspace.scoreRows());
    m_strip->setCurves(m_workspace.diceCurves());
    showSlicePosition();
}

void MainWindow::showTitle()
{
    const QString file = m_workspace.raw() ? QFileInfo(toText(m_workspace.rawPath())).fileName() : QString();
    setWindowModified(m_workspace.unsaved());
    setWindowTitle(file.isEmpty() ? tr("Interstice") : tr("%1 [*] — Interstice").arg(file));
}

void MainWindow::showState()
{
    const bool raw = m_workspace.raw() != nullptr;
    const bool truth = m_workspace.truth() != nullptr;
    m_method->setState(
        raw, truth, m_trainer.hasModel(), m_trainer.busy() || !m_classical.running().isEmpty(), m_trainer.training());
    m_method->setModelText(m_trainer.hasModel() ? tr("Model: %1").arg(m_trainer.modelText()) : QString());
    if (!truth)
        m_method->setTruthText(tr("Needs a ground truth: <a href='open'>open one</a>, or"), false);
    m_actions->train->setEnabled(raw && truth && !m_trainer.busy());
    m_actions->stop->setEnabled(m_trainer.busy() || !m_classical.running().isEmpty());
    for (ClassicalPage* page : m_methodsPanel->classical())
        page->setState(raw, m_classical.running() == page->method());
    m_actions->predict->setEnabled(raw && m_trainer.hasModel() && !m_trainer.busy());
    m_actions->initialMask->setEnabled(raw && !m_trainer.busy() && m_classical.running().isEmpty());
    m_actions->saveModel->setEnabled(m_trainer.hasModel());
    m_actions->saveUNetMask->setEnabled(m_workspace.mask(kUNetId) != nullptr);
    m_actions->openTruth->setEnabled(raw);
    m_actions->openMask->setEnabled(raw);
    m_actions->figure->setEnabled(raw);
    m_actions->movie->setEnabled(raw);
    m_actions->saveScores->setEnabled(!m_workspace.scoreRows().empty());
    for (const auto& method : m_methods.all())
        findChild<QAction*>("save-" + method.id)->setEnabled(m_workspace.mask(method.id) != nullptr);
}

void MainWindow::showCost()
{
    m_method->setPredictionCostText(m_trainer.predictionCost());
    if (!m_workspace.raw() || m_trainer.training()) {
        if (!m_workspace.raw())
            m_method->setCostText({});
        return;
    }
    TrainOptions options = m_method->options();
    for (const auto& device : m_trainer.devices()) {
        if (options.device == "auto" && device.id.starts_with("cuda"))
            options.device = device.id; // what "automatic" will choose
    }
    try {
        const double speed = m_workspace.truth() ? m_trainer.trainingSpeed(options) : 0;
        m_method->setCostText(QString::fromStdString(describeTrainingCost(m_workspace.raw()->shape(), options, speed)));
    } catch (const Error& error) {
        m_method->setCostText(QString::fromUtf8(error.what()));
    }
}

void MainWindow::showDevices()
{
    m_method->setDevices(m_trainer.devices());
    std::uint64_t free = 0;
    std::uint64_t total = 0;
    int gpus = 0;
    for (const auto& device : m_trainer.devices()) {
        if (!device.id.starts_with("cuda"))
            continue;
        ++gpus;
        free += device.freeBytes;
        total += device.totalBytes;
    }
    if (gpus == 0) {
        const MemoryState memory = memoryState();
        free = memory.available;
        total = memory.total;
    }
    QString text = gpus > 0 ? tr("%1 × GPU").arg(gpus) : tr("CPU");
    if (total > 0)
        text += tr(" · %1 of %2 free")
                    .arg(QString::fromStdString(formatBytes(free)), QString::fromStdString(formatBytes(total)));
    m_actions->about->setIconText(' ' + text);
    showCost();
}

void MainWindow::showSlicePosition()
{
    const QString text = palette().color(QPalette::WindowText).name();
    if (m_views->slices() == 0) {
        m_sliceText->clear();
        m_cursorText->clear();
        return;
    }
    m_sliceText->setText(
        tr("slice <span style='color:%1'>%2 / %3</span>").arg(text).arg(m_views->slice() + 1).arg(m_views->slices()));
    const bool alongZ = m_views->orientation() == Orientation::XY;
    m_strip->setSlices(m_workspace.raw()->shape().z);
    if (alongZ) {
        m_strip->setCurrent(m_views->slice());
        m_trainer.watchSlice(m_views->slice());
    }
    m_views->pane(kRawId)->setFigures(
        tr("slice %1 of %2").arg(m_views->slice() + 1).arg(sliceCount(m_workspace.raw()->shape(), m_views->orientation())));
    for (const auto& method : m_methods.all()) {
        const MaskLayer* layer = m_workspace.mask(method.id);
        QString chip;
        QString basis;
        if (layer && layer->score) {
            const ScoreResult& score = *layer->score;
            chip = score.whole.voxels() > 0 ? tr("Dice %1").arg(score.whole.dice(), 0, 'f', 3) : tr("nothing to test");
            if (alongZ && m_views->slice() < std::ssize(score.slices)) {
                const Counts& here = score.slices[std::size_t(m_views->slice())];
                chip += tr(" · this slice %1")
                            .arg(here.voxels() > 0 ? QString::number(here.dice(), 'f', 3) : QStringLiteral("–"));
            }
            basis = score.excluded > 0 ? tr("Of the voxels that took no part in training") : tr("Of all voxels");
        } else if (layer && method.truth) {
            chip = layer->label;
        }
        if (method.id != m_previewed)
            m_views->pane(method.id)->setChip(chip, basis);
        m_views->pane(method.id)->setFigures(layer && layer->score ? chip : QString());
    }
}

void MainWindow::showCursor(const Index& voxel, double value)
{
    const VoxelSize size = m_workspace.raw()->voxelSize();
    const QString text = palette().color(QPalette::WindowText).name();
    const bool known = size.known();
    const auto at = [&](std::int64_t i, double step) {
        return known ? QString::number(double(i) * step, 'f', 1) : QString::number(i);
    };
    m_cursorText->setText(
        tr("x <span style='color:%1'>%2</span> y <span style='color:%1'>%3</span> z <span style='color:%1'>%4 %5</span>"
           " &nbsp;&nbsp;&nbsp;&nbsp; value <span style='color:%1'>%6</span>")
            .arg(text, at(voxel.x, size.x), at(voxel.y, size.y), at(voxel.z, size.z),
                QString::fromUtf8(known ? unitSymbol(size.unit) : "vx"), formatGrey(value)));
}

void MainWindow::applyAutoContrast()
{
    if (!m_workspace.histogram())
        return;
    const GreyWindow window = autoContrast(*m_workspace.histogram());
    m_autoWindow = true;
    m_contrast->setWindowOfSlice(false);
    m_contrast->histogram().setWindow(window);
    applyWindow(window);
}

void MainWindow::applyOverlay()
{
    m_actions->errorMap->setChecked(m_overlay->display() == MaskDisplay::ErrorMap);
    m_views->setOverlay(m_overlay->opacity(), m_overlay->style(), m_overlay->display());
    m_mpr->setOverlay(m_overlay->opacity(), m_overlay->style(), m_overlay->display());
    m_scene->setDisplay(m_overlay->display());
}

void MainWindow::setLayoutOfWindow(WindowLayout layout)
{
    m_actions->layouts->actions().at(int(layout))->setChecked(true);
    const bool large = layout == WindowLayout::Train;
    if (large != m_largePlot->isVisibleTo(m_largePlot->parentWidget()))
        findChild<QDockWidget*>("dock-training")->setVisible(!large);
    m_largePlot->setVisible(large);
    if (large)
        static_cast<QSplitter*>(m_largePlot->parentWidget())->setSizes({ 400, 400 });
    m_swipeBar->setVisible(layout == WindowLayout::Swipe && m_workspace.raw());
    if (layout == WindowLayout::Swipe) {
        showMpr(false);
        startSwipe();
        m_actions->layouts->actions().at(int(layout))->setChecked(true);
        return;
    }
    m_views->clearSwipe();
    showMpr(layout == WindowLayout::Mpr && m_workspace.raw());
    const QString single
        = m_views->maximised().isEmpty() ? (m_workspace.mask(kUNetId) ? kUNetId : kRawId) : m_views->maximised();
    m_views->setMaximised(layout == WindowLayout::Single ? single : QString());
}

void MainWindow::runCommand(const QString& link)
{
    if (link == "open-truth")
        m_actions->openTruth->trigger();
    else if (link == "initial-mask")
        makeInitialMask();
    else if (link == "load-model")
        m_actions->loadModel->trigger();
    else if (link == "open-mask")
        m_actions->openMask->actions().constFirst()->trigger();
}

bool MainWindow::settled() const
{
    return m_queue.idle() && m_loader.idle() && m_scene->settled();
}

} // namespace interstice
