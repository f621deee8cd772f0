// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/parallel.h"
#include "core/segment/test_picture.h"
#include "segment/clahe.h"

#include <QtTest>

#include <algorithm>
#include <array>
#include <cmath>

using namespace interstice;

namespace {

std::vector<std::uint8_t> equalised(
    const std::vector<std::uint8_t>& grey, std::int64_t ny, std::int64_t nx, const ClaheOptions& options = {})
{
    std::vector<std::uint8_t> out(grey.size());
    claheSlice(std::span<const std::uint8_t>(grey), ny, nx, options, out);
    return out;
}

/// skimage.exposure.equalize_adapthist(picture(256, 7), clip_limit=0.01)[16::32, 16::32]
/// (reference_segment.py, scikit-image 0.25.2).
constexpr std::array<double, 64> kScikitImage = { 0.4392, 0.2463, 0.5134, 0.55, 0.5737, 0.4036, 0.4382, 0.5331, //
    0.2127, 0.2394, 0.3818, 0.5598, 0.3432, 0.4817, 0.4985, 0.4768, //
    0.4451, 0.4164, 0.3798, 0.7616, 0.6044, 0.3432, 0.4303, 0.6133, //
    0.2888, 0.4995, 0.723, 0.7468, 0.6538, 0.8912, 0.5391, 0.632, //
    0.3106, 0.456, 0.5569, 0.7092, 0.6855, 0.6409, 0.5549, 0.545, //
    0.4995, 0.2957, 0.1988, 0.6449, 0.6874, 0.5035, 0.4471, 0.6538, //
    0.3086, 0.3531, 0.4926, 0.4026, 0.5223, 0.4461, 0.5272, 0.6231, //
    0.2918, 0.2512, 0.2938, 0.3323, 0.5341, 0.452, 0.4995, 0.5045 };

} // namespace

class TestClahe : public QObject {
    Q_OBJECT

private slots:
    void staysNearScikitImage()
    {
        const auto ours = equalised(test::picture(256, 7), 256, 256);
        // scikit-image stretches its result to 0…1.
        const auto [low, high] = std::minmax_element(ours.begin(), ours.end());
        double sum = 0;
        double worst = 0;
        std::size_t i = 0;
        for (std::size_t y = 16; y < 256; y += 32) {
            for (std::size_t x = 16; x < 256; x += 32) {
                const double stretched = static_cast<double>(ours[y * 256 + x] - *low) / (*high - *low);
                const double difference = std::abs(stretched - kScikitImage[i++]);
                sum += difference;
                worst = std::max(worst, difference);
            }
        }
        const double mean = sum / static_cast<double>(kScikitImage.size());
        qInfo("difference from scikit-image: mean %.4f, largest %.4f", mean, worst);
        QVERIFY(mean < 0.065);
        QVERIFY(worst < 0.13);
        QVERIFY(mean > 0.001); // equal would mean that the header's list of differences is out of date
    }

    void aConstantSliceStaysConstant()
    {
        for (const int value : { 0, 1, 100, 254, 255 }) {
            const auto small = equalised(std::vector<std::uint8_t>(100 * 90, static_cast<std::uint8_t>(value)), 100, 90);
            QCOMPARE(std::count(small.begin(), small.end(), small[0]), std::ptrdiff_t { 100 * 90 });
            // Tiles of 128 × 128: large enough for the grey to be kept as well.
            const auto large
                = equalised(std::vector<std::uint8_t>(1024 * 1024, static_cast<std::uint8_t>(value)), 1024, 1024);
            QCOMPARE(std::count(large.begin(), large.end(), large[0]), std::ptrdiff_t { 1024 * 1024 });
            QVERIFY2(std::abs(large[0] - value) <= 4, qPrintable(QString("%1 became %2").arg(value).arg(large[0])));
        }
    }

    void anySizeGivesAWholeResult_data()
    {
        QTest::addColumn<int>("ny");
        QTest::addColumn<int>("nx");
        QTest::newRow("one pixel") << 1 << 1;
        QTest::newRow("one row") << 1 << 100;
        QTest::newRow("one column") << 100 << 1;
        QTest::newRow("smaller than the tiles") << 5 << 7;
        QTest::newRow("prime") << 101 << 67;
        QTest::newRow("divisible one way") << 64 << 67;
    }

