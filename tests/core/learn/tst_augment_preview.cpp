// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/learn/toy.h"
#include "learn/augment_preview.h"

#include <QtTest>

using namespace interstice;

class TestAugmentPreview : public QObject {
    Q_OBJECT

private:
    const Toy m_toy = toy();
    TrainOptions m_options = tiny(2);
    const GreyRange m_range { 20, 220 };
    AugmentPreview preview() { return { m_toy.raw, m_toy.truth, m_range, m_options }; }

private slots:
    void initTestCase() { m_options.split.context = { 0, 4, 4 }; }

    /// Without changes a sample is the volume at its place, its context without a target.
    void samplesAreTheVolume()
    {
        Task task;
        const auto raw = m_toy.raw->as<std::uint8_t>();
        const auto truth = m_toy.truth->as<std::uint8_t>();
        const Shape shape = m_toy.raw->shape();
        const Split split = makeSplit(shape, m_options.architecture, m_options.split);
        QCOMPARE(split.context, (Extent { 0, 4, 4 }));
        const auto blocks = preview().blocks({}, 0, 6, task);
        QCOMPARE(blocks.size(), std::size_t { 6 });
        for (const PreviewBlock& block : blocks) {
            QCOMPARE(block.width, 24);
            QCOMPARE(block.height, 24);
            QVERIFY(std::find(split.training.begin(), split.training.end(), block.start) != split.training.end());
            const std::int64_t z = block.start.z + split.block.z / 2;
            for (int row = 0; row < block.height; ++row) {
                for (int column = 0; column < block.width; ++column) {
                    const std::int64_t y = block.start.y + row - 4;
                    const std::int64_t x = block.start.x + column - 4;
                    const auto at = static_cast<std::size_t>(row * block.width + column);
                    const bool inside = y >= 0 && x >= 0 && y < shape.y && x < shape.x;
                    const auto voxel = static_cast<std::size_t>((z * shape.y + y) * shape.x + x);
                    if (inside) {
                        const double grey = (raw[voxel] - m_range.low) / 200;
                        QVERIFY(std::abs(double(block.grey[at]) - grey) < 1e-6);
                    }
                    const bool judged = row >= 4 && row < 20 && column >= 4 && column < 20 && inside;
                    QCOMPARE(block.target[at], judged ? float(truth[voxel]) : -1.0F);
                }
            }
        }
    }

    /// What the training draws: its sampler asked as the trainer asks it, also beyond the first epoch.
    void samplesAreTheTrainings()
    {
        Task task;
        const AugmentOptions all = AugmentOptions::parse("all");
        const AugmentPreview made = preview();
        const std::size_t length = made.blocksOfAnEpoch();
        QVERIFY(length > 4);
        const ChunkSampler sampler(*m_toy.raw, *m_toy.truth, m_range,
            makeSplit(m_toy.raw->shape(), m_options.architecture, m_options.split), 1 << 20);
        const int repeats = m_options.repeatsFor(sampler.split().training.size());
        const auto blocks = made.blocks(all, length - 2, 4, task);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const int epoch = i < 2 ? 1 : 2;
            const std::size_t at = i < 2 ? length - 2 + i : i - 2;
            QCOMPARE(blocks[i].epoch, epoch);
            const Index start = sampler.split().training[sampler.order(m_options.seed, epoch, repeats)[at]];
            QCOMPARE(blocks[i].start, start);
            const Samples samples = sampler.read({ start }, all, m_options.seed, epoch, at);
            const auto slice = samples.patch.sliceVoxels();
            const auto from = samples.grey.begin() + samples.patch.z / 2 * slice;
            QVERIFY(std::equal(from, from + slice, blocks[i].grey.begin(), blocks[i].grey.end()));
        }
    }

    void switchesAndSeedsCount()
    {
        Task task;
        AugmentOptions noise;
        noise.noise = true;
        const auto plain = preview().blocks({}, 0, 8, task);
        const auto noisy = preview().blocks(noise, 0, 8, task);
        const auto again = preview().blocks(noise, 0, 8, task);
        const auto others = preview().blocks(noise, 8, 8, task);
        m_options.seed = 9;
        const auto seeded = preview().blocks(noise, 0, 8, task);
        m_options.seed = 1;
        int changed = 0; // each sample is changed by chance
        int same = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            QVERIFY(noisy[i].grey == again[i].grey);
            QVERIFY(noisy[i].target == plain[i].target);
            changed += noisy[i].grey != plain[i].grey;
            same += others[i].grey == noisy[i].grey || seeded[i].grey == noisy[i].grey;
        }
        QVERIFY2(changed >= 2, qPrintable(QString::number(changed)));
        QCOMPARE(same, 0);
    }

    void stops()
    {
        Task task;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, preview().blocks({}, 0, 3, task));
    }

    void refusesWhatCannotTrain()
    {
        TrainOptions options = m_options;
        options.split.slabs.emplace();
        QVERIFY_THROWS_EXCEPTION(Error, AugmentPreview(m_toy.raw, m_toy.truth, m_range, options));
    }
};

QTEST_APPLESS_MAIN(TestAugmentPreview)
#include "tst_augment_preview.moc"
