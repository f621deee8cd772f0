// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/segment/scene.h"
#include "segment/preview.h"

#include <QtTest>

using namespace interstice;

namespace {

std::vector<std::uint8_t> sliceOf(const Volume& volume, std::int64_t z)
{
    return readAs<std::uint8_t>(volume, Box::slices(volume.shape(), z, 1));
}

double agreement(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)
{
    std::size_t same = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        same += a[i] == b[i] ? 1 : 0;
    return a.size() == b.size() ? static_cast<double>(same) / static_cast<double>(a.size()) : 0;
}

} // namespace

/// The scene has 14 slices, of which a preview samples 12.
class TestPreview : public QObject {
    Q_OBJECT

private slots:
    void initialMaskIsNearlyTheSliceOfTheMask()
    {
        const auto raw = test::scene(11);
        Task task;
        MethodPreview preview(raw);
        for (const bool equalise : { true, false }) {
            InitialMaskOptions options;
            options.equalise = equalise;
            Volume mask(raw->shape(), Scalar::U8);
            makeInitialMask(*raw, mask, options, task);
            for (const std::int64_t z : { 0, 5, 13 })
                QVERIFY(agreement(preview.initialMask(z, options, {}, task), sliceOf(mask, z)) > 0.97);
        }
    }

    void kMeansIsNearlyTheSliceOfTheMask()
    {
        const auto raw = test::scene(11);
        Task task;
        for (const double weight : { 0.0, 0.2 }) {
            KMeansOptions options;
            options.threshold = KMeansOptions::Threshold::None;
            options.spatialWeight = weight;
            auto result = findClusters(*raw, options, task);
            Volume labels(raw->shape(), Scalar::U8);
            Volume brightest(raw->shape(), Scalar::U8);
            writeClusters(*raw, result, labels, &brightest, task);
            MethodPreview preview(raw);
            for (const std::int64_t z : { 0, 5, 13 })
                QVERIFY(agreement(preview.kMeans(z, options, {}, task), sliceOf(brightest, z)) > 0.97);
        }
    }

    void depthMapsAreTheSliceOfTheMap()
    {
        const SourcePtr raw = test::scene(11);
        Task task;
        MethodPreview preview(raw);
        for (const int window : { 0, 5 }) {
            DepthMapOptions options;
            options.window = window;
            const auto map = depthMap(raw, options, task);
            for (const std::int64_t z : { 0, 6 }) {
                const auto shown = preview.depthMap(z, options, {}, task);
                const auto expected = readAs<float>(*map, Box::slices(map->shape(), window == 0 ? 0 : z, 1));
                QVERIFY(test::largestDifference(shown.map, expected) < 0.05 * shown.high);
                QVERIFY(std::count(shown.mask.begin(), shown.mask.end(), 1) > 0);
            }
        }
    }

    void firstStepsCount()
    {
        const auto raw = test::scene(11);
        Task task;
        MethodPreview preview(raw);
        InitialMaskOptions options;
        options.equalise = false;
        const auto plain = preview.initialMask(5, options, {}, task);
        for (const char* words : { "gaussian:2", "median", "nlm" }) {
            PreprocessOptions first;
            first.smooth = parseSmoothing(words);
            const auto smooth = preview.initialMask(5, options, first, task);
            QVERIFY(smooth != plain);
            QVERIFY(agreement(smooth, plain) > 0.6);
        }
        QVERIFY(preview.initialMask(5, options, {}, task) == plain); // what is kept follows the steps
    }

    void whatAMethodRefusesThePreviewRefuses()
    {
        Task task;
        MethodPreview flat(Volume::from<std::uint8_t>({ 1, 9, 9 }, std::vector<std::uint8_t>(81, 3)));
        QVERIFY_THROWS_EXCEPTION(Error, flat.kMeans(0, {}, {}, task));
        QVERIFY_THROWS_EXCEPTION(Error, flat.depthMap(0, {}, {}, task));
        const auto mask = flat.initialMask(0, {}, {}, task);
        QCOMPARE(std::count(mask.begin(), mask.end(), 0), std::ptrdiff_t { 81 });
    }
};

QTEST_APPLESS_MAIN(TestPreview)
#include "tst_preview.moc"
