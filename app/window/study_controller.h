// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/study.h"
#include "widgets/job_queue.h"

#include <QObject>
#include <QPointer>
#include <QString>

namespace interstice {

class StudyDialog;

/// Runs studies in a job: their dialog, what they need, progress and the report.
class StudyController : public QObject {
    Q_OBJECT

public:
    StudyController(JobQueue& queue, QWidget* window);

    void openDialog();

signals:
    void noted(const QString& text);
    void failed(const QString& error);

private:
    void estimate();
    void start();
    void ended();

    JobQueue& m_queue;
    QWidget* m_window;
    StudyDialog* m_dialog = nullptr; ///< kept: a study goes on when it is closed
    JobId m_job = 0;
};

} // namespace interstice
