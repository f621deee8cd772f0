// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/morphology/bodies.h"
#include "core/morphology/morphology_reference.h"
#include "morphology/components.h"

#include <QtTest>

using namespace interstice;

namespace {

std::uint32_t checksum(const std::vector<std::uint32_t>& labels)
{
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i)
        sum += std::uint64_t { labels[i] } * (i % 9973 + 1);
    return static_cast<std::uint32_t>(sum);
}

} // namespace

class TestComponents : public QObject {
    Q_OBJECT

private slots:
    void equalScipysWholeAndInSlabs()
    {
        for (const auto& expected : reference::labelled) {
            const Shape shape { expected.z, expected.y, expected.x };
            const auto mask = test::noiseMask(shape, expected.seed, static_cast<std::uint32_t>(expected.percent));
            // SciPy numbers its labels in the order of first voxels too, so labels are equal, not only alike.
            for (const std::int64_t blockVoxels : { std::int64_t { 0 }, std::int64_t { 1 }, 3 * shape.sliceVoxels() }) {
                ComponentsOptions options;
                options.connectivity = parseConnectivity(expected.connectivity);
                options.blockVoxels = blockVoxels;
                test::LabelTaker taker;
                Task task;
                const auto result = labelComponents(*mask, taker.maker(shape), options, task);
                const QString where = QString("%1×%2×%3, %4 %, %5 neighbours, blocks of %6")
                                          .arg(shape.z)
                                          .arg(shape.y)
                                          .arg(shape.x)
                                          .arg(expected.percent)
                                          .arg(expected.connectivity)
                                          .arg(blockVoxels);
                QVERIFY2(result.objects == expected.objects, qPrintable(where));
                QVERIFY2(result.largestVoxels == expected.largest, qPrintable(where));
                QVERIFY2(checksum(taker.labels()) == expected.checksum, qPrintable(where));
                QVERIFY(taker.volume->scalar() == (result.objects <= 255 ? Scalar::U8 : Scalar::U16));
                QCOMPARE(countComponents(*mask, options, task).objects, std::uint64_t(expected.objects));
            }
        }
    }

    void smallOnesAreDroppedAndNumbersStayConsecutive()
    {
        const Shape shape { 20, 30, 40 };
        const auto mask = test::ballMask({ { 5, 5, 5, 2 }, { 10, 15, 15, 5 }, { 15, 25, 35, 3 } }, shape);
        Task task;
        test::LabelTaker taker;
        ComponentsOptions options;
        options.minimumVoxels = 60;
        const auto result = labelComponents(*mask, taker.maker(shape), options, task);
        QCOMPARE(result.objects, std::uint64_t { 2 });
        QCOMPARE(result.droppedObjects, std::uint64_t { 1 });
        const auto labels = taker.labels();
        QCOMPARE(*std::max_element(labels.begin(), labels.end()), 2U);
        QCOMPARE(labels[(5 * 30 + 5) * 40 + 5], 0U);
        QCOMPARE(labels[(10 * 30 + 15) * 40 + 15], 1U);
        QCOMPARE(labels[(15 * 30 + 25) * 40 + 35], 2U);
        QCOMPARE(std::uint64_t(std::count_if(labels.begin(), labels.end(), [](auto v) { return v > 0; })), result.voxels);
        Volume kept(shape, Scalar::U8);
        keepLargeComponents(*mask, kept, options, task);
        for (std::size_t i = 0; i < labels.size(); ++i)
            QCOMPARE(int(kept.as<std::uint8_t>()[i]), labels[i] > 0 ? 1 : 0);
        options.minimumVoxels = 100000;
        QCOMPARE(keepLargeComponents(*mask, kept, options, task).objects, std::uint64_t { 0 });
    }

    void emptyAndFullMasksWork()
    {
        Task task;
        for (const int value : { 0, 1, 255, 7 }) {
            const Shape shape { 3, 70, 130 };
            const auto mask = Volume::from<std::uint8_t>(
                shape, std::vector<std::uint8_t>(static_cast<std::size_t>(shape.voxels()), std::uint8_t(value)));
            const auto result = countComponents(*mask, {}, task);
            QCOMPARE(result.objects, std::uint64_t(value == 1 ? 1 : 0)); // only 1 is foreground
            QCOMPARE(result.voxels, value == 1 ? std::uint64_t(shape.voxels()) : 0);
        }
        QCOMPARE(countComponents(Volume({ 0, 4, 4 }, Scalar::U8), {}, task).objects, std::uint64_t { 0 });
        QCOMPARE(
            countComponents(*Volume::from<std::uint8_t>({ 1, 1, 1 }, std::vector<std::uint8_t> { 1 }), {}, task).objects,
            std::uint64_t { 1 });
    }

    void manyObjectsTakeWiderLabels()
    {
        // Every second voxel along each axis: 8000 × 10 of them, none touching another.
        const Shape shape { 20, 180, 180 };
        std::vector<std::uint8_t> voxels;
        for (int z = 0; z < 20; ++z) {
            for (int y = 0; y < 180; ++y) {
                for (int x = 0; x < 180; ++x)
                    voxels.push_back(z % 2 == 0 && y % 2 == 0 && x % 2 == 0 ? 1 : 0);
            }
        }
        Task task;
        test::LabelTaker taker;
        const auto result = labelComponents(*Volume::from<std::uint8_t>(shape, voxels), taker.maker(shape), {}, task);
        QCOMPARE(result.objects, std::uint64_t { 81000 });
        QVERIFY(taker.volume->scalar() == Scalar::U32);
        QCOMPARE(taker.labels()[0], 1U);
    }

    void wrongInputIsRefusedAndAStopIsAnswered()
    {
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, countComponents(Volume({ 2, 2, 2 }, Scalar::U16), {}, task));
        QVERIFY_THROWS_EXCEPTION(Error, parseConnectivity(8));
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, countComponents(*test::noiseMask({ 4, 9, 9 }, 1, 30), {}, task));
    }
};

QTEST_APPLESS_MAIN(TestComponents)
#include "tst_components.moc"
