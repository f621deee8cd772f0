// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/job_queue.h"

#include "base/error.h"
#include "base/log.h"

#include <QMetaObject>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace interstice {

namespace {

constexpr int kRefreshMilliseconds = 100;
constexpr std::size_t kEndedJobsKept = 50;

} // namespace

struct JobQueue::Job {
    JobInfo info; // GUI thread only
    QString key;
    QPointer<QObject> receiver;
    std::function<void(Task&)> work;
    std::function<void()> done;
    std::function<void(const QString&)> failed;
    bool stale = false; // GUI thread only
    QElapsedTimer clock;

    std::mutex mutex; // guards what follows
    double fraction = -1;
    QString text;

    Task task { [this](double newFraction, const std::string& newText) {
        const std::lock_guard lock(mutex);
        fraction = newFraction;
        if (!newText.empty())
            text = QString::fromStdString(newText);
    } };
};

class JobQueue::Worker {
public:
    explicit Worker(JobQueue& queue)
        : m_queue(queue)
        , m_thread([this] { loop(); })
    {
    }

    ~Worker()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_quit = true;
        }
        m_wake.notify_all();
        m_thread.join();
    }

    void add(std::shared_ptr<Job> job)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_waiting.push_back(std::move(job));
        }
        m_wake.notify_all();
    }

private:
    void loop()
    {
        for (;;) {
            std::shared_ptr<Job> job;
            {
                std::unique_lock lock(m_mutex);
                m_wake.wait(lock, [this] { return m_quit || !m_waiting.empty(); });
                if (m_quit)
                    return;
                job = std::move(m_waiting.front());
                m_waiting.pop_front();
            }
            m_queue.runJob(job);
        }
    }

    JobQueue& m_queue;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::shared_ptr<Job>> m_waiting;
    bool m_quit = false;
    std::thread m_thread;
};

JobQueue::JobQueue(QObject* parent)
    : QObject(parent)
{
    m_heavy = std::make_unique<Worker>(*this);
    m_light = std::make_unique<Worker>(*this);
    m_prompt = std::make_unique<Worker>(*this);
    m_background = std::make_unique<Worker>(*this);
    m_refresh.setInterval(kRefreshMilliseconds);
    connect(&m_refresh, &QTimer::timeout, this, &JobQueue::refresh);
}

JobQueue::Worker& JobQueue::workerOf(JobLane lane)
{
    switch (lane) {
    case JobLane::Heavy:
        return *m_heavy;
    case JobLane::Light:
        return *m_light;
    case JobLane::Prompt:
        return *m_prompt;
    case JobLane::Background:
        break;
    }
    return *m_background;
}

JobQueue::~JobQueue()
{
    for (const auto& job : m_jobs)
        job->task.requestStop();
    m_heavy.reset();
    m_light.reset();
    m_prompt.reset();
    m_background.reset();
}

JobId JobQueue::enqueue(const JobSpec& spec, const QPointer<QObject>& receiver, std::function<void(Task&)> work,
    std::function<void()> done, std::function<void(const QString&)> failed)
{
    if (!spec.key.isEmpty()) {
        for (const auto& job : m_jobs) {
            if (job->key == spec.key && job->info.active()) {
                job->stale = true;
                job->task.requestStop();
            }
        }
    }
    auto job = std::make_shared<Job>();
    job->info.id = ++m_lastId;
    job->info.title = spec.title;
    job->info.lane = spec.lane;
    job->info.quiet = spec.quiet;
    job->info.fraction = -1;
    job->key = spec.key;
    job->receiver = receiver;
    job->work = std::move(work);
    job->done = std::move(done);
    job->failed = std::move(failed);
    m_jobs.push_back(job);
    const JobId id = job->info.id;
    emit jobAdded(id);
    m_refresh.start();
    workerOf(spec.lane).add(std::move(job));
    return id;
}

void JobQueue::runJob(const std::shared_ptr<Job>& job)
{
    std::exception_ptr problem;
    try {
        job->task.throwIfStopped();
        QMetaObject::invokeMethod(this, [this, job] { started(job); }, Qt::QueuedConnection);
        job->work(job->task);
    } catch (...) {
        problem = std::current_exception();
    }
    QMetaObject::invokeMethod(this, [this, job, problem] { ended(job, problem); }, Qt::QueuedConnection);
}

