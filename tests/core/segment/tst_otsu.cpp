// SPDX-License-Identifier: GPL-3.0-or-later
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
