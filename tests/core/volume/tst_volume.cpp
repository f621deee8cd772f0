// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "volume/volume.h"

#include <QtTest>

#include <numeric>

using namespace interstice;

namespace {

constexpr std::array kScalars { Scalar::U8, Scalar::U16, Scalar::I16, Scalar::U32, Scalar::F32 };

std::shared_ptr<Volume> counting(Shape shape)
{
    std::vector<std::uint16_t> voxels(static_cast<std::size_t>(shape.voxels()));
    std::iota(voxels.begin(), voxels.end(), std::uint16_t { 0 });
    return Volume::from<std::uint16_t>(shape, voxels);
}

} // namespace

class TestVolume : public QObject {
    Q_OBJECT

private slots:
    void boxesAreReadInOrder()
    {
        const auto volume = counting({ 3, 4, 5 });
        QCOMPARE(readAs<std::uint16_t>(*volume, Box { { 1, 2, 3 }, { 2, 2, 2 } }),
            (std::vector<std::uint16_t> { 33, 34, 38, 39, 53, 54, 58, 59 }));
        QCOMPARE(readAs<std::uint16_t>(*volume, Box::slices(volume->shape(), 2, 1)).front(), std::uint16_t { 40 });
        QCOMPARE(readAs<std::uint16_t>(*volume, Box { { 2, 3, 4 }, { 1, 1, 1 } }), std::vector<std::uint16_t> { 59 });
        QVERIFY(readAs<std::uint16_t>(*volume, Box { { 0, 0, 0 }, { 0, 4, 5 } }).empty());
    }

    void boxesAreWrittenAndNothingElse()
    {
        Volume volume({ 3, 4, 5 }, Scalar::U16);
        const std::vector<std::uint16_t> patch { 1, 2, 3, 4 };
        volume.write({ { 1, 1, 2 }, { 1, 2, 2 } }, std::as_bytes(std::span(patch)));
        const auto voxels = volume.as<std::uint16_t>();
        QCOMPARE(std::accumulate(voxels.begin(), voxels.end(), 0), 10);
        QCOMPARE(voxels[20 + 5 + 2], std::uint16_t { 1 });
        QCOMPARE(voxels[20 + 5 + 3], std::uint16_t { 2 });
        QCOMPARE(voxels[20 + 10 + 2], std::uint16_t { 3 });
        QCOMPARE(voxels[20 + 10 + 3], std::uint16_t { 4 });
    }

    void boxesOutsideAreRefused()
    {
        const auto volume = counting({ 3, 4, 5 });
        for (const Box& box : { Box { { 0, 0, 0 }, { 4, 1, 1 } }, Box { { -1, 0, 0 }, { 1, 1, 1 } },
                 Box { { 0, 3, 0 }, { 1, 2, 1 } }, Box { { 0, 0, 5 }, { 1, 1, 1 } }, Box { { 0, 0, 0 }, { 1, -1, 1 } },
                 Box { { 0, 0, std::numeric_limits<std::int64_t>::max() }, { 1, 1, 2 } } }) {
            QVERIFY(!box.within(volume->shape()));
        }
        QVERIFY_THROWS_EXCEPTION(Error, readAs<std::uint16_t>(*volume, Box { { 0, 0, 0 }, { 4, 1, 1 } }));
        QVERIFY_THROWS_EXCEPTION(Error, readAs<float>(*volume, Box { { 0, 3, 0 }, { 1, 2, 1 } }));
        std::vector<std::byte> tooSmall(3);
        QVERIFY_THROWS_EXCEPTION(std::logic_error, volume->read({ { 0, 0, 0 }, { 1, 1, 2 } }, tooSmall));
        QVERIFY_THROWS_EXCEPTION(std::logic_error, volume->as<float>());
    }

    void loadCopiesEverything()
    {
        auto from = counting({ 2, 3, 4 });
        from->setVoxelSize({ 1, 2, 3, LengthUnit::Micrometre, SizeOrigin::Ome });
        const auto copy = Volume::load(*from);
        QVERIFY(copy->voxelSize() == from->voxelSize());
        QVERIFY(std::ranges::equal(copy->bytes(), from->bytes()));
    }

