// SPDX-License-Identifier: GPL-3.0-or-later
// What createTiff writes, openVolume reads back: every type, compression, layout and voxel size.
#include "base/error.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <random>
#include <thread>

using namespace interstice;
namespace fs = std::filesystem;

Q_DECLARE_METATYPE(Compression)
Q_DECLARE_METATYPE(Scalar)
Q_DECLARE_METATYPE(VoxelSize)

namespace {

/// No two sides alike and every voxel telling where it is, so that a flip or a transposition shows.
std::shared_ptr<Volume> asymmetric(Shape shape, Scalar scalar)
{
    auto volume = std::make_shared<Volume>(shape, scalar);
    dispatch(scalar, [&](auto tag) {
        using T = typename decltype(tag)::type;
        auto voxels = volume->as<T>();
        std::size_t i = 0;
        for (std::int64_t z = 0; z < shape.z; ++z) {
            for (std::int64_t y = 0; y < shape.y; ++y) {
                for (std::int64_t x = 0; x < shape.x; ++x)
                    voxels[i++] = static_cast<T>(z * 7919 + y * 104 + x * 3 - 50 + (std::is_floating_point_v<T> ? 0.25 : 0));
            }
        }
        if constexpr (std::is_floating_point_v<T>) {
            voxels[0] = std::numeric_limits<T>::quiet_NaN();
            voxels[1] = -std::numeric_limits<T>::infinity();
        } else {
            voxels[0] = std::numeric_limits<T>::min();
            voxels[1] = std::numeric_limits<T>::max();
        }
    });
    return volume;
}

std::vector<std::byte> bytesOfBox(const VolumeSource& source, const Box& box)
{
    std::vector<std::byte> bytes(static_cast<std::size_t>(box.size.voxels()) * bytesOf(source.scalar()));
    source.read(box, bytes);
    return bytes;
}

bool hasCode(const Findings& findings, const char* code)
{
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.code == code; });
}

} // namespace

class TstTiffRoundTrip : public QObject {
    Q_OBJECT
private slots:
    void voxels_data();
    void voxels();
    void voxelSizes_data();
    void voxelSizes();
    void parts_data();
    void parts();
    void concurrentReads_data();
    void concurrentReads();
    void folderOfSlices();
    void folderWithAGap();
    void oddSliceInAFolder();
    void nonAsciiPath();
    void manyPages();

private:
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    void write(const fs::path& path, const VolumeSource& volume, VoxelSize size = {}, const TiffWriteOptions& options = {})
    {
        Task task;
        const auto sink = createTiff(path, volume.shape(), volume.scalar(), size, options);
        copy(volume, *sink, task);
    }
    QTemporaryDir m_folder;
};

void TstTiffRoundTrip::voxels_data()
{
    QTest::addColumn<Scalar>("scalar");
    QTest::addColumn<Compression>("compression");
    QTest::addColumn<bool>("predictor");
    QTest::addColumn<bool>("big");
    for (const Scalar scalar : { Scalar::U8, Scalar::U16, Scalar::I16, Scalar::U32, Scalar::F32 }) {
        for (const auto& [compression, name] :
            { std::pair { Compression::None, "none" }, { Compression::Lzw, "lzw" }, { Compression::Deflate, "deflate" },
                { Compression::Zstd, "zstd" }, { Compression::PackBits, "packbits" } }) {
            for (const bool predictor : { false, true }) {
                for (const bool big : { false, true })
                    QTest::addRow("%s %s%s%s", scalarName(scalar), name, predictor ? " predictor" : "", big ? " big" : "")
                        << scalar << compression << predictor << big;
            }
        }
    }
}

