// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "segment/normalise.h"
#include "volume/volume.h"

#include <QtTest>

using namespace interstice;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <class T> std::vector<std::uint8_t> bytesOfGrey(const std::vector<T>& grey, const GreyRange& range)
{
    std::vector<std::uint8_t> to(grey.size());
    scaleToBytes<T>(grey, range, to);
    return to;
}

} // namespace

class TestNormalise : public QObject {
    Q_OBJECT

private slots:
    void minMaxIsTheFiniteRange()
    {
        const std::vector<float> voxels { kNaN, -3, 7, kInfinity, 2, -kInfinity };
        const auto volume = Volume::from<float>({ 1, 2, 3 }, voxels);
        Task task;
        std::uint64_t notFinite = 0;
        QVERIFY(findRange(*volume, {}, task, &notFinite) == (GreyRange { -3, 7 }));
        QCOMPARE(notFinite, std::uint64_t { 3 });
        QVERIFY(findRange(computeHistogram(*volume, {}, task), {}) == (GreyRange { -3, 7 }));
    }

    void percentilesLeaveOutliersOut()
    {
        std::vector<std::uint16_t> voxels(1000);
        for (std::size_t i = 0; i < voxels.size(); ++i)
            voxels[i] = static_cast<std::uint16_t>(1000 + i);
        voxels[0] = 0;
        voxels[999] = 65535;
        const auto volume = Volume::from<std::uint16_t>({ 10, 10, 10 }, voxels);
        Task task;
        const NormaliseOptions options { NormaliseOptions::Mode::Percentiles, 1, 99 };
        const GreyRange range = findRange(*volume, options, task);
        QVERIFY2(std::abs(range.low - 1009) <= 1, qPrintable(QString::number(range.low)));
        QVERIFY2(std::abs(range.high - 1989) <= 1, qPrintable(QString::number(range.high)));
    }

    void percentilesOutOfOrderAreRefused()
    {
        Histogram histogram;
        QVERIFY_THROWS_EXCEPTION(Error, findRange(histogram, { NormaliseOptions::Mode::Percentiles, 60, 40 }));
        QVERIFY_THROWS_EXCEPTION(Error, findRange(histogram, { NormaliseOptions::Mode::Percentiles, std::nan(""), 40 }));
    }

    void nothingFiniteGivesAnEmptyRange()
    {
        const auto volume = Volume::from<float>({ 1, 1, 2 }, std::vector<float> { kNaN, kNaN });
        Task task;
        QVERIFY(findRange(*volume, {}, task) == (GreyRange { 0, 0 }));
    }

    void bytesAreRoundedAndClamped()
    {
        QCOMPARE(bytesOfGrey<std::uint16_t>({ 90, 100, 101, 200, 300, 400 }, { 100, 300 }),
            (std::vector<std::uint8_t> { 0, 0, 1, 128, 255, 255 }));
        QCOMPARE(
            bytesOfGrey<std::int16_t>({ -32768, 0, 32767 }, { -32768, 32767 }), (std::vector<std::uint8_t> { 0, 128, 255 }));
        QCOMPARE(bytesOfGrey<float>({ kNaN, -kInfinity, kInfinity, 0.5F }, { 0, 1 }),
            (std::vector<std::uint8_t> { 0, 0, 255, 128 }));
        // float has no digits for this one.
        QCOMPARE(bytesOfGrey<std::uint32_t>({ 4000000000U, 4000000255U, 4000000010U }, { 4000000000.0, 4000000255.0 }),
            (std::vector<std::uint8_t> { 0, 255, 10 }));
        QCOMPARE(bytesOfGrey<std::uint8_t>({ 5, 5 }, { 5, 5 }), (std::vector<std::uint8_t> { 0, 0 }));
    }

    void theViewIsBetweenZeroAndOne()
    {
        const std::vector<float> voxels { kNaN, -3, 7, kInfinity, 2, -kInfinity };
        const NormalisedView view(Volume::from<float>({ 1, 2, 3 }, voxels, { 1, 1, 1 }), { -3, 7 });
        QCOMPARE(view.scalar(), Scalar::F32);
        QVERIFY(view.voxelSize().known());
        QCOMPARE(readAs<float>(view, Box::whole(view.shape())), (std::vector<float> { 0, 0, 1, 1, 0.5F, 0 }));
        QCOMPARE(readAs<float>(view, Box { { 0, 1, 1 }, { 1, 1, 1 } }), std::vector<float> { 0.5F });
        QVERIFY_THROWS_EXCEPTION(Error, readAs<float>(view, Box { { 0, 1, 1 }, { 1, 1, 3 } }));
    }

    void optionsSurviveJson()
    {
        const NormaliseOptions options { NormaliseOptions::Mode::Percentiles, 2, 98 };
        const NormaliseOptions back = normaliseOptionsFromJson(toJson(options));
        QVERIFY(back.mode == options.mode);
        QCOMPARE(back.lowPercent, 2.0);
        QCOMPARE(back.highPercent, 98.0);
        QVERIFY(toJson(NormaliseOptions {}).is_object());
        QVERIFY(normaliseOptionsFromJson(Json::object()).mode == NormaliseOptions::Mode::MinMax);
        QVERIFY_THROWS_EXCEPTION(Error, normaliseOptionsFromJson({ { "mode", "z-score" } }));
    }
};

QTEST_APPLESS_MAIN(TestNormalise)
#include "tst_normalise.moc"
