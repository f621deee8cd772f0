// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "widgets/job_queue.h"
#include "widgets/jobs_panel.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <semaphore>
#include <thread>

using namespace interstice;

class TestJobQueue : public QObject {
    Q_OBJECT

private slots:
    void resultsArriveOnThisThread();
    void exceptionsBecomeSentences();
    void stopAnswers();
    void waitingJobIsStoppedWithoutRunning();
    void newerJobMakesOlderStale();
    void goneReceiverHearsNothing();
    void heavyLaneIsOneThread();
    void lanesRunBesideEachOther();
    void progressAndTimeLeft();
    void postReachesTheLivingOnly();
    void quittingStopsAndWaits();
    void panelShowsErrors();
};

void TestJobQueue::resultsArriveOnThisThread()
{
    JobQueue queue;
    QSignalSpy idle(&queue, &JobQueue::becameIdle);
    int result = 0;
    std::thread::id worker;
    queue.submit(
        { "sum", JobLane::Light, {}, false }, this,
        [&worker](Task&) {
            worker = std::this_thread::get_id();
            return 42;
        },
        [&](int value) { result = value; });
    QVERIFY(!queue.idle());
    QTRY_COMPARE(result, 42);
    QVERIFY(worker != std::this_thread::get_id());
    QTRY_COMPARE(idle.count(), 1);
    QCOMPARE(queue.jobs().front().state, JobState::Finished);
}

void TestJobQueue::exceptionsBecomeSentences()
{
    JobQueue queue;
    QString told;
    bool done = false;
    const JobId id = queue.submit(
        { "fails", JobLane::Heavy, {}, false }, this, [](Task&) -> int { throw Error("It broke", "Mend it."); },
        [&](int) { done = true; }, [&](const QString& error) { told = error; });
    QTRY_VERIFY(!told.isEmpty());
    QVERIFY(told.contains("It broke") && told.contains("Mend it."));
    QVERIFY(!done);
    QCOMPARE(queue.job(id)->state, JobState::Failed);
    QCOMPARE(queue.job(id)->error, told);
}

