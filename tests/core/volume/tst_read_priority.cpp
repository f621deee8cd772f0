// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/read_priority.h"

#include "volume/reduce.h"
#include "volume/volume.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <thread>

using namespace interstice;

namespace {

/// Counts reads, and how many voxels each is of.
class Counted : public VolumeSource {
public:
    Shape shape() const override { return { 40, 512, 1024 }; } // half a MB a slice
    Scalar scalar() const override { return Scalar::U8; }
    std::string name() const override { return "counted"; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        std::fill(to.begin(), to.end(), std::byte(box.start.z));
        largest = std::max(largest.load(), box.size.voxels());
        ++reads;
    }
    mutable std::atomic<int> reads = 0;
    mutable std::atomic<std::int64_t> largest = 0;
};

} // namespace

class TestReadPriority : public QObject {
    Q_OBJECT

private slots:
    void thePartsAreTheWhole()
    {
        const Shape shape { 21, 300, 700 };
        std::vector<std::uint16_t> voxels;
        for (std::int64_t i = 0; i < shape.voxels(); ++i)
            voxels.push_back(static_cast<std::uint16_t>(i * 7919));
        const auto volume
            = Volume::from<std::uint16_t>(shape, voxels, { 1, 2, 3, LengthUnit::Micrometre, SizeOrigin::User });
        const PoliteView view(volume, std::make_shared<ReadPriority>());
        QVERIFY(readAs<std::uint16_t>(view, Box::whole(shape)) == voxels);
        const Box part { { 3, 20, 100 }, { 15, 200, 500 } };
        QVERIFY(readAs<std::uint16_t>(view, part) == readAs<std::uint16_t>(*volume, part));
        QVERIFY(view.voxelSize() == volume->voxelSize());
    }

    void reductionWaitsForWhoeverHoldsATurn()
    {
        const auto source = std::make_shared<Counted>();
        const auto priority = std::make_shared<ReadPriority>();
        const PoliteView view(source, priority);
        std::atomic<bool> done = false;
        auto turn = std::make_unique<ReadPriority::Turn>(*priority);
        auto second = std::make_unique<ReadPriority::Turn>(*priority);
        std::thread job([&] {
            Task task;
            (void)reduced(view, { 2, 2, 2 }, ReduceMode::Mean, task);
            done = true;
        });
        QTest::qWait(80);
        QCOMPARE(source->reads.load(), 0); // a slice is being read
        turn.reset();
        QTest::qWait(30);
        QCOMPARE(source->reads.load(), 0); // and another one
        second.reset();
        QTRY_VERIFY(done);
        job.join();
        QCOMPARE(source->reads.load(), 5); // 20 MB in parts of 4
        QVERIFY(source->largest <= 4 << 20);
    }

    void itGetsOnInAnyCase()
    {
        ReadPriority priority;
        const ReadPriority::Turn turn(priority);
        QElapsedTimer clock;
        clock.start();
        priority.giveWay(std::chrono::milliseconds(40));
        QVERIFY(clock.elapsed() >= 39);
    }
};

QTEST_GUILESS_MAIN(TestReadPriority)
#include "tst_read_priority.moc"
