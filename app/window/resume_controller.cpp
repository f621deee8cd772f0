// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/resume_controller.h"

#include "app/window/method_page.h"
#include "app/window/opener.h"
#include "app/window/session_folder.h"
#include "app/window/train_controller.h"
#include "base/error.h"
#include "base/file.h"
#include "io/open_volume.h"

#include <algorithm>

namespace interstice {

namespace {

QString progressOf(const LeftTraining& training)
{
    return ResumeController::tr("after epoch %1 of %2").arg(training.reached->epoch).arg(training.options.epochs);
}

/// Twice as many parts, as long as each has a block.
int smallerSteps(const TrainOptions& options)
{
    return std::min(2 * std::max(1, options.accumulate), options.batch);
}

} // namespace

ResumeController::ResumeController(Workspace& workspace, JobQueue& queue, SessionFolder& session, TrainController& trainer,
    Opener& opener, MethodPage& page, QObject* parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_session(session)
    , m_trainer(trainer)
    , m_opener(opener)
    , m_page(page)
{
    connect(&trainer, &TrainController::interrupted, this, &ResumeController::offer);
    connect(&workspace, &Workspace::rawOpened, this, &ResumeController::look);
}

void ResumeController::offer(const LeftTraining& training, const QString& error, bool outOfMemory)
{
    MessageActions actions;
    QString text = error;
    if (training.reached) {
        text += ' ' + tr("It ended %1, and its checkpoint is there.").arg(progressOf(training));
        actions.push_back({ tr("Resume"), tr("Goes on from the last checkpoint with the same options"),
            [this, training] { goOn(training); } });
    }
    if (outOfMemory && smallerSteps(training.options) > training.options.accumulate) {
        LeftTraining smaller = training;
        smaller.options.accumulate = smallerSteps(training.options);
        const int parts = smaller.options.accumulate;
        actions.push_back({ training.reached ? tr("Resume in smaller steps") : tr("Train in smaller steps"),
            tr("Computes each step of %1 blocks in %2 parts one after the other: less memory, the same gradient; batch "
               "statistics are those of each part")
                .arg(smaller.options.batch)
                .arg(parts),
            [this, smaller] { goOn(smaller); } });
    } else if (outOfMemory) {
        text += ' ' + tr("Steps cannot be made smaller: choose a smaller tile and train anew.");
    }
    emit offered(MessageBar::Kind::Error, text, actions);
}

void ResumeController::look()
{
    if (!m_workspace.raw())
        return;
    m_queue.submit(
        { tr("Looking for unfinished trainings"), JobLane::Light, "left-trainings", true }, this,
        [raw = m_workspace.rawPath()](Task& task) { return findLeftTrainings(raw, task); },
        [this, raw = m_workspace.raw()](const std::vector<LeftTraining>& found) {
            if (m_workspace.raw() != raw)
                return;
            for (const LeftTraining& training : found)
                offerLeft(training);
        });
}

void ResumeController::offerLeft(const LeftTraining& training)
{
    const QString text = tr("A training of this volume (%1 network, truth %2) was interrupted %3.")
                             .arg(QString::fromStdString(training.options.architecture.name),
                                 toText(training.truth.filename()), progressOf(training));
    emit offered(MessageBar::Kind::Note, text,
        { { tr("Resume"), tr("Opens its truth and goes on from its checkpoint"), [this, training] { takeOver(training); } },
            { tr("Forget it"), tr("Removes its checkpoint"), [this, training] {
                 m_queue.submit(
                     { tr("Removing a checkpoint"), JobLane::Light, {}, true }, this,
                     [training](Task&) { discard(training); }, [] {});
             } } });
}

bool ResumeController::canGoOn(const LeftTraining& training, const std::function<void()>& again)
{
    QString why;
    if (m_trainer.busy())
        why = tr("A network is at work: this training can go on when it has ended.");
    else if (!m_workspace.raw() || m_workspace.rawPath() != training.raw)
        why = tr("This training learns from %1: open that volume first.").arg(toText(training.raw));
    if (!why.isEmpty()) // what was pressed is gone with its message
        emit offered(MessageBar::Kind::Warning, why,
            { { tr("Resume"), tr("Goes on from the last checkpoint with the same options"), again } });
    return why.isEmpty();
}

void ResumeController::takeOver(const LeftTraining& training)
{
    if (!canGoOn(training, [this, training] { takeOver(training); }))
        return;
    m_queue.submit(
        { tr("Taking over a training"), JobLane::Light, "take-over", true }, this,
        [training, shape = m_workspace.raw()->shape(), model = m_session.newFile("unet", ".safetensors")](Task&) {
            std::error_code ignored;
            if (!volumeIsThere(training.truth))
                throw Error("The ground truth that it learnt from, " + utf8(training.truth) + ", is not there any more",
                    "Put it back and open the volume again, or train anew.");
            // Before anything is moved: one that does not open would leave the training with nobody.
            if (openVolume(training.truth).source->shape() != shape)
                throw Error("The ground truth that it learnt from, " + utf8(training.truth) + ", has another shape now",
                    "Put the old one back and open the volume again, or train anew.");
            return adopted(training, model);
        },
        [this](const LeftTraining& mine) {
            // Once its truth is open.
            auto* once = new QObject(this);
            connect(&m_workspace, &Workspace::maskChanged, once, [this, once, mine](const QString& method) {
                if (method != kTruthId)
                    return;
                once->deleteLater();
                if (m_workspace.truth() && m_workspace.truth()->file == mine.truth)
                    goOn(mine);
            });
            m_opener.openMask(kTruthId, mine.truth, mine.rule);
        },
        [this](const QString& error) {
            if (!error.isEmpty())
                emit failed(error);
        });
}

void ResumeController::goOn(const LeftTraining& training)
{
    if (!canGoOn(training, [this, training] { goOn(training); }))
        return;
    if (!m_workspace.truth() || m_workspace.truth()->file != training.truth) {
        emit offered(MessageBar::Kind::Warning,
            tr("This training learns from the truth %1: open it first.").arg(toText(training.truth)),
            { { tr("Resume"), tr("Goes on from the last checkpoint with the same options"),
                [this, training] { goOn(training); } } });
        return;
    }
    m_page.setOptions(training.options);
    m_trainer.resume(training);
}

} // namespace interstice
