// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/phantom_controller.h"

#include "app/window/opener.h"
#include "app/window/phantom_dialog.h"
#include "base/cost.h"
#include "study/phantom_folder.h"

namespace interstice {

PhantomController::PhantomController(JobQueue& queue, QWidget* window)
    : JobDialogController(queue, window)
{
}

JobDialog* PhantomController::makeDialog(QWidget* window)
{
    return m_dialog = new PhantomDialog(window);
}

void PhantomController::estimate()
{
    // A small part of the simulation is timed, which is not to be disturbed.
    m_queue.submit(
        { tr("What the phantom needs"), JobLane::Heavy, "phantom-estimate", true }, this,
        [options = m_dialog->options()](Task&) {
            check(options.sample);
            const Cost cost = estimateScannedPhantom(options);
            return tr("About %1, %2 of memory (%3 are free), %4 of disk.")
                .arg(QString::fromStdString(formatDuration(cost.seconds)),
                    QString::fromStdString(formatBytes(cost.ramBytes)),
                    QString::fromStdString(formatBytes(memoryState().available)),
                    QString::fromStdString(formatBytes(static_cast<std::uint64_t>(3 * options.sample.shape.voxels()))));
        },
        [this](const QString& needs) {
            if (wantsEstimate())
                m_dialog->showNeeds(needs);
        },
        [this](const QString& error) {
            if (!error.isEmpty() && wantsEstimate())
                m_dialog->showProblem(error);
        });
}

void PhantomController::start()
{
    const ScannedPhantomOptions options = m_dialog->options();
    const std::filesystem::path folder = m_dialog->folder();
    const std::filesystem::path scanFile = m_dialog->keepsScan() ? folder / "scan.h5" : std::filesystem::path();
    if (folder.empty()) {
        m_dialog->showProblem(tr("There is no folder to put the phantom into. Choose one."));
        return;
    }
    std::error_code ignored;
    if (m_replacing != folder && std::filesystem::exists(folder / "raw.tif", ignored)) {
        m_replacing = folder;
        m_dialog->showProblem(
            tr("There is a volume in %1 already. Choose another folder, or press Make again to replace it.")
                .arg(toText(folder)));
        return;
    }
    m_replacing.clear();
    started(m_queue.submit(
        { tr("Making a phantom"), JobLane::Heavy, "phantom" }, this,
        [options, folder, scanFile](
            Task& task) { return writeScannedPhantom(folder, options, Scalar::U16, task, scanFile); },
        [this, options, folder](const ScannedPhantomResult& result) {
            ended();
            QString text = tr("Made in %1, with %2 objects.").arg(toText(folder)).arg(result.objects.size());
            for (const Finding& finding : result.findings)
                text += ' ' + QString::fromStdString(finding.text);
            m_dialog->showNeeds(text);
            emit made(folder / "raw.tif", folder / "truth.tif", parseLabelRule(foregroundOf(options.sample.kind)));
            emit noted(text);
        },
        [this](const QString& error) { endedBy(error, tr("Stopped. Nothing was kept.")); }));
}

} // namespace interstice
