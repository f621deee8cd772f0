// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "learn/split.h"
#include "learn/split_use.h"
#include "learn/train_options.h"

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

    void fullGuardWhereItLeavesEnoughToTest()
    {
        const auto spec = ArchitectureSpec::preset("quick");
        const Extent reach = spec.receptiveField();
        SplitOptions options = small(32, 0.02);
        const auto wide = makeSplit({ 300, 300, 300 }, spec, options);
        QCOMPARE(wide.guard, reach);
        QVERIFY(!testSeesBlocks(wide, spec));
        const UseCounts counted = sumOf(countUses(wide));
        QVERIFY(std::abs(sampledTestShare(wide) - double(counted.test) / double(counted.voxels())) < 0.05);
        // No test voxel sees a block: it is outside all that any block reaches.
        for (const Index& start : wide.training) {
            const Box block = wide.boxOf(start);
            for (const Index& near : { Index { block.start.z - reach.z, block.start.y, block.start.x },
                     Index { block.start.z, block.start.y + block.size.y - 1 + reach.y, block.start.x } }) {
                if (near.z >= 0 && near.y < 300)
                    QVERIFY(useOf(wide, near) != VoxelUse::Test);
            }
        }
        // What is drawn and seen in training is the same for both.
        options.narrowGuard = true;
        options.context = { 4, 4, 4 };
        const auto narrow = makeSplit({ 300, 300, 300 }, spec, options);
        QCOMPARE(narrow.guard, (Extent { 5, 8, 8 }));
        QVERIFY(narrow.training == wide.training && narrow.validation == wide.validation);
        options.narrowGuard = false;
        QCOMPARE(makeSplit({ 300, 300, 300 }, spec, options).context, narrow.context);
        const auto seen = testSeesBlocks(narrow, spec);
        QVERIFY(seen);
        QVERIFY2(seen->text.find("5 of 10 along z") != std::string::npos, seen->text.c_str());
        // An axis that blocks span has no test voxels beside them.
        SplitOptions narrowed = small(32, 0.2);
        narrowed.narrowGuard = true;
        const auto flat = testSeesBlocks(makeSplit({ 300, 30, 30 }, spec, narrowed), spec);
        QVERIFY(flat && flat->text.find("along z") != std::string::npos);
        QVERIFY(flat->text.find("along y") == std::string::npos);
        // A guard that is asked for is taken, and judged.
        options.guard = { 3, 40, 40 };
        const auto asked = makeSplit({ 300, 300, 300 }, spec, options);
        QCOMPARE(asked.guard, options.guard);
        QVERIFY(testSeesBlocks(asked, spec));
        QVERIFY(testSeesBlocks(asked, spec)->text.find("along y") == std::string::npos);
        // The choice is kept.
        options.narrowGuard = true;
        QVERIFY(splitOptionsOf(toJson(options)).narrowGuard);
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

    void everyVoxelHasOneUse_data()
    {
        QTest::addColumn<QString>("slabs");
        QTest::addColumn<bool>("narrow");
        QTest::newRow("drawn") << "" << false;
        QTest::newRow("one slab in the middle") << "20-29" << false;
        QTest::newRow("two slabs, with ends") << "0-9,35-49" << true;
        QTest::newRow("unsorted and overlapping") << "30-41,4-13,36-49" << true;
        QTest::newRow("all") << "0-49" << false;
    }
    /// The counts are made from intervals, this from the definition of each use, voxel by voxel.
    void everyVoxelHasOneUse()
    {
        QFETCH(QString, slabs);
        QFETCH(bool, narrow);
        const Shape volume { 50, 45, 40 };
        SplitOptions options = small(16, 0.1);
        if (!slabs.isEmpty())
            options.slabs = parseSliceRanges(slabs.toStdString());
        options.narrowGuard = narrow;
        const auto split = makeSplit(volume, ArchitectureSpec::preset("quick"), options);
        const auto in = [](const Box& box, std::int64_t z, std::int64_t y, std::int64_t x) {
            return overlap(box, { { z, y, x }, { 1, 1, 1 } });
        };
        std::vector<UseCounts> expected(50);
        for (std::int64_t z = 0; z < volume.z; ++z) {
            for (std::int64_t y = 0; y < volume.y; ++y) {
                for (std::int64_t x = 0; x < volume.x; ++x) {
                    int training = 0;
                    int validation = 0;
                    bool near = false;
                    for (const auto& start : split.training)
                        training += in(split.boxOf(start), z, y, x);
                    for (const auto& start : split.validation)
                        validation += in(split.boxOf(start), z, y, x);
                    for (const Box& box : split.excluded())
                        near = near || in(box, z, y, x);
                    QVERIFY(training + validation <= 1); // no block overlaps another
                    UseCounts& counts = expected[std::size_t(z)];
                    const VoxelUse use = training ? VoxelUse::Training
                        : validation              ? VoxelUse::Validation
                        : near                    ? VoxelUse::Guard
                                                  : VoxelUse::Test;
                    QCOMPARE(useOf(split, { z, y, x }), use);
                    counts.training += use == VoxelUse::Training;
                    counts.validation += use == VoxelUse::Validation;
                    counts.guard += use == VoxelUse::Guard;
                    counts.test += use == VoxelUse::Test;
                }
            }
        }
        QVERIFY(countUses(split) == expected);
        QCOMPARE(sumOf(expected).voxels(), volume.voxels());
        QCOMPARE(leavesTest(split), sumOf(expected).test > 0);
        QCOMPARE(leavesTest(split), slabs != "0-49");
    }

    void chosenSlabsTrain()
    {
        const Shape volume { 100, 64, 70 };
        const auto spec = ArchitectureSpec::preset("quick");
        SplitOptions options = small(32, 0.1);
        options.slabs = parseSliceRanges("80-94,0-9");
        const auto split = makeSplit(volume, spec, options);
        // Two rows and two columns of whole tiles, a block deep from each slab's first slice; what a slab has beyond whole
        // blocks does not train.
        QCOMPARE(split.training.size() + split.validation.size(), std::size_t { 8 });
        QVERIFY(!split.training.empty() && !split.validation.empty());
        for (const auto* group : { &split.training, &split.validation }) {
            for (const Index& start : *group) {
                QVERIFY(start.z == 0 || start.z == 80);
                QVERIFY(split.boxOf(start).within(volume));
            }
        }
        // A test voxel sees no block: the gap is all that the network sees, along z and in the plane.
        const Extent reach = spec.receptiveField();
        QCOMPARE(split.guard, reach);
        options.narrowGuard = true;
        QCOMPARE(makeSplit(volume, spec, options).guard, (Extent { 5, 8, 8 }));
        // The seed chooses which of the blocks validate.
        const auto again = makeSplit(volume, spec, options);
        QVERIFY(again.training == split.training);
        options.seed = 5;
        QVERIFY(makeSplit(volume, spec, options).training != split.training);
    }

    void slabsAreChecked_data()
    {
        QTest::addColumn<QString>("slabs");
        QTest::addColumn<QString>("says");
        QTest::newRow("beyond the volume") << "95-104"
                                           << "0 to 99";
        QTest::newRow("thinner than a block") << "10-14"
                                              << "thinner";
        QTest::newRow("backwards") << "20-10"
                                   << "no range";
        QTest::newRow("no number") << "a-b"
                                   << "names no slices";
        QTest::newRow("below zero") << "-3-9"
                                    << "names no slices";
        QTest::newRow("empty part") << "0-9,,20-29"
                                    << "names no slices";
        QTest::newRow("nothing") << ""
                                 << "names no slices";
        QTest::newRow("too large a number") << "0-99999999999999999999"
                                            << "names no slices";
    }
    void slabsAreChecked()
    {
        QFETCH(QString, slabs);
        QFETCH(QString, says);
        try {
            SplitOptions options = small(32, 0.1);
            options.slabs = parseSliceRanges(slabs.toStdString());
            (void)makeSplit({ 100, 64, 64 }, ArchitectureSpec::preset("quick"), options);
            QFAIL("That was accepted");
        } catch (const Error& error) {
            QVERIFY2(QString(error.what()).contains(says), error.what());
        }
    }

    void oneBlockIsTooLittle()
    {
        SplitOptions options = small(64, 0.1);
        options.slabs = parseSliceRanges("0-9");
        const auto spec = ArchitectureSpec::preset("quick");
        QVERIFY_THROWS_EXCEPTION(Error, makeSplit({ 100, 64, 64 }, spec, options));
        options.slabs = parseSliceRanges("0-19");
        QCOMPARE(makeSplit({ 100, 64, 64 }, spec, options).training.size(), std::size_t { 1 });
        options.slabs.emplace();
        QVERIFY_THROWS_EXCEPTION(Error, makeSplit({ 100, 64, 64 }, spec, options));
    }

    void rangesAreMerged()
    {
        QCOMPARE(describe(parseSliceRanges("40-49,0-9,5-19,20,60")), std::string("0-20,40-49,60"));
        QVERIFY(sliceRangesFromJson(toJson(parseSliceRanges("3-4,9"))) == parseSliceRanges("9,3-4"));
    }

    void gridToChooseFrom()
    {
        const auto spec = ArchitectureSpec::preset("quick");
        const auto grid = slabGrid({ 47, 64, 64 }, spec, small(32, 0.1));
        QCOMPARE(describe({ grid.front() }), std::string("3-12")); // what is over is shared between both ends
        QCOMPARE(grid.size(), std::size_t { 4 });
        QCOMPARE(spreadSlabs(grid, small(32, 0.4)).size(), std::size_t { 2 }); // half of them, apart
        SplitOptions options = small(32, 0.1);
        options.slabs = spreadSlabs(grid, options);
        QVERIFY(!makeSplit({ 47, 64, 64 }, spec, options).training.empty());
    }

    void slabsAreKept()
    {
        SplitOptions options = small(32, 0.1);
        const Json without = toJson(options);
        QVERIFY(!without.contains("train_slabs")); // what was kept before has other checksums otherwise
        options.slabs = parseSliceRanges("0-9,40-49");
        options.narrowGuard = true;
        options.guard = { 1, 2, 3 };
        options.context = { 0, 8, 8 };
        options.seed = 17;
        QVERIFY(toJson(splitOptionsOf(toJson(options))) == toJson(options));
        QVERIFY(splitOptionsOf(toJson(options)).slabs == options.slabs);
        QVERIFY(toJson(splitOptionsOf(without)) == without);
        QVERIFY_THROWS_EXCEPTION(Error, splitOptionsOf(Json { { "train_slabs", { 1, 2 } } }));
        TrainOptions training;
        setOption(training, "train-slabs", "0-9");
        QVERIFY(identityOf(training) != identityOf(TrainOptions()));
        QVERIFY(upgradedIdentity(identityOf(training)) == identityOf(training));
        // All options as they are kept beside an unfinished training.
        training.split = options;
        training.classWeights = { 1, 3 };
        training.augment = AugmentOptions::parse("noise,rings");
        training.precision = Precision::Bfloat16;
        training.schedule = Schedule::Poly;
        training.normalise.mode = NormaliseOptions::Mode::Percentiles;
        QVERIFY(toJson(trainOptionsFromJson(toJson(training))) == toJson(training));
        QVERIFY_THROWS_EXCEPTION(Error, trainOptionsFromJson(Json::object()));
        // A step in more parts goes on with the same checkpoint.
        TrainOptions parts = training;
        parts.accumulate = 4;
        QVERIFY(identityOf(parts) == identityOf(training));
        Json older = identityOf(training);
        older["accumulate"] = 1;
        QVERIFY(upgradedIdentity(older) == identityOf(training));
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
