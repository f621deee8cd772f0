// SPDX-License-Identifier: GPL-3.0-or-later
// Files of other programs (data/, see reference_tiff.py), and what must be refused in a sentence.
#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"
#include "io/import_check.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include <cmath>

using namespace interstice;
namespace fs = std::filesystem;

Q_DECLARE_METATYPE(Scalar)

namespace {

fs::path data(const QString& name)
{
    return fs::path(INTERSTICE_SOURCE "/tests/core/io/data") / (name.toStdString() + ".tif");
}

QString codes(const Findings& findings)
{
    QStringList list;
    for (const auto& finding : findings)
        list.append(QString::fromStdString(finding.code));
    return list.join(u' ');
}

/// What openVolume (and reading all of it) says; empty when it works.
QString refusal(const fs::path& path)
{
    try {
        const OpenedVolume opened = openVolume(path);
        Volume::load(*opened.source);
    } catch (const Error& problem) {
        return problem.remedy().empty() ? QStringLiteral("(no remedy)") : QString::fromUtf8(problem.what());
    }
    return {};
}

void put(QByteArray& to, std::uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; --i)
        to.append(static_cast<char>(value >> (8 * i) & 0xff));
}

/// Big-endian header of one page, as ImageJ writes it, pixels from byte `start`.
QByteArray imageJHeader(std::uint32_t width, std::uint32_t height, const QByteArray& description, std::uint32_t start)
{
    QByteArray text = description + '\0';
    const auto entry = [](QByteArray& to, int tag, int type, std::uint32_t count, std::uint32_t value) {
        put(to, static_cast<std::uint64_t>(tag), 2);
        put(to, static_cast<std::uint64_t>(type), 2);
        put(to, count, 4);
        if (type == 3) {
            put(to, value, 2);
            put(to, 0, 2);
        } else {
            put(to, value, 4);
        }
    };
    QByteArray header("MM\0\x2a", 4);
    put(header, 8, 4);
    put(header, 9, 2);
    entry(header, 256, 4, 1, width);
    entry(header, 257, 4, 1, height);
    entry(header, 258, 3, 1, 16);
    entry(header, 259, 3, 1, 1);
    entry(header, 262, 3, 1, 1);
    entry(header, 270, 2, static_cast<std::uint32_t>(text.size()), 8 + 2 + 9 * 12 + 4);
    entry(header, 273, 4, 1, start);
    entry(header, 278, 4, 1, height);
    entry(header, 279, 4, 1, width * height * 2);
    put(header, 0, 4);
    return header + text;
}

} // namespace