void TstTiffRoundTrip::voxels()
{
    QFETCH(Scalar, scalar);
    QFETCH(Compression, compression);
    QFETCH(bool, predictor);
    QFETCH(bool, big);
    const auto volume = asymmetric({ 5, 37, 23 }, scalar);
    TiffWriteOptions options { compression, predictor };
    if (big)
        options.bigTiffAbove = 100;
    write(at("a.tif"), *volume, {}, options);

    QFile file(QString::fromStdString(at("a.tif").string()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(static_cast<int>(file.read(4)[2]), big ? 43 : 42);

    const OpenedVolume opened = openVolume(at("a.tif"));
    QCOMPARE(opened.source->shape(), volume->shape());
    QCOMPARE(opened.source->scalar(), scalar);
    const auto back = bytesOfBox(*opened.source, Box::whole(volume->shape()));
    QVERIFY(std::equal(back.begin(), back.end(), volume->bytes().begin(), volume->bytes().end()));
    QVERIFY(hasCode(opened.findings, "voxel-size-unknown"));
    QVERIFY(!hasCode(opened.findings, "type-converted"));
}

void TstTiffRoundTrip::voxelSizes_data()
{
    QTest::addColumn<VoxelSize>("written");
    QTest::addColumn<VoxelSize>("expected");
    const auto um = LengthUnit::Micrometre;
    const auto same = [](const char* name, VoxelSize size) {
        VoxelSize expected = size;
        expected.origin = size.knownInPlane() ? SizeOrigin::ImageJ : SizeOrigin::Unknown;
        QTest::newRow(name) << size << expected;
    };
    same("unknown", {});
    same("cubes", { 0.65, 0.65, 0.65, um, SizeOrigin::User });
    same("three lengths", { 1.3, 0.71, 0.65, um, SizeOrigin::User });
    same("z unknown", { 0, 0.65, 0.65, um, SizeOrigin::Ome });
    same("one", { 1, 1, 1, um, SizeOrigin::User });
    same("nm", { 12.5, 4, 4, LengthUnit::Nanometre, SizeOrigin::User });
    same("mm", { 0.0195, 0.0195, 0.0195, LengthUnit::Millimetre, SizeOrigin::User });
    same("odd digits", { 1.7253456, 1.7253456, 1.7253456, um, SizeOrigin::User });
    same("large", { 12345, 12345, 12345, um, SizeOrigin::User });
    same("small", { 0.00035, 0.00035, 0.00035, um, SizeOrigin::User });
    QTest::newRow("cm") << VoxelSize { 0.002, 0.002, 0.002, LengthUnit::Centimetre, SizeOrigin::User }
                        << VoxelSize { 20, 20, 20, um, SizeOrigin::ImageJ };
}

void TstTiffRoundTrip::voxelSizes()
{
    QFETCH(VoxelSize, written);
    QFETCH(VoxelSize, expected);
    write(at("b.tif"), *asymmetric({ 2, 3, 4 }, Scalar::U16), written);
    const OpenedVolume opened = openVolume(at("b.tif"));
    const VoxelSize size = opened.source->voxelSize();
    const std::string text = toJson(size).dump();
    const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-7 * std::abs(b); };
    QVERIFY2(close(size.z, expected.z) && close(size.y, expected.y) && close(size.x, expected.x), text.c_str());
    QVERIFY2(size.origin == expected.origin && size.unit == expected.unit, text.c_str());
    QCOMPARE(hasCode(opened.findings, "voxel-size-unknown"), !expected.knownInPlane());
    QCOMPARE(hasCode(opened.findings, "z-size-unknown"), expected.knownInPlane() && !expected.known());
}

void TstTiffRoundTrip::parts_data()
{
    QTest::addColumn<Compression>("compression");
    QTest::addColumn<Scalar>("scalar");
    QTest::newRow("uncompressed u16") << Compression::None << Scalar::U16;
    QTest::newRow("uncompressed f32") << Compression::None << Scalar::F32;
    QTest::newRow("deflate u16") << Compression::Deflate << Scalar::U16;
    QTest::newRow("lzw u8") << Compression::Lzw << Scalar::U8;
    QTest::newRow("zstd f32") << Compression::Zstd << Scalar::F32;
    QTest::newRow("packbits u8") << Compression::PackBits << Scalar::U8;
}

void TstTiffRoundTrip::parts()
{
    QFETCH(Compression, compression);
    QFETCH(Scalar, scalar);
    // Several strips a slice when compressed, and rows long enough for the narrow way of reading columns.
    const Shape shape { 4, 90, 5000 };
    const auto volume = asymmetric(shape, scalar);
    TiffWriteOptions options;
    options.compression = compression;
    write(at("c.tif"), *volume, {}, options);
    const auto source = openVolume(at("c.tif")).source;
    for (const Box& box :
        { Box { { 0, 17, 0 }, { 4, 1, 5000 } }, Box { { 0, 0, 4999 }, { 4, 90, 1 } }, Box { { 3, 89, 4999 }, { 1, 1, 1 } },
            Box { { 1, 20, 100 }, { 2, 33, 3000 } }, Box { { 2, 50, 0 }, { 1, 40, 5000 } },
            Box { { 0, 0, 0 }, { 4, 90, 5000 } }, Box { { 1, 3, 7 }, { 3, 70, 2 } } }) {
        QCOMPARE(bytesOfBox(*source, box), bytesOfBox(*volume, box));
    }
    std::vector<std::byte> one(bytesOf(scalar));
    QVERIFY_THROWS_EXCEPTION(Error, source->read({ { 4, 0, 0 }, { 1, 1, 1 } }, one));
}

void TstTiffRoundTrip::concurrentReads_data()
{
    QTest::addColumn<Compression>("compression");
    QTest::addColumn<bool>("folder");
    QTest::newRow("uncompressed") << Compression::None << false;
    QTest::newRow("deflate") << Compression::Deflate << false;
    QTest::newRow("folder, zstd") << Compression::Zstd << true;
}

void TstTiffRoundTrip::concurrentReads()
{
    QFETCH(Compression, compression);
    QFETCH(bool, folder);
    const Shape shape { 40, 61, 83 };
    const auto volume = asymmetric(shape, Scalar::U16);
    TiffWriteOptions options;
    options.compression = compression;
    const fs::path path = folder ? at("slices") : at("d.tif");
    if (folder) {
        fs::create_directories(path);
        for (std::int64_t z = 0; z < shape.z; ++z) {
            const auto slice = std::make_shared<Volume>(Shape { 1, shape.y, shape.x }, Scalar::U16);
            volume->read(Box::slices(shape, z, 1), slice->bytes());
            write(path / ("s" + std::to_string(z) + ".tif"), *slice, {}, options);
        }
    } else {
        write(path, *volume, {}, options);
    }
    const auto source = openVolume(path).source;
    QCOMPARE(source->shape(), shape);
    std::atomic<int> wrong { 0 };
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            std::mt19937 random(t);
            const auto part = [&](std::int64_t whole) {
                std::int64_t a = random() % static_cast<unsigned>(whole);
                std::int64_t b = random() % static_cast<unsigned>(whole);
                return std::pair { std::min(a, b), std::abs(a - b) + 1 };
            };
            for (int i = 0; i < 40; ++i) {
                const auto [z, depth] = part(shape.z);
                const auto [y, height] = part(shape.y);
                const auto [x, width] = part(shape.x);
                const Box box { { z, y, x }, { depth, height, width } };
                if (bytesOfBox(*source, box) != bytesOfBox(*volume, box))
                    ++wrong;
            }
        });
    }
    threads.clear();
    QCOMPARE(wrong.load(), 0);
}

