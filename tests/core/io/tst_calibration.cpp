// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/calibration.h"

#include <QTest>

#include <clocale>
#include <cmath>

using namespace interstice;

Q_DECLARE_METATYPE(TiffMetadata)
Q_DECLARE_METATYPE(VoxelSize)

namespace {

const std::string kImageJ = "ImageJ=1.54f\nimages=5\nslices=5\n";

std::string ome(const std::string& attributes)
{
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\">"
           "<Image ID=\"Image:0\"><Description>Pixels here</Description><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYZCT\" "
        + attributes + "/></Image></OME>";
}

/// Equal within what a fraction of two 32-bit numbers read as float keeps.
bool close(double a, double b)
{
    return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

} // namespace

class TstCalibration : public QObject {
    Q_OBJECT
private slots:
    void sizes_data();
    void sizes();
    void numbersInAnotherLocale();
    void findings();
    void axes();
    void planes();
};

void TstCalibration::sizes_data()
{
    QTest::addColumn<TiffMetadata>("metadata");
    QTest::addColumn<VoxelSize>("expected");
    const auto row = [](const char* name, const std::string& description, double x, double y, int unit, VoxelSize expected) {
        QTest::newRow(name) << TiffMetadata { description, x, y, unit } << expected;
    };
    const auto um = LengthUnit::Micrometre;
    const auto imageJ = SizeOrigin::ImageJ;
    const auto tags = SizeOrigin::ResolutionTag;
    const auto fromOme = SizeOrigin::Ome;
    const VoxelSize unknown;
    const double r065 = static_cast<double>(static_cast<float>(1538461 / 1e6));

    row("nothing", "", 0, 0, 0, unknown);
    row("a text", "A photo of a rock, spacing=3", 0, 0, 0, unknown);
    row("imagej um", kImageJ + "unit=um\nspacing=1.3\nloop=false\n", r065, r065, 1, { 1.3, 0.65, 0.65, um, imageJ });
    row("imagej micron", kImageJ + "unit=micron\nspacing=0.65\n", r065, r065, 1, { 0.65, 0.65, 0.65, um, imageJ });
    row("imagej escaped micro sign", kImageJ + "unit=\\u00B5m\nspacing=2\n", 2, 4, 1, { 2, 0.25, 0.5, um, imageJ });
    row("imagej micro sign", kImageJ + "unit=\u00b5m\r\nspacing=2\r\n", 2, 2, 1, { 2, 0.5, 0.5, um, imageJ });
    row("imagej greek mu", kImageJ + "unit=\u03bcm\nspacing=2\n", 2, 2, 1, { 2, 0.5, 0.5, um, imageJ });
    row("imagej latin-1 micro sign", kImageJ + "unit=\xb5m\nspacing=2\n", 2, 2, 1, { 2, 0.5, 0.5, um, imageJ });
    row("imagej nm", kImageJ + "unit=nm\nspacing=40\n", 0.1, 0.1, 1, { 40, 10, 10, LengthUnit::Nanometre, imageJ });
    row("imagej mm", kImageJ + "unit=mm\nspacing=0.02\n", 50, 50, 1, { 0.02, 0.02, 0.02, LengthUnit::Millimetre, imageJ });
    row("imagej no spacing", kImageJ + "unit=um\n", 2, 2, 1, { 0, 0.5, 0.5, um, imageJ });
    row("imagej negative spacing", kImageJ + "unit=um\nspacing=-1.5\n", 2, 2, 1, { 1.5, 0.5, 0.5, um, imageJ });
    row("imagej exponent", kImageJ + "unit=um\nspacing=1.5E-4\n", 2, 2, 1, { 1.5e-4, 0.5, 0.5, um, imageJ });
    row("imagej pixel", kImageJ + "unit=pixel\nspacing=1\n", 1, 1, 1, unknown);
    row("imagej no unit", kImageJ + "spacing=2\n", 2, 2, 1, unknown);
    row("imagej unknown unit", kImageJ + "unit=furlong\nspacing=2\n", 2, 2, 1, unknown);
    row("imagej tag cm, description um", kImageJ + "unit=um\nspacing=1.5\n", 5000, 5000, 3, { 1.5, 2, 2, um, imageJ });
    row("imagej inch", kImageJ + "unit=inch\nspacing=0.01\n", 100, 100, 2, { 0.01, 0.01, 0.01, LengthUnit::Inch, imageJ });
    row("imagej inch by the tag", kImageJ + "spacing=0.01\n", 100, 100, 2, { 0.01, 0.01, 0.01, LengthUnit::Inch, imageJ });
    row("imagej tag inch, description um", kImageJ + "unit=um\nspacing=1\n", 2, 2, 2, { 1, 0.5, 0.5, um, imageJ });
    row("imagej 72 dpi", kImageJ + "loop=false\n", 72, 72, 2, unknown);
    row("imagej cm", kImageJ + "unit=cm\nspacing=0.01\n", 100, 100, 3, { 0.01, 0.01, 0.01, LengthUnit::Centimetre, imageJ });
    row("imagej tiny cm", kImageJ + "unit=cm\nspacing=0.0001\n", 2e4, 2e4, 3, { 1, 0.5, 0.5, um, imageJ });
    row("imagej not so tiny cm", kImageJ + "unit=cm\n", 2000, 2000, 3, { 0, 5e-4, 5e-4, LengthUnit::Centimetre, imageJ });
    row("imagej yunit and zunit", kImageJ + "unit=um\nyunit=nm\nzunit=mm\nspacing=0.002\n", 2, 0.002, 1,
        { 2, 0.5, 0.5, um, imageJ });
    row("imagej without tags", kImageJ + "unit=um\nspacing=3\n", 0, 0, 0, { 3, 0, 0, um, imageJ });
    row("tags cm", "", 100, 50, 3, { 0, 0.02, 0.01, LengthUnit::Centimetre, tags });
    row("tags tiny cm", "", 10000, 5000, 3, { 0, 2, 1, um, tags });
    row("tags inch", "", 1000, 1000, 2, { 0, 0.001, 0.001, LengthUnit::Inch, tags });
    row("tags 72 per inch", "", 72, 72, 2, unknown);
    row("tags 72 per cm", "", 72, 72, 3, { 0, 1 / 72.0, 1 / 72.0, LengthUnit::Centimetre, tags });
    row("tags without unit", "", 100, 100, 1, unknown);
    row("tags with the unit tag absent", "", 100, 100, 0, unknown);
    row("tags zero", "", 0, 0, 3, unknown);
    row("tags infinite", "", std::numeric_limits<double>::infinity(), 1, 3, { 0, 1, 1, LengthUnit::Centimetre, tags });
    row("tags not a number", "", std::nan(""), std::nan(""), 3, unknown);
    row("ome default unit", ome(R"(PhysicalSizeX="0.65" PhysicalSizeY="0.66" PhysicalSizeZ="1.3" SizeZ="5")"), 0, 0, 0,
        { 1.3, 0.66, 0.65, um, fromOme });
    row("ome mixed units",
        ome(R"(PhysicalSizeX="0.65" PhysicalSizeXUnit="&#181;m" PhysicalSizeY="650" PhysicalSizeYUnit="nm" PhysicalSizeZ='0.0013' PhysicalSizeZUnit='mm')"),
        0, 0, 0, { 1.3, 0.65, 0.65, um, fromOme });
    row("ome no z", ome(R"(PhysicalSizeX="650" PhysicalSizeXUnit="nm" PhysicalSizeY="650" PhysicalSizeYUnit="nm")"), 0, 0, 0,
        { 0, 650, 650, LengthUnit::Nanometre, fromOme });
    row("ome angstrom",
        ome("PhysicalSizeX=\"5\" PhysicalSizeXUnit=\"\u00c5\" PhysicalSizeY=\"5\" PhysicalSizeYUnit=\"\u00c5\""), 0, 0, 0,
        { 0, 0.5, 0.5, LengthUnit::Nanometre, fromOme });
    row("ome pixel", ome(R"(PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="1" PhysicalSizeYUnit="pixel")"), 0, 0,
        0, unknown);
    row("ome reference frame",
        ome(R"(PhysicalSizeX="1" PhysicalSizeXUnit="reference frame" PhysicalSizeY="1" PhysicalSizeYUnit="reference frame")"),
        0, 0, 0, unknown);
    row("ome before tags", ome(R"(PhysicalSizeX="2" PhysicalSizeY="2" PhysicalSizeZ="2")"), 10000, 10000, 3,
        { 2, 2, 2, um, fromOme });
    row("ome silent, tags speak", ome(R"(SizeZ="5")"), 10000, 10000, 3, { 0, 1, 1, um, tags });
    row("ome zero", ome(R"(PhysicalSizeX="0" PhysicalSizeY="0")"), 0, 0, 0, unknown);
    row("ome cut short", "<OME><Pixels PhysicalSizeX=\"2", 0, 0, 0, unknown);
    row("ome cut shorter", "<OME><Pixels ", 0, 0, 0, unknown);
}

void TstCalibration::sizes()
{
    QFETCH(TiffMetadata, metadata);
    QFETCH(VoxelSize, expected);
    const VoxelSize size = calibrationOf(metadata).size;
    const std::string text = describe(size) + toJson(size).dump();
    QVERIFY2(close(size.z, expected.z), text.c_str());
    QVERIFY2(close(size.y, expected.y), text.c_str());
    QVERIFY2(close(size.x, expected.x), text.c_str());
    QVERIFY2(size.origin == expected.origin, text.c_str());
    QVERIFY2(expected.origin == SizeOrigin::Unknown || size.unit == expected.unit, text.c_str());
}

void TstCalibration::numbersInAnotherLocale()
{
    const std::string before = std::setlocale(LC_ALL, nullptr);
    if (!std::setlocale(LC_ALL, "de_DE.UTF-8"))
        QSKIP("No locale with a decimal comma is installed.");
    const VoxelSize size = calibrationOf({ kImageJ + "unit=um\nspacing=1.3\n", 2, 2, 1 }).size;
    std::setlocale(LC_ALL, before.c_str());
    QCOMPARE(size.z, 1.3);
}

void TstCalibration::findings()
{
    const auto codes = [](const TiffMetadata& metadata) {
        std::string all;
        for (const auto& finding : calibrationOf(metadata).findings)
            all += finding.code + ' ';
        return all;
    };
    QCOMPARE(codes({ kImageJ + "unit=furlong\nspacing=2\n", 2, 2, 1 }), std::string("unit-unknown "));
    QCOMPARE(codes({ ome(R"(PhysicalSizeX="1" PhysicalSizeXUnit="parsec")"), 0, 0, 0 }), std::string("unit-unknown "));
    QCOMPARE(codes({ "", 300, 300, 2 }), std::string("print-resolution "));
    QCOMPARE(codes({ "", 10000, 10000, 3 }), std::string());
}

void TstCalibration::axes()
{
    const StackAxes fromOme = stackAxesOf({ ome(R"(SizeX="9" SizeZ="5" SizeC="2" SizeT="3")"), 0, 0, 0 });
    QCOMPARE(fromOme.by, std::string("OME"));
    QCOMPARE(fromOme.channels, 2);
    QCOMPARE(fromOme.slices, 5);
    QCOMPARE(fromOme.frames, 3);
    const StackAxes imageJ = stackAxesOf({ "ImageJ=1.53c\nimages=12\nchannels=3\nframes=4\nhyperstack=true\n", 0, 0, 0 });
    QCOMPARE(imageJ.by, std::string("ImageJ"));
    QCOMPARE(imageJ.channels, 3);
    QCOMPARE(imageJ.slices, 0);
    QCOMPARE(imageJ.frames, 4);
    QVERIFY(stackAxesOf({ "a stone", 0, 0, 0 }).by.empty());
}

void TstCalibration::planes()
{
    QCOMPARE(planesBehindOneHeader({ kImageJ, 0, 0, 0 }, 4, 3), 5);
    QCOMPARE(planesBehindOneHeader({ "ImageJ=1.53c\nimages=-3\n", 0, 0, 0 }, 4, 3), 1);
    QCOMPARE(planesBehindOneHeader({ R"({"shape": [7, 3, 4], "truncated": true})", 0, 0, 0 }, 4, 3), 7);
    QCOMPARE(planesBehindOneHeader({ R"({"shape": [7, 3, 4]})", 0, 0, 0 }, 4, 3), 1);
    QCOMPARE(planesBehindOneHeader({ R"({"shape": [7, 3)", 0, 0, 0 }, 4, 3), 1);
}

QTEST_APPLESS_MAIN(TstCalibration)
#include "tst_calibration.moc"
