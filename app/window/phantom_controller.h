// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/job_dialog.h"
#include "volume/labels.h"

#include <filesystem>

namespace interstice {

class PhantomDialog;

/// Makes phantoms in a job: their dialog, what they need, progress, and the volumes when they are done.
class PhantomController : public JobDialogController {
    Q_OBJECT

public:
    PhantomController(JobQueue& queue, QWidget* window);

signals:
    /// A phantom is there, in a folder, and what of its truth is foreground.
    void made(const std::filesystem::path& raw, const std::filesystem::path& truth, const LabelRule& foreground);

private:
    JobDialog* makeDialog(QWidget* window) override;
    void estimate() override;
    void start() override;

    PhantomDialog* m_dialog = nullptr;
    std::filesystem::path m_replacing; ///< a phantom that the next press of Make may replace
};

} // namespace interstice
