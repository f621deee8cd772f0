// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/segment/classical_reference.h"
#include "core/segment/scene.h"
#include "segment/preprocess.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;

namespace {

constexpr Index kStep { 3, 7, 7 };

SmoothOptions gaussian(double sigma)
{
    SmoothOptions options;
    options.kind = Smoothing::Gaussian;
    options.sigma = sigma;
    return options;
}

SmoothOptions median(int radius)
{
    SmoothOptions options;
    options.kind = Smoothing::Median;
    options.radius = radius;
    return options;
}

template <class T> std::vector<T> whole(const VolumeSource& source)
{
    return readAs<T>(source, Box::whole(source.shape()));
}

} // namespace

class TestSmooth : public QObject {
    Q_OBJECT

private slots:
    void gaussianEqualsScipy()
    {
        const auto raw = test::scene(11);
        // Relative to grey values of up to 32000.
        const auto narrow = whole<float>(*smoothed(raw, gaussian(1.3)));
        QVERIFY(
            test::largestDifference(test::every(narrow, test::kSceneShape, kStep), reference::gaussian) < 32000 * 1e-5 / 10);
        // A kernel of 49 over 14 slices: mirrored more than once.
        const auto wide = whole<float>(*smoothed(raw, gaussian(6)));
        QVERIFY(test::largestDifference(test::every(wide, test::kSceneShape, kStep), reference::gaussianWide)
            < 32000 * 1e-5 / 10);
    }

    void medianEqualsScipy()
    {
        const auto raw = test::scene(11);
        const auto three = smoothed(raw, median(1));
        QVERIFY(three->scalar() == Scalar::U16);
        QVERIFY(
            test::largestDifference(test::every(whole<std::uint16_t>(*three), test::kSceneShape, kStep), reference::median3)
            == 0);
        QVERIFY(
            test::largestDifference(
                test::every(whole<std::uint16_t>(*smoothed(raw, median(2))), test::kSceneShape, kStep), reference::median5)
            == 0);
    }

    void nonLocalMeansEqualsItsFormula()
    {
        QVERIFY(std::abs(noiseDeviation(*test::scene(11)) - reference::noise[0]) < 1e-6 * reference::noise[0]);
        SmoothOptions options;
        options.kind = Smoothing::NonLocalMeans;
        const auto ours = test::every(whole<float>(*smoothed(test::scene(11), options)), test::kSceneShape, kStep);
        QVERIFY2(test::largestDifference(ours, reference::nonLocalMeans) < 0.3, // of 30000
            qPrintable(QString::number(test::largestDifference(ours, reference::nonLocalMeans))));
    }

    void boxesAreCutFromTheWhole()
    {
        const auto raw = test::scene(3);
        SmoothOptions nlm;
        nlm.kind = Smoothing::NonLocalMeans;
        for (const SmoothOptions& options : { gaussian(1), gaussian(4), median(1), median(2), nlm }) {
            const auto view = smoothed(raw, options);
            const auto all = whole<float>(*view);
            for (const Box& box : { Box { { 0, 0, 0 }, { 1, 5, 7 } }, Box { { 13, 35, 30 }, { 1, 5, 7 } },
                     Box { { 5, 0, 11 }, { 4, 40, 1 } } }) {
                const auto part = readAs<float>(*view, box);
                std::size_t i = 0;
                for (std::int64_t z = 0; z < box.size.z; ++z) {
                    for (std::int64_t y = 0; y < box.size.y; ++y) {
                        for (std::int64_t x = 0; x < box.size.x; ++x) {
                            const auto at = ((box.start.z + z) * 40 + box.start.y + y) * 37 + box.start.x + x;
                            QCOMPARE(part[i++], all[static_cast<std::size_t>(at)]);
                        }
                    }
                }
            }
        }
    }

