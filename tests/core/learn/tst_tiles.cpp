// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "learn/tiles.h"
#include "volume/volume.h"

#include <QtTest>

#include <limits>
#include <numeric>

using namespace interstice;

class TestTiles : public QObject {
    Q_OBJECT

private slots:
    void startsCoverEveryVoxel()
    {
        for (const double overlap : { 0.0, 0.25, 0.5, 0.75, 0.9 }) {
            for (std::int64_t length = 1; length <= 200; ++length) {
                for (const std::int64_t tile : { 1, 7, 10, 32, 64 }) {
                    const auto starts = tileStarts(length, tile, overlap);
                    std::vector<int> covered(static_cast<std::size_t>(length));
                    for (const auto start : starts) {
                        QVERIFY(start >= 0 && (start + tile <= length || length < tile));
                        for (std::int64_t i = start; i < std::min(start + tile, length); ++i)
                            covered[static_cast<std::size_t>(i)] = 1;
                    }
                    QCOMPARE(std::accumulate(covered.begin(), covered.end(), 0), static_cast<int>(length));
                    QVERIFY(std::is_sorted(starts.begin(), starts.end()));
                    QVERIFY(std::adjacent_find(starts.begin(), starts.end()) == starts.end());
                }
            }
        }
    }

    void windowIsSmoothSymmetricAndPositive()
    {
        const auto window = smoothWindow(10);
        for (std::size_t i = 0; i < window.size(); ++i) {
            QVERIFY(window[i] >= 1e-3F);
            QCOMPARE(window[i], window[window.size() - 1 - i]);
        }
        QVERIFY(window[4] > window[3] && window[3] > window[1]);
    }

    void windowSumIsTheSumOverTiles()
    {
        const auto window = smoothWindow(10);
        const auto sum = windowSum(23, { 0, 5, 10, 13 }, window);
        QCOMPARE(sum[0], window[0]);
        QCOMPARE(sum[5], window[5] + window[0]);
        QCOMPARE(sum[22], window[9]);
    }

    void paddingReflectsAtTheFarEnds()
    {
        std::vector<std::uint8_t> voxels(3 * 2 * 3);
        std::iota(voxels.begin(), voxels.end(), std::uint8_t { 0 });
        const auto volume = Volume::from<std::uint8_t>({ 3, 2, 3 }, voxels);
        TilePlan plan;
        plan.padded = { 5, 4, 4 };
        const auto grey = readPadded(*volume, { 0, 1 }, plan, 1, 4);
        // Slices 1, 2, then reflected 1, 0; rows 0, 1, 0, 1; columns 0, 1, 2, 1.
        const auto at = [&](int z, int y, int x) { return grey[static_cast<std::size_t>((z * 4 + y) * 4 + x)]; };
        QCOMPARE(at(0, 0, 0), 6.0F);
        QCOMPARE(at(1, 1, 2), 17.0F);
        QCOMPARE(at(2, 0, 0), 6.0F);
        QCOMPARE(at(3, 0, 3), 1.0F);
        QCOMPARE(at(3, 2, 3), 1.0F);
        QCOMPARE(at(3, 3, 0), 3.0F);
        // With a front the volume's first voxel moves and what lies before it is reflected too.
        plan.front = { 0, 1, 2 };
        plan.padded = { 3, 4, 7 };
        const auto shifted = readPadded(*volume, { 0, 1 }, plan, 0, 1);
        QCOMPARE(shifted[7 + 2], 0.0F);
        QCOMPARE(shifted[7 + 1], 1.0F);
        QCOMPARE(shifted[7 + 0], 2.0F);
        QCOMPARE(shifted[0 + 2], 3.0F);
        QCOMPARE(shifted[7 + 6], 0.0F);
    }

    void valuesThatAreNoNumbersBecomeZero()
    {
        const std::vector<float> voxels
            = { 1.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 3.0F };
        const auto volume = Volume::from<float>({ 1, 2, 2 }, voxels);
        TilePlan plan;
        plan.padded = { 1, 2, 2 };
        const auto grey = readPadded(*volume, { 1, 3 }, plan, 0, 1);
        QCOMPARE(grey[0], 0.0F);
        QCOMPARE(grey[1], 0.0F);
        QCOMPARE(grey[2], 0.0F);
        QCOMPARE(grey[3], 1.0F);
    }

    void exactTilesGrowWithTheMemoryAndNeverExceedIt()
    {
        ModelCard card;
        card.architecture = ArchitectureSpec::preset("quick");
        card.split.block = { 10, 32, 32 };
        PredictOptions options;
        options.mode = PredictOptions::Mode::Exact;
        options.device = "cpu";
        std::int64_t last = 0;
        for (const std::uint64_t gigabytes : { 1, 2, 8, 32 }) {
            options.memory = gigabytes * 1'000'000'000;
            const auto plan = planTiles({ 600, 600, 600 }, card, options);
            QVERIFY(plan.core.voxels() >= last);
            QVERIFY(estimatePrediction({ 600, 600, 600 }, card, options).ramBytes <= options.memory);
            last = plan.core.voxels();
        }
        options.memory = 1000;
        QVERIFY_THROWS_EXCEPTION(Error, planTiles({ 600, 600, 600 }, card, options));
    }

    void chunksAreDeepWhereTheMemoryTakesThem()
    {
        const Shape shape { 100, 1024, 1024 };
        ModelCard card;
        card.architecture = ArchitectureSpec::preset("quick");
        card.split = makeSplit(shape, card.architecture, {});
        PredictOptions options;
        options.device = "cpu";
        options.memory = 4'000'000'000;
        const TilePlan deep = planTiles(shape, card, options);
        QCOMPARE(deep.tile.z, kPaperDepth);
        QVERIFY(!deep.shallow);
        const std::uint64_t needed = estimatePrediction(shape, card, options).ramBytes;
        options.memory = needed * 9 / 10;
        const TilePlan shallow = planTiles(shape, card, options);
        QCOMPARE(shallow.tile.z, card.split.patch().z);
        QVERIFY(shallow.shallow);
        QVERIFY(estimatePrediction(shape, card, options).ramBytes < options.memory);
        // A short stack keeps the chunk that was trained on, a network that pools along z stays on its lattice.
        QCOMPARE(planTiles({ 10, 64, 64 }, card, {}).tile.z, std::int64_t { 10 });
        QCOMPARE(planTiles({ 14, 64, 64 }, card, {}).tile.z, std::int64_t { 14 });
        card.architecture = ArchitectureSpec::preset("paper-table");
        card.split = makeSplit(shape, card.architecture, {});
        QCOMPARE(planTiles(shape, card, {}).tile.z % card.architecture.lattice().z, std::int64_t { 0 });
    }

    void overlapOutOfRangeIsRefused()
    {
        ModelCard card;
        card.architecture = ArchitectureSpec::preset("quick");
        card.split.block = { 10, 32, 32 };
        PredictOptions options;
        options.overlap = 1.0;
        QVERIFY_THROWS_EXCEPTION(Error, planTiles({ 60, 60, 60 }, card, options));
    }
};

QTEST_APPLESS_MAIN(TestTiles)
#include "tst_tiles.moc"
