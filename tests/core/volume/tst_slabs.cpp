// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <QtTest>

#include <atomic>
#include <numeric>

using namespace interstice;

namespace {

/// Fails, or counts, at given slices.
class Watched : public VolumeSource {
public:
    Shape shape() const override { return { 10, 2, 3 }; }
    Scalar scalar() const override { return Scalar::I16; }
    std::string name() const override { return "watched"; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        ++reads;
        if (box.start.z <= failAt && failAt < box.start.z + box.size.z)
            throw Error("watched: slice " + std::to_string(failAt) + " is broken", "");
        auto* out = reinterpret_cast<std::int16_t*>(to.data());
        for (std::int64_t i = 0; i < box.size.voxels(); ++i)
            out[i] = static_cast<std::int16_t>(box.start.z * 6 + i);
    }

    std::int64_t failAt = -1;
    mutable std::atomic<int> reads { 0 };
};

} // namespace

class TestSlabs : public QObject {
    Q_OBJECT

private slots:
    void everyVoxelComesOnceInOrder_data()
    {
        QTest::addColumn<int>("depth");
        for (const int depth : { 1, 3, 5, 10, 25 })
            QTest::newRow(qPrintable(QString::number(depth))) << depth;
    }

    void everyVoxelComesOnceInOrder()
    {
        QFETCH(int, depth);
        const Watched source;
        std::vector<std::int16_t> seen;
        Task task;
        forEachTypedSlab(source, depth, task, "Reading", [&](const Box& box, auto voxels) {
            if constexpr (std::is_same_v<typename decltype(voxels)::value_type, std::int16_t>) {
                QCOMPARE(static_cast<std::size_t>(box.start.z * 6), seen.size());
                QCOMPARE(static_cast<std::size_t>(box.size.voxels()), voxels.size());
                seen.insert(seen.end(), voxels.begin(), voxels.end());
            } else {
                QFAIL("another type than the source's");
            }
        });
        std::vector<std::int16_t> expected(60);
        std::iota(expected.begin(), expected.end(), std::int16_t { 0 });
        QCOMPARE(seen, expected);
        QCOMPARE(source.reads.load(), (10 + depth - 1) / depth);
    }

    void progressRunsToTheEnd()
    {
        const Watched source;
        double last = -1;
        Task task([&](double fraction, const std::string& text) {
            QVERIFY(fraction > last);
            QCOMPARE(text, std::string("Reading"));
            last = fraction;
        });
        forEachSlab(source, 3, task, "Reading", [](const Box&, auto) { });
        QCOMPARE(last, 1.0);
    }

    void aStopEndsItBetweenSlabs()
    {
        const Watched source;
        Task task;
        int visits = 0;
        QVERIFY_THROWS_EXCEPTION(Stopped, forEachSlab(source, 2, task, "", [&](const Box&, auto) {
            if (++visits == 2)
                task.requestStop();
        }));
        QCOMPARE(visits, 2);
        QVERIFY(source.reads < 5);
    }

    void theReadersErrorComesThrough()
    {
        Watched source;
        for (const std::int64_t broken : { 0, 7 }) {
            source.failAt = broken;
            std::int64_t seen = 0;
            Task task;
            QVERIFY_THROWS_EXCEPTION(
                Error, forEachSlab(source, 2, task, "", [&](const Box& box, auto) { seen += box.size.z; }));
            QVERIFY(seen <= broken);
        }
    }

    void theVisitorsExceptionComesThrough()
    {
        const Watched source;
        Task task;
        QVERIFY_THROWS_EXCEPTION(std::runtime_error,
            forEachSlab(source, 2, task, "", [](const Box&, auto) { throw std::runtime_error("visitor"); }));
    }

    void depthFollowsTheBytes()
    {
        const Watched source; // 12 bytes a slice
        QCOMPARE(slabDepth(source, 12), std::int64_t { 1 });
        QCOMPARE(slabDepth(source, 37), std::int64_t { 3 });
        QCOMPARE(slabDepth(source, 1), std::int64_t { 1 });
        QCOMPARE(slabDepth(source), std::int64_t { 10 });
        const Volume empty({ 0, 0, 0 }, Scalar::U8);
        QCOMPARE(slabDepth(empty), std::int64_t { 1 });
        Task task;
        forEachSlab(empty, 1, task, "", [](const Box&, auto) { QFAIL("a slab of nothing"); });
    }

    void copyIsComplete()
    {
        const Watched source;
        Volume to(source.shape(), Scalar::I16);
        Task task;
        copy(source, to, task);
        QCOMPARE(to.as<std::int16_t>()[59], std::int16_t { 59 });
    }
};

QTEST_APPLESS_MAIN(TestSlabs)
#include "tst_slabs.moc"
