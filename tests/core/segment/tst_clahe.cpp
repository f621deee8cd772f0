// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/parallel.h"
#include "core/segment/classical_reference.h"
#include "core/segment/scene.h"
#include "core/segment/test_picture.h"
#include "segment/clahe.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace interstice;

namespace {

template <class T, class Out = float>
std::vector<Out> equalised(
    const std::vector<T>& grey, std::int64_t ny, std::int64_t nx, GreyRange range, const ClaheOptions& options = {})
{
    std::vector<Out> out(grey.size());
    SliceEqualiser(scalarOf<T>(), range, options).equalise(std::as_bytes(std::span(grey)), ny, nx, std::span(out));
    return out;
}

/// What skimage does at the end: smallest 0, largest 1.
std::vector<double> stretched(const std::vector<float>& values)
{
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    std::vector<double> out;
    for (const float v : values)
        out.push_back(static_cast<double>(v - *low) / static_cast<double>(*high - *low));
    return out;
}

std::vector<double> sampled(const std::vector<double>& values, std::size_t ny, std::size_t nx, std::size_t first)
{
    std::vector<double> some;
    for (std::size_t y = first; y < ny; y += 32) {
        for (std::size_t x = first; x < nx; x += 32)
            some.push_back(values[y * nx + x]);
    }
    return some;
}

/// 203 × 171 pixels, 0 and 255 among them.
std::vector<std::uint8_t> oddPicture()
{
    const auto whole = test::picture(256, 9);
    std::vector<std::uint8_t> cut;
    for (std::size_t y = 0; y < 203; ++y)
        cut.insert(cut.end(), whole.begin() + static_cast<std::ptrdiff_t>(y * 256),
            whole.begin() + static_cast<std::ptrdiff_t>(y * 256 + 171));
    return cut;
}

} // namespace

class TestClahe : public QObject {
    Q_OBJECT

private slots:
    void equalsScikitImage()
    {
        const auto square = stretched(equalised(test::picture(256, 7), 256, 256, { 0, 255 }));
        QVERIFY2(test::largestDifference(sampled(square, 256, 256, 16), reference::claheSquare) < 7e-5,
            qPrintable(QString::number(test::largestDifference(sampled(square, 256, 256, 16), reference::claheSquare))));
        const auto odd = stretched(equalised(oddPicture(), 203, 171, { 0, 255 }, { 0.03, 8 }));
        QVERIFY(test::largestDifference(sampled(odd, 203, 171, 5), reference::claheOdd) < 7e-5);
        std::vector<std::uint16_t> wide;
        for (const auto v : oddPicture())
            wide.push_back(static_cast<std::uint16_t>(v * 211 + 17));
        const auto fewer = stretched(equalised(wide, 203, 171, { 17, 17 + 255 * 211 }, { 0.2, 4 }));
        QVERIFY(test::largestDifference(sampled(fewer, 203, 171, 5), reference::claheWide) < 7e-5);
    }

    void bytesAreTheFloatsRounded()
    {
        const auto grey = test::picture(200, 3);
        const auto floats = equalised(grey, 200, 200, { 0, 255 });
        const auto bytes = equalised<std::uint8_t, std::uint8_t>(grey, 200, 200, { 0, 255 });
        for (std::size_t i = 0; i < bytes.size(); ++i)
            QVERIFY(std::abs(static_cast<double>(floats[i]) * 255 - bytes[i]) <= 0.5001);
    }

    void everyTypeGivesTheSame()
    {
        const auto grey = oddPicture();
        const auto expected = equalised(grey, 203, 171, { 0, 255 });
        const auto as = [&]<class T>(TypeTag<T>, double scale, double offset) {
            std::vector<T> values;
            for (const auto v : grey)
                values.push_back(static_cast<T>(v * scale + offset));
            return equalised(values, 203, 171, { offset, 255 * scale + offset });
        };
        QVERIFY(as(TypeTag<std::uint16_t> {}, 200, 11) == expected);
        QVERIFY(as(TypeTag<std::int16_t> {}, 100, -20000) == expected);
        QVERIFY(as(TypeTag<std::uint32_t> {}, 1e6, 3e9) == expected);
        QVERIFY(as(TypeTag<float> {}, 0.5, -7) == expected);
    }

