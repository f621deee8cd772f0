// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/chunk_sampler.h"
#include "volume/volume.h"

#include <QtTest>

#include <algorithm>
#include <numeric>
#include <set>

using namespace interstice;

namespace {

std::shared_ptr<Volume> numbered(const Shape& shape)
{
    std::vector<std::uint16_t> voxels(static_cast<std::size_t>(shape.voxels()));
    std::iota(voxels.begin(), voxels.end(), std::uint16_t { 0 });
    return Volume::from<std::uint16_t>(shape, voxels);
}

} // namespace

class TestChunkSampler : public QObject {
    Q_OBJECT

private slots:
    void reflection()
    {
        const std::vector<std::int64_t> expected = { 0, 1, 2, 1, 0, 1, 2 };
        for (std::size_t i = 0; i < expected.size(); ++i)
            QCOMPARE(reflected(static_cast<std::int64_t>(i), 3), expected[i]);
        QCOMPARE(reflected(-1, 3), std::int64_t { 1 });
        QCOMPARE(reflected(5, 1), std::int64_t { 0 });
    }

    void sixteenSymmetries()
    {
        const Shape block { 2, 3, 3 };
        std::vector<float> original(18);
        std::iota(original.begin(), original.end(), 0.0F);
        std::set<std::vector<float>> seen;
        for (unsigned which = 0; which < 16; ++which) {
            auto turned = original;
            turn(turned, block, which);
            seen.insert(turned);
            std::sort(turned.begin(), turned.end());
            QVERIFY(turned == original); // nothing lost
        }
        QCOMPARE(seen.size(), std::size_t { 16 });
        auto oblong = std::vector<float>(original.begin(), original.begin() + 12);
        const auto before = oblong;
        turn(oblong, { 2, 2, 3 }, 8); // a quarter turn needs a square
        QVERIFY(oblong == before);
    }

    void blocksAreNormalisedAndPaddingIsIgnored()
    {
        const auto raw = numbered({ 3, 4, 5 });
        const auto truth = std::make_shared<Volume>(Shape { 3, 4, 5 }, Scalar::U8);
        truth->as<std::uint8_t>()[0] = 1;
        truth->as<std::uint8_t>()[1] = 255;
        Split split;
        split.volume = raw->shape();
        split.block = { 4, 4, 8 };
        split.training = { { 0, 0, 0 } };
        const ChunkSampler sampler(*raw, *truth, { 0, 59 }, split, 0);
        const auto samples = sampler.read(split.training);
        QCOMPARE(samples.count, std::int64_t { 1 });
        QCOMPARE(samples.grey.size(), std::size_t { 4 * 4 * 8 });
        QCOMPARE(samples.grey[1], 1.0F / 59);
        QCOMPARE(samples.target[0], 1.0F);
        QCOMPARE(samples.target[1], -1.0F); // 255 is "nobody said"
        QCOMPARE(samples.target[2], 0.0F);
        QCOMPARE(samples.target[5], -1.0F); // beyond the volume
        QCOMPARE(samples.grey[5], samples.grey[3]); // reflected
        QCOMPARE(samples.target[3 * 32], -1.0F);
    }

    void contextIsSeenButNotJudged()
    {
        const auto raw = numbered({ 2, 8, 8 });
        const Volume truth({ 2, 8, 8 }, Scalar::U8);
        Split split;
        split.volume = raw->shape();
        split.block = { 2, 4, 4 };
        split.context = { 0, 2, 2 };
        split.training = { { 0, 0, 4 } };
        const ChunkSampler sampler(*raw, truth, { 0, 1 }, split, 0);
        const auto samples = sampler.read(split.training);
        QCOMPARE(samples.patch, (Shape { 2, 8, 8 }));
        const auto at = [&](int y, int x) { return static_cast<std::size_t>(y * 8 + x); };
        QCOMPARE(samples.grey[at(2, 2)], 4.0F); // the block's own corner: row 0, column 4
        QCOMPARE(samples.grey[at(2, 1)], 3.0F); // context to its left
        QCOMPARE(samples.grey[at(1, 2)], 12.0F); // above the volume: row 1 reflected
        QCOMPARE(samples.grey[at(2, 6)], 6.0F); // right of it: column 6 reflected
        QCOMPARE(samples.target[at(2, 2)], 0.0F);
        for (const auto outside : { at(2, 1), at(1, 2), at(2, 6), at(6, 2) })
            QCOMPARE(samples.target[outside], -1.0F);
    }

    void orderFollowsSeedAndEpochAlone()
    {
        const auto raw = numbered({ 2, 2, 2 });
        Split split;
        split.volume = raw->shape();
        split.block = { 1, 1, 1 };
        split.training.resize(8);
        const ChunkSampler sampler(*raw, *raw, { 0, 1 }, split, 0);
        const auto first = sampler.order(7, 3, 2);
        QVERIFY(first == sampler.order(7, 3, 2));
        QVERIFY(first != sampler.order(7, 4, 2));
        QVERIFY(first != sampler.order(8, 3, 2));
        QCOMPARE(first.size(), std::size_t { 16 });
        for (std::size_t block = 0; block < 8; ++block)
            QCOMPARE(std::count(first.begin(), first.end(), block), std::ptrdiff_t { 2 });
    }

    void cacheChangesNothing()
    {
        const auto raw = numbered({ 4, 8, 8 });
        const auto truth = std::make_shared<Volume>(Shape { 4, 8, 8 }, Scalar::U8);
        Split split;
        split.volume = raw->shape();
        split.block = { 2, 4, 4 };
        split.training = { { 0, 0, 0 }, { 2, 4, 4 } };
        const AugmentOptions turning = AugmentOptions::parse("flips,turns");
        const ChunkSampler cached(*raw, *truth, { 0, 255 }, split, 1 << 20);
        const ChunkSampler direct(*raw, *truth, { 0, 255 }, split, 0);
        for (int pass = 0; pass < 2; ++pass) {
            const auto a = cached.read(split.training, turning, 5, pass, 0);
            const auto b = direct.read(split.training, turning, 5, pass, 0);
            QVERIFY(a.grey == b.grey && a.target == b.target);
        }
        // Augmentation draws differ between epochs at least once in a while.
        bool differs = false;
        for (int epoch = 2; epoch < 8; ++epoch)
            differs = differs
                || direct.read(split.training, turning, 5, epoch, 0).grey
                    != direct.read(split.training, turning, 5, 1, 0).grey;
        QVERIFY(differs);
    }
};

QTEST_APPLESS_MAIN(TestChunkSampler)
#include "tst_chunk_sampler.moc"
