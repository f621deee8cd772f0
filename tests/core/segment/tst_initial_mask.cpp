// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/segment/test_picture.h"
#include "segment/initial_mask.h"
#include "segment/otsu.h"
#include "volume/volume.h"

#include <QtTest>

using namespace interstice;

namespace {

constexpr int kSide = 128;
const Shape kShape { 4, kSide, kSide };

std::vector<std::uint8_t> pictures()
{
    std::vector<std::uint8_t> voxels;
    for (std::uint32_t z = 0; z < 4; ++z) {
        const auto slice = test::picture(kSide, 7 + z);
        voxels.insert(voxels.end(), slice.begin(), slice.end());
    }
    return voxels;
}

template <class T> std::shared_ptr<Volume> picturesAs(double scale, double offset)
{
    std::vector<T> voxels;
    for (const auto v : pictures())
        voxels.push_back(static_cast<T>(v * scale + offset));
    return Volume::from<T>(kShape, voxels);
}

struct Made {
    InitialMaskResult result;
    std::vector<std::uint8_t> mask;
};

Made make(const VolumeSource& raw, const InitialMaskOptions& options = {})
{
    Volume mask(raw.shape(), Scalar::U8);
    Task task;
    const InitialMaskResult result = makeInitialMask(raw, mask, options, task);
    const auto voxels = mask.as<std::uint8_t>();
    return { result, { voxels.begin(), voxels.end() } };
}

/// Counts what is written, so that a missing finish would show.
class CountingSink : public VolumeSink {
public:
    Shape shape() const override { return kShape; }
    Scalar scalar() const override { return Scalar::U8; }
    void write(const Box& box, std::span<const std::byte>) override
    {
        QCOMPARE(box.start.z, m_slices);
        m_slices += box.size.z;
    }
    void finish() override { ++m_finished; }

    std::int64_t m_slices = 0;
    int m_finished = 0;
};

} // namespace

class TestInitialMask : public QObject {
    Q_OBJECT

private slots:
    void isClaheThenOtsuOfTheWholeVolume()
    {
        const auto grey = pictures();
        const auto made = make(*picturesAs<std::uint8_t>(1, 0));
        std::vector<std::uint8_t> equalised(grey.size());
        const std::size_t plane = kSide * kSide;
        const SliceEqualiser equaliser(Scalar::U8, { 0, 255 }, {});
        for (std::size_t z = 0; z < 4; ++z)
            equaliser.equalise(std::as_bytes(std::span(grey).subspan(z * plane, plane)), kSide, kSide,
                std::span(equalised).subspan(z * plane, plane));
        Task task;
        const double level = otsuThreshold(computeHistogram(*Volume::from<std::uint8_t>(kShape, equalised), {}, task));
        QCOMPARE(made.result.thresholds, std::vector { level / 255 });
        std::size_t foreground = 0;
        for (std::size_t i = 0; i < grey.size(); ++i) {
            QCOMPARE(made.mask[i], static_cast<std::uint8_t>(equalised[i] > level ? 1 : 0));
            foreground += made.mask[i];
        }
        QVERIFY(
            std::abs(made.result.foregroundFraction() - static_cast<double>(foreground) / static_cast<double>(grey.size()))
            < 1e-12);
        QVERIFY(made.result.findings.empty());
        QVERIFY(made.result.range == (GreyRange { 0, 255 }));
    }

    /// reference_segment.py, scikit-image 0.25.2: equalize_adapthist and threshold_otsu on the same volume. There the
    /// equalised slices are stretched to 0…1 each before they are put together.
    void comesNearScikitImageInTheAmountOfForeground()
    {
        const auto made = make(*picturesAs<std::uint8_t>(1, 0));
        QVERIFY2(std::abs(made.result.foregroundFraction() - 0.3162994384765625) < 0.01,
            qPrintable(QString::number(made.result.foregroundFraction())));
    }

