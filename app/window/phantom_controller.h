// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/labels.h"
#include "widgets/job_queue.h"

#include <QObject>
#include <QString>

#include <filesystem>

namespace interstice {

class PhantomDialog;

/// Makes phantoms in a job: their dialog, what they need, progress, and the volumes when they are done.
class PhantomController : public QObject {
    Q_OBJECT

public:
    PhantomController(JobQueue& queue, QWidget* window);

    void openDialog();

signals:
    /// A phantom is there, in a folder, and what of its truth is foreground.
    void made(const std::filesystem::path& raw, const std::filesystem::path& truth, const LabelRule& foreground);
    void noted(const QString& text);
    void failed(const QString& error);

private:
    void estimate();
    void make();
    void ended();

    JobQueue& m_queue;
    QWidget* m_window;
    PhantomDialog* m_dialog = nullptr; ///< kept: the work goes on when it is closed
    JobId m_job = 0;
    std::filesystem::path m_replacing; ///< a phantom that the next press of Make may replace
};

} // namespace interstice
