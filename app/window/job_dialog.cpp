// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/job_dialog.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>

namespace interstice {

JobDialog::JobDialog(const QString& name, const QString& title, const QString& startText, QWidget* parent)
    : QDialog(parent)
    , m_needs(new QLabel(this))
    , m_progress(new QProgressBar(this))
    , m_start(new QPushButton(startText, this))
    , m_stop(new QPushButton(tr("Stop"), this))
{
    setObjectName(name + "Dialog");
    setWindowTitle(title);
    m_needs->setObjectName(name + "Needs");
    m_needs->setWordWrap(true);
    m_start->setObjectName("primary");
    m_start->setDefault(true);
    m_stop->setObjectName(name + "Stop");
    m_soon.setSingleShot(true);
    m_soon.setInterval(300);
    connect(&m_soon, &QTimer::timeout, this, &JobDialog::choiceChanged);
    connect(m_start, &QPushButton::clicked, this, [this] {
        m_soon.stop(); // the choice is acted upon, and what comes of it is told instead
        emit startClicked();
    });
    connect(m_stop, &QPushButton::clicked, this, &JobDialog::stopClicked);
}

QHBoxLayout* JobDialog::buttons()
{
    auto* close = new QPushButton(tr("Close"), this);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(close);
    row->addWidget(m_stop);
    row->addWidget(m_start);
    return row;
}

QWidget* JobDialog::withChooser(QLineEdit* field, const QString& filter)
{
    auto* row = new QWidget(this);
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    line->addWidget(field, 1);
    auto* choose = new QPushButton(tr("Choose…"), row);
    line->addWidget(choose);
    connect(choose, &QPushButton::clicked, this, [this, field, filter] {
        auto* dialog
            = new QFileDialog(this, filter.isEmpty() ? tr("Choose a folder") : tr("Choose a file"), field->text(), filter);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(filter.isEmpty() ? QFileDialog::Directory : QFileDialog::AnyFile);
        if (!filter.isEmpty()) {
            dialog->setAcceptMode(QFileDialog::AcceptSave);
            dialog->setOption(QFileDialog::DontConfirmOverwrite); // what is there is gone on with
        }
        connect(dialog, &QFileDialog::fileSelected, field, &QLineEdit::setText);
        dialog->open();
    });
    return row;
}

void JobDialog::setRunning(bool running)
{
    m_running = running;
    m_start->setEnabled(!running);
    m_stop->setEnabled(running);
    m_progress->setVisible(running);
}

void JobDialog::showNeeds(const QString& needs)
{
    m_needs->setStyleSheet({});
    m_needs->setText(needs);
    m_start->setEnabled(!m_running);
}

void JobDialog::showProblem(const QString& problem)
{
    m_needs->setStyleSheet("color: #e0636a;");
    m_needs->setText(problem);
}

void JobDialog::setProgress(double fraction, const QString& text)
{
    m_progress->setRange(0, fraction < 0 ? 0 : 1000);
    m_progress->setValue(static_cast<int>(fraction * 1000));
    m_progress->setFormat(text);
}

JobDialogController::JobDialogController(JobQueue& queue, QWidget* window)
    : QObject(window)
    , m_queue(queue)
    , m_window(window)
{
    connect(&queue, &JobQueue::jobChanged, this, [this](JobId id) {
        if (id != m_job || !m_shown)
            return;
        if (const auto job = m_queue.job(id))
            m_shown->setProgress(job->fraction, job->text);
    });
}

void JobDialogController::openDialog()
{
    if (!m_shown) {
        m_shown = makeDialog(m_window);
        connect(m_shown, &JobDialog::choiceChanged, this, [this] {
            if (!running())
                ask();
        });
        connect(m_shown, &JobDialog::startClicked, this, [this] {
            if (running())
                return;
            m_asked = false;
            start();
        });
        connect(m_shown, &JobDialog::stopClicked, this, [this] { m_queue.stop(m_job); });
    }
    m_shown->show();
    m_shown->raise();
    if (!running()) // what it was made for may have changed since it was seen
        ask();
}

void JobDialogController::ask()
{
    m_asked = true;
    estimate();
}

void JobDialogController::started(JobId job)
{
    m_job = job;
    m_shown->setRunning(true);
}

void JobDialogController::ended()
{
    m_job = 0;
    m_shown->setRunning(false);
}

void JobDialogController::endedBy(const QString& error, const QString& stopped)
{
    ended();
    if (error.isEmpty()) {
        m_shown->showNeeds(stopped);
        return;
    }
    m_shown->showProblem(error);
    emit failed(error);
}

} // namespace interstice