    void whatCannotBeAllocatedIsRefusedWithTheNumbers()
    {
        try {
            const Volume volume({ 200000, 20000, 20000 }, Scalar::F32);
            QFAIL("no Error");
        } catch (const Error& error) {
            QVERIFY2(error.happened().find("TB") != std::string::npos, error.what());
        }
    }

    void differentShapesAreNamed()
    {
        const auto a = counting({ 2, 3, 4 });
        const auto b = counting({ 2, 4, 3 });
        requireSameShape(*a, *a);
        try {
            requireSameShape(*a, *b);
            QFAIL("no Error");
        } catch (const Error& error) {
            QVERIFY(error.happened().find(describe(a->shape())) != std::string::npos);
            QVERIFY(error.happened().find(describe(b->shape())) != std::string::npos);
        }
        QCOMPARE(describe(Shape { 300, 768, 1024 }), std::string("1024 \u00d7 768 \u00d7 300 (X \u00d7 Y \u00d7 Z)"));
    }

    /// Every pair of types: whole numbers in both ranges come through; what is outside is clamped.
    void everyPairOfTypesConverts()
    {
        const std::vector<double> values { -40000, -5, 0, 1, 200, 300, 40000, 70000, 5e9 };
        int pairs = 0;
        for (const Scalar from : kScalars) {
            dispatch(from, [&](auto fromTag) {
                using From = typename decltype(fromTag)::type;
                std::vector<From> voxels;
                for (const double value : values)
                    voxels.push_back(saturate<From>(value));
                const auto volume = Volume::from<From>({ 1, 1, static_cast<std::int64_t>(values.size()) }, voxels);
                for (const Scalar to : kScalars) {
                    dispatch(to, [&](auto toTag) {
                        using To = typename decltype(toTag)::type;
                        const auto read = readAs<To>(*volume, Box::whole(volume->shape()));
                        for (std::size_t i = 0; i < values.size(); ++i) {
                            const auto low = static_cast<double>(std::numeric_limits<To>::lowest());
                            const auto high = static_cast<double>(std::numeric_limits<To>::max());
                            const double expected = std::clamp(static_cast<double>(voxels[i]), low, high);
                            // A u32 has more digits than an f32.
                            QVERIFY2(std::abs(static_cast<double>(read[i]) - expected) <= 1e-7 * std::abs(expected),
                                qPrintable(QString("%1 to %2: %3 became %4")
                                        .arg(scalarName(from), scalarName(to))
                                        .arg(expected)
                                        .arg(static_cast<double>(read[i]))));
                        }
                        ++pairs;
                    });
                }
            });
        }
        QCOMPARE(pairs, 25);
    }

    void fractionsAreRoundedAndNaNIsZero()
    {
        const std::vector<float> voxels { 0.4F, 0.6F, -0.6F, 1.5F, 2.5F, std::nanf(""),
            std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity() };
        const auto volume = Volume::from<float>({ 1, 2, 4 }, voxels);
        QCOMPARE(readAs<std::uint8_t>(*volume, Box::whole(volume->shape())),
            (std::vector<std::uint8_t> { 0, 1, 0, 2, 2, 0, 255, 0 }));
        QCOMPARE(readAs<std::int16_t>(*volume, Box::whole(volume->shape())),
            (std::vector<std::int16_t> { 0, 1, -1, 2, 2, 0, 32767, -32768 }));
    }

    void typeNamesReadBack()
    {
        for (const Scalar scalar : kScalars) {
            QVERIFY(parseScalar(scalarName(scalar)) == scalar);
            QCOMPARE(dispatch(scalar, [](auto tag) { return sizeof(typename decltype(tag)::type); }), bytesOf(scalar));
        }
        QVERIFY_THROWS_EXCEPTION(Error, parseScalar("f64"));
    }
};

QTEST_APPLESS_MAIN(TestVolume)
#include "tst_volume.moc"