    void moreClassesAreMultiOtsus()
    {
        const auto raw = picturesAs<std::uint16_t>(100, 40);
        InitialMaskOptions options;
        options.classes = 3;
        options.equalise = false;
        const auto made = make(*raw, options);
        Task task;
        QCOMPARE(made.result.thresholds, multiOtsuThresholds(computeHistogram(*raw, {}, task), 3));
        const auto voxels = raw->as<std::uint16_t>();
        std::vector<std::uint64_t> counts(3);
        for (std::size_t i = 0; i < made.mask.size(); ++i) {
            const int expected = (voxels[i] > made.result.thresholds[0]) + (voxels[i] > made.result.thresholds[1]);
            QCOMPARE(int(made.mask[i]), expected);
            ++counts[made.mask[i]];
        }
        for (std::size_t c = 0; c < 3; ++c)
            QVERIFY(std::abs(made.result.fractions[c] - double(counts[c]) / double(made.mask.size())) < 1e-12);
        options.equalise = true;
        options.classes = 5;
        const auto five = make(*raw, options);
        QCOMPARE(five.result.thresholds.size(), std::size_t { 4 });
        QVERIFY(std::is_sorted(five.result.thresholds.begin(), five.result.thresholds.end()));
        options.classes = 6;
        QVERIFY_THROWS_EXCEPTION(Error, make(*raw, options));
        options.classes = 3;
        options.equalise = false;
        QVERIFY_THROWS_EXCEPTION(
            Error, make(*Volume::from<std::uint8_t>({ 1, 2, 2 }, std::vector<std::uint8_t> { 1, 1, 2, 2 }), options));
    }

    void withoutClaheEveryTypeIsDividedAtOtsu()
    {
        InitialMaskOptions options;
        options.equalise = false;
        const auto expected = make(*picturesAs<std::uint8_t>(1, 0), options);
        QVERIFY(expected.result.foregroundFraction() > 0.1);
        for (const auto& other : { picturesAs<std::uint16_t>(256, 50), picturesAs<std::int16_t>(100, -20000) })
            QVERIFY2(make(*other, options).mask == expected.mask, scalarName(other->scalar()));
        std::vector<float> values(100, 3);
        values[7] = std::nanf("");
        values[8] = 5;
        const auto odd = make(*Volume::from<float>({ 1, 10, 10 }, values), options);
        QCOMPARE(odd.mask[7], std::uint8_t { 0 });
        QCOMPARE(odd.mask[8], std::uint8_t { 1 });
        QCOMPARE(odd.result.findings.at(0).code, std::string("not-finite"));
    }

    void everyTypeGivesTheSameMask()
    {
        const auto expected = make(*picturesAs<std::uint8_t>(1, 0));
        for (const auto& other : { picturesAs<std::uint16_t>(256, 50), picturesAs<std::int16_t>(100, -20000),
                 picturesAs<std::uint32_t>(1e6, 3e9), picturesAs<float>(1.0 / 64, -1) }) {
            const auto made = make(*other);
            QVERIFY2(made.mask == expected.mask, scalarName(other->scalar()));
            QCOMPARE(made.result.thresholds, expected.result.thresholds);
        }
    }

    void previewIsTheSliceOfTheMask()
    {
        const auto raw = picturesAs<std::uint16_t>(200, 11);
        const auto made = make(*raw);
        for (std::int64_t z = 0; z < 4; ++z) {
            const auto preview = previewInitialMask(*raw, z, made.result, {});
            QVERIFY(std::equal(preview.begin(), preview.end(), made.mask.begin() + z * kSide * kSide));
            QCOMPARE(std::ssize(preview), kSide * kSide);
        }
        QVERIFY_THROWS_EXCEPTION(Error, previewInitialMask(*raw, 4, made.result, {}));
    }

    void aSampleOfSlicesComesCloseAndAllOfThemAgree()
    {
        const auto raw = picturesAs<float>(3, 0);
        const auto made = make(*raw);
        Task task;
        QCOMPARE(findInitialMaskThresholds(*raw, {}, task, 100).thresholds, made.result.thresholds);
        QVERIFY(std::abs(findInitialMaskThresholds(*raw, {}, task, 2).thresholds[0] - made.result.thresholds[0]) < 0.03);
    }

    void percentilesNarrowTheRange()
    {
        InitialMaskOptions options;
        options.normalise.mode = NormaliseOptions::Mode::Percentiles;
        const auto made = make(*picturesAs<std::uint8_t>(1, 0), options);
        QVERIFY(made.result.range.low > 50 && made.result.range.high < 220);
    }

