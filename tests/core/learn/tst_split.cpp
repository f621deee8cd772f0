// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "learn/split.h"

#include <QtTest>

#include <algorithm>

using namespace interstice;

namespace {

bool overlap(const Box& a, const Box& b)
{
    const auto axis = [](std::int64_t s, std::int64_t n, std::int64_t t, std::int64_t m) { return s < t + m && t < s + n; };
    return axis(a.start.z, a.size.z, b.start.z, b.size.z) && axis(a.start.y, a.size.y, b.start.y, b.size.y)
        && axis(a.start.x, a.size.x, b.start.x, b.size.x);
}

SplitOptions small(std::int64_t tile, double fraction)
{
    SplitOptions options;
    options.tile = tile;
    options.trainFraction = fraction;
    return options;
}

} // namespace

class TestSplit : public QObject {
    Q_OBJECT

private slots:
    void wholeBlocksOfTheAskedShare()
    {
        const Shape volume { 150, 150, 150 };
        const auto split = makeSplit(volume, ArchitectureSpec::preset("quick"), small(32, 0.1));
        QVERIFY(split.trainedFraction() <= 0.1);
        QVERIFY(split.trainedFraction() > 0.09);
        std::vector<Box> blocks;
        for (const auto* group : { &split.training, &split.validation }) {
            for (const auto& start : *group) {
                blocks.push_back(split.boxOf(start));
                QVERIFY(blocks.back().within(volume));
                QCOMPARE(blocks.back().size, (Shape { 10, 32, 32 }));
            }
        }
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            for (std::size_t j = i + 1; j < blocks.size(); ++j)
                QVERIFY(!overlap(blocks[i], blocks[j]));
        }
    }

    void spreadOverDepth()
    {
        const auto split = makeSplit({ 400, 256, 256 }, ArchitectureSpec::preset("quick"), small(64, 0.1));
        // Every quarter of the stack trains and validation reaches both halves.
        for (int quarter = 0; quarter < 4; ++quarter) {
            QVERIFY(std::any_of(split.training.begin(), split.training.end(),
                [&](const Index& i) { return i.z >= quarter * 100 && i.z < (quarter + 1) * 100; }));
        }
        QVERIFY(std::any_of(split.validation.begin(), split.validation.end(), [](const Index& i) { return i.z < 200; }));
        QVERIFY(std::any_of(split.validation.begin(), split.validation.end(), [](const Index& i) { return i.z >= 200; }));
    }

    void guardSurroundsEveryBlock()
    {
        const auto split = makeSplit({ 150, 150, 150 }, ArchitectureSpec::preset("quick"), small(32, 0.1));
        QCOMPARE(split.guard, (Extent { 5, 8, 8 }));
        const auto boxes = split.excluded();
        QCOMPARE(boxes.size(), split.training.size() + split.validation.size());
        const Box inner = split.boxOf(split.training.front());
        const Box outer = boxes.front();
        QVERIFY(outer.start.z == std::max<std::int64_t>(0, inner.start.z - 5));
        QVERIFY(outer.start.x == std::max<std::int64_t>(0, inner.start.x - 8));
    }

    void sameSeedSameBlocks()
    {
        SplitOptions options = small(32, 0.1);
        const auto spec = ArchitectureSpec::preset("quick");
        const auto a = makeSplit({ 150, 150, 150 }, spec, options);
        const auto b = makeSplit({ 150, 150, 150 }, spec, options);
        QVERIFY(a.training == b.training && a.validation == b.validation);
        options.seed = 2;
        QVERIFY(makeSplit({ 150, 150, 150 }, spec, options).training != a.training);
    }

    void tilesOnTheLatticeAndNoLargerThanNeeded()
    {
        const auto split = makeSplit({ 200, 150, 90 }, ArchitectureSpec::preset("paper"), small(256, 0.1));
        QCOMPARE(split.block, (Shape { 10, 160, 96 }));
        QCOMPARE(split.boxOf(split.training.front()).size, (Shape { 10, 150, 90 }));
    }

    void fewSlices()
    {
        const auto split = makeSplit({ 9, 996, 1024 }, ArchitectureSpec::preset("quick"), small(64, 0.1));
        QCOMPARE(split.block.z, std::int64_t { 9 });
        QVERIFY(!split.training.empty() && !split.validation.empty());
    }

    void impossibleOnesAreRefused_data()
    {
        QTest::addColumn<int>("side");
        QTest::addColumn<double>("fraction");
        QTest::newRow("one block") << 8 << 0.1;
        QTest::newRow("all of it") << 64 << 1.0;
        QTest::newRow("none of it") << 64 << 0.0;
        QTest::newRow("nothing left to test") << 64 << 0.99;
        QTest::newRow("empty") << 0 << 0.1;
    }
    void impossibleOnesAreRefused()
    {
        QFETCH(int, side);
        QFETCH(double, fraction);
        QVERIFY_THROWS_EXCEPTION(
            Error, makeSplit({ side, side, side }, ArchitectureSpec::preset("quick"), small(32, fraction)));
    }

    void jsonRoundTrip()
    {
        const auto split = makeSplit({ 150, 150, 150 }, ArchitectureSpec::preset("quick"), small(32, 0.1));
        const auto again = splitFromJson(toJson(split));
        QVERIFY(again.training == split.training && again.validation == split.validation && again.guard == split.guard);
        QCOMPARE(again.volume, split.volume);
        QVERIFY_THROWS_EXCEPTION(Error, splitFromJson(Json::object()));
    }
};

QTEST_APPLESS_MAIN(TestSplit)
#include "tst_split.moc"