void TstTiffRoundTrip::folderOfSlices()
{
    const fs::path folder = at("stack");
    fs::create_directories(folder);
    const Shape shape { 12, 5, 7 };
    const auto volume = asymmetric(shape, Scalar::I16);
    const VoxelSize size { 0.65, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User };
    for (std::int64_t z = 0; z < shape.z; ++z) {
        Volume slice({ 1, shape.y, shape.x }, Scalar::I16);
        volume->read(Box::slices(shape, z, 1), slice.bytes());
        write(folder / ("slice" + std::to_string(z + 1) + ".tif"), slice, size);
    }
    for (const fs::path& path : { folder, folder / "", folder / "slice*.tif" }) {
        const OpenedVolume opened = openVolume(path);
        QCOMPARE(opened.source->shape(), shape);
        QCOMPARE(opened.source->voxelSize().x, 0.65);
        QCOMPARE(bytesOfBox(*opened.source, Box::whole(shape)), bytesOfBox(*volume, Box::whole(shape)));
        QVERIFY(opened.findings.empty());
    }
}

void TstTiffRoundTrip::folderWithAGap()
{
    const fs::path folder = at("gap");
    fs::create_directories(folder);
    for (const int n : { 1, 2, 4, 5 })
        write(folder / ("s" + std::to_string(n) + ".tif"), *asymmetric({ 1, 4, 6 }, Scalar::U8));
    const OpenedVolume opened = openVolume(folder);
    QCOMPARE(opened.source->shape(), (Shape { 4, 4, 6 }));
    QVERIFY(hasCode(opened.findings, "slice-gap"));
}