    void aConstantSliceStaysConstant()
    {
        for (const int value : { 0, 1, 100, 254, 255 }) {
            const auto flat
                = equalised(std::vector<std::uint8_t>(100 * 90, static_cast<std::uint8_t>(value)), 100, 90, { 0, 255 });
            for (const float v : flat) // up to the rounding of the interpolation
                QVERIFY(std::abs(v - flat[0]) < 1e-6F);
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
        QTest::newRow("longer than a tile by one") << 65 << 9;
    }

    void anySizeGivesAWholeResult()
    {
        QFETCH(int, ny);
        QFETCH(int, nx);
        test::KnownNumbers numbers(5);
        std::vector<std::uint8_t> grey;
        for (int i = 0; i < ny * nx; ++i)
            grey.push_back(static_cast<std::uint8_t>(numbers.below(200) + 20));
        const auto out = equalised(grey, ny, nx, { 0, 255 });
        // More is never mapped to less at one place; here: over the whole slice the order of means holds.
        double bright = 0;
        double dark = 0;
        int brights = 0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            QVERIFY(out[i] >= 0 && out[i] <= 1);
            (grey[i] > 120 ? bright : dark) += static_cast<double>(out[i]);
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
        const auto deviation = [](const auto& v) {
            double sum = 0;
            double squares = 0;
            for (const auto x : v) {
                sum += x;
                squares += double(x) * double(x);
            }
            const double n = static_cast<double>(v.size());
            return std::sqrt(squares / n - sum * sum / n / n);
        };
        test::KnownNumbers numbers(5);
        std::vector<std::uint8_t> flat;
        for (int i = 0; i < 256 * 256; ++i)
            flat.push_back(static_cast<std::uint8_t>(120 + numbers.below(9)));
        const double weak = deviation(equalised(flat, 256, 256, { 0, 255 }, { 0.01, 8 })) * 255;
        const double strong = deviation(equalised(flat, 256, 256, { 0, 255 }, { 1, 8 })) * 255;
        QVERIFY2(strong > 60, qPrintable(QString::number(strong))); // full equalisation: about 255 / √12
        QVERIFY2(weak < 12 && weak > deviation(flat), qPrintable(QString::number(weak)));
    }

    void threadsMakeNoDifference()
    {
        const auto grey = test::picture(200, 3);
        const SliceEqualiser equaliser(Scalar::U8, { 0, 255 }, {});
        std::vector<std::vector<float>> results(16, std::vector<float>(grey.size()));
        parallelFor(16, 4, [&](std::int64_t i) {
            equaliser.equalise(std::as_bytes(std::span(grey)), 200, 200, std::span(results[static_cast<std::size_t>(i)]));
        });
        for (const auto& result : results)
            QVERIFY(result == results[0]);
    }

    void notANumberIsTheDarkest()
    {
        std::vector<float> values;
        for (const auto v : test::picture(64, 3))
            values.push_back(static_cast<float>(v) / 255);
        values[70] = 0;
        const auto expected = equalised(values, 64, 64, { 0, 1 });
        values[70] = std::nanf("");
        values[1] = 17; // above the range: the brightest, as it was
        QVERIFY(equalised(values, 64, 64, { 0, 1 }) == expected);
    }

    void optionsOutOfRangeAreRefused()
    {
        const std::vector<std::uint8_t> grey(64);
        for (const ClaheOptions& options :
            { ClaheOptions { 0, 8 }, { 1.5, 8 }, { std::nan(""), 8 }, { 0.01, 0 }, { 0.01, 65 } })
            QVERIFY_THROWS_EXCEPTION(Error, equalised(grey, 8, 8, { 0, 255 }, options));
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
