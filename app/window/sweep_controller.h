// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/job_dialog.h"
#include "app/window/workspace.h"
#include "learn/sweep.h"

namespace interstice {

class MethodPage;
class SweepDialog;
class TrainController;

/// Searches over the options of the training page in a job: cost, table, curves, and the options that were chosen.
class SweepController : public JobDialogController {
    Q_OBJECT

public:
    SweepController(Workspace& workspace, JobQueue& queue, TrainController& trainer, MethodPage& page, QWidget* window);

private:
    JobDialog* makeDialog(QWidget* window) override;
    void estimate() override;
    void start() override;
    /// What the dialog and the page say. Throws Error.
    SweepOptions chosen() const;
    void take(const std::vector<SweepRow>& rows);
    void showCurvesOf(int row);
    void use(int row);

    Workspace& m_workspace;
    TrainController& m_trainer;
    MethodPage& m_page;
    SweepDialog* m_dialog = nullptr;
    SweepOptions m_running; ///< of the search whose rows are shown
    std::vector<SweepRow> m_rows;
};

} // namespace interstice
