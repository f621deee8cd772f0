// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "volume/views.h"
#include "volume/volume.h"

#include <QtTest>

#include <numeric>

using namespace interstice;

namespace {

std::shared_ptr<Volume> counting(Shape shape)
{
    std::vector<std::uint16_t> voxels(static_cast<std::size_t>(shape.voxels()));
    std::iota(voxels.begin(), voxels.end(), std::uint16_t { 0 });
    return Volume::from<std::uint16_t>(shape, voxels, { 1, 2, 3, LengthUnit::Micrometre, SizeOrigin::Ome });
}

template <class T> std::vector<T> all(const VolumeSource& source)
{
    return readAs<T>(source, Box::whole(source.shape()));
}

} // namespace

class TestViews : public QObject {
    Q_OBJECT

private slots:
    void cropIsTheBox()
    {
        const CropView crop(counting({ 3, 4, 5 }), { { 1, 2, 3 }, { 2, 2, 2 } });
        QVERIFY(crop.shape() == (Shape { 2, 2, 2 }));
        QCOMPARE(all<std::uint16_t>(crop), (std::vector<std::uint16_t> { 33, 34, 38, 39, 53, 54, 58, 59 }));
        QCOMPARE(readAs<std::uint16_t>(crop, Box { { 1, 1, 1 }, { 1, 1, 1 } }), std::vector<std::uint16_t> { 59 });
        // Inside the source, but outside the crop.
        QVERIFY_THROWS_EXCEPTION(Error, readAs<std::uint16_t>(crop, Box { { 0, 0, 1 }, { 1, 1, 2 } }));
        QVERIFY(crop.voxelSize().x == 3);
        QVERIFY_THROWS_EXCEPTION(Error, CropView(counting({ 3, 4, 5 }), { { 1, 2, 3 }, { 2, 2, 3 } }));
        QVERIFY_THROWS_EXCEPTION(Error, CropView(counting({ 3, 4, 5 }), { { 1, 2, 3 }, { 0, 2, 2 } }));
    }

    void binIsTheMeanAndDropsTheRest()
    {
        const BinView bin(counting({ 3, 4, 5 }), 2, BinView::Mode::Mean);
        QVERIFY(bin.shape() == (Shape { 1, 2, 2 }));
        // Mean of {0, 1, 5, 6, 20, 21, 25, 26} is 13; 2 more along x, 10 more along y.
        QCOMPARE(all<std::uint16_t>(bin), (std::vector<std::uint16_t> { 13, 15, 23, 25 }));
        QCOMPARE(readAs<std::uint16_t>(bin, Box { { 0, 1, 1 }, { 1, 1, 1 } }), std::vector<std::uint16_t> { 25 });
        QVERIFY(bin.voxelSize() == (VoxelSize { 2, 4, 6, LengthUnit::Micrometre, SizeOrigin::Ome }));
        QVERIFY_THROWS_EXCEPTION(Error, BinView(counting({ 3, 4, 5 }), 4, BinView::Mode::Mean));
        QCOMPARE(all<std::uint16_t>(BinView(counting({ 1, 2, 2 }), 1, BinView::Mode::Mean)),
            (std::vector<std::uint16_t> { 0, 1, 2, 3 }));
    }

    void binningByLessThanOneIsRefused()
    {
        QVERIFY_THROWS_EXCEPTION(Error, BinView(counting({ 3, 4, 5 }), 0, BinView::Mode::Mean));
        QVERIFY_THROWS_EXCEPTION(Error, BinView(counting({ 3, 4, 5 }), -1, BinView::Mode::Labels));
    }

    void binOfLabelsInventsNone()
    {
        const BinView bin(counting({ 3, 4, 5 }), 2, BinView::Mode::Labels);
        QCOMPARE(all<std::uint16_t>(bin), (std::vector<std::uint16_t> { 0, 2, 10, 12 }));
        const BinView three(counting({ 3, 4, 5 }), 3, BinView::Mode::Labels);
        QCOMPARE(all<std::uint16_t>(three), std::vector<std::uint16_t> { 0 });
    }

    void castRoundsAndClamps()
    {
        const auto volume = Volume::from<float>({ 1, 1, 5 }, std::vector<float> { -1, 0.6F, 254.4F, 300, std::nanf("") });
        QCOMPARE(all<std::uint8_t>(CastView(volume, Scalar::U8)), (std::vector<std::uint8_t> { 0, 1, 254, 255, 0 }));
        QCOMPARE(all<std::int16_t>(CastView(volume, Scalar::I16)), (std::vector<std::int16_t> { -1, 1, 254, 300, 0 }));
    }

    void castStretchesARange()
    {
        const auto volume
            = Volume::from<std::uint16_t>({ 1, 1, 5 }, std::vector<std::uint16_t> { 900, 1000, 1500, 2000, 5000 });
        QCOMPARE(all<std::uint8_t>(CastView(volume, Scalar::U8, 1000, 2000)),
            (std::vector<std::uint8_t> { 0, 0, 128, 255, 255 }));
        QCOMPARE(all<std::int16_t>(CastView(volume, Scalar::I16, 1000, 2000)),
            (std::vector<std::int16_t> { -32768, -32768, 0, 32767, 32767 }));
        // A float has no "whole range": the values stay.
        QCOMPARE(
            all<float>(CastView(volume, Scalar::F32, 1000, 2000)), (std::vector<float> { 900, 1000, 1500, 2000, 5000 }));
        const auto real = Volume::from<float>({ 1, 1, 3 }, std::vector<float> { -2, 0, 2 });
        QCOMPARE(all<std::uint16_t>(CastView(real, Scalar::U16, -2, 2)), (std::vector<std::uint16_t> { 0, 32768, 65535 }));
    }

    void calibrationChangesTheSizeAlone()
    {
        const auto volume = counting({ 1, 2, 3 });
        const VoxelSize size { 0.65, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User };
        const CalibratedView view(volume, size);
        QVERIFY(view.voxelSize() == size);
        QCOMPARE(all<std::uint16_t>(view), all<std::uint16_t>(*volume));
    }

    void viewsStack()
    {
        const auto crop = std::make_shared<CropView>(counting({ 4, 6, 6 }), Box { { 0, 2, 2 }, { 4, 4, 4 } });
        const auto bin = std::make_shared<BinView>(crop, 2, BinView::Mode::Mean);
        const CastView cast(bin, Scalar::F32);
        // Mean of the 8 voxels from (0, 2, 2): 14 + (0, 1, 6, 7, 36, 37, 42, 43) = 14 + 21.5, rounded to even.
        QCOMPARE(all<float>(cast).front(), 36.0F);
    }

    void repeatingASliceGivesItAtEveryDepth()
    {
        const auto slice = Volume::from<std::uint16_t>({ 1, 2, 3 }, std::vector<std::uint16_t> { 1, 2, 3, 4, 5, 6 });
        const RepeatView view(slice, 4);
        QVERIFY(view.shape() == (Shape { 4, 2, 3 }));
        QCOMPARE(
            readAs<std::uint16_t>(view, { { 1, 1, 1 }, { 3, 1, 2 } }), (std::vector<std::uint16_t> { 5, 6, 5, 6, 5, 6 }));
        QVERIFY_THROWS_EXCEPTION(
            Error, RepeatView(Volume::from<std::uint8_t>({ 2, 1, 1 }, std::vector<std::uint8_t> { 1, 2 }), 3));
    }
};

QTEST_APPLESS_MAIN(TestViews)
#include "tst_views.moc"
