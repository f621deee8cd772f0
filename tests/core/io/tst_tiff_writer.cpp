// SPDX-License-Identifier: GPL-3.0-or-later
// What createTiff promises about failure: nothing half-written, one sentence naming the file.
#include "base/error.h"
#include "base/file.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sched.h>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

std::shared_ptr<Volume> noise(Shape shape)
{
    auto volume = std::make_shared<Volume>(shape, Scalar::U16);
    std::uint32_t state = 1;
    for (auto& voxel : volume->as<std::uint16_t>())
        voxel = static_cast<std::uint16_t>((state = state * 1664525 + 1013904223) >> 16);
    return volume;
}

/// The sentence with which writing fails; empty when it does not.
QString failure(const fs::path& path, const Volume& volume, Compression compression = Compression::None)
{
    try {
        Task task;
        TiffWriteOptions options;
        options.compression = compression;
        copy(volume, *createTiff(path, volume.shape(), volume.scalar(), {}, options), task);
    } catch (const Error& problem) {
        return problem.remedy().empty() ? QStringLiteral("(no remedy)") : QString::fromUtf8(problem.what());
    }
    return {};
}

std::size_t filesIn(const fs::path& folder)
{
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TstTiffWriter : public QObject {
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }
    void appearsWhenFinished();
    void unfinishedLeavesTheOldFile();
    void missingSlices();
    void orderIsChecked();
    void unwritable();
    void fileSizeLimit_data();
    void fileSizeLimit();
    void fullDisk();
    void tagsForImageJ();
    void planesSideBySide_data();
    void planesSideBySide();
    void emptyVolume();

private:
    fs::path folder() const { return m_folder->path().toStdString(); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TstTiffWriter::appearsWhenFinished()
{
    const auto volume = noise({ 4, 5, 6 });
    const auto sink = createTiff(folder() / "a.tif", volume->shape(), Scalar::U16, {});
    const std::size_t slice = volume->bytes().size() / 4;
    for (std::int64_t z = 0; z < 4; ++z) {
        QVERIFY(!fs::exists(folder() / "a.tif"));
        sink->write(Box::slices(volume->shape(), z, 1), volume->bytes().subspan(static_cast<std::size_t>(z) * slice, slice));
    }
    QVERIFY(!fs::exists(folder() / "a.tif"));
    sink->finish();
    QVERIFY(fs::exists(folder() / "a.tif"));
    QCOMPARE(filesIn(folder()), std::size_t { 1 });
    sink->finish(); // a second time changes nothing
    QCOMPARE(openVolume(folder() / "a.tif").source->shape(), volume->shape());
}

void TstTiffWriter::unfinishedLeavesTheOldFile()
{
    writeTextFile(folder() / "a.tif", "old");
    {
        const auto volume = noise({ 2, 5, 6 });
        const auto sink = createTiff(folder() / "a.tif", { 3, 5, 6 }, Scalar::U16, {});
        sink->write(Box::slices({ 3, 5, 6 }, 0, 2), volume->bytes());
        QCOMPARE(filesIn(folder()), std::size_t { 2 });
    }
    QCOMPARE(filesIn(folder()), std::size_t { 1 });
    QCOMPARE(readTextFile(folder() / "a.tif"), std::string("old"));
}

void TstTiffWriter::missingSlices()
{
    const auto volume = noise({ 2, 5, 6 });
    const auto sink = createTiff(folder() / "a.tif", { 3, 5, 6 }, Scalar::U16, {});
    sink->write(Box::slices({ 3, 5, 6 }, 0, 2), volume->bytes());
    try {
        sink->finish();
        QFAIL("a file with missing slices was finished");
    } catch (const Error& problem) {
        QVERIFY2(QString::fromUtf8(problem.what()).contains(QLatin1String("a.tif is not complete: 2 of 3 slices")),
            problem.what());
    }
    QVERIFY(!fs::exists(folder() / "a.tif"));
}

void TstTiffWriter::orderIsChecked()
{
    const auto volume = noise({ 1, 5, 6 });
    const Shape shape { 3, 5, 6 };
    const auto sink = createTiff(folder() / "a.tif", shape, Scalar::U16, {});
    QVERIFY_THROWS_EXCEPTION(std::logic_error, sink->write(Box::slices(shape, 1, 1), volume->bytes()));
    sink->write(Box::slices(shape, 0, 1), volume->bytes());
    QVERIFY_THROWS_EXCEPTION(std::logic_error, sink->write(Box::slices(shape, 0, 1), volume->bytes()));
    QVERIFY_THROWS_EXCEPTION(std::logic_error, sink->write({ { 1, 0, 0 }, { 1, 4, 6 } }, volume->bytes()));
}

void TstTiffWriter::unwritable()
{
    const auto volume = noise({ 1, 5, 6 });
    const QString nowhere = failure(folder() / "no such folder" / "a.tif", *volume);
    QVERIFY2(
        nowhere.contains(QLatin1String("a.tif")) && nowhere.contains(QLatin1String("does not exist")), qPrintable(nowhere));
    fs::create_directories(folder() / "b.tif");
    QVERIFY(failure(folder() / "b.tif", *volume).contains(QLatin1String("it is a folder")));
    if (::geteuid() == 0)
        return; // root may write anywhere
    fs::create_directories(folder() / "locked");
    fs::permissions(folder() / "locked", fs::perms::owner_read | fs::perms::owner_exec);
    const QString locked = failure(folder() / "locked" / "a.tif", *volume);
    QVERIFY2(locked.contains(QLatin1String("cannot be written to")), qPrintable(locked));
}

void TstTiffWriter::fileSizeLimit_data()
{
    QTest::addColumn<int>("compression");
    QTest::addColumn<qulonglong>("limit");
    for (const auto& [compression, name] :
        { std::pair { Compression::None, "none" }, { Compression::Deflate, "deflate" } }) {
        for (const qulonglong limit : { 4ull, 100ull, 5000ull, 100000ull, 400000ull })
            QTest::addRow("%s %llu", name, limit) << static_cast<int>(compression) << limit;
    }
}

void TstTiffWriter::fileSizeLimit()
{
    QFETCH(int, compression);
    QFETCH(qulonglong, limit);
    const auto volume = noise({ 20, 100, 100 });
    rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small { limit, before.rlim_max };
    setrlimit(RLIMIT_FSIZE, &small);
    const QString said = failure(folder() / "limited.tif", *volume, static_cast<Compression>(compression));
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);
    QVERIFY2(said.contains(QLatin1String("limited.tif")) && said.contains(QLatin1String("of this size")), qPrintable(said));
    QCOMPARE(filesIn(folder()), std::size_t { 0 });
}

void TstTiffWriter::fullDisk()
{
    // In a process of its own, which alone sees a file system of 256 kB.
    const fs::path small = folder() / "small";
    fs::create_directories(small);
    const auto volume = noise({ 20, 100, 100 });
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0)
            ::_exit(77);
        // Nothing of it may reach the outside. (In a changed root "/" is no mount point; then this fails and the
        // unmounting below does it.)
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
        if (::mount("tmpfs", small.c_str(), "tmpfs", 0, "size=256k") != 0)
            ::_exit(77);
        const QString said = failure(small / "full.tif", *volume);
        const bool right = said.contains(QLatin1String("full.tif")) && said.contains(QLatin1String("disk is full"));
        const bool clean = filesIn(small) == 0;
        ::umount2(small.c_str(), MNT_DETACH);
        ::_exit(right && clean ? 0 : 1);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        QSKIP("A small file system cannot be mounted here.");
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
}

