// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/task.h"

#include <QtTest>

#include <vector>

using namespace interstice;

class TestTask : public QObject {
    Q_OBJECT

private slots:
    void progressIsClampedAndCarriesText()
    {
        std::vector<std::pair<double, std::string>> seen;
        Task task([&](double fraction, const std::string& text) { seen.emplace_back(fraction, text); });
        task.progress(0.4, "Epoch 12 of 100");
        task.progress(-1);
        task.progress(7);
        QCOMPARE(seen.size(), std::size_t { 3 });
        QCOMPARE(seen[0].first, 0.4);
        QCOMPARE(seen[0].second, std::string("Epoch 12 of 100"));
        QCOMPARE(seen[1].first, 0.0);
        QCOMPARE(seen[2].first, 1.0);
    }

    void partsMapIntoTheWhole()
    {
        std::vector<double> seen;
        Task task([&](double fraction, const std::string&) { seen.push_back(fraction); });
        Task half = task.part(0.5, 1);
        Task quarter = half.part(0, 0.5);
        half.progress(0.5);
        quarter.progress(0);
        quarter.progress(1);
        quarter.progress(2);
        QCOMPARE(seen, (std::vector<double> { 0.75, 0.5, 0.75, 0.75 }));
    }

    void aStopReachesPartsAndComesFromThem()
    {
        Task task;
        Task before = task.part(0, 0.5);
        task.throwIfStopped();
        before.throwIfStopped();
        task.requestStop();
        QVERIFY(before.stopRequested());
        QVERIFY_THROWS_EXCEPTION(Stopped, before.throwIfStopped());
        QVERIFY_THROWS_EXCEPTION(Stopped, task.part(0.5, 1).throwIfStopped());

        Task other;
        other.part(0, 1).requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, other.throwIfStopped());
    }

    void aTaskWithoutHandlerIsSilent()
    {
        Task task;
        task.progress(0.5, "nobody listens");
        task.part(0, 1).progress(0.5);
        QVERIFY(!task.stopRequested());
    }
};

QTEST_APPLESS_MAIN(TestTask)
#include "tst_task.moc"