    void aConstantVolumeIsAllBackgroundAndSaysSo()
    {
        const auto made = make(*Volume::from<std::uint16_t>({ 2, 20, 20 }, std::vector<std::uint16_t>(800, 1234)));
        QCOMPARE(std::count(made.mask.begin(), made.mask.end(), 0), std::ptrdiff_t { 800 });
        QCOMPARE(made.result.foregroundFraction(), 0.0);
        QCOMPARE(made.result.findings.size(), std::size_t { 1 });
        QCOMPARE(made.result.findings[0].code, std::string("constant-volume"));
    }

    void notANumberIsBackgroundAndCounted()
    {
        auto raw = picturesAs<float>(1, 1000);
        for (std::size_t i = 0; i < 100; ++i)
            raw->as<float>()[3000 + i] = std::numeric_limits<float>::quiet_NaN();
        const auto made = make(*raw);
        for (std::size_t i = 0; i < 100; ++i)
            QCOMPARE(made.mask[3000 + i], std::uint8_t { 0 });
        QCOMPARE(made.result.findings.size(), std::size_t { 1 });
        QCOMPARE(made.result.findings[0].code, std::string("not-finite"));
        QVERIFY(made.result.findings[0].text.starts_with("100 voxels"));

        const auto nothing = make(*Volume::from<float>({ 1, 9, 9 }, std::vector<float>(81, std::nanf(""))));
        QCOMPARE(std::count(nothing.mask.begin(), nothing.mask.end(), 0), std::ptrdiff_t { 81 });
    }

    void theSinkIsWrittenInOrderAndFinishedOnce()
    {
        CountingSink sink;
        double last = 0;
        Task task([&](double fraction, const std::string&) {
            QVERIFY(fraction >= last);
            last = fraction;
        });
        makeInitialMask(*picturesAs<std::uint8_t>(1, 0), sink, {}, task);
        QCOMPARE(sink.m_slices, kShape.z);
        QCOMPARE(sink.m_finished, 1);
        QCOMPARE(last, 1.0);
    }

    void aStopLeavesTheSinkUnfinished()
    {
        CountingSink sink;
        Task task;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, makeInitialMask(*picturesAs<std::uint8_t>(1, 0), sink, {}, task));
        QCOMPARE(sink.m_finished, 0);
    }

    void wrongInputIsRefused()
    {
        Task task;
        const auto raw = picturesAs<std::uint8_t>(1, 0);
        Volume other({ 4, kSide, kSide + 1 }, Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Error, makeInitialMask(*raw, other, {}, task));
        Volume wide(kShape, Scalar::U16);
        QVERIFY_THROWS_EXCEPTION(Error, makeInitialMask(*raw, wide, {}, task));
        const Volume empty({ 0, 4, 4 }, Scalar::U8);
        Volume emptyMask({ 0, 4, 4 }, Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Error, makeInitialMask(empty, emptyMask, {}, task));
        Volume mask(kShape, Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Error,
            makeInitialMask(*raw, mask, { .normalise = {}, .equalise = true, .clahe = { -1, 8 }, .classes = 2 }, task));
    }

    void theEstimateStaysSmallForALargeStack()
    {
        const Cost cost = estimateInitialMask({ 1500, 1024, 1024 }, Scalar::U16, {});
        QVERIFY(cost.ramBytes > 32'000'000 && cost.ramBytes < 300'000'000);
    }

    void optionsAndResultHaveJson()
    {
        InitialMaskOptions options;
        options.clahe = { 0.05, 3 };
        options.normalise.mode = NormaliseOptions::Mode::Percentiles;
        const auto back = initialMaskOptionsFromJson(toJson(options));
        QCOMPARE(back.clahe.tiles, 3);
        QVERIFY(back.normalise.mode == NormaliseOptions::Mode::Percentiles);
        const Json json = toJson(make(*Volume::from<std::uint8_t>({ 1, 2, 2 }, std::vector<std::uint8_t>(4, 1))).result);
        QCOMPARE(json["findings"][0]["severity"].get<std::string>(), std::string("warning"));
        QVERIFY(json["thresholds"][0].is_number());
    }
};

QTEST_APPLESS_MAIN(TestInitialMask)
#include "tst_initial_mask.moc"
