// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/volume/known_numbers.h"
#include "volume/histogram.h"
#include "volume/volume.h"

#include <QtTest>

#include <array>
#include <numeric>

using namespace interstice;

namespace {

const Shape kShape { 6, 20, 30 };
constexpr std::array kPercents { 0.5, 5.0, 25.0, 50.0, 75.0, 99.5 };

/// As reference_histogram.py draws them.
template <class T, class F> Histogram histogramOfKnown(F&& value, const HistogramOptions& options = {})
{
    test::KnownNumbers numbers(11);
    std::vector<T> voxels;
    for (std::int64_t i = 0; i < kShape.voxels(); ++i)
        voxels.push_back(value(numbers.next()));
    Task task;
    return computeHistogram(*Volume::from<T>(kShape, voxels), options, task);
}

std::uint16_t squared(std::uint32_t v)
{
    return static_cast<std::uint16_t>(std::uint64_t { v } * v / 65536);
}

float real(std::uint32_t v)
{
    return static_cast<float>(squared(v)) / 1000.0F - 20.0F;
}

void comparePercentiles(const Histogram& histogram, const std::array<double, 6>& expected, double tolerance)
{
    for (std::size_t i = 0; i < kPercents.size(); ++i) {
        const double value = histogram.percentile(kPercents[i]);
        QVERIFY2(std::abs(value - expected[i]) <= tolerance,
            qPrintable(QString("%1 %: %2, expected %3").arg(kPercents[i]).arg(value).arg(expected[i])));
    }
}

} // namespace

/// Reference numbers: reference_histogram.py, NumPy 2.2.4, percentiles by method "inverted_cdf"; ours
/// are interpolated inside a bin and so may lie half a bin away.
class TestHistogram : public QObject {
    Q_OBJECT

private slots:
    void integersAreCountedExactly()
    {
        const Histogram u16 = histogramOfKnown<std::uint16_t>(squared);
        QCOMPARE(u16.minimum, 0.0);
        QCOMPARE(u16.maximum, 65522.0);
        QVERIFY(std::abs(u16.mean - 22162.06166666667) < 1e-6);
        QCOMPARE(u16.binWidth(), 1.0);
        QCOMPARE(u16.centre(17), 17.0);
        QCOMPARE(u16.finite, std::uint64_t { 3600 });
        QCOMPARE(std::accumulate(u16.counts.begin(), u16.counts.end(), std::uint64_t { 0 }), std::uint64_t { 3600 });
        comparePercentiles(u16, { 1, 148, 4352, 16876, 36930, 65228 }, 0.5);

        const Histogram i16 = histogramOfKnown<std::int16_t>(
            [](std::uint32_t v) { return static_cast<std::int16_t>(static_cast<int>(v) - 32768); });
        QCOMPARE(i16.minimum, -32768.0);
        QCOMPARE(i16.maximum, 32761.0);
        QVERIFY(std::abs(i16.mean - 279.0538888888889) < 1e-6);
        comparePercentiles(i16, { -32477, -29653, -15878, 489, 16428, 32614 }, 0.5);
    }

    void floatsAreCountedInEqualBins()
    {
        const Histogram f32 = histogramOfKnown<float>(real, { .bins = 8 });
        QCOMPARE(f32.counts, (std::vector<std::uint64_t> { 1233, 535, 432, 344, 288, 255, 243, 270 }));
        QCOMPARE(f32.minimum, -20.0);
        QVERIFY(std::abs(f32.mean - 2.1620616788334317) < 1e-5);
        const Histogram fine = histogramOfKnown<float>(real);
        comparePercentiles(fine,
            { -19.999000549316406, -19.851999282836914, -15.64799976348877, -3.1240005493164062, 16.93000030517578,
                45.227996826171875 },
            fine.binWidth());
    }

    void largeIntegersKeepTheirDigits()
    {
        const Histogram u32 = histogramOfKnown<std::uint32_t>([](std::uint32_t v) { return 4'000'000'000U + v; });
        QVERIFY(u32.minimum >= 4e9 && u32.maximum <= 4e9 + 65535);
        QVERIFY(std::abs(u32.percentile(50) - (4e9 + 489 + 32768)) <= 1);
    }

    void notFiniteIsCountedApart()
    {
        const float infinity = std::numeric_limits<float>::infinity();
        const std::vector<float> voxels { 1, 2, std::nanf(""), infinity, -infinity, 4 };
        Task task;
        const Histogram histogram = computeHistogram(*Volume::from<float>({ 1, 2, 3 }, voxels), {}, task);
        QCOMPARE(histogram.notFinite, std::uint64_t { 3 });
        QCOMPARE(histogram.finite, std::uint64_t { 3 });
        QCOMPARE(histogram.minimum, 1.0);
        QCOMPARE(histogram.maximum, 4.0);
        QVERIFY(std::abs(histogram.mean - 7.0 / 3) < 1e-9);
        QCOMPARE(histogram.counts.front(), std::uint64_t { 1 });
        QCOMPARE(histogram.counts.back(), std::uint64_t { 1 }); // the upper edge belongs to the last bin
    }

    void emptyAndConstantAreDefined()
    {
        Task task;
        QCOMPARE(computeHistogram(Volume({ 0, 3, 3 }, Scalar::U16), {}, task).percentile(50), 0.0);
        QCOMPARE(computeHistogram(Volume({ 0, 3, 3 }, Scalar::F32), {}, task).finite, std::uint64_t { 0 });
        for (const auto& histogram :
            { computeHistogram(*Volume::from<std::uint16_t>({ 1, 1, 3 }, std::vector<std::uint16_t>(3, 7)), {}, task),
                computeHistogram(*Volume::from<float>({ 1, 1, 3 }, std::vector<float>(3, 7)), {}, task) }) {
            QCOMPARE(histogram.minimum, 7.0);
            QCOMPARE(histogram.percentile(0), 7.0);
            QCOMPARE(histogram.percentile(100), 7.0);
        }
    }

    void aSampleReadsEvenlySpacedSlices()
    {
        std::vector<std::uint8_t> voxels;
        for (int z = 0; z < 9; ++z)
            voxels.insert(voxels.end(), 4, static_cast<std::uint8_t>(z));
        Task task;
        const Histogram histogram
            = computeHistogram(*Volume::from<std::uint8_t>({ 9, 2, 2 }, voxels), { .sampleSlices = 3 }, task);
        QCOMPARE(histogram.finite, std::uint64_t { 12 });
        QCOMPARE(histogram.minimum, 1.0);
        QCOMPARE(histogram.maximum, 7.0);
        QCOMPARE(histogram.mean, 4.0);
    }

    void valuesInMemoryAreCountedToo()
    {
        const std::vector<float> values { 0, 1, 2, 3, std::nanf("") };
        const Histogram histogram = histogramOf(values, 4);
        QCOMPARE(histogram.counts, (std::vector<std::uint64_t> { 1, 1, 1, 1 }));
        QCOMPARE(histogram.notFinite, std::uint64_t { 1 });
    }
};

QTEST_APPLESS_MAIN(TestHistogram)
#include "tst_histogram.moc"
