// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/segment/classical_reference.h"
#include "core/segment/test_picture.h"
#include "segment/otsu.h"
#include "volume/volume.h"

#include <QtTest>

using namespace interstice;

namespace {

template <class T, class F> double otsuOfPicture(F&& value)
{
    const auto grey = test::picture(64, 7);
    std::vector<T> voxels;
    for (const auto v : grey)
        voxels.push_back(static_cast<T>(value(v)));
    const auto volume = Volume::from<T>({ 1, 64, 64 }, voxels);
    Task task;
    // 256 bins are what scikit-image takes for floats; integers are counted exactly.
    return otsuThreshold(computeHistogram(*volume, { .bins = 256 }, task));
}

double otsuOf(const std::vector<std::uint8_t>& voxels)
{
    const auto volume = Volume::from<std::uint8_t>({ 1, 1, static_cast<std::int64_t>(voxels.size()) }, voxels);
    Task task;
    return otsuThreshold(computeHistogram(*volume, {}, task));
}

} // namespace

/// The numbers are skimage.filters.threshold_otsu's (reference_segment.py, scikit-image 0.25.2).
class TestOtsu : public QObject {
    Q_OBJECT

private slots:
    void agreesWithScikitImage()
    {
        QCOMPARE(otsuOfPicture<std::uint8_t>([](int v) { return v; }), 132.0);
        QCOMPARE(otsuOfPicture<std::uint16_t>([](int v) { return v * 200 + 11; }), 26411.0);
        QCOMPARE(otsuOfPicture<std::int16_t>([](int v) { return v * 100 - 20000; }), -6800.0);
        const double real = otsuOfPicture<float>([](int v) { return (static_cast<float>(v) - 100.0F) / 7.0F; });
        QVERIFY2(std::abs(real - 4.568917274475098) < 1e-4, qPrintable(QString::number(real, 'g', 10)));
    }

    void multiOtsuAgreesWithScikitImage()
    {
        const auto volume = Volume::from<std::uint8_t>({ 1, 64, 64 }, test::picture(64, 7));
        Task task;
        const Histogram histogram = computeHistogram(*volume, {}, task);
        QCOMPARE(multiOtsuThresholds(histogram, 2), reference::multiOtsu2);
        QCOMPARE(multiOtsuThresholds(histogram, 3), reference::multiOtsu3);
        QCOMPARE(multiOtsuThresholds(histogram, 4), reference::multiOtsu4);
        QCOMPARE(multiOtsuThresholds(histogram, 5), reference::multiOtsu5);
        std::vector<float> floats;
        for (const auto v : test::picture(64, 7))
            floats.push_back((static_cast<float>(v) - 100.0F) / 7.0F);
        const auto real
            = multiOtsuThresholds(computeHistogram(*Volume::from<float>({ 1, 64, 64 }, floats), { .bins = 256 }, task), 3);
        for (std::size_t i = 0; i < 2; ++i)
            QVERIFY(std::abs(real[i] - reference::multiOtsuFloat3[i]) < 1e-4);
    }

    void multiOtsuOfAllValuesOfSixteenBitsEqualsTheExhaustiveSearch()
    {
        // Few occupied values, far apart: the exhaustive search is affordable, the range is not.
        test::KnownNumbers numbers(3);
        std::vector<std::uint16_t> values;
        for (int i = 0; i < 40; ++i)
            values.insert(values.end(), 1 + numbers.below(30), static_cast<std::uint16_t>(numbers.next()));
        Task task;
        const Histogram histogram
            = computeHistogram(*Volume::from<std::uint16_t>({ 1, 1, std::ssize(values) }, values), {}, task);
        std::sort(values.begin(), values.end());
        std::vector<std::uint16_t> distinct = values;
        distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
        double best = -1;
        std::vector<double> expected;
        for (std::size_t a = 0; a + 2 < distinct.size(); ++a) {
            for (std::size_t b = a + 1; b + 1 < distinct.size(); ++b) {
                double sum[3] = {};
                double count[3] = {};
                for (const auto v : values) {
                    const int c = v <= distinct[a] ? 0 : v <= distinct[b] ? 1 : 2;
                    sum[c] += v;
                    ++count[c];
                }
                const double gain = sum[0] * sum[0] / count[0] + sum[1] * sum[1] / count[1] + sum[2] * sum[2] / count[2];
                if (gain > best) {
                    best = gain;
                    expected = { double(distinct[a]), double(distinct[b]) };
                }
            }
        }
        QCOMPARE(multiOtsuThresholds(histogram, 3), expected);
    }

    void multiOtsuNeedsAsManyValuesAsClasses()
    {
        Task task;
        const Histogram two
            = computeHistogram(*Volume::from<std::uint8_t>({ 1, 1, 3 }, std::vector<std::uint8_t> { 4, 4, 9 }), {}, task);
        QCOMPARE(multiOtsuThresholds(two, 2), std::vector { 4.0 });
        QVERIFY_THROWS_EXCEPTION(Error, multiOtsuThresholds(two, 3));
        QVERIFY_THROWS_EXCEPTION(Error, multiOtsuThresholds(two, 6));
        QVERIFY_THROWS_EXCEPTION(Error, multiOtsuThresholds(Histogram {}, 2));
    }

    void takesTheLowestOfEquallyGoodThresholds()
    {
        std::vector<std::uint8_t> voxels(50, 3);
        voxels.insert(voxels.end(), 20, 9);
        QCOMPARE(otsuOf(voxels), 3.0); // every level from 3 to 8 separates them
    }

    void aConstantVolumeHasNothingAboveItsThreshold() { QCOMPARE(otsuOf(std::vector<std::uint8_t>(10, 77)), 77.0); }

    void noFiniteVoxelGivesZero()
    {
        const std::vector<float> voxels(4, std::nanf(""));
        const auto volume = Volume::from<float>({ 1, 2, 2 }, voxels);
        Task task;
        QCOMPARE(otsuThreshold(computeHistogram(*volume, {}, task)), 0.0);
        QCOMPARE(otsuThreshold(Histogram {}), 0.0);
    }
};

QTEST_APPLESS_MAIN(TestOtsu)
#include "tst_otsu.moc"
