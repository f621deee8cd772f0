// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/morphology/bodies.h"
#include "core/morphology/morphology_reference.h"
#include "morphology/split_touching.h"

#include <QtTest>

#include <set>

using namespace interstice;

namespace {

const Shape kShape { 31, 60, 75 };
/// Three that touch each other, one alone, two that touch.
const std::vector<test::Ball> kBalls = { { 15, 15, 15, 10 }, { 15, 15, 33, 10 }, { 15, 31, 24, 10 }, { 15, 15, 60, 8 },
    { 15, 44, 60, 12 }, { 15, 44, 42, 9 } };

struct Split {
    ComponentsResult result;
    std::vector<std::uint32_t> labels;
};

Split split(const VolumeSource& mask, const SplitTouchingOptions& options = {})
{
    Task task;
    test::LabelTaker taker;
    const auto result = splitTouching(mask, taker.maker(mask.shape()), options, task);
    return { result, taker.labels() };
}

} // namespace

class TestSplitTouching : public QObject {
    Q_OBJECT

private slots:
    void touchingBallsAreToldApart()
    {
        const auto mask = test::ballMask(kBalls, kShape);
        const auto s = split(*mask);
        QCOMPARE(int(s.result.objects), reference::bodies[0]); // h-maxima's count (scikit-image)
        QCOMPARE(s.result.objects, std::uint64_t { 6 });
        QCOMPARE(reference::bodiesTouching[0], 3);
        // Each voxel belongs to the ball whose surface it lies deepest under.
        std::vector<std::uint32_t> labelOf;
        for (const auto& b : kBalls)
            labelOf.push_back(s.labels[static_cast<std::size_t>((b[0] * kShape.y + b[1]) * kShape.x + b[2])]);
        QCOMPARE(std::set<std::uint32_t>(labelOf.begin(), labelOf.end()).size(), kBalls.size());
        int right = 0;
        int all = 0;
        for (int i = 0; i < kShape.voxels(); ++i) {
            if (s.labels[static_cast<std::size_t>(i)] == 0)
                continue;
            const int z = i / int(kShape.sliceVoxels());
            const int y = i / int(kShape.x) % int(kShape.y);
            const int x = i % int(kShape.x);
            double best = 1e9;
            std::size_t nearest = 0;
            for (std::size_t b = 0; b < kBalls.size(); ++b) {
                const double d = std::sqrt((z - kBalls[b][0]) * (z - kBalls[b][0]) + (y - kBalls[b][1]) * (y - kBalls[b][1])
                                     + (x - kBalls[b][2]) * (x - kBalls[b][2]))
                    - kBalls[b][3];
                if (d < best) {
                    best = d;
                    nearest = b;
                }
            }
            ++all;
            right += s.labels[static_cast<std::size_t>(i)] == labelOf[nearest] ? 1 : 0;
        }
        QVERIFY2(right >= all * 0.99, qPrintable(QString("%1 of %2").arg(right).arg(all)));
        QCOMPARE(std::uint64_t(all), s.result.voxels);
    }

    void slabsGiveWhatTheWholeGives()
    {
        for (const auto& mask : { test::ballMask(kBalls, kShape), test::noiseMask({ 14, 22, 35 }, 4, 80),
                 test::noiseMask({ 9, 15, 16 }, 6, 95) }) {
            for (const double h : { 0.0, 0.5, 1.0, 3.0 }) {
                SplitTouchingOptions options;
                options.h = h;
                const auto whole = split(*mask, options);
                for (const std::int64_t slices : { 1, 2, 5 }) {
                    // Deciding early, after every slab or some, changes nothing either.
                    for (const std::uint64_t basins : { 0, 1, 40, 300 }) {
                        options.slabSlices = slices;
                        options.basinsAtOnce = basins;
                        const auto parts = split(*mask, options);
                        QCOMPARE(parts.result.objects, whole.result.objects);
                        QCOMPARE(parts.result.largestVoxels, whole.result.largestVoxels);
                        QVERIFY2(parts.labels == whole.labels,
                            qPrintable(QString("h %1, slabs of %2, %3 basins").arg(h).arg(slices).arg(basins)));
                    }
                }
                options = {};
            }
        }
    }

    void theDepthDecides()
    {
        const auto mask = test::ballMask(kBalls, kShape);
        SplitTouchingOptions options;
        options.h = 100;
        QCOMPARE(split(*mask, options).result.objects, std::uint64_t { 3 }); // what does not touch stays apart
        options.h = 0;
        QVERIFY(split(*mask, options).result.objects >= 6);
        options.h = 1;
        options.minimumVoxels = 3000;
        const auto large = split(*mask, options);
        QVERIFY(large.result.objects < 6 && large.result.droppedObjects > 0);
        options.h = -1;
        QVERIFY_THROWS_EXCEPTION(Error, split(*mask, options));
    }

    void longVoxelsCountByTheirLength()
    {
        // Two balls along z whose neck is clear in micrometres: z slices twice as thick as pixels.
        const Shape shape { 30, 40, 40 };
        std::vector<std::uint8_t> voxels;
        for (int z = 0; z < shape.z; ++z) {
            for (int y = 0; y < shape.y; ++y) {
                for (int x = 0; x < shape.x; ++x) {
                    const auto in = [&](double cz) {
                        return (2 * z - cz) * (2 * z - cz) + (y - 20) * (y - 20) + (x - 20) * (x - 20) < 196;
                    };
                    voxels.push_back(in(18) || in(42) ? 1 : 0);
                }
            }
        }
        SplitTouchingOptions options;
        options.spacing = { 2, 1, 1 };
        QCOMPARE(split(*Volume::from<std::uint8_t>(shape, voxels), options).result.objects, std::uint64_t { 2 });
    }

    void emptyAndFullMasksWork()
    {
        const Shape shape { 3, 6, 7 };
        QCOMPARE(split(*Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t>(126, 0))).result.objects,
            std::uint64_t { 0 });
        QCOMPARE(split(*Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t>(126, 1))).result.objects,
            std::uint64_t { 1 });
        Task task;
        task.requestStop();
        test::LabelTaker taker;
        QVERIFY_THROWS_EXCEPTION(
            Stopped, splitTouching(*test::noiseMask({ 4, 9, 9 }, 1, 30), taker.maker({ 4, 9, 9 }), {}, task));
    }
};

QTEST_APPLESS_MAIN(TestSplitTouching)
#include "tst_split_touching.moc"
