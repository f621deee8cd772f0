// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/parallel.h"

#include <QtTest>

#include <atomic>
#include <thread>

using namespace interstice;

class TestParallel : public QObject {
    Q_OBJECT

private slots:
    void everyIndexComesOnce()
    {
        for (const int threads : { 0, 1, 4 }) {
            std::vector<std::atomic<int>> seen(1000);
            parallelFor(1000, threads, [&](std::int64_t i) { ++seen[static_cast<std::size_t>(i)]; });
            for (const auto& count : seen)
                QCOMPARE(count.load(), 1);
        }
        parallelFor(0, 4, [](std::int64_t) { QFAIL("called for nothing"); });
    }

    void severalThreadsWork()
    {
        std::atomic<int> inside { 0 };
        std::atomic<bool> together { false };
        parallelFor(2, 2, [&](std::int64_t) {
            ++inside;
            for (int i = 0; i < 2000 && !together; ++i) {
                if (inside == 2)
                    together = true;
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        });
        QVERIFY(together);
    }

    void theFirstExceptionEndsTheLoop()
    {
        for (const int threads : { 1, 4 }) {
            std::atomic<int> calls { 0 };
            QVERIFY_THROWS_EXCEPTION(Error, parallelFor(1'000'000, threads, [&](std::int64_t i) {
                ++calls;
                if (i == 10)
                    throw Error("slice 10 is broken", "");
            }));
            QVERIFY(calls < 1'000'000);
        }
    }
};

QTEST_APPLESS_MAIN(TestParallel)
#include "tst_parallel.moc"