    void anySizeGivesAWholeResult()
    {
        QFETCH(int, ny);
        QFETCH(int, nx);
        test::KnownNumbers numbers(5);
        std::vector<std::uint8_t> grey;
        for (int i = 0; i < ny * nx; ++i)
            grey.push_back(static_cast<std::uint8_t>(numbers.below(200) + 20));
        const auto out = equalised(grey, ny, nx);
        QCOMPARE(out, equalised(grey, ny, nx));
        // More is never mapped to less at one place; here: over the whole slice the order of means holds.
        double bright = 0;
        double dark = 0;
        int brights = 0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            (grey[i] > 120 ? bright : dark) += out[i];
            brights += grey[i] > 120 ? 1 : 0;
        }
        const int darks = ny * nx - brights;
        if (brights > 0 && darks > 0)
            QVERIFY(bright / brights > dark / darks);
        else
            QCOMPARE(ny * nx, 1);
    }

    void theClipLimitLimitsTheContrast()
    {
        const auto deviation = [](const std::vector<std::uint8_t>& v) {
            double sum = 0;
            double squares = 0;
            for (const auto x : v) {
                sum += x;
                squares += x * x;
            }
            const double n = static_cast<double>(v.size());
            return std::sqrt(squares / n - sum * sum / n / n);
        };
        test::KnownNumbers numbers(5);
        std::vector<std::uint8_t> flat;
        for (int i = 0; i < 256 * 256; ++i)
            flat.push_back(static_cast<std::uint8_t>(120 + numbers.below(9)));
        const double weak = deviation(equalised(flat, 256, 256, { 0.01, 8 }));
        const double strong = deviation(equalised(flat, 256, 256, { 1, 8 }));
        QVERIFY2(strong > 60, qPrintable(QString::number(strong))); // full equalisation: about 255 / √12
        QVERIFY2(weak < 12 && weak > deviation(flat), qPrintable(QString::number(weak)));
    }

    void inPlaceAndThreadsMakeNoDifference()
    {
        const auto grey = test::picture(200, 3);
        const auto expected = equalised(grey, 200, 200);
        std::vector<std::vector<std::uint8_t>> results(16, grey);
        parallelFor(16, 4, [&](std::int64_t i) {
            auto& slice = results[static_cast<std::size_t>(i)];
            claheSlice(std::span<const std::uint8_t>(slice), 200, 200, {}, slice);
        });
        for (const auto& result : results)
            QVERIFY(result == expected);
    }

    void floatsAreRoundedToBytesFirst()
    {
        const auto grey = test::picture(64, 3);
        std::vector<float> values;
        for (const auto v : grey)
            values.push_back(static_cast<float>(v) / 255);
        values[0] = std::nanf(""); // was 0
        values[1] = 17; // was 255
        std::vector<std::uint8_t> out(values.size());
        claheSlice(std::span<const float>(values), 64, 64, {}, out);
        QVERIFY(out == equalised(grey, 64, 64));
    }

    void optionsOutOfRangeAreRefused()
    {
        const std::vector<std::uint8_t> grey(64);
        QVERIFY_THROWS_EXCEPTION(Error, equalised(grey, 8, 8, { 0, 8 }));
        QVERIFY_THROWS_EXCEPTION(Error, equalised(grey, 8, 8, { 1.5, 8 }));
        QVERIFY_THROWS_EXCEPTION(Error, equalised(grey, 8, 8, { std::nan(""), 8 }));
        QVERIFY_THROWS_EXCEPTION(Error, equalised(grey, 8, 8, { 0.01, 0 }));
        QVERIFY_THROWS_EXCEPTION(Error, equalised(grey, 8, 8, { 0.01, 65 }));
    }

    void optionsSurviveJson()
    {
        const ClaheOptions back = claheOptionsFromJson(toJson(ClaheOptions { 0.03, 5 }));
        QCOMPARE(back.clipLimit, 0.03);
        QCOMPARE(back.tiles, 5);
    }
};

QTEST_APPLESS_MAIN(TestClahe)
#include "tst_clahe.moc"
