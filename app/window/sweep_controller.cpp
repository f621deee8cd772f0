// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/sweep_controller.h"

#include "app/window/method_page.h"
#include "app/window/opener.h"
#include "app/window/sweep_dialog.h"
#include "app/window/train_controller.h"
#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"

#include <algorithm>
#include <sstream>

namespace fs = std::filesystem;

namespace interstice {

namespace {

QString inWords(const SweepEstimate& estimate)
{
    QString text = SweepController::tr("%1 settings in %2 trainings").arg(estimate.settings).arg(estimate.trainings);
    if (estimate.begun > 0)
        text += SweepController::tr(", %1 of them begun before").arg(estimate.begun);
    if (estimate.cost.seconds > 0)
        text += SweepController::tr(": about %1 from the beginning")
                    .arg(QString::fromStdString(formatDuration(estimate.cost.seconds)));
    text += SweepController::tr(". Needs about %1 of memory; %2 are free.")
                .arg(QString::fromStdString(formatBytes(estimate.cost.ramBytes + estimate.cost.gpuBytes)),
                    QString::fromStdString(formatBytes(memoryState().available)));
    return text;
}

/// The epochs that a training has logged so far, up to one of them.
std::vector<EpochMetrics> readLog(fs::path model, int until)
{
    std::vector<EpochMetrics> epochs;
    std::istringstream lines(readTextFile(model.replace_extension(".jsonl")));
    for (std::string line; std::getline(lines, line);) {
        const Json json = Json::parse(line, nullptr, false);
        if (!json.is_object())
            continue;
        const EpochMetrics metrics = epochMetricsFromJson(json);
        if (metrics.epoch <= until)
            epochs.push_back(metrics);
    }
    markBest(epochs);
    return epochs;
}

} // namespace

SweepController::SweepController(
    Workspace& workspace, JobQueue& queue, TrainController& trainer, MethodPage& page, QWidget* window)
    : JobDialogController(queue, window)
    , m_workspace(workspace)
    , m_trainer(trainer)
    , m_page(page)
{
    const auto awaited = [this] { return m_dialog && m_dialog->isVisible() && !running(); };
    const auto again = [this, awaited] {
        if (awaited())
            estimate();
    };
    const auto anew = [this, awaited] {
        if (awaited())
            ask();
    };
    connect(&trainer, &TrainController::speedMeasured, this, again);
    connect(&page, &MethodPage::optionsChanged, this, anew);
    connect(&workspace, &Workspace::rawOpened, this, anew);
    connect(&workspace, &Workspace::maskChanged, this, again);
}

JobDialog* SweepController::makeDialog(QWidget* window)
{
    m_dialog = new SweepDialog(window);
    connect(m_dialog, &SweepDialog::rowSelected, this, &SweepController::showCurvesOf);
    connect(m_dialog, &SweepDialog::useClicked, this, &SweepController::use);
    return m_dialog;
}

SweepOptions SweepController::chosen() const
{
    if (!m_workspace.raw() || !m_workspace.truth())
        throw Error("A search takes a volume and its ground truth", "Open both first.");
    SweepOptions options;
    options.base = m_page.options();
    // One after the other on one device: ranks in processes of their own are for a single long training.
    options.base.device = parseDevices(options.base.device).front();
    options.axes = m_dialog->axes();
    options.halving = m_dialog->halving();
    if (!m_workspace.learnt(options.base.architecture.classes))
        throw Error("The ground truth has no labels to tell apart", "Open one that has, or learn its foreground.");
    if (options.axes.empty())
        throw Error("There is nothing to go over", "Add an option and its values.");
    if (m_dialog->table().empty())
        throw Error("There is no table to write", "Choose a file.");
    return options;
}

void SweepController::estimate()
{
    m_dialog->setBase(m_page.summary());
    try {
        const SweepOptions options = chosen();
        struct Needs {
            QString words;
            bool possible = true;
        };
        m_queue.submit(
            { tr("What the search needs"), JobLane::Light, "sweep-estimate", true }, this,
            [options, shape = m_workspace.raw()->shape(), table = m_dialog->table(),
                speed = m_trainer.trainingSpeed(options.base)](Task&) {
                try {
                    return Needs { inWords(estimateSweep(shape, options, table, speed)) };
                } catch (const Error& error) { // half a number is no failed job
                    return Needs { QString::fromUtf8(error.what()), false };
                }
            },
            [this](const Needs& needs) {
                if (!wantsEstimate())
                    return;
                if (needs.possible)
                    m_dialog->showNeeds(needs.words);
                else
                    m_dialog->showProblem(needs.words);
            });
    } catch (const Error& error) {
        m_dialog->showProblem(QString::fromUtf8(error.what()));
    }
}

void SweepController::start()
{
    try {
        m_running = chosen();
    } catch (const Error& error) {
        m_dialog->showProblem(QString::fromUtf8(error.what()));
        return;
    }
    m_dialog->showNeeds({});
    take({});
    const QPointer<QObject> self(this);
    const fs::path table = m_dialog->table();
    started(m_queue.submit(
        { tr("Searching over options"), JobLane::Heavy, "sweep" }, this,
        [this, self, queue = &m_queue, options = m_running, table, raw = m_workspace.raw(),
            truth = m_workspace.learnt(m_running.base.architecture.classes)](Task& task) {
            std::error_code problem;
            fs::create_directories(table.parent_path(), problem); // writing says what is wrong with it
            return sweep(*raw, *truth, options, table, task,
                [&](const std::vector<SweepRow>& rows) { queue->post(self, [this, rows] { take(rows); }); });
        },
        [this, table](const std::vector<SweepRow>& rows) {
            ended();
            take(rows);
            const auto best = std::ranges::find_if(rows, [](const SweepRow& row) { return row.best; });
            if (best == rows.end()) {
                m_dialog->showProblem(tr("No setting could be trained: the table says why of each."));
                return;
            }
            const QString text = tr("Done. The best setting has a validation Dice of %1; its model is %2.")
                                     .arg(best->validationDice, 0, 'f', 4)
                                     .arg(toText(bestModelPath(table)));
            m_dialog->showNeeds(text);
            emit noted(text);
        },
        [this](
            const QString& error) { endedBy(error, tr("Stopped. What is finished is kept: Start goes on from there.")); }));
}

void SweepController::take(const std::vector<SweepRow>& rows)
{
    m_rows = rows;
    m_dialog->showRows(m_running.axes, rows);
    const int selected = m_dialog->selectedRow();
    if (selected >= 0 && selected < std::ssize(rows) && rows[std::size_t(selected)].state == SweepRow::State::Running)
        showCurvesOf(selected);
}

void SweepController::showCurvesOf(int row)
{
    if (row < 0 || row >= std::ssize(m_rows) || m_rows[std::size_t(row)].bestEpoch == 0) {
        m_dialog->showCurves({}, 10);
        return;
    }
    const SweepRow& of = m_rows[std::size_t(row)];
    const int planned = optionsOf(m_running, of).epochs;
    m_queue.submit(
        { tr("Reading curves"), JobLane::Light, "sweep-curves", true }, this,
        [model = of.model, until = of.epochs](Task&) { return readLog(model, until); },
        [this, row, planned](const std::vector<EpochMetrics>& epochs) {
            if (m_dialog->selectedRow() == row)
                m_dialog->showCurves(epochs, planned);
        },
        [this](const QString& error) {
            if (!error.isEmpty())
                emit failed(error);
        });
}

void SweepController::use(int row)
{
    if (row < 0 || row >= std::ssize(m_rows))
        return;
    TrainOptions options = optionsOf(m_running, m_rows[std::size_t(row)]);
    options.device = m_page.options().device;
    m_page.setOptions(options);
    emit noted(tr("The training page has the options of the selected setting now."));
}

} // namespace interstice