void TstTiffRoundTrip::oddSliceInAFolder()
{
    const auto refusal = [&](const fs::path& folder) -> QString {
        try {
            openVolume(folder);
        } catch (const Error& problem) {
            return QString::fromUtf8(problem.what());
        }
        return {};
    };
    const fs::path folder = at("odd");
    fs::create_directories(folder);
    for (const int n : { 1, 2, 3 })
        write(folder / ("s" + std::to_string(n) + ".tif"), *asymmetric({ 1, 4, n == 3 ? 5 : 6 }, Scalar::U8));
    QVERIFY2(refusal(folder).contains(QStringLiteral("s3.tif is 5 × 4")), qPrintable(refusal(folder)));
    write(folder / "s3.tif", *asymmetric({ 1, 4, 6 }, Scalar::U16));
    QVERIFY2(refusal(folder).contains(QLatin1String("s3.tif")), qPrintable(refusal(folder)));
    write(folder / "s3.tif", *asymmetric({ 2, 4, 6 }, Scalar::U8));
    QVERIFY2(refusal(folder).contains(QLatin1String("s3.tif holds 2 pages")), qPrintable(refusal(folder)));
    fs::remove(folder / "s3.tif");
    QCOMPARE(refusal(folder), QString());
}

void TstTiffRoundTrip::nonAsciiPath()
{
    const fs::path path = at("Proben-ä") / "玻璃珠.tif";
    fs::create_directories(path.parent_path());
    const auto volume = asymmetric({ 3, 4, 5 }, Scalar::U16);
    write(path, *volume);
    QVERIFY(fs::exists(path));
    for (const fs::path& given : { path, path.parent_path() }) {
        const auto source = openVolume(given).source;
        QCOMPARE(bytesOfBox(*source, Box::whole(volume->shape())), bytesOfBox(*volume, Box::whole(volume->shape())));
    }
    fs::resize_file(path, 20);
    try {
        openVolume(path);
        QFAIL("a cut file was opened");
    } catch (const Error& problem) {
        QVERIFY(QString::fromUtf8(problem.what()).contains(QStringLiteral("玻璃珠.tif")));
    }
}

void TstTiffRoundTrip::manyPages()
{
    // Neither writing nor finding a page may walk over all pages before it.
    const Shape shape { 20000, 2, 3 };
    const auto volume = asymmetric(shape, Scalar::U32);
    TiffWriteOptions options;
    options.compression = Compression::Lzw;
    QElapsedTimer timer;
    timer.start();
    write(at("many.tif"), *volume, {}, options);
    const auto source = openVolume(at("many.tif")).source;
    QCOMPARE(source->shape(), shape);
    for (std::int64_t z = shape.z - 1; z >= 0; z -= 7) {
        const Box box = Box::slices(shape, z, 1);
        QCOMPARE(bytesOfBox(*source, box), bytesOfBox(*volume, box));
    }
    QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed())));
}

QTEST_APPLESS_MAIN(TstTiffRoundTrip)
#include "tst_tiff_round_trip.moc"
