// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "io/data_exchange.h"
#include "io/hdf5_file.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QtTest>

#include <numeric>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

Scan smallScan()
{
    const Shape shape { 6, 4, 5 };
    std::vector<std::uint16_t> counts(120);
    std::iota(counts.begin(), counts.end(), std::uint16_t { 1000 });
    Scan scan;
    scan.projections = Volume::from<std::uint16_t>(shape, counts);
    scan.white = Volume::from<std::uint16_t>({ 2, 4, 5 }, std::vector<std::uint16_t>(40, 5000));
    scan.dark = Volume::from<float>({ 1, 4, 5 }, std::vector<float>(20, 99.5F));
    scan.angles = { 0, 30, 60, 90, 120, 150 };
    scan.pixelMicrometres = 0.65;
    scan.energyKev = 27.4;
    scan.distanceMillimetres = 25;
    scan.axis = 2.25;
    return scan;
}

std::string whatIsSaid(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.remedy().empty() ? std::string() : error.happened();
    }
    return {};
}

} // namespace

class TestHdf5 : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void scansSurviveTheFile()
    {
        const Scan scan = smallScan();
        Task task;
        writeDataExchange(path("scan.h5"), scan, task);
        QVERIFY(volumeIsThere(path("scan.h5:/exchange/data")));
        QVERIFY(!volumeIsThere(path("none.h5:/exchange/data")));
        const OpenedScan opened = openScan(path("scan.h5"));
        QVERIFY(opened.findings.empty());
        const Scan& back = opened.scan;
        QCOMPARE(back.angles, scan.angles);
        QCOMPARE(back.pixelMicrometres, 0.65);
        QCOMPARE(back.energyKev, 27.4);
        QCOMPARE(back.distanceMillimetres, 25.0);
        QCOMPARE(back.axis, 2.25);
        QVERIFY(back.projections->scalar() == Scalar::U16 && back.dark->scalar() == Scalar::F32);
        const Box box { { 2, 1, 3 }, { 3, 2, 2 } };
        QCOMPARE(readAs<std::uint16_t>(*back.projections, box), readAs<std::uint16_t>(*scan.projections, box));
        QCOMPARE(readAs<float>(*back.dark, Box::whole({ 1, 4, 5 }))[7], 99.5F);
        QCOMPARE(openScan(path("scan.h5"), AngleRange { 0, 100 }).scan.angles[1], 20.0);
    }

    void aDataSetIsAVolume()
    {
        Task task;
        writeDataExchange(path("volume.h5"), smallScan(), task);
        const OpenedVolume opened = openVolume(path("volume.h5").string() + ":/exchange/data_white");
        QVERIFY((opened.source->shape() == Shape { 2, 4, 5 }));
        QVERIFY((openVolume(path("volume.h5")).source->shape() == Shape { 6, 4, 5 }));
        const Hdf5File file(path("volume.h5"));
        QCOMPARE(file.volumes().size(), std::size_t { 3 });
        QCOMPARE(file.attribute("/exchange/theta", "units"), std::string("deg"));
        QVERIFY(!file.has("/exchange/nothing") && !file.has("/nowhere/at/all"));
    }

    void whatIsMissingIsSaid()
    {
        Task task;
        Scan scan = smallScan();
        writeDataExchange(path("good.h5"), scan, task);
        QVERIFY(QString::fromStdString(whatIsSaid([&] {
            openVolume(path("good.h5").string() + ":/other/data");
        })).contains("/other/data"));
        QVERIFY(QString::fromStdString(whatIsSaid([&] {
            openScan(path("good.h5").string() + ":/entry/data");
        })).contains("/entry/data"));
        writeTextFile(path("text.h5"), "not HDF5");
        QVERIFY(QString::fromStdString(whatIsSaid([&] { openScan(path("text.h5")); })).contains("text.h5"));
        QVERIFY(QString::fromStdString(whatIsSaid([&] { openScan(path("absent.h5")); })).contains("absent.h5"));
        QVERIFY(QString::fromStdString(whatIsSaid([&] { openScan(path("nofolder")); })).contains("nofolder"));
        const std::string whole = readTextFile(path("good.h5"));
        writeTextFile(path("cut.h5"), std::string_view(whole).substr(0, 300));
        QVERIFY(QString::fromStdString(whatIsSaid([&] { openScan(path("cut.h5")); })).contains("cut.h5"));
        QVERIFY(!whatIsSaid([&] { writeDataExchange(path("nowhere") / "x.h5", scan, task); }).empty());
        QVERIFY(!whatIsSaid([] { parseAngles("0-180"); }).empty());
        scan.angles.pop_back();
        QVERIFY(!whatIsSaid([&] { writeDataExchange(path("angles.h5"), scan, task); }).empty());
        QVERIFY(!fs::exists(path("angles.h5")));
    }

    void foldersOfProjectionsAreScans()
    {
        const fs::path folder = path("tiffs");
        fs::create_directories(folder / "flats");
        const auto write = [](const fs::path& file, std::uint16_t value) {
            auto sink = createTiff(file, { 1, 3, 4 }, Scalar::U16, {});
            const std::vector<std::uint16_t> voxels(12, value);
            sink->write(Box::whole({ 1, 3, 4 }), std::as_bytes(std::span(voxels)));
            sink->finish();
        };
        for (int i = 0; i < 5; ++i)
            write(folder / ("raw_" + std::to_string(i) + ".tif"), static_cast<std::uint16_t>(100 + i));
        write(folder / "Dark_0.tif", 7);
        write(folder / "flats" / "a_0.tif", 500);
        write(folder / "flats" / "a_1.tif", 501);
        OpenedScan opened = openScan(folder);
        QVERIFY((opened.scan.projections->shape() == Shape { 5, 3, 4 }));
        QCOMPARE(opened.scan.white->shape().z, std::int64_t { 2 });
        QCOMPARE(opened.scan.dark->shape().z, std::int64_t { 1 });
        QCOMPARE(readAs<std::uint16_t>(*opened.scan.projections, { { 3, 1, 2 }, { 1, 1, 1 } })[0], std::uint16_t { 103 });
        QCOMPARE(opened.scan.angles[1], 36.0);
        QCOMPARE(opened.findings.size(), std::size_t { 1 });
        writeTextFile(folder / "angles.txt", "0\n0\n0\n10\n20\n30\n40\n40\n40\n");
        opened = openScan(folder);
        QCOMPARE(opened.scan.angles, (std::vector<double> { 0, 10, 20, 30, 40 }));
        writeTextFile(folder / "angles.txt", "0\n10\n20\n");
        QVERIFY(QString::fromStdString(whatIsSaid([&] { openScan(folder); })).contains("3 angles"));
        QCOMPARE(openScan(folder, AngleRange { 0, 180 }).scan.angles[4], 180.0);
        fs::create_directories(path("empty"));
        QVERIFY(QString::fromStdString(whatIsSaid([&] { openScan(path("empty")); })).contains("no projections"));
    }
};

QTEST_APPLESS_MAIN(TestHdf5)
#include "tst_hdf5.moc"