void TstTiffWriter::tagsForImageJ()
{
    const auto volume = noise({ 3, 5, 6 });
    Task task;
    copy(*volume,
        *createTiff(
            folder() / "a.tif", volume->shape(), Scalar::U16, { 1.3, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User }),
        task);
    const std::string content = readTextFile(folder() / "a.tif");
    QVERIFY(content.find("ImageJ=1.54f\nimages=3\nslices=3\nunit=um\nspacing=1.3\nloop=false\n") != std::string::npos);
    copy(*volume, *createTiff(folder() / "b.tif", volume->shape(), Scalar::U16, {}), task);
    QVERIFY(readTextFile(folder() / "b.tif").find("unit=") == std::string::npos);
}

void TstTiffWriter::planesSideBySide_data()
{
    QTest::addColumn<bool>("big");
    QTest::newRow("plain") << false;
    QTest::newRow("big") << true;
}

void TstTiffWriter::planesSideBySide()
{
    // ImageJ and tifffile take the planes of an uncompressed stack with ImageJ's description to follow one
    // another, whatever the directories after the first say (TiffDecoder.getTiffInfo of ImageJ 1.54).
    QFETCH(bool, big);
    const auto volume = noise({ 3, 5, 7 }); // 70 bytes a plane
    TiffWriteOptions options;
    if (big)
        options.bigTiffAbove = 1;
    Task task;
    copy(*volume, *createTiff(folder() / "a.tif", volume->shape(), Scalar::U16, {}, options), task);
    const std::string content = readTextFile(folder() / "a.tif");
    const std::string voxels(reinterpret_cast<const char*>(volume->bytes().data()), volume->bytes().size());
    QVERIFY(content.find(voxels) != std::string::npos);
}

void TstTiffWriter::emptyVolume()
{
    QVERIFY_THROWS_EXCEPTION(Error, createTiff(folder() / "a.tif", { 0, 5, 6 }, Scalar::U8, {}));
    QCOMPARE(filesIn(folder()), std::size_t { 0 });
}

QTEST_APPLESS_MAIN(TstTiffWriter)
#include "tst_tiff_writer.moc"