class TstOpenVolume : public QObject {
    Q_OBJECT
private slots:
    void otherPrograms_data();
    void otherPrograms();
    void calibrations();
    void refusals_data();
    void refusals();
    void noSuchFile();
    void damagedFiles();
    void cutAtEveryLength();
    void claimsMoreThanItHolds();
    void damagedSliceInAStack();
    void imageJAboveFourGigabytes();
    void oneSliceOfAnImageJStack();
    void importCheck();
    void realData_data();
    void realData();

private:
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    void writeBytes(const fs::path& path, const QByteArray& bytes)
    {
        fs::remove(path); // some file systems wait for the disk when a file is written over
        QFile file(QString::fromStdString(utf8(path)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    QTemporaryDir m_folder;
};

void TstOpenVolume::otherPrograms_data()
{
    QTest::addColumn<Scalar>("scalar");
    QTest::addColumn<QString>("expectedCodes");
    const auto row = [](const char* name, Scalar scalar, const char* expected) {
        QTest::newRow(name) << scalar << QString::fromUtf8(expected);
    };
    const char* plain = "voxel-size-unknown";
    const char* converted = "type-converted voxel-size-unknown";
    row("big_endian_u1", Scalar::U8, plain);
    row("big_endian_u2", Scalar::U16, plain);
    row("big_endian_i2", Scalar::I16, plain);
    row("big_endian_u4", Scalar::U32, plain);
    row("big_endian_f4", Scalar::F32, plain);
    row("big_endian_f8", Scalar::F32, converted);
    row("big_endian_f2", Scalar::F32, converted);
    row("big_endian_i1", Scalar::I16, converted);
    row("big_endian_i4", Scalar::F32, converted);
    row("big_endian_u8", Scalar::F32, converted);
    row("big_endian_big_tiff_tiled_u2", Scalar::U16, plain);
    row("little_endian_tiled_f4", Scalar::F32, plain);
    row("strips_of_two_rows_u2", Scalar::U16, plain);
    row("deflate_strips_big_endian_u2", Scalar::U16, plain);
    row("deflate_tiled_big_endian_f4", Scalar::F32, plain);
    row("min_is_white_u1", Scalar::U8, "min-is-white voxel-size-unknown");
    row("min_is_white_big_endian_u2", Scalar::U16, "min-is-white voxel-size-unknown");
    row("one_bit", Scalar::U8, converted);
    row("shaped_truncated_u2", Scalar::U16, plain);
    row("imagej_u2", Scalar::U16, "");
    row("imagej_one_header_u2", Scalar::U16, "");
    row("imagej_frames_u2", Scalar::U16, "one-axis z-size-unknown");
    row("ome_u2", Scalar::U16, "");
    row("thumbnail_in_the_chain", Scalar::U16, "reduced-page-skipped voxel-size-unknown");
    row("overview_below_the_page", Scalar::U16, plain);
}

void TstOpenVolume::otherPrograms()
{
    QFETCH(Scalar, scalar);
    QFETCH(QString, expectedCodes);
    const QString name = QString::fromUtf8(QTest::currentDataTag());
    const OpenedVolume opened = openVolume(data(name));
    const Shape shape { 3, 13, 21 };
    QCOMPARE(opened.source->shape(), shape);
    QCOMPARE(opened.source->scalar(), scalar);
    QCOMPARE(codes(opened.findings), expectedCodes);
    // Voxel by voxel in parts as well as whole: the formula of reference_tiff.py.
    const auto expected = [&](const Index& at) {
        double value = static_cast<double>(at.z * 1000 + at.y * 40 + at.x);
        if (name.endsWith(QLatin1String("i1")))
            return static_cast<double>(static_cast<std::int8_t>(static_cast<int>(value) - 500));
        if (name.endsWith(QLatin1String("u1")))
            return std::fmod(value, 256);
        if (name == QLatin1String("one_bit"))
            return std::fmod(value, 2);
        if (name.endsWith(QLatin1String("i2")) || name.endsWith(QLatin1String("i4")))
            return value - 500;
        if (name.endsWith(QLatin1String("f2"))) // eleven significant bits
            value = std::abs(value - 499.75) >= 1024 ? std::nearbyint(value - 499.75) : value - 499.75;
        else if (name.endsWith(QLatin1String("f4")) || name.endsWith(QLatin1String("f8")))
            value -= 499.75;
        return value;
    };
    for (const Box& box : { Box::whole(shape), Box { { 1, 2, 3 }, { 2, 9, 14 } }, Box { { 0, 12, 20 }, { 3, 1, 1 } },
             Box { { 2, 0, 5 }, { 1, 13, 2 } } }) {
        const auto voxels = readAs<float>(*opened.source, box);
        std::size_t i = 0;
        for (std::int64_t z = 0; z < box.size.z; ++z) {
            for (std::int64_t y = 0; y < box.size.y; ++y) {
                for (std::int64_t x = 0; x < box.size.x; ++x) {
                    const Index at { box.start.z + z, box.start.y + y, box.start.x + x };
                    const double tolerance = name.endsWith(QLatin1String("f2")) ? 1 : 0;
                    QVERIFY2(std::abs(static_cast<double>(voxels[i]) - expected(at)) <= tolerance,
                        qPrintable(QStringLiteral("%1 %2 %3: %4")
                                .arg(at.z)
                                .arg(at.y)
                                .arg(at.x)
                                .arg(static_cast<double>(voxels[i]))));
                    ++i;
                }
            }
        }
    }
}

void TstOpenVolume::calibrations()
{
    for (const auto& [name, origin] : { std::pair { QStringLiteral("imagej_u2"), SizeOrigin::ImageJ },
             { QStringLiteral("imagej_one_header_u2"), SizeOrigin::ImageJ },
             { QStringLiteral("ome_u2"), SizeOrigin::Ome } }) {
        const VoxelSize size = openVolume(data(name)).source->voxelSize();
        QCOMPARE(size.z, 1.3);
        QCOMPARE(size.y, 0.65);
        QCOMPARE(size.x, 0.65);
        QCOMPARE(size.unit, LengthUnit::Micrometre);
        QCOMPARE(size.origin, origin);
    }
}

void TstOpenVolume::refusals_data()
{
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const char* words) { QTest::newRow(name) << QString::fromUtf8(words); };
    row("rgb", "colour (RGB)");
    row("palette", "colour palette");
    row("complex", "complex");
    row("volumetric", "ImageDepth");
    row("imagej_two_channels_u2", "2 channels");
    row("ome_two_channels_u2", "2 channels");
    row("pages_of_two_sizes", "Page 2");
    row("pages_of_two_types", "Page 2");
}

void TstOpenVolume::refusals()
{
    QFETCH(QString, words);
    const QString name = QString::fromUtf8(QTest::currentDataTag());
    const QString said = refusal(data(name));
    QVERIFY2(said.contains(words), qPrintable(said));
    QVERIFY2(said.contains(name + QStringLiteral(".tif")), qPrintable(said));
}

void TstOpenVolume::noSuchFile()
{
    for (const char* name : { "missing.tif", "missing/deeper.tif", "*.tif" }) {
        const QString said = refusal(at(name));
        QVERIFY2(said.contains(QString::fromUtf8(name)), qPrintable(said));
    }
    fs::create_directories(at("empty"));
    QVERIFY(refusal(at("empty")).contains(QLatin1String("holds no TIFF files")));
    QCOMPARE(::mkfifo(at("pipe.tif").c_str(), 0600), 0); // opening it would never return
    QVERIFY(refusal(at("pipe.tif")).contains(QLatin1String("is not a file")));
    QVERIFY(!refusal("").isEmpty());
}

void TstOpenVolume::damagedFiles()
{
    writeBytes(at("a.tif"), {});
    QVERIFY(refusal(at("a.tif")).contains(QLatin1String("a.tif is empty")));
    writeBytes(at("a.tif"), QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
    QVERIFY(refusal(at("a.tif")).contains(QLatin1String("PNG")));
    writeBytes(at("a.tif"), "II");
    QVERIFY(refusal(at("a.tif")).contains(QLatin1String("not a TIFF file")));
    writeBytes(at("a.tif"), QByteArray(1000, 'x'));
    QVERIFY(refusal(at("a.tif")).contains(QLatin1String("not a TIFF file")));
    writeBytes(at("a.tif"), QByteArray("II\x2a\0\0\0\0\0", 8));
    QVERIFY(refusal(at("a.tif")).contains(QLatin1String("a.tif")));
}

void TstOpenVolume::cutAtEveryLength()
{
    // With the first length at which nothing that matters is missing: resolution tags of later pages, and the
    // headers that one_header() of reference_tiff.py cut off, come last.
    for (const auto& [name, enough] :
        { std::pair { "big_endian_u2", 2130 }, { "deflate_tiled_big_endian_f4", 2161 }, { "imagej_one_header_u2", 1974 } }) {
        QFile file(QString::fromStdString(data(QString::fromUtf8(name)).string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray whole = file.readAll();
        for (qsizetype length = 0; length < enough; ++length) {
            writeBytes(at("cut.tif"), whole.first(length));
            QString said = refusal(at("cut.tif"));
            // Cut inside the very offset of the next header, what comes before is a file of its own; so is one plane of
            // a stack with one header.
            const QStringList found = said.isEmpty() ? codes(openVolume(at("cut.tif")).findings).split(u' ') : QStringList();
            if (found.contains(QLatin1String("file-cut")) || found.contains(QLatin1String("slices-missing")))
                said = QStringLiteral("cut.tif: a finding");
            QVERIFY2(said.contains(QLatin1String("cut.tif")),
                qPrintable(QStringLiteral("%1 %2: %3").arg(QString::fromUtf8(name)).arg(length).arg(said)));
        }
    }
}

void TstOpenVolume::claimsMoreThanItHolds()
{
    // 60000 × 60000 voxels in a file of some hundred bytes.
    const std::uint64_t before = peakResidentBytes();
    writeBytes(at("big.tif"), imageJHeader(60000, 60000, "", 200) + QByteArray(500, '\0'));
    const QString said = refusal(at("big.tif"));
    QVERIFY2(said.contains(QLatin1String("big.tif")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("60000 × 60000")), qPrintable(said));
    QVERIFY(peakResidentBytes() < before + (std::uint64_t { 64 } << 20));
    // A stack that ends before its last slice.
    writeBytes(
        at("short.tif"), imageJHeader(100, 100, "ImageJ=1.54f\nimages=50\n", 400) + QByteArray(100 * 100 * 2 * 30, 'a'));
    QVERIFY2(refusal(at("short.tif")).contains(QLatin1String("50 slices")), qPrintable(refusal(at("short.tif"))));
}

void TstOpenVolume::damagedSliceInAStack()
{
    const Shape shape { 30, 40, 50 };
    Volume volume(shape, Scalar::U16);
    for (std::size_t i = 0; i < volume.as<std::uint16_t>().size(); ++i)
        volume.as<std::uint16_t>()[i] = static_cast<std::uint16_t>(i * 7919);
    TiffWriteOptions options;
    options.compression = Compression::Deflate;
    Task task;
    copy(volume, *createTiff(at("d.tif"), shape, Scalar::U16, {}, options), task);
    QFile file(QString::fromStdString(at("d.tif").string()));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray all = file.readAll();
    // The first slice's data follow the header; break them, but no header.
    for (qsizetype i = 40; i < 200; ++i)
        all[i] = static_cast<char>(~all[i]);
    file.seek(0);
    file.write(all);
    file.close();
    const OpenedVolume opened = openVolume(at("d.tif"));
    QVERIFY2(codes(opened.findings).contains(QLatin1String("slice-damaged")), qPrintable(codes(opened.findings)));
    std::vector<std::byte> slice(static_cast<std::size_t>(shape.sliceVoxels()) * 2);
    try {
        opened.source->read(Box::slices(shape, 0, 1), slice);
        QFAIL("a broken slice was read");
    } catch (const Error& problem) {
        QVERIFY2(QString::fromUtf8(problem.what()).contains(QLatin1String("Slice 1 of ")), problem.what());
    }
    opened.source->read(Box::slices(shape, 17, 1), slice); // the others are whole
    QVERIFY(std::equal(slice.begin(), slice.end(), volume.bytes().begin() + static_cast<std::ptrdiff_t>(17 * slice.size())));
}

void TstOpenVolume::imageJAboveFourGigabytes()
{
    // Sparse: 600 planes of 2048 × 1900 × 2 bytes after one header, 4.7 GB of holes.
    const std::uint64_t plane = 2048ull * 1900 * 2;
    const std::uint64_t start = 1000;
    const fs::path path = at("huge.tif");
    writeBytes(path, imageJHeader(2048, 1900, "ImageJ=1.54f\nimages=600\nslices=600\nloop=false\n", start));
    std::error_code problem;
    fs::resize_file(path, start + 600 * plane, problem);
    if (problem)
        QSKIP("The temporary folder takes no file of 4.7 GB with holes.");
    QFile file(QString::fromStdString(path.string()));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(static_cast<qint64>(start + 599 * plane + (3 * 2048 + 5) * 2)));
    QCOMPARE(file.write(QByteArray("\x12\x34", 2)), 2);
    file.close();
    QElapsedTimer timer;
    timer.start();
    const auto source = openVolume(path).source;
    QCOMPARE(source->shape(), (Shape { 600, 1900, 2048 }));
    QCOMPARE(readAs<std::uint16_t>(*source, { { 599, 3, 5 }, { 1, 1, 1 } }), std::vector<std::uint16_t> { 0x1234 });
    QCOMPARE(readAs<std::uint16_t>(*source, { { 598, 3, 5 }, { 2, 1, 1 } }), (std::vector<std::uint16_t> { 0, 0x1234 }));
    QVERIFY(timer.elapsed() < 5000);
    fs::remove(path);
}

void TstOpenVolume::oneSliceOfAnImageJStack()
{
    writeBytes(at("one.tif"), imageJHeader(10, 10, "ImageJ=1.54f\nimages=50\nslices=50\n", 400) + QByteArray(500, 'a'));
    const OpenedVolume opened = openVolume(at("one.tif"));
    QCOMPARE(opened.source->shape(), (Shape { 1, 10, 10 }));
    QVERIFY(codes(opened.findings).contains(QLatin1String("slices-missing")));
}

void TstOpenVolume::importCheck()
{
    const VoxelSize size { 1, 1, 1, LengthUnit::Micrometre, SizeOrigin::User };
    const auto check = [&](std::vector<float> voxels) {
        return codes(
            checkVolume(*Volume::from<float>({ 2, 1, static_cast<std::int64_t>(voxels.size()) / 2 }, voxels, size)));
    };
    QCOMPARE(check({ 1, 2, 3, 4 }), QString());
    QCOMPARE(check({ 3, 3, 3, 3 }), QStringLiteral("constant"));
    QCOMPARE(check({ 0, 255, 0, 255 }), QStringLiteral("labels-0-255"));
    QCOMPARE(check({ 1, NAN, 3, INFINITY }), QStringLiteral("not-finite"));
    QCOMPARE(check({ NAN, NAN, NAN, NAN }), QStringLiteral("not-finite"));
    QCOMPARE(codes(checkVolume(Volume({ 0, 0, 0 }, Scalar::U8))), QStringLiteral("voxel-size-unknown"));
}

void TstOpenVolume::realData_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QList<qint64>>("size");
    QTest::addColumn<Scalar>("scalar");
    const auto row = [](const char* path, QList<qint64> size, Scalar scalar) {
        QTest::newRow(path) << QString::fromUtf8(path) << size << scalar;
    };
    row("ciclope-bone", { 200, 200, 200 }, Scalar::U8);
    row("puma-weave", { 150, 150, 150 }, Scalar::U8);
    row("savu-projections/raw_*.tiff", { 91, 135, 160 }, Scalar::U16);
}

void TstOpenVolume::realData()
{
    QFETCH(QString, path);
    QFETCH(QList<qint64>, size);
    QFETCH(Scalar, scalar);
    const fs::path folder = fs::path(INTERSTICE_DATA) / path.toStdString();
    if (!fs::exists(folder.parent_path()))
        QSKIP("The real volumes are not here.");
    bool found = false;
    std::vector<fs::path> tried { folder };
    std::error_code ignored; // a glob is no folder
    for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
        if (entry.is_directory() || entry.path().extension() == ".tif" || entry.path().extension() == ".tiff")
            tried.push_back(entry.path());
    }
    for (const auto& at : tried) {
        try {
            const auto source = openVolume(at).source;
            found = found || (source->shape() == Shape { size[0], size[1], size[2] } && source->scalar() == scalar);
        } catch (const Error&) {
            continue; // a folder of several stacks
        }
        if (found)
            break;
    }
    QVERIFY(found);
}

QTEST_APPLESS_MAIN(TstOpenVolume)
#include "tst_open_volume.moc"
