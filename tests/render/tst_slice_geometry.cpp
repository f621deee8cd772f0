// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/slice_geometry.h"

#include "volume/volume.h"

#include <QTest>

using namespace interstice;

class TestSliceGeometry : public QObject {
    Q_OBJECT

private slots:
    void pixelsAreTheVoxelsTheyClaimToBe_data();
    void pixelsAreTheVoxelsTheyClaimToBe();
    void physicalAspect();
    void unknownSizeHasSquarePixels();
};

void TestSliceGeometry::pixelsAreTheVoxelsTheyClaimToBe_data()
{
    QTest::addColumn<int>("orientation");
    for (const auto o : { Orientation::XY, Orientation::XZ, Orientation::YZ })
        QTest::newRow(orientationName(o)) << int(o);
}

void TestSliceGeometry::pixelsAreTheVoxelsTheyClaimToBe()
{
    QFETCH(int, orientation);
    const auto o = Orientation(orientation);
    const Shape shape { 4, 5, 6 };
    std::vector<std::uint16_t> voxels;
    for (int z = 0; z < 4; ++z) {
        for (int y = 0; y < 5; ++y) {
            for (int x = 0; x < 6; ++x)
                voxels.push_back(std::uint16_t(100 * z + 10 * y + x));
        }
    }
    const auto volume = Volume::from<std::uint16_t>(shape, voxels);
    const SliceSize size = sliceSize(shape, o);
    for (std::int64_t index = 0; index < sliceCount(shape, o); ++index) {
        const auto rows = toRows(readAs<std::uint16_t>(*volume, sliceBox(shape, o, index)), shape, o);
        QCOMPARE(rows.size(), std::size_t(size.width) * std::size_t(size.height));
        for (int row = 0; row < size.height; ++row) {
            for (int column = 0; column < size.width; ++column) {
                const Index at = voxelAt(o, index, column, row);
                QCOMPARE(int(rows[std::size_t(row * size.width + column)]), int(100 * at.z + 10 * at.y + at.x));
            }
        }
    }
    // y points down wherever it is shown, x to the right.
    if (o == Orientation::XY)
        QCOMPARE(voxelAt(o, 2, 3, 4), (Index { 2, 4, 3 }));
    if (o == Orientation::XZ)
        QCOMPARE(voxelAt(o, 2, 3, 1), (Index { 1, 2, 3 }));
    if (o == Orientation::YZ)
        QCOMPARE(voxelAt(o, 2, 3, 4), (Index { 3, 4, 2 }));
}

void TestSliceGeometry::physicalAspect()
{
    const VoxelSize size { 2, 0.5, 0.5, LengthUnit::Micrometre, SizeOrigin::User };
    QCOMPARE(pixelAspect(size, Orientation::XY).width, 1.0);
    QCOMPARE(pixelAspect(size, Orientation::XZ).width, 1.0);
    QCOMPARE(pixelAspect(size, Orientation::XZ).height, 4.0);
    QCOMPARE(pixelAspect(size, Orientation::YZ).width, 4.0);
    QCOMPARE(pixelAspect(size, Orientation::YZ).height, 1.0);
    QCOMPARE(micrometresPerUnit(size, Orientation::YZ), 0.5);
}

void TestSliceGeometry::unknownSizeHasSquarePixels()
{
    const VoxelSize zUnknown { 0, 0.5, 0.5, LengthUnit::Micrometre, SizeOrigin::ResolutionTag };
    QCOMPARE(pixelAspect(zUnknown, Orientation::XZ).height, 1.0);
    QCOMPARE(micrometresPerUnit(zUnknown, Orientation::XZ), 0.0);
    QCOMPARE(micrometresPerUnit(zUnknown, Orientation::XY), 0.5);
    QCOMPARE(micrometresPerUnit({}, Orientation::XY), 0.0);
}

QTEST_APPLESS_MAIN(TestSliceGeometry)
#include "tst_slice_geometry.moc"
