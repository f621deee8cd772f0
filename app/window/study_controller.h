// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/job_dialog.h"
#include "study/study.h"

namespace interstice {

class StudyDialog;

/// Runs studies in a job: their dialog, what they need, progress and the report.
class StudyController : public JobDialogController {
    Q_OBJECT

public:
    StudyController(JobQueue& queue, QWidget* window);

private:
    JobDialog* makeDialog(QWidget* window) override;
    void estimate() override;
    void start() override;

    StudyDialog* m_dialog = nullptr;
};

} // namespace interstice
