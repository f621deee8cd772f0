// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/left_training.h"
#include "app/window/workspace.h"
#include "widgets/message_bar.h"

#include <QObject>

#include <functional>

namespace interstice {

class MethodPage;
class Opener;
class SessionFolder;
class TrainController;

/// Offers to go on with trainings that ended before their time: one that failed just now, and those that a session which
/// was killed has left of the volume that is opened.
class ResumeController : public QObject {
    Q_OBJECT

public:
    ResumeController(Workspace& workspace, JobQueue& queue, SessionFolder& session, TrainController& trainer, Opener& opener,
        MethodPage& page, QObject* parent);

signals:
    /// To be shown until somebody decides.
    void offered(interstice::MessageBar::Kind kind, const QString& text, const interstice::MessageActions& actions);
    void failed(const QString& error);

private:
    void offer(const LeftTraining& training, const QString& error, bool outOfMemory);
    void look();
    void offerLeft(const LeftTraining& training);
    /// Takes its files over, opens its truth and goes on.
    void takeOver(const LeftTraining& training);
    void goOn(const LeftTraining& training);
    /// Otherwise says why and offers `again`.
    bool canGoOn(const LeftTraining& training, const std::function<void()>& again);

    Workspace& m_workspace;
    JobQueue& m_queue;
    SessionFolder& m_session;
    TrainController& m_trainer;
    Opener& m_opener;
    MethodPage& m_page;
};

} // namespace interstice
