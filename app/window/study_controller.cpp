// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/study_controller.h"

#include "app/window/opener.h"
#include "app/window/study_dialog.h"
#include "base/cost.h"
#include "base/json.h"
#include "study/report.h"

namespace interstice {

namespace {

Recipe recipeNamed(const QString& name)
{
    const std::string text = name.toStdString();
    for (const std::string& builtIn : builtInRecipeNames())
        if (text == builtIn)
            return builtInRecipe(text);
    return recipeFromJson(readJsonFile(toPath(name)));
}

/// A recipe's own files are looked for beside it where no folder is named.
StudyPlaces placesOf(const QString& recipe, StudyPlaces places)
{
    if (places.data.empty() && recipe.endsWith(".json"))
        places.data = dataFolderOf(toPath(recipe));
    return places;
}

struct Needs {
    StudyEstimate estimate;
    QStringList notes;
};

} // namespace

StudyController::StudyController(JobQueue& queue, QWidget* window)
    : JobDialogController(queue, window)
{
}

JobDialog* StudyController::makeDialog(QWidget* window)
{
    return m_dialog = new StudyDialog(window);
}

void StudyController::estimate()
{
    const QString recipe = m_dialog->recipe();
    const StudyPlaces places = placesOf(recipe, m_dialog->places());
    if (recipe.isEmpty())
        return;
    // Speed is measured with the network, which runs on the heavy lane alone.
    m_queue.submit(
        { tr("What the study needs"), JobLane::Heavy, "study-estimate", true }, this,
        [recipe, places](Task& task) {
            const Recipe what = recipeNamed(recipe);
            Needs needs;
            needs.estimate = estimateStudy(what, places, task);
            for (const PlannedSet& set : makePlan(what, places).sets)
                if (set.origin == PlannedSet::Origin::Absent || set.origin == PlannedSet::Origin::PhantomInPlace)
                    needs.notes.append(QString::fromStdString(set.set.title + ": " + set.note));
            return needs;
        },
        [this](const Needs& needs) {
            if (running() || wantsEstimate())
                m_dialog->showPlan(QString::fromStdString(describeStudyCost(needs.estimate)), needs.notes);
        },
        [this](const QString& error) {
            if (!error.isEmpty() && (running() || wantsEstimate()))
                m_dialog->showProblem(error);
        });
}

void StudyController::start()
{
    const QString recipe = m_dialog->recipe();
    const StudyPlaces places = placesOf(recipe, m_dialog->places());
    if (recipe.isEmpty())
        return;
    m_dialog->clearSteps();
    struct Finished {
        QString report;
        QString summary;
    };
    const QPointer<QObject> self(this);
    started(m_queue.submit(
        { tr("Study %1").arg(recipe), JobLane::Heavy, "study" }, this,
        [this, self, recipe, places](Task& task) {
            Task running = task.part(0, 0.98);
            StudyEvents events;
            events.done = [&](const Step& step, const StepRecord& record, bool reused) {
                const QString title = QString::fromStdString(step.title);
                const QString time = reused ? tr("done before") : QString::fromStdString(formatDuration(record.seconds));
                m_queue.post(self, [this, title, time] { m_dialog->addStep(title, time); });
            };
            const StudyResult result = runStudy(recipeNamed(recipe), places, running, events);
            Task writing = task.part(0.98, 1);
            Finished finished { toText(writeReport(result, places, writing)), {} };
            for (const std::string& sentence : summarySentences(result))
                finished.summary += QString::fromStdString(sentence) + ' ';
            return finished;
        },
        [this](const Finished& finished) {
            ended();
            m_dialog->showReport(finished.report, finished.summary);
            emit noted(tr("The study's report is in %1").arg(finished.report));
        },
        [this](const QString& error) { endedBy(error, tr("Stopped. What is finished is kept: Run goes on from there.")); }));
}

} // namespace interstice
