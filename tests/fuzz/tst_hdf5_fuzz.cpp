// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged HDF5 files, from a fixed seed, as volumes and as scans: every one is either read or refused with an Error.
#include "base/cost.h"
#include "base/file.h"
#include "io/data_exchange.h"
#include "volume/volume.h"

#include "fuzz/damage.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <numeric>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

constexpr qint64 kMillisecondsEach = 4000;

/// The file as a raw scan, all of it: true when all could be read.
bool readScan(const fs::path& path)
{
    try {
        const OpenedScan opened = openScan(path);
        const Shape shape = opened.scan.projections->shape();
        if (shape.voxels() > 10000)
            return false; // a size that was damaged: nothing of it is read at once
        std::vector<std::byte> all(static_cast<std::size_t>(shape.voxels()) * bytesOf(opened.scan.projections->scalar()));
        opened.scan.projections->read(Box::whole(shape), all);
        return true;
    } catch (const Error& problem) {
        if (problem.happened().empty() || problem.remedy().empty())
            throw std::logic_error("an error that says nothing");
        return false;
    }
}

} // namespace

class TstHdf5Fuzz : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        const Shape shape { 6, 4, 5 };
        std::vector<std::uint16_t> counts(120);
        std::iota(counts.begin(), counts.end(), std::uint16_t { 1000 });
        Scan scan;
        scan.projections = Volume::from<std::uint16_t>(shape, counts);
        scan.white = Volume::from<std::uint16_t>({ 2, 4, 5 }, std::vector<std::uint16_t>(40, 5000));
        scan.dark = Volume::from<float>({ 1, 4, 5 }, std::vector<float>(20, 99.5F));
        scan.angles = { 0, 30, 60, 90, 120, 150 };
        Task task;
        writeDataExchange(file(), scan, task);
        QVERIFY(readScan(file()) && readAll(volume()));
        m_seed = readTextFile(file());
        m_memoryBefore = peakResidentBytes();
    }

    void cutAtEveryLength()
    {
        QElapsedTimer timer;
        timer.start();
        std::size_t cuts = 0;
        const std::size_t step = std::max<std::size_t>(1, m_seed.size() / 1500);
        for (std::size_t length = 0; length < m_seed.size() && timer.elapsed() < kMillisecondsEach; length += step, ++cuts) {
            put(file(), std::string_view(m_seed).substr(0, length));
            readScan(file());
            readAll(volume());
        }
        QVERIFY2(cuts > 200, qPrintable(QString::number(cuts)));
    }

    void mutations()
    {
        std::mt19937 random(20240608);
        QElapsedTimer timer;
        timer.start();
        int tried = 0;
        int whole = 0;
        for (; tried < 6000 && timer.elapsed() < kMillisecondsEach; ++tried) {
            put(file(), mutated(m_seed, random));
            QElapsedTimer one;
            one.start();
            const bool scan = readScan(file());
            whole += readAll(volume()) && scan;
            QVERIFY2(
                one.elapsed() < 2000, qPrintable(QStringLiteral("mutation %1 took %2 ms").arg(tried).arg(one.elapsed())));
        }
        QVERIFY2(tried > 200, qPrintable(QString::number(tried)));
        // Were all refused, or none, the mutations would test nothing.
        QVERIFY2(whole > tried / 20 && whole < tried, qPrintable(QStringLiteral("%1 of %2").arg(whole).arg(tried)));
        qInfo("%d mutations, %d of them still readable", tried, whole);
    }

    void cleanupTestCase()
    {
#if !defined(__SANITIZE_ADDRESS__) // whose quarantine keeps what was freed
        QVERIFY(peakResidentBytes() < m_memoryBefore + (std::uint64_t { 128 } << 20));
#endif
    }

private:
    fs::path file() const { return fs::path(m_folder.path().toStdString()) / "damaged.h5"; }
    fs::path volume() const { return file().string() + ":/exchange/data"; }

    QTemporaryDir m_folder;
    std::string m_seed;
    std::uint64_t m_memoryBefore = 0;
};

QTEST_APPLESS_MAIN(TstHdf5Fuzz)
#include "tst_hdf5_fuzz.moc"
