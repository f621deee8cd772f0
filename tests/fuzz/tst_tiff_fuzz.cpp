// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged TIFF files by the thousand, from a fixed seed: every one is either read or refused with an
// Error; nothing crashes, hangs or allocates much.
#include "base/cost.h"
#include "base/file.h"
#include "io/tiff_writer.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include "fuzz/damage.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

constexpr qint64 kMillisecondsEach = 4000;

} // namespace

class TstTiffFuzz : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void cutAtEveryLength();
    void mutations();
    void cleanupTestCase();

private:
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    QTemporaryDir m_folder;
    std::vector<std::string> m_seeds;
    std::uint64_t m_memoryBefore = 0;
};

void TstTiffFuzz::initTestCase()
{
    const VoxelSize size { 1.3, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User };
    for (const Scalar scalar : { Scalar::U8, Scalar::U16, Scalar::F32 }) {
        for (const Compression compression :
            { Compression::None, Compression::Lzw, Compression::Deflate, Compression::Zstd, Compression::PackBits }) {
            for (const bool big : { false, true }) {
                Volume volume({ 3, 9, 14 }, scalar);
                std::uint32_t state = 7;
                for (auto& byte : volume.bytes())
                    byte = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 30);
                TiffWriteOptions options;
                options.compression = compression;
                if (big)
                    options.bigTiffAbove = 10;
                Task task;
                copy(volume, *createTiff(at("seed.tif"), volume.shape(), scalar, size, options), task);
                QVERIFY(readAll(at("seed.tif")));
                m_seeds.push_back(readTextFile(at("seed.tif")));
            }
        }
    }
    // Layouts of other programs: big-endian, tiles, one header for all planes, bits, white as zero, OME.
    for (const char* name : { "big_endian_big_tiff_tiled_u2", "deflate_tiled_big_endian_f4", "strips_of_two_rows_u2",
             "one_bit", "imagej_one_header_u2", "min_is_white_u1", "ome_u2", "thumbnail_in_the_chain", "big_endian_f8",
             "shaped_truncated_u2" })
        m_seeds.push_back(readTextFile(fs::path(INTERSTICE_SOURCE "/tests/core/io/data") / (std::string(name) + ".tif")));
    m_memoryBefore = peakResidentBytes();
}

void TstTiffFuzz::cutAtEveryLength()
{
    QElapsedTimer timer;
    timer.start();
    std::size_t cuts = 0;
    // A step of 1 over the small files; every length of all of them where the machine is fast enough.
    for (const std::string& seed : m_seeds) {
        const std::size_t step = std::max<std::size_t>(1, seed.size() / 1000);
        for (std::size_t length = 0; length < seed.size() && timer.elapsed() < kMillisecondsEach; length += step, ++cuts) {
            put(at("cut.tif"), std::string_view(seed).substr(0, length));
            readAll(at("cut.tif"));
        }
    }
    QVERIFY2(cuts > 1000, qPrintable(QString::number(cuts)));
}

void TstTiffFuzz::mutations()
{
    std::mt19937 random(20240607);
    QElapsedTimer timer;
    timer.start();
    int tried = 0;
    int whole = 0;
    for (; tried < 6000 && timer.elapsed() < kMillisecondsEach; ++tried) {
        put(at("mutated.tif"), mutated(m_seeds[static_cast<std::size_t>(tried) % m_seeds.size()], random));
        QElapsedTimer one;
        one.start();
        whole += readAll(at("mutated.tif"));
        QVERIFY2(one.elapsed() < 2000, qPrintable(QStringLiteral("mutation %1 took %2 ms").arg(tried).arg(one.elapsed())));
    }
    QVERIFY2(tried > 500, qPrintable(QString::number(tried)));
    // Were all refused, or none, the mutations would test nothing.
    QVERIFY2(whole > tried / 20 && whole < tried, qPrintable(QStringLiteral("%1 of %2").arg(whole).arg(tried)));
    qInfo("%d mutations, %d of them still readable", tried, whole);
}

void TstTiffFuzz::cleanupTestCase()
{
#if !defined(__SANITIZE_ADDRESS__) // whose quarantine keeps what was freed
    QVERIFY(peakResidentBytes() < m_memoryBefore + (std::uint64_t { 128 } << 20));
#endif
}

QTEST_APPLESS_MAIN(TstTiffFuzz)
#include "tst_tiff_fuzz.moc"
