// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "io/open_volume.h"
#include "io/pyramid_cache.h"
#include "io/tiff_writer.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

/// Counts what is read of another volume.
class Counted : public VolumeSource {
public:
    explicit Counted(std::shared_ptr<const Volume> volume)
        : m_volume(std::move(volume))
    {
    }
    Shape shape() const override { return m_volume->shape(); }
    Scalar scalar() const override { return m_volume->scalar(); }
    VoxelSize voxelSize() const override { return size; }
    std::string name() const override { return "counted"; }
    bool readsRowsAlone() const override { return rows; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        voxels += box.size.voxels();
        m_volume->read(box, to);
    }
    mutable std::atomic<std::int64_t> voxels = 0;
    bool rows = true;
    VoxelSize size { 2, 1, 1, LengthUnit::Micrometre, SizeOrigin::User };

private:
    std::shared_ptr<const Volume> m_volume;
};

Counted pattern(Shape shape, std::uint8_t values = 255)
{
    auto volume = std::make_shared<Volume>(shape, Scalar::U8);
    const auto voxels = volume->as<std::uint8_t>();
    std::uint32_t x = 1;
    for (auto& v : voxels) {
        x = x * 1664525U + 1013904223U;
        v = static_cast<std::uint8_t>((x >> 24) % (values + 1U));
    }
    return Counted(volume);
}

bool same(const VolumeSource& a, const VolumeSource& b)
{
    return a.shape() == b.shape()
        && readAs<std::uint8_t>(a, Box::whole(a.shape())) == readAs<std::uint8_t>(b, Box::whole(b.shape()));
}

std::size_t foldersIn(const fs::path& folder)
{
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

} // namespace

class TstPyramidCache : public QObject {
    Q_OBJECT
private slots:
    void levelsByTwos()
    {
        // 2048³ u16: half is 2 GiB, which is still kept; then down to slices that a glance needs.
        const auto all = pyramidReductions({ 2048, 2048, 2048 }, 2, std::uint64_t { 2 } << 30, true);
        QCOMPARE(all.size(), std::size_t { 2 });
        QVERIFY(all[0] == (Reduction { 2, 2, 2 }) && all[1] == (Reduction { 4, 4, 4 }));
        // A rod keeps its thin sides.
        const auto rod = pyramidReductions({ 20000, 300, 300 }, 2, std::uint64_t { 2 } << 30, false);
        QVERIFY(rod.front() == (Reduction { 2, 1, 1 }));
        // Small ones need none, unless their rows cannot be read alone.
        QVERIFY(pyramidReductions({ 200, 200, 200 }, 2, std::uint64_t { 2 } << 30, false).empty());
        QCOMPARE(pyramidReductions({ 200, 200, 200 }, 2, std::uint64_t { 2 } << 30, true).size(), std::size_t { 1 });
        // Whatever the limit, it ends, and is kept.
        for (const std::uint64_t most : { 1, 1000, 1 << 20 })
            for (const Reduction& r : pyramidReductions({ 700, 900, 1100 }, 2, most, true))
                QVERIFY(static_cast<std::uint64_t>(reducedShape({ 700, 900, 1100 }, r).voxels()) * 2 <= most);
    }

    void levelsAreReductionsAndKept()
    {
        QTemporaryDir folder;
        PyramidCacheOptions options;
        options.folder = folder.path().toStdString();
        Task task;
        auto grey = pattern({ 701, 530, 43 });
        const auto made = findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task);
        QVERIFY(made && !made->levels.empty());
        QCOMPARE(grey.voxels.load(), grey.shape().voxels()); // read once
        for (const auto& level : made->levels)
            QVERIFY(level.source->readsRowsAlone());
        const auto& first = made->levels.front();
        QVERIFY(same(*first.source, *reduced(grey, first.reduction, ReduceMode::Mean, task)));
        QCOMPARE(first.source->voxelSize().z, 2.0 * double(first.reduction.z));

