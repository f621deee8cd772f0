// SPDX-License-Identifier: GPL-3.0-or-later
// The window's connections to what trains and predicts.
#include "app/window/augment_controller.h"
#include "app/window/epoch_point.h"
#include "app/window/main_window.h"
#include "app/window/method_page.h"
#include "app/window/resume_controller.h"
#include "app/window/side_pages.h"
#include "app/window/split_controller.h"
#include "app/window/sweep_controller.h"
#include "app/window/window_actions.h"
#include "learn/script_card.h"
#include "widgets/message_bar.h"
#include "widgets/training_plot.h"

#include <QAction>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QStatusBar>

namespace interstice {

void MainWindow::connectTraining()
{
    connect(m_method, &MethodPage::trainClicked, m_actions->train, &QAction::trigger);
    connect(m_method, &MethodPage::stopClicked, m_actions->stop, &QAction::trigger);
    connect(m_method, &MethodPage::predictOptionsChanged, &m_trainer, &TrainController::setPredictOptions);
    connect(m_method, &MethodPage::predictOptionsChanged, this, &MainWindow::showCost);
    connect(m_method, &MethodPage::predictClicked, &m_trainer, &TrainController::predictStack);
    connect(m_method, &MethodPage::initialMaskClicked, this, &MainWindow::makeInitialMask);
    connect(m_method, &MethodPage::optionsChanged, this, &MainWindow::showCost);
    connect(&m_workspace, &Workspace::classesCounted, m_method, &MethodPage::setClasses);
    connect(m_method, &MethodPage::devicesOpened, &m_trainer, &TrainController::listDevicesAgain);
    connect(&m_trainer, &TrainController::devicesListed, this, &MainWindow::showDevices);
    connect(&m_trainer, &TrainController::speedMeasured, this, &MainWindow::showCost);
    connect(&m_trainer, &TrainController::slicePredicted, this,
        [this](const SourcePtr& mask, int epoch, const SourcePtr& labels) {
            if (!m_trainer.training())
                return;
            m_views->setMask(kUNetId, mask, labels);
            m_views->pane(kUNetId)->setChip(
                tr("learning, epoch %1").arg(epoch), tr("The slice in view, by the weights as they are now"));
            revealPane(kUNetId);
        });
    const auto showKept = [this] {
        showMask(kUNetId);
        if (m_workspace.raw())
            showSlicePosition();
    };
    connect(&m_trainer, &TrainController::failed, this, showKept);
    connect(&m_trainer, &TrainController::nothingKept, this, showKept);
    connect(&m_trainer, &TrainController::stateChanged, this, &MainWindow::showState);
    connect(&m_trainer, &TrainController::stateChanged, this, &MainWindow::showCost);
    connect(
        &m_trainer, &TrainController::noted, this, [this](const QString& text) { statusBar()->showMessage(text, 8000); });
    connect(&m_trainer, &TrainController::failed, this,
        [this](const QString& text) { m_messages->show(MessageBar::Kind::Error, text); });
    connect(&m_trainer, &TrainController::failed, this, &MainWindow::openingFailed);
    for (TrainingPlot* plot : { m_plot, m_largePlot }) {
        connect(&m_trainer, &TrainController::trainingStarted, plot, [plot](int epochs) {
            plot->clear();
            plot->setPlannedEpochs(epochs);
        });
        connect(&m_trainer, &TrainController::epochFinished, plot,
            [plot](const EpochMetrics& metrics) { plot->addEpoch(pointOf(metrics)); });
    }
}

void MainWindow::connectSplit()
{
    m_augment = new AugmentController(m_workspace, m_queue, *m_method, this);
    connect(m_method, &MethodPage::samplesClicked, m_augment, &AugmentController::openDialog);
    m_sweep = new SweepController(m_workspace, m_queue, m_trainer, *m_method, this);
    connect(m_method, &MethodPage::searchClicked, m_sweep, &SweepController::openDialog);
    connect(m_actions->search, &QAction::triggered, m_sweep, &SweepController::openDialog);
    connect(m_sweep, &SweepController::failed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(m_sweep, &SweepController::noted, this, [this](const QString& text) { statusBar()->showMessage(text, 8000); });
    m_split = new SplitController(m_workspace, m_queue, *m_method, *m_views, *m_mpr, *m_strip, this);
    connect(&m_trainer, &TrainController::modelOpened, m_split, &SplitController::takeChoiceOf);
    connect(m_overlay, &OverlayPage::splitToggled, m_split, &SplitController::setShown);
    connect(m_overlay, &OverlayPage::splitToggled, m_actions->showSplit, &QAction::setChecked);
    connect(m_actions->showSplit, &QAction::toggled, m_overlay, &OverlayPage::setSplitShown);
}

void MainWindow::connectResuming(SessionFolder& session)
{
    m_resume = new ResumeController(m_workspace, m_queue, session, m_trainer, *m_opener, *m_method, this);
    connect(m_resume, &ResumeController::offered, m_messages, &MessageBar::show);
    connect(m_resume, &ResumeController::failed, this,
        [this](const QString& error) { m_messages->show(MessageBar::Kind::Error, error); });
    connect(&m_trainer, &TrainController::interrupted, this, [this] { showMask(kUNetId); });
}

void MainWindow::loadModel(const QString& path)
{
    if (!isScript(toPath(path))) {
        m_trainer.loadModel(toPath(path));
        return;
    }
    auto* question = new QMessageBox(QMessageBox::Warning, tr("A model with code of its own"),
        tr("%1 is a TorchScript model. It brings code, which runs with your rights as soon as it predicts.")
            .arg(QFileInfo(path).fileName()),
        QMessageBox::Cancel, this);
    question->setInformativeText(
        tr("Load it only when you trust who made it. What it does not say of itself, such as the size of "
           "its input, is read from a JSON file of the same name beside it."));
    question->setObjectName("scriptQuestion");
    question->setAttribute(Qt::WA_DeleteOnClose);
    const auto* load = question->addButton(tr("Load it"), QMessageBox::AcceptRole);
    question->setDefaultButton(QMessageBox::Cancel);
    connect(load, &QAbstractButton::clicked, this, [this, path] { m_trainer.loadModel(toPath(path)); });
    question->open();
}

} // namespace interstice
