// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "volume/voxel_size.h"

#include <QtTest>

using namespace interstice;

class TestVoxelSize : public QObject {
    Q_OBJECT

private slots:
    void unknownIsNeverOne()
    {
        const VoxelSize none;
        QVERIFY(!none.known() && !none.knownInPlane());
        QCOMPARE(none.x, 0.0);
        QCOMPARE(describe(none), std::string("not stated (vx)"));
        const Json json = toJson(none);
        QVERIFY(json["z"].is_null() && json["x"].is_null());
        QCOMPARE(json["unit"].get<std::string>(), std::string("vx"));
        QVERIFY(!voxelSizeFromJson(json).known());
    }

    void inPlaneAloneIsNotKnown()
    {
        const VoxelSize plane { 0, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::ResolutionTag };
        QVERIFY(!plane.known() && plane.knownInPlane());
        QVERIFY(describe(plane).find("z not stated") != std::string::npos);
        QVERIFY(toJson(plane)["z"].is_null());
        QVERIFY(voxelSizeFromJson(toJson(plane)) == plane);
    }

    void jsonGoesBothWays()
    {
        for (const auto origin :
            { SizeOrigin::User, SizeOrigin::Ome, SizeOrigin::ImageJ, SizeOrigin::ResolutionTag, SizeOrigin::SideCar }) {
            const VoxelSize size { 1.3, 0.65, 0.7, LengthUnit::Millimetre, origin };
            QVERIFY(voxelSizeFromJson(toJson(size)) == size);
            QVERIFY(parseOrigin(originName(origin)) == origin);
        }
        QVERIFY(parseOrigin("hearsay") == SizeOrigin::Unknown);
    }

    void textIsParsed()
    {
        QVERIFY(parseVoxelSize("0.65um") == (VoxelSize { 0.65, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User }));
        QVERIFY(
            parseVoxelSize("1.3,0.65,0.5um") == (VoxelSize { 1.3, 0.65, 0.5, LengthUnit::Micrometre, SizeOrigin::User }));
        const VoxelSize mixed = parseVoxelSize("500nm,0.65um,0.5um");
        QVERIFY(std::abs(mixed.z - 0.5) < 1e-12);
        for (const char* text : { "", "0.65", "0um", "-1um", "1,2um", "1,2,3,4um", "3vx", "1,2,3vx", "0,1,1um" })
            QVERIFY_THROWS_EXCEPTION(Error, parseVoxelSize(text));
    }

    void sizesConvertAndBin()
    {
        const VoxelSize size { 0.002, 0.001, 0.001, LengthUnit::Millimetre, SizeOrigin::Ome };
        const VoxelSize micrometres = size.inMicrometres();
        QVERIFY(std::abs(micrometres.z - 2) < 1e-12 && micrometres.unit == LengthUnit::Micrometre);
        QCOMPARE(size.binned(4).x, 0.004);
        QCOMPARE(describe(VoxelSize { 2.6, 2.6, 2.6, LengthUnit::Micrometre, SizeOrigin::User }),
            std::string("2.6 \u00b5m, entered by hand"));
    }
};

QTEST_APPLESS_MAIN(TestVoxelSize)
#include "tst_voxel_size.moc"