        grey.voxels = 0;
        const auto again = findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task);
        QCOMPARE(grey.voxels.load(), std::int64_t { 0 }); // found
        QVERIFY(same(*again->levels.front().source, *first.source));
        // A voxel size that was entered since then counts, though no voxel changed.
        grey.size.z = 3;
        const auto entered = findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task);
        QCOMPARE(grey.voxels.load(), std::int64_t { 0 });
        QCOMPARE(entered->levels.front().source->voxelSize().z, 3.0 * double(first.reduction.z));
        (void)findOrMakePyramid(grey, ReduceMode::Mean, "changed", options, task);
        QVERIFY(grey.voxels.load() > 0);

        const auto labels = pattern({ 600, 530, 20 }, 1);
        const auto other = findOrMakePyramid(labels, ReduceMode::Labels, "a", options, task);
        const auto& half = other->levels.front();
        QVERIFY(same(*half.source, *reduced(labels, half.reduction, ReduceMode::Labels, task)));
    }

    void whatIsPackedGetsAWholeCopy()
    {
        QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "packed.tif";
        const auto grey = pattern({ 40, 50, 60 });
        Task task;
        copy(grey, *createTiff(file, grey.shape(), Scalar::U8, {}, { Compression::Deflate }), task);
        const SourcePtr source = openVolume(file).source;
        QVERIFY(!source->readsRowsAlone());
        PyramidCacheOptions options;
        options.folder = fs::path(folder.path().toStdString()) / "cache";
        const auto made = findOrMakePyramid(*source, ReduceMode::Mean, identityOfFiles(file), options, task);
        QCOMPARE(made->levels.size(), std::size_t { 1 });
        QVERIFY(made->levels[0].reduction.none());
        QVERIFY(same(*made->levels[0].source, grey));
    }

    void aStopLeavesNothingAndADamagedOneIsMadeAgain()
    {
        QTemporaryDir folder;
        PyramidCacheOptions options;
        options.folder = folder.path().toStdString();
        const auto grey = pattern({ 600, 530, 43 });
        Task stopped;
        stopped.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, findOrMakePyramid(grey, ReduceMode::Mean, "a", options, stopped));
        QCOMPARE(foldersIn(options.folder), std::size_t { 0 });

        Task task;
        (void)findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task);
        const fs::path made = fs::directory_iterator(options.folder)->path();
        fs::resize_file(made / "level-0.tif", 1000);
        grey.voxels = 0;
        const auto again = findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task);
        QCOMPARE(grey.voxels.load(), grey.shape().voxels());
        const auto& level = again->levels.front();
        QVERIFY(same(*level.source, *reduced(grey, level.reduction, ReduceMode::Mean, task)));
        QCOMPARE(foldersIn(options.folder), std::size_t { 1 });
    }

    void theOldestGoesWhenThereIsNoRoom()
    {
        QTemporaryDir folder;
        PyramidCacheOptions options;
        options.folder = folder.path().toStdString();
        const auto grey = pattern({ 600, 530, 43 });
        Task task;
        const auto first = findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task);
        std::uint64_t bytes = 0;
        for (const auto& level : first->levels)
            bytes += static_cast<std::uint64_t>(level.source->shape().voxels());
        options.mostBytes = bytes * 5 / 2; // two of them
        const auto age = [&](int hours) {
            for (const auto& entry : fs::directory_iterator(options.folder)) {
                const auto file = entry.path() / "pyramid.json";
                fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(hours));
            }
        };
        age(2);
        (void)findOrMakePyramid(grey, ReduceMode::Mean, "b", options, task);
        age(1);
        (void)findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task); // used again: "b" is older now
        (void)findOrMakePyramid(grey, ReduceMode::Mean, "c", options, task);
        QCOMPARE(foldersIn(options.folder), std::size_t { 2 });
        grey.voxels = 0;
        (void)findOrMakePyramid(grey, ReduceMode::Mean, "a", options, task);
        QCOMPARE(grey.voxels.load(), std::int64_t { 0 });
        (void)findOrMakePyramid(grey, ReduceMode::Mean, "b", options, task);
        QVERIFY(grey.voxels.load() > 0);
    }

    void identityFollowsTheFiles()
    {
        QTemporaryDir folder;
        const fs::path base = folder.path().toStdString();
        const auto grey = pattern({ 2, 5, 6 });
        Task task;
        for (const char* name : { "s1.tif", "s2.tif" })
            copy(grey, *createTiff(base / name, grey.shape(), Scalar::U8, {}), task);
        const std::string before = identityOfFiles(base);
        QVERIFY(identityOfFiles(base) == before);
        QVERIFY(identityOfFiles(base / "s1.tif") != identityOfFiles(base / "s2.tif"));
        fs::last_write_time(base / "s2.tif", fs::last_write_time(base / "s2.tif") + std::chrono::seconds(2));
        QVERIFY(identityOfFiles(base) != before);
    }
};

QTEST_GUILESS_MAIN(TstPyramidCache)
#include "tst_pyramid_cache.moc"
