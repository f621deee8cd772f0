// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/job_queue.h"

#include <QDialog>
#include <QTimer>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace interstice {

/// A dialog that starts one long job: what it needs, how far it is, Start, Stop and Close. Does not block the window,
/// and closing it does not end the work.
class JobDialog : public QDialog {
    Q_OBJECT

public:
    /// While the work runs nothing can be chosen.
    virtual void setRunning(bool running);
    bool running() const { return m_running; }
    /// What the work needs, or what became of it.
    void showNeeds(const QString& needs);
    virtual void showProblem(const QString& problem);
    void setProgress(double fraction, const QString& text);

signals:
    /// What it takes is to be found out.
    void choiceChanged();
    void startClicked();
    void stopClicked();

protected:
    /// `name` begins the names of its parts.
    JobDialog(const QString& name, const QString& title, const QString& startText, QWidget* parent);
    /// What somebody chose is another; several changes in a row are signalled once.
    void changedSoon() { m_soon.start(); }
    /// Close, Stop and Start, at the right.
    QHBoxLayout* buttons();
    /// The field with a button that asks for a folder, or for a file to be written where `filter` says its kind.
    QWidget* withChooser(QLineEdit* field, const QString& filter = {});

    QTimer m_soon;
    QLabel* m_needs;
    QProgressBar* m_progress;
    QPushButton* m_start;
    QPushButton* m_stop;

private:
    bool m_running = false;
};

/// Keeps such a dialog and its job together. One job at a time; it goes on when the dialog is closed.
class JobDialogController : public QObject {
    Q_OBJECT

public:
    void openDialog();

signals:
    void noted(const QString& text);
    void failed(const QString& error);

protected:
    JobDialogController(JobQueue& queue, QWidget* window);
    /// Made when it is first opened; `estimate` and `start` follow its signals.
    virtual JobDialog* makeDialog(QWidget* window) = 0;
    /// Finds out what the choice needs; not called while the job runs. Its answer comes later, and is shown only while
    /// `wantsEstimate`: what Start has said since stands until somebody chooses anew.
    virtual void estimate() = 0;
    bool wantsEstimate() const { return m_asked && !running(); }
    virtual void start() = 0;
    /// Estimates what the choice as it is now needs.
    void ask();
    bool running() const { return m_job != 0; }
    /// The job that `start` submitted.
    void started(JobId job);
    void ended();
    /// Ended by an exception: `error` is empty after a stop, of which `stopped` then tells.
    void endedBy(const QString& error, const QString& stopped);

    JobQueue& m_queue;

private:
    QWidget* m_window;
    JobDialog* m_shown = nullptr;
    bool m_asked = false; ///< since Start was pressed
    JobId m_job = 0;
};

} // namespace interstice
