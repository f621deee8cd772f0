// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "io/open_volume.h"
#include "io/side_car.h"
#include "io/tiff_writer.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

void writeTiff(const fs::path& path, VoxelSize size = {})
{
    Volume volume({ 2, 3, 4 }, Scalar::U8);
    volume.as<std::uint8_t>()[5] = 9;
    Task task;
    copy(volume, *createTiff(path, volume.shape(), volume.scalar(), size), task);
}

bool hasCode(const Findings& findings, const char* code)
{
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.code == code; });
}

} // namespace

class TstSideCar : public QObject {
    Q_OBJECT
private slots:
    void content();
    void folderAsInput();
    void dataSetAsInput();
    void missingInput();
    void voxelSizeComesBack();
    void ownCalibrationComesFirst();
    void damagedSideCar();

private:
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    QTemporaryDir m_folder;
};

void TstSideCar::content()
{
    writeTextFile(at("in.tif"), "hello");
    writeSideCar(at("out.tif"), "mask", { { "tiles", 8 } }, { at("in.tif") }, 1.5,
        { { "voxel_size", toJson(VoxelSize {}) }, { "dice", 0.9 } });
    const Json json = readJsonFile(at("out.tif.json"));
    QVERIFY(json["step"] == Json("mask"));
    QVERIFY(json["options"]["tiles"] == Json(8));
    QVERIFY(json["seconds"] == Json(1.5));
    QCOMPARE(json["inputs"].size(), std::size_t { 1 });
    QVERIFY(json["inputs"][0]["path"] == Json(utf8(at("in.tif"))));
    QVERIFY(json["inputs"][0]["size"] == Json(5));
    // printf hello | xxh128sum
    QVERIFY(json["inputs"][0]["checksum"] == Json("b5e9c1ad071b3e7fc779cfaa5e523818"));
    QVERIFY(!json["versions"]["interstice"].get<std::string>().empty());
    QVERIFY(QRegularExpression(QStringLiteral("^\\d+\\.\\d+"))
            .match(QString::fromStdString(json["versions"]["libtiff"].get<std::string>()))
            .hasMatch());
    QVERIFY(QRegularExpression(QStringLiteral("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$"))
            .match(QString::fromStdString(json["date"].get<std::string>()))
            .hasMatch());
    QVERIFY(json["voxel_size"]["unit"] == Json("vx"));
    QVERIFY(json["dice"] == Json(0.9));
}

void TstSideCar::folderAsInput()
{
    fs::create_directories(at("stack"));
    writeTextFile(at("stack/s2.tif"), "two!");
    writeTextFile(at("stack/s10.tif"), "ten");
    writeSideCar(at("o.tif"), "mask", Json::object(), { at("stack"), at("stack/s*.tif") }, 0);
    const Json json = readJsonFile(at("o.tif.json"));
    const std::string lines = checksumOfFile(at("stack/s2.tif")) + "\n" + checksumOfFile(at("stack/s10.tif")) + "\n";
    for (const int i : { 0, 1 }) {
        QVERIFY(json["inputs"][i]["checksum"] == Json(checksumOfBytes(lines.data(), lines.size())));
        QVERIFY(json["inputs"][i]["size"] == Json(7));
    }
}

void TstSideCar::dataSetAsInput()
{
    writeTextFile(at("scan.h5"), "hello");
    writeSideCar(at("o.tif"), "convert", Json::object(), { at("scan.h5:/exchange/data") }, 0);
    const Json json = readJsonFile(at("o.tif.json"));
    QVERIFY(json["inputs"][0]["checksum"] == Json(checksumOfFile(at("scan.h5"))));
}

void TstSideCar::missingInput()
{
    QVERIFY_THROWS_EXCEPTION(Error, writeSideCar(at("p.tif"), "mask", {}, { at("nothing.tif") }, 0));
    QVERIFY(!fs::exists(at("p.tif.json")));
}

void TstSideCar::voxelSizeComesBack()
{
    writeTiff(at("plain.tif"));
    const VoxelSize size { 1.3, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User };
    writeSideCar(at("plain.tif"), "phantom", {}, {}, 0, { { "voxel_size", toJson(size) } });
    const OpenedVolume opened = openVolume(at("plain.tif"));
    VoxelSize expected = size;
    expected.origin = SizeOrigin::SideCar;
    QCOMPARE(opened.source->voxelSize(), expected);
    QVERIFY(!hasCode(opened.findings, "voxel-size-unknown"));
}

void TstSideCar::ownCalibrationComesFirst()
{
    writeTiff(at("own.tif"), { 2, 2, 2, LengthUnit::Micrometre, SizeOrigin::User });
    writeSideCar(at("own.tif"), "phantom", {}, {}, 0,
        { { "voxel_size", toJson(VoxelSize { 5, 5, 5, LengthUnit::Micrometre, SizeOrigin::User }) } });
    const VoxelSize size = openVolume(at("own.tif")).source->voxelSize();
    QCOMPARE(size.x, 2.0);
    QCOMPARE(size.origin, SizeOrigin::ImageJ);
}

void TstSideCar::damagedSideCar()
{
    writeTiff(at("bad.tif"));
    writeTextFile(at("bad.tif.json"), "{\"voxel_size\": {");
    const OpenedVolume opened = openVolume(at("bad.tif"));
    QVERIFY(!opened.source->voxelSize().knownInPlane());
    QVERIFY(hasCode(opened.findings, "side-car-damaged"));
    for (const char* odd : { "[]", "3", R"({"voxel_size": 3})", R"({"voxel_size": {"x": "a", "unit": 4}})" }) {
        writeTextFile(at("bad.tif.json"), odd);
        QVERIFY(!openVolume(at("bad.tif")).source->voxelSize().knownInPlane());
    }
}

QTEST_APPLESS_MAIN(TstSideCar)
#include "tst_side_car.moc"
