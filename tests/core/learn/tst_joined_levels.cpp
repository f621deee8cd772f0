// SPDX-License-Identifier: GPL-3.0-or-later
// Levels of the network joined in one pass against LibTorch's own nearest neighbour and `cat`, forwards and backwards.
#include "learn/joined_levels.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QtTest>

using namespace interstice;

class TestJoinedLevels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsNearestAndCat_data()
    {
        QTest::addColumn<int>("z");
        QTest::addColumn<int>("y");
        QTest::addColumn<int>("remainder");
        QTest::addColumn<bool>("last");
        QTest::newRow("in the plane") << 1 << 2 << 0 << true;
        QTest::newRow("cubes") << 2 << 2 << 0 << true;
        QTest::newRow("unlike axes") << 3 << 1 << 0 << true;
        QTest::newRow("a remainder") << 2 << 2 << 1 << true;
        QTest::newRow("channels first") << 1 << 2 << 0 << false;
    }
    void equalsNearestAndCat()
    {
        QFETCH(int, z);
        QFETCH(int, y);
        QFETCH(int, remainder);
        QFETCH(bool, last);
        const auto order = last ? torch::MemoryFormat::ChannelsLast3d : torch::MemoryFormat::Contiguous;
        const auto input = [&](std::vector<std::int64_t> shape) {
            return torch::rand(shape, torch::kFloat64).contiguous(order).requires_grad_(true);
        };
        torch::manual_seed(1);
        const auto below = input({ 2, 5, 3, 4, 6 });
        const auto skip = input({ 2, 3, 3 * z + remainder, 4 * y + remainder, 6 * 2 });
        const auto expected = torch::cat({ at::upsample_nearest3d(below, skip.sizes().slice(2)), skip }, 1);
        const auto joined = joinedNearest(below, skip, { z, y, 2 });
        QVERIFY(torch::equal(joined, expected));
        QCOMPARE(joined.suggest_memory_format(), order);
        // Any gradient: each voxel its own weight, so that a wrong place shows.
        const auto weight = torch::rand_like(expected);
        const auto gradients = torch::autograd::grad({ (joined * weight).sum() }, { below, skip });
        const auto wanted = torch::autograd::grad({ (expected * weight).sum() }, { below, skip });
        QVERIFY(torch::allclose(gradients[0], wanted[0], 1e-13, 1e-13));
        QVERIFY(torch::equal(gradients[1], wanted[1]));
        // Without a graph the same numbers.
        const torch::NoGradGuard noGrad;
        QVERIFY(torch::equal(joinedNearest(below, skip, { z, y, 2 }), expected));
    }

    void halfPrecisionAndOneChannel()
    {
        const auto below
            = torch::rand({ 1, 1, 2, 2, 2 }).to(torch::kBFloat16).contiguous(torch::MemoryFormat::ChannelsLast3d);
        const auto skip
            = torch::rand({ 1, 4, 4, 4, 4 }).to(torch::kBFloat16).contiguous(torch::MemoryFormat::ChannelsLast3d);
        QVERIFY(torch::equal(joinedNearest(below, skip, { 2, 2, 2 }),
            torch::cat({ at::upsample_nearest3d(below, skip.sizes().slice(2)), skip }, 1)));
    }
};

QTEST_GUILESS_MAIN(TestJoinedLevels)
#include "tst_joined_levels.moc"
