// SPDX-License-Identifier: GPL-3.0-or-later
// The methods that need no training, in the main window: previews, masks, the map, agreement, swiping.
#include "app/window/classical_pages.h"
#include "app/window/main_window.h"
#include "app/window/method_page.h"
#include "app/window/methods_panel.h"
#include "app/window/phantom_controller.h"
#include "app/window/study_controller.h"
#include "app/window/swipe_bar.h"
#include "app/window/window_actions.h"
#include "base/cost.h"
#include "measure/agreement.h"
#include "widgets/message_bar.h"

#include <QAction>
#include <QActionGroup>
#include <QStatusBar>

namespace interstice {

namespace {

/// Long enough for a held arrow key to be one preview, short enough not to be felt.
constexpr int kPreviewDelay = 30;

} // namespace

void MainWindow::connectStudies()
{
    m_studies = new StudyController(m_queue, this);
    connect(m_actions->study, &QAction::triggered, m_studies, &StudyController::openDialog);
    connect(m_studies, &StudyController::failed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(m_studies, &StudyController::noted, this, [this](const QString& text) { statusBar()->showMessage(text, 8000); });
    m_phantoms = new PhantomController(m_queue, this);
    connect(m_actions->phantom, &QAction::triggered, m_phantoms, &PhantomController::openDialog);
    connect(m_phantoms, &PhantomController::failed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(
        m_phantoms, &PhantomController::noted, this, [this](const QString& text) { statusBar()->showMessage(text, 8000); });
    connect(m_phantoms, &PhantomController::made, this,
        [this](const std::filesystem::path& raw, const std::filesystem::path& truth, const LabelRule& foreground) {
            if (m_workspace.unsaved()) {
                m_messages->show(MessageBar::Kind::Note,
                    tr("The phantom is in %1. It was not opened, because there are masks or models that nobody has saved.")
                        .arg(toText(raw.parent_path())));
                return;
            }
            m_opener->openRaw(raw, [this, truth, foreground] { m_opener->openMask(kTruthId, truth, foreground); });
        });
}

void MainWindow::connectMethods()
{
    m_previewSoon.setSingleShot(true);
    m_previewSoon.setInterval(kPreviewDelay);
    connect(&m_previewSoon, &QTimer::timeout, this, &MainWindow::preview);
    connect(m_methodsPanel, &MethodsPanel::currentChanged, this, [this] {
        showClassicalCost();
        preview();
    });
    for (ClassicalPage* page : m_methodsPanel->classical()) {
        connect(page, &ClassicalPage::setupChanged, this, [this] {
            showClassicalCost();
            m_previewSoon.start();
        });
        connect(page, &ClassicalPage::previewToggled, this, &MainWindow::preview);
        connect(page, &ClassicalPage::applyClicked, this, [this, page] { m_classical.apply(page->setup()); });
        connect(page, &ClassicalPage::stopClicked, &m_classical, &ClassicalController::stop);
    }
    connect(m_views, &CompareView::sliceChanged, this, [this] { m_previewSoon.start(); });
    connect(m_views, &CompareView::orientationChanged, this, [this] { m_previewSoon.start(); });
    connect(&m_classical, &ClassicalController::previewed, this, &MainWindow::showPreview);
    connect(&m_classical, &ClassicalController::previewFailed, this, [this](const QString& method, const QString& why) {
        endPreview();
        m_methodsPanel->page(method)->setNote(why, true);
    });
    connect(&m_classical, &ClassicalController::stateChanged, this, &MainWindow::showState);
    connect(&m_classical, &ClassicalController::noted, this,
        [this](const QString& text) { statusBar()->showMessage(text, 12000); });
    connect(&m_classical, &ClassicalController::failed, this,
        [this](const QString& text) { m_messages->show(MessageBar::Kind::Error, text); });
    connect(&m_workspace, &Workspace::rawOpened, this, [this] {
        m_previewed.clear();
        const VoxelSize size = m_workspace.raw()->voxelSize();
        m_method->setVoxelSize(size);
        for (ClassicalPage* page : m_methodsPanel->classical()) {
            page->setMicrometresPerVoxel(size.knownInPlane() ? size.inMicrometres().x : 0);
        }
        showClassicalCost();
        m_previewSoon.start();
    });
    connect(&m_workspace, &Workspace::mapChanged, this, &MainWindow::showMap);
    connect(&m_workspace, &Workspace::maskChanged, this, [this](const QString& method) {
        if (method == m_previewed) { // what was tried out is there now
            m_methodsPanel->page(method)->endPreview();
            m_previewed.clear();
            showSlicePosition();
        }
        showAgreement();
    });
    connect(m_swipeBar, &SwipeBar::chosen, this,
        [this](const QString& left, const QString& right) { m_views->setSwipe(left, right); });
}

void MainWindow::preview()
{
    ClassicalPage* page = m_methodsPanel->currentPage();
    if (!page || !page->previewWanted() || !m_workspace.raw()) {
        m_classical.stopPreview();
        endPreview();
        showClassicalCost();
        return;
    }
    if (m_previewed != page->method())
        endPreview();
    if (m_views->orientation() != Orientation::XY) {
        endPreview();
        page->setNote(tr("Previews are of XY slices: press Z to see them."));
        return;
    }
    m_classical.preview(page->setup(), m_views->slice());
}

void MainWindow::showPreview(const QString& method, const SourcePtr& mask, const MapLayer& map, double seconds, bool rough)
{
    ClassicalPage* page = m_methodsPanel->page(method);
    if (m_methodsPanel->currentPage() != page || !page->previewWanted())
        return;
    m_previewed = method;
    m_views->setMask(method, mask);
    revealPane(method);
    if (map.source) {
        m_views->setMap(kDepthValuesId, map.source, { map.low, map.high }, ColourMap::Viridis, tr("grey values"));
        revealPane(kDepthValuesId);
    }
    m_views->pane(method)->setChip(rough ? tr("preview, not smoothed yet") : tr("preview of this slice"),
        tr("Made in %1 s from a sample of the volume").arg(seconds, 0, 'f', 2));
    showClassicalCost();
}

void MainWindow::endPreview()
{
    if (m_previewed.isEmpty())
        return;
    const QString method = std::exchange(m_previewed, {});
    const MaskLayer* layer = m_workspace.mask(method);
    m_views->setMask(method, layer ? layer->source : nullptr, layer ? layer->labels : nullptr);
    if (method == kDepthMapId)
        showMap(kDepthValuesId);
    showSlicePosition();
}

void MainWindow::showMap(const QString& id)
{
    const MapLayer* map = m_workspace.map(id);
    const QString unit = id == kDoubtId ? tr("entropy of the classes, %") : tr("grey values");
    m_views->setMap(
        id, map ? map->source : nullptr, map ? GreyWindow { map->low, map->high } : GreyWindow {}, ColourMap::Viridis, unit);
    if (map)
        revealPane(id);
}

void MainWindow::revealPane(const QString& id)
{
    if (m_fixedPanes.isEmpty())
        findChild<QAction*>("show-" + id)->setChecked(true);
}

void MainWindow::showAgreement()
{
    std::vector<SourcePtr> masks;
    for (const auto& method : m_methods.all()) {
        if (const MaskLayer* layer = m_workspace.mask(method.id); layer && !method.truth)
            masks.push_back(layer->source);
    }
    if (masks.size() < 2)
        m_views->setCounts(kAgreementId, nullptr, 0);
    else
        m_views->setCounts(kAgreementId, std::make_shared<AgreementView>(masks), int(masks.size()));
}

void MainWindow::showClassicalCost()
{
    ClassicalPage* page = m_methodsPanel->currentPage();
    if (!page)
        return;
    if (!m_workspace.raw()) {
        page->setNote({});
        return;
    }
    const Cost cost = estimate(page->setup(), m_workspace.raw()->shape(), m_workspace.raw()->scalar());
    page->setNote(tr("Needs about %1 of memory; %2 are free.")
            .arg(QString::fromStdString(formatBytes(cost.ramBytes)),
                QString::fromStdString(formatBytes(memoryState().available))));
}

void MainWindow::makeInitialMask()
{
    ClassicalSetup setup { kInitialMaskId, InitialMaskOptions {}, {} };
    // Beside a ground truth it is one more method; without one it is what a network can learn from.
    const MaskLayer* truth = m_workspace.truth();
    m_classical.apply(setup, !truth || truth->label.endsWith(tr("initial mask")));
}

void MainWindow::startSwipe()
{
    QString right = m_swipeBar->right();
    if (right == kTruthId || !m_workspace.mask(right)) {
        for (const auto& method : m_methods.all()) {
            if (m_workspace.mask(method.id))
                right = method.id;
        }
    }
    m_swipeBar->choose(m_swipeBar->left() == right ? kRawId : m_swipeBar->left(), right);
    m_views->setSwipe(m_swipeBar->left(), m_swipeBar->right());
}

} // namespace interstice