void TestJobQueue::stopAnswers()
{
    JobQueue queue;
    QString told = "not called";
    const JobId id = queue.submit(
        { "long", JobLane::Light, {}, false }, this,
        [](Task& task) {
            for (;;) {
                task.throwIfStopped();
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        },
        [] { QFAIL("finished"); }, [&](const QString& error) { told = error; });
    QTRY_COMPARE(queue.job(id)->state, JobState::Running);
    queue.stop(id);
    QTRY_COMPARE(queue.job(id)->state, JobState::Stopped);
    QCOMPARE(told, QString()); // a stop is no error
}

void TestJobQueue::waitingJobIsStoppedWithoutRunning()
{
    JobQueue queue;
    std::binary_semaphore gate(0);
    std::atomic<bool> ran = false;
    queue.submit({ "first", JobLane::Light, {}, false }, this, [&gate](Task&) { gate.acquire(); }, [] {});
    const JobId second = queue.submit({ "second", JobLane::Light, {}, false }, this, [&ran](Task&) { ran = true; }, [] {});
    queue.stop(second);
    gate.release();
    QTRY_VERIFY(queue.idle());
    QVERIFY(!ran);
    QCOMPARE(queue.job(second)->state, JobState::Stopped);
}

void TestJobQueue::newerJobMakesOlderStale()
{
    JobQueue queue;
    std::binary_semaphore gate(0);
    QStringList results;
    queue.submit(
        { "old", JobLane::Light, "key", false }, this,
        [&gate](Task&) {
            gate.acquire();
            return QString("old");
        },
        [&](const QString& text) { results += text; });
    queue.submit(
        { "new", JobLane::Light, "key", false }, this, [](Task&) { return QString("new"); },
        [&](const QString& text) { results += text; });
    gate.release();
    QTRY_VERIFY(queue.idle());
    QCOMPARE(results, QStringList { "new" });
}

void TestJobQueue::goneReceiverHearsNothing()
{
    JobQueue queue;
    std::binary_semaphore gate(0);
    auto receiver = std::make_unique<QObject>();
    bool heard = false;
    queue.submit(
        { "x", JobLane::Light, {}, false }, receiver.get(),
        [&gate](Task&) {
            gate.acquire();
            return 1;
        },
        [&](int) { heard = true; });
    receiver.reset();
    gate.release();
    QTRY_VERIFY(queue.idle());
    QVERIFY(!heard);
}

void TestJobQueue::heavyLaneIsOneThread()
{
    JobQueue queue;
    std::vector<std::thread::id> threads;
    std::vector<int> order;
    for (int i = 0; i < 5; ++i) {
        queue.submit(
            { "heavy", JobLane::Heavy, {}, false }, this, [](Task&) { return std::this_thread::get_id(); },
            [&, i](std::thread::id id) {
                threads.push_back(id);
                order.push_back(i);
            });
    }
    QTRY_COMPARE(threads.size(), std::size_t(5));
    QVERIFY(std::all_of(threads.begin(), threads.end(), [&](auto id) { return id == threads.front(); }));
    QCOMPARE(order, (std::vector<int> { 0, 1, 2, 3, 4 }));
}

void TestJobQueue::lanesRunBesideEachOther()
{
    JobQueue queue;
    std::binary_semaphore gate(0);
    bool light = false;
    queue.submit({ "heavy", JobLane::Heavy, {}, false }, this, [&gate](Task&) { gate.acquire(); }, [] {});
    queue.submit({ "light", JobLane::Light, {}, false }, this, [](Task&) {}, [&] { light = true; });
    QTRY_VERIFY(light);
    QVERIFY(queue.heavyBusy());
    gate.release();
    QTRY_VERIFY(queue.idle());
}

void TestJobQueue::progressAndTimeLeft()
{
    JobQueue queue;
    std::binary_semaphore gate(0);
    const JobId id = queue.submit(
        { "p", JobLane::Light, {}, false }, this,
        [&gate](Task& task) {
            task.progress(0.25, "Slice 3");
            gate.acquire();
        },
        [] {});
    QTRY_COMPARE(queue.job(id)->fraction, 0.25);
    QCOMPARE(queue.job(id)->text, QString("Slice 3"));
    QTRY_VERIFY_WITH_TIMEOUT(queue.job(id)->secondsLeft > 5, 5000); // over 2 s for a quarter
    QVERIFY(describeJob(*queue.job(id)).contains("left"));
    gate.release();
    QTRY_VERIFY(queue.idle());
    QVERIFY(describeJob(*queue.job(id)).startsWith("Done in"));
}

void TestJobQueue::postReachesTheLivingOnly()
{
    JobQueue queue;
    auto receiver = std::make_unique<QObject>();
    const QPointer<QObject> pointer(receiver.get());
    int calls = 0;
    std::thread([&] { queue.post(pointer, [&] { ++calls; }); }).join();
    QTRY_COMPARE(calls, 1);
    std::thread([&] { queue.post(pointer, [&] { ++calls; }); }).join();
    receiver.reset();
    QTest::qWait(20);
    QCOMPARE(calls, 1);
}

void TestJobQueue::quittingStopsAndWaits()
{
    std::atomic<bool> started = false;
    std::atomic<bool> ended = false;
    bool heard = false;
    {
        JobQueue queue;
        queue.submit(
            { "long", JobLane::Heavy, {}, false }, this,
            [&](Task& task) {
                started = true;
                while (!task.stopRequested())
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                ended = true;
            },
            [&] { heard = true; });
        queue.submit({ "never", JobLane::Heavy, {}, false }, this, [&](Task&) { heard = true; }, [&] { heard = true; });
        QTRY_VERIFY(started);
    }
    QVERIFY(ended);
    QTest::qWait(10);
    QVERIFY(!heard);
}

void TestJobQueue::panelShowsErrors()
{
    JobQueue queue;
    JobsPanel panel(queue);
    queue.submit(
        { "Opening x", JobLane::Light, {}, true }, this, [](Task&) { throw Error("x is no TIFF", "Choose another."); },
        [] {});
    queue.submit({ "quiet", JobLane::Light, {}, true }, this, [](Task&) { }, [] { });
    QTRY_VERIFY(queue.idle());
    QStringList texts;
    for (const auto* label : panel.findChildren<QLabel*>())
        texts += label->text();
    QVERIFY(texts.join('\n').contains("x is no TIFF"));
    QVERIFY(!texts.contains("quiet"));
}

QTEST_MAIN(TestJobQueue)
#include "tst_job_queue.moc"