void JobQueue::started(const std::shared_ptr<Job>& job)
{
    job->info.state = JobState::Running;
    job->clock.start();
    emit jobChanged(job->info.id);
}

void JobQueue::ended(const std::shared_ptr<Job>& job, std::exception_ptr problem)
{
    job->info = infoOf(*job);
    job->info.secondsLeft = -1;
    bool failed = false;
    try {
        if (problem)
            std::rethrow_exception(problem);
        job->info.state = JobState::Finished;
        job->info.fraction = 1;
    } catch (const Stopped&) {
        job->info.state = JobState::Stopped;
    } catch (...) {
        job->info.state = JobState::Failed;
        job->info.error = describeException(problem);
        failed = true;
        logError((job->info.title + ": " + job->info.error).toStdString());
    }
    const JobId id = job->info.id;
    // The work holds sources and sinks: files are closed before anybody hears of the end.
    job->work = {};
    if (job->receiver && !job->stale) {
        if (job->info.state == JobState::Finished)
            job->done();
        else if (job->failed)
            job->failed(failed ? job->info.error : QString());
    }
    job->done = {};
    job->failed = {};
    emit jobEnded(id);
    std::size_t over = m_jobs.size() > kEndedJobsKept ? m_jobs.size() - kEndedJobsKept : 0;
    std::erase_if(m_jobs, [&over](const auto& old) { return over > 0 && !old->info.active() && over-- > 0; });
    if (idle()) {
        m_refresh.stop();
        emit becameIdle();
    }
}

void JobQueue::refresh()
{
    for (const auto& job : m_jobs) {
        if (job->info.state == JobState::Running) {
            job->info = infoOf(*job);
            emit jobChanged(job->info.id);
        }
    }
}

JobInfo JobQueue::infoOf(const Job& job) const
{
    JobInfo info = job.info;
    auto& shared = const_cast<Job&>(job);
    const std::lock_guard lock(shared.mutex);
    info.fraction = shared.fraction;
    info.text = shared.text;
    if (job.clock.isValid() && info.active())
        info.seconds = static_cast<double>(job.clock.elapsed()) / 1000;
    // An estimate from the first moments would jump about.
    if (info.fraction > 0.02 && info.seconds > 2)
        info.secondsLeft = info.seconds * (1 - info.fraction) / info.fraction;
    return info;
}

void JobQueue::post(const QPointer<QObject>& receiver, std::function<void()> call)
{
    QMetaObject::invokeMethod(
        this,
        [receiver, call = std::move(call)] {
            if (receiver)
                call();
        },
        Qt::QueuedConnection);
}

void JobQueue::stop(JobId id)
{
    for (const auto& job : m_jobs) {
        if (job->info.id == id)
            job->task.requestStop();
    }
}

void JobQueue::stopAll()
{
    for (const auto& job : m_jobs)
        job->task.requestStop();
}

bool JobQueue::idle() const
{
    return std::none_of(m_jobs.begin(), m_jobs.end(), [](const auto& job) { return job->info.active(); });
}

bool JobQueue::heavyBusy() const
{
    return std::any_of(m_jobs.begin(), m_jobs.end(),
        [](const auto& job) { return job->info.active() && job->info.lane == JobLane::Heavy && !job->info.quiet; });
}

std::vector<JobInfo> JobQueue::jobs() const
{
    std::vector<JobInfo> infos;
    infos.reserve(m_jobs.size());
    for (const auto& job : m_jobs)
        infos.push_back(job->info);
    return infos;
}

std::optional<JobInfo> JobQueue::job(JobId id) const
{
    for (const auto& job : m_jobs) {
        if (job->info.id == id)
            return job->info;
    }
    return std::nullopt;
}

void JobQueue::clearEnded()
{
    std::erase_if(m_jobs, [](const auto& job) { return !job->info.active(); });
    emit endedJobsCleared();
}

QString describeException(const std::exception_ptr& problem)
{
    try {
        std::rethrow_exception(problem);
    } catch (const std::bad_alloc&) {
        return QObject::tr("There is not enough memory. Close other programs or use a smaller part of the data.");
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    } catch (...) {
        return QObject::tr("Something unknown went wrong. Please report this with the log.");
    }
}

} // namespace interstice