    void oneSliceAndOneVoxelWork()
    {
        SmoothOptions nlm;
        nlm.kind = Smoothing::NonLocalMeans;
        for (const Shape& shape : { Shape { 1, 9, 9 }, Shape { 1, 1, 1 }, Shape { 3, 1, 8 } }) {
            const auto flat
                = Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t>(static_cast<std::size_t>(shape.voxels()), 77));
            for (const SmoothOptions& options : { gaussian(2), median(2), nlm }) {
                for (const float v : whole<float>(*smoothed(flat, options)))
                    QVERIFY(std::abs(v - 77) < 1e-4F);
            }
        }
    }

    void notANumberStaysLocal()
    {
        auto raw = Volume::from<float>({ 3, 20, 20 }, std::vector<float>(1200, 5));
        raw->as<float>()[600] = std::nanf("");
        for (const float v : whole<float>(*smoothed(raw, gaussian(1))))
            QVERIFY(std::isfinite(v));
    }

    void ringsGoAndTheSampleStays()
    {
        // A soft blob off the axis and rings of known height about it.
        const std::int64_t n = 121;
        std::vector<float> clean;
        std::vector<float> ringed;
        test::KnownNumbers numbers(4);
        std::vector<float> height(100);
        for (auto& h : height)
            h = numbers.below(4) == 0 ? static_cast<float>(numbers.below(41)) - 20 : 0;
        for (std::int64_t y = 0; y < n; ++y) {
            for (std::int64_t x = 0; x < n; ++x) {
                const double dy = static_cast<double>(y) - 80;
                const double dx = static_cast<double>(x) - 45;
                const double value = 500 + 300 * std::exp(-(dy * dy + dx * dx) / 800);
                const double r = std::hypot(static_cast<double>(y) - 60, static_cast<double>(x) - 60);
                clean.push_back(static_cast<float>(value));
                ringed.push_back(static_cast<float>(value) + height[static_cast<std::size_t>(std::lround(r))]);
            }
        }
        const auto error = [&](const std::vector<float>& a) {
            double sum = 0;
            int count = 0;
            for (std::int64_t y = 0; y < n; ++y) {
                for (std::int64_t x = 0; x < n; ++x) {
                    if (std::hypot(static_cast<double>(y) - 60, static_cast<double>(x) - 60) > 55)
                        continue;
                    const auto i = static_cast<std::size_t>(y * n + x);
                    sum += std::pow(static_cast<double>(a[i] - clean[i]), 2);
                    ++count;
                }
            }
            return std::sqrt(sum / count);
        };
        const auto before = Volume::from<float>({ 1, n, n }, ringed);
        const auto after = whole<float>(*withoutRings(before, {}));
        QVERIFY2(error(after) < error(ringed) * 0.55, qPrintable(QString("%1 → %2").arg(error(ringed)).arg(error(after))));
        const auto untouched = whole<float>(*withoutRings(Volume::from<float>({ 1, n, n }, clean), {}));
        QVERIFY2(error(untouched) < 1, qPrintable(QString::number(error(untouched))));
        RingOptions arcs;
        arcs.arcs = 4;
        QVERIFY(error(whole<float>(*withoutRings(before, arcs))) < error(ringed) * 0.7);
        RingOptions wrong;
        wrong.centreY = wrong.centreX = 200;
        QVERIFY_THROWS_EXCEPTION(Error, withoutRings(before, wrong));
        wrong = {};
        wrong.width = 4;
        QVERIFY_THROWS_EXCEPTION(Error, withoutRings(before, wrong));
    }

    void stepsAreDoneOnceAndGiveWhatTheViewGives()
    {
        QTemporaryDir folder;
        qputenv("XDG_CACHE_HOME", folder.path().toUtf8());
        const SourcePtr raw = test::scene(8);
        PreprocessOptions options;
        Task task;
        QVERIFY(preprocess(raw, options, task) == raw);
        QVERIFY(toJson(options).empty());
        options.rings = true;
        options.smooth = gaussian(1.5);
        const auto expected = whole<float>(*preprocessedView(raw, options));
        for (const std::uint64_t memory : { std::uint64_t { 1 }, std::uint64_t { 1 } << 30 }) {
            const auto done = preprocess(raw, options, task, memory);
            QVERIFY(done->scalar() == Scalar::F32);
            QVERIFY(test::largestDifference(whole<float>(*done), expected) < 0.01);
        }
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, preprocess(raw, options, task));
    }

    void wordsAreRead()
    {
        QVERIFY(parseSmoothing("gaussian:2.5") == gaussian(2.5));
        QVERIFY(parseSmoothing("median") == median(1));
        QCOMPARE(parseSmoothing("nlm:1.5").strength, 1.5);
        QVERIFY(parseSmoothing("none").kind == Smoothing::None);
        for (const char* wrong :
            { "", "blur", "gaussian:", "gaussian:x", "gaussian:0", "gaussian:21", "median:3", "none:1", "nlm:9" })
            QVERIFY_THROWS_EXCEPTION(Error, parseSmoothing(wrong));
    }

    void optionsSurviveJson()
    {
        PreprocessOptions options;
        QVERIFY(preprocessOptionsFromJson(toJson(options)) == options);
        options.rings = true;
        options.ring.arcs = 4;
        options.ring.centreY = 3;
        options.ring.centreX = 4.5;
        options.smooth = parseSmoothing("nlm:1.5");
        QVERIFY(preprocessOptionsFromJson(toJson(options)) == options);
        QVERIFY_THROWS_EXCEPTION(
            Error, preprocessOptionsFromJson({ { "smooth", { { "kind", "gaussian" }, { "sigma", 99 } } } }));
    }
};

QTEST_APPLESS_MAIN(TestSmooth)
#include "tst_smooth.moc"
