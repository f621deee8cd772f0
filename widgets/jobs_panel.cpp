// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/jobs_panel.h"

#include "base/cost.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace interstice {

namespace {

QString duration(double seconds)
{
    return QString::fromStdString(formatDuration(seconds));
}

void showProgress(QProgressBar* bar, const JobInfo& job)
{
    // No progress reported yet: a bar that moves to and fro.
    const bool unknown = job.state == JobState::Running && job.fraction < 0;
    bar->setRange(0, unknown ? 0 : 1000);
    if (!unknown)
        bar->setValue(static_cast<int>(std::max(0.0, job.fraction) * 1000));
}

} // namespace

QString describeJob(const JobInfo& job)
{
    switch (job.state) {
    case JobState::Waiting:
        return JobQueue::tr("Waiting");
    case JobState::Finished:
        return JobQueue::tr("Done in %1").arg(duration(job.seconds));
    case JobState::Stopped:
        return JobQueue::tr("Stopped after %1").arg(duration(job.seconds));
    case JobState::Failed:
        return job.error;
    case JobState::Running:
        break;
    }
    QString text = job.text.isEmpty() ? JobQueue::tr("Running") : job.text;
    if (job.secondsLeft >= 0)
        text += JobQueue::tr(", %1 left").arg(duration(job.secondsLeft));
    return text;
}

JobsPanel::JobsPanel(JobQueue& queue, QWidget* parent)
    : QWidget(parent)
    , m_queue(queue)
{
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    auto* page = new QWidget(scroll);
    page->setObjectName("page");
    m_list = new QVBoxLayout(page);
    m_list->setContentsMargins(12, 8, 12, 8);
    m_list->setSpacing(8);
    m_none = new QLabel(tr("Nothing is running."), page);
    m_none->setObjectName("note");
    m_list->addWidget(m_none);
    m_list->addStretch();
    scroll->setWidget(page);
    outer->addWidget(scroll, 1);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(12, 4, 12, 8);
    foot->addStretch();
    auto* clear = new QPushButton(tr("Clear finished"), this);
    foot->addWidget(clear);
    outer->addLayout(foot);
    connect(clear, &QPushButton::clicked, &m_queue, &JobQueue::clearEnded);
    connect(&m_queue, &JobQueue::jobAdded, this, &JobsPanel::refresh);
    connect(&m_queue, &JobQueue::jobChanged, this, &JobsPanel::refresh);
    connect(&m_queue, &JobQueue::jobEnded, this, &JobsPanel::refresh);
    connect(&m_queue, &JobQueue::endedJobsCleared, this, &JobsPanel::rebuild);
    rebuild();
}

void JobsPanel::rebuild()
{
    for (auto& [id, row] : m_rows)
        row.frame->deleteLater();
    m_rows.clear();
    for (const auto& job : m_queue.jobs())
        refresh(job.id);
    m_none->setVisible(m_rows.empty());
}

void JobsPanel::refresh(JobId id)
{
    const auto job = m_queue.job(id);
    if (!job || (job->quiet && job->state != JobState::Failed))
        return;
    auto found = m_rows.find(id);
    if (found == m_rows.end()) {
        Row row { new QFrame(this), nullptr, nullptr, nullptr, nullptr };
        auto* layout = new QVBoxLayout(row.frame);
        layout->setContentsMargins(0, 0, 0, 4);
        layout->setSpacing(4);
        auto* head = new QHBoxLayout;
        row.title = new QLabel(job->title, row.frame);
        row.stop = new QPushButton(tr("Stop"), row.frame);
        row.stop->setObjectName("flat");
        head->addWidget(row.title, 1);
        head->addWidget(row.stop);
        layout->addLayout(head);
        row.bar = new QProgressBar(row.frame);
        row.bar->setTextVisible(false);
        layout->addWidget(row.bar);
        row.detail = new QLabel(row.frame);
        row.detail->setObjectName("note");
        row.detail->setWordWrap(true);
        row.detail->setFont(tabular(resized(font(), -0.75)));
        layout->addWidget(row.detail);
        connect(row.stop, &QPushButton::clicked, this, [this, id] { m_queue.stop(id); });
        m_list->insertWidget(0, row.frame); // newest first
        found = m_rows.emplace(id, row).first;
        m_none->hide();
    }
    const Row& row = found->second;
    row.stop->setVisible(job->active());
    row.bar->setVisible(job->active());
    showProgress(row.bar, *job);
    row.detail->setText(describeJob(*job));
}

JobStatus::JobStatus(JobQueue& queue, QWidget* parent)
    : QWidget(parent)
    , m_queue(queue)
    , m_text(new QLabel(this))
    , m_bar(new QProgressBar(this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 0, 12, 0);
    layout->setSpacing(12);
    m_text->setObjectName("muted");
    m_text->setFont(tabular(font()));
    layout->addWidget(m_text);
    m_bar->setFixedWidth(150);
    m_bar->setTextVisible(false);
    layout->addWidget(m_bar);
    setCursor(Qt::PointingHandCursor);
    setToolTip(tr("Show all jobs"));
    connect(&m_queue, &JobQueue::jobAdded, this, &JobStatus::refresh);
    connect(&m_queue, &JobQueue::jobChanged, this, &JobStatus::refresh);
    connect(&m_queue, &JobQueue::jobEnded, this, &JobStatus::refresh);
    refresh();
}

void JobStatus::refresh()
{
    std::optional<JobInfo> shown;
    int others = 0;
    for (const auto& job : m_queue.jobs()) {
        if (!job.active() || job.quiet)
            continue;
        const bool better = !shown || (shown->state != JobState::Running && job.state == JobState::Running)
            || (job.state == JobState::Running && job.lane == JobLane::Heavy);
        if (shown)
            ++others;
        if (better)
            shown = job;
    }
    m_bar->setVisible(shown.has_value());
    if (!shown) {
        m_text->setText(tr("Ready"));
        return;
    }
    QString text = shown->title + ": " + describeJob(*shown);
    if (others > 0)
        text += tr("  (+%1)").arg(others);
    m_text->setText(text);
    showProgress(m_bar, *shown);
}

void JobStatus::mousePressEvent(QMouseEvent*)
{
    emit clicked();
}

} // namespace interstice
