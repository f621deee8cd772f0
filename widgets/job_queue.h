// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

namespace interstice {

/// Heavy: one long-lived thread for everything that computes (LibTorch grows a pool of threads for every
/// thread that enters it, so there must be one). Light: one for reading headers, histograms and labels. Prompt: one
/// for what somebody waits for with a hand on a knob, a fraction of a second each. Background: one for long reading that
/// nobody waits for.
enum class JobLane { Heavy, Light, Prompt, Background };
enum class JobState { Waiting, Running, Finished, Stopped, Failed };

using JobId = quint64;

/// What people see of a job.
struct JobInfo {
    JobId id = 0;
    QString title;
    JobLane lane = JobLane::Light;
    JobState state = JobState::Waiting;
    double fraction = 0; ///< 0…1; negative while nothing was reported
    QString text;
    QString error;
    double seconds = 0; ///< running so far, or in all
    double secondsLeft = -1; ///< negative while unknown
    bool quiet = false;

    bool active() const { return state == JobState::Waiting || state == JobState::Running; }
};

struct JobSpec {
    QString title;
    JobLane lane = JobLane::Light;
    /// A new job with the same key makes older ones stale: they are stopped and their results dropped.
    QString key;
    /// Small look-ups that nobody needs to see unless they fail.
    bool quiet = false;
};

/// Owns every job: runs core functions off the GUI thread and brings results, progress and exceptions back
/// to it. A result is delivered only if its receiver still lives and no newer job has its key. Use from the
/// GUI thread, except `post`.
class JobQueue : public QObject {
    Q_OBJECT

public:
    explicit JobQueue(QObject* parent = nullptr);
    /// Stops every job and waits for the running ones to answer.
    ~JobQueue() override;

    template <class Work, class Done>
    JobId submit(
        const JobSpec& spec, QObject* receiver, Work work, Done done, std::function<void(const QString&)> failed = {})
    {
        using Result = std::invoke_result_t<Work&, Task&>;
        const QPointer<QObject> alive(receiver);
        if constexpr (std::is_void_v<Result>) {
            return enqueue(spec, alive, [work](Task& task) mutable { work(task); }, [done] { done(); }, std::move(failed));
        } else {
            auto result = std::make_shared<std::optional<Result>>();
            return enqueue(
                spec, alive, [work, result](Task& task) mutable { result->emplace(work(task)); },
                [done, result] { done(std::move(**result)); }, std::move(failed));
        }
    }

    /// From any thread: runs `call` on the GUI thread if `receiver`, a pointer made there, still lives.
    void post(const QPointer<QObject>& receiver, std::function<void()> call);

    void stop(JobId id);
    void stopAll();
    bool idle() const;
    bool heavyBusy() const;
    /// Newest last.
    std::vector<JobInfo> jobs() const;
    std::optional<JobInfo> job(JobId id) const;
    /// Forgets what has ended.
    void clearEnded();

signals:
    void jobAdded(quint64 id);
    void jobChanged(quint64 id);
    void jobEnded(quint64 id);
    void endedJobsCleared();
    void becameIdle();

private:
    struct Job;
    class Worker;
    JobId enqueue(const JobSpec& spec, const QPointer<QObject>& receiver, std::function<void(Task&)> work,
        std::function<void()> done, std::function<void(const QString&)> failed);
    Worker& workerOf(JobLane lane);
    void runJob(const std::shared_ptr<Job>& job);
    void started(const std::shared_ptr<Job>& job);
    void ended(const std::shared_ptr<Job>& job, std::exception_ptr problem);
    void refresh();
    JobInfo infoOf(const Job& job) const;

    std::vector<std::shared_ptr<Job>> m_jobs;
    std::unique_ptr<Worker> m_heavy;
    std::unique_ptr<Worker> m_light;
    std::unique_ptr<Worker> m_prompt;
    std::unique_ptr<Worker> m_background;
    QTimer m_refresh;
    JobId m_lastId = 0;
};

/// "Error::what()" or the exception's text, for people.
QString describeException(const std::exception_ptr& problem);

} // namespace interstice
