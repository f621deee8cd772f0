// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/job_queue.h"

#include <QFrame>
#include <QWidget>

#include <map>

class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace interstice {

/// Every job with its progress, time left, Stop and error. Quiet jobs appear when they fail.
class JobsPanel : public QWidget {
    Q_OBJECT

public:
    explicit JobsPanel(JobQueue& queue, QWidget* parent = nullptr);

private:
    struct Row {
        QFrame* frame;
        QLabel* title;
        QLabel* detail;
        QProgressBar* bar;
        QPushButton* stop;
    };
    void refresh(JobId id);
    void rebuild();

    JobQueue& m_queue;
    std::map<JobId, Row> m_rows;
    QVBoxLayout* m_list;
    QLabel* m_none;
};

/// The job that matters most, in the status bar; a click asks for the panel.
class JobStatus : public QWidget {
    Q_OBJECT

public:
    explicit JobStatus(JobQueue& queue, QWidget* parent = nullptr);

signals:
    void clicked();

protected:
    void mousePressEvent(QMouseEvent* event) override;

private:
    void refresh();

    JobQueue& m_queue;
    QLabel* m_text;
    QProgressBar* m_bar;
};

/// "Epoch 12 of 100, 5 min left", "Failed: …"
QString describeJob(const JobInfo& job);

} // namespace interstice
