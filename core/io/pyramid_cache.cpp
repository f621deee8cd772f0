// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/pyramid_cache.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "io/hdf5_file.h"
#include "io/open_volume.h"
#include "io/slice_list.h"
#include "io/tiff_writer.h"
#include "volume/views.h"

#include <algorithm>

#include <unistd.h>

namespace fs = std::filesystem;

namespace interstice {

namespace {

constexpr const char* kContents = "pyramid.json";
constexpr int kVersion = 1; ///< of how levels are made and kept

fs::path folderOf(const PyramidCacheOptions& options)
{
    return options.folder.empty() ? cacheFolder() / "pyramids" : options.folder;
}

std::uint64_t bytesIn(const fs::path& folder)
{
    std::error_code ignored;
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        bytes += entry.is_regular_file(ignored) ? entry.file_size(ignored) : 0;
    return bytes;
}

/// Removes pyramids, those longest unused first, until there is room for `bytes` more.
void makeRoom(const fs::path& all, std::uint64_t bytes, std::uint64_t most)
{
    struct Kept {
        fs::path folder;
        fs::file_time_type used;
        std::uint64_t bytes;
    };
    std::error_code ignored;
    std::vector<Kept> kept;
    for (const auto& entry : fs::directory_iterator(all, ignored)) {
        if (!entry.is_directory(ignored))
            continue;
        // One without its contents is being made, or was when its program ended: an hour is more than making takes.
        const fs::path contents = entry.path() / kContents;
        const bool complete = fs::exists(contents, ignored);
        const auto used = fs::last_write_time(complete ? contents : entry.path(), ignored);
        if (!complete && fs::file_time_type::clock::now() - used < std::chrono::hours(1))
            continue;
        kept.push_back({ entry.path(), complete ? used : fs::file_time_type::min(), bytesIn(entry.path()) });
        bytes += kept.back().bytes;
    }
    std::ranges::sort(kept, {}, &Kept::used);
    for (const Kept& old : kept) {
        if (bytes <= most && old.used != fs::file_time_type::min())
            break;
        fs::remove_all(old.folder, ignored);
        bytes -= std::min(bytes, old.bytes);
    }
}

/// With the voxel size that the source has now: it may have been entered anew since they were made.
std::shared_ptr<Pyramid> openLevels(
    const fs::path& folder, const std::vector<Reduction>& reductions, const VolumeSource& source)
{
    const Shape shape = source.shape();
    auto pyramid = std::make_shared<Pyramid>();
    for (std::size_t i = 0; i < reductions.size(); ++i) {
        const SourcePtr level = openVolume(folder / ("level-" + std::to_string(i) + ".tif")).source;
        if (level->shape() != reducedShape(shape, reductions[i]))
            throw Error("A reduced copy in " + utf8(folder) + " has another size than it should", "It is made again.");
        const VoxelSize size = reducedVoxelSize(source.voxelSize(), reductions[i]);
        pyramid->levels.push_back({ reductions[i], std::make_shared<CalibratedView>(level, size) });
    }
    return pyramid;
}

/// Null when there is none, or none that can be used.
std::shared_ptr<Pyramid> find(const fs::path& folder, const std::vector<Reduction>& reductions, const VolumeSource& source)
{
    std::error_code ignored;
    if (!fs::exists(folder / kContents, ignored))
        return nullptr;
    try {
        auto pyramid = openLevels(folder, reductions, source);
        fs::last_write_time(folder / kContents, fs::file_time_type::clock::now(), ignored); // used now
        return pyramid;
    } catch (const Error& error) {
        logWarning(std::string("Reduced copies could not be used again: ") + error.what());
        return nullptr;
    }
}

/// Gone with the object unless it was kept.
struct HalfMade {
    fs::path folder;
    bool kept = false;
    HalfMade(fs::path f)
        : folder(std::move(f))
    {
    }
    HalfMade(const HalfMade&) = delete;
    HalfMade& operator=(const HalfMade&) = delete;
    ~HalfMade()
    {
        std::error_code ignored;
        if (!kept)
            fs::remove_all(folder, ignored);
    }
};

} // namespace

std::string identityOfFiles(const fs::path& path)
{
    std::error_code ignored;
    std::vector<fs::path> files { path };
    std::string lines;
    if (const auto hdf5 = asHdf5(path)) { // one data set of a file
        files = { hdf5->file };
        lines = hdf5->dataset + '\n';
    } else if (isGlob(path) || fs::is_directory(path, ignored)) {
        Findings findings;
        files = listSlices(path, findings);
    }
    for (const auto& file : files) {
        const auto changed = fs::last_write_time(file, ignored).time_since_epoch().count();
        lines += utf8(fs::absolute(file, ignored)) + '\t' + std::to_string(fs::file_size(file, ignored)) + '\t'
            + std::to_string(changed) + '\n';
    }
    return checksumOfBytes(lines.data(), lines.size());
}

std::shared_ptr<const Pyramid> findOrMakePyramid(
    const VolumeSource& source, ReduceMode mode, const std::string& identity, const PyramidCacheOptions& options, Task& task)
{
    const Shape shape = source.shape();
    const std::size_t bytes = bytesOf(source.scalar());
    const auto reductions = pyramidReductions(shape, bytes, options.mostBytesOfLevel, !source.readsRowsAlone());
    if (reductions.empty())
        return nullptr;
    const Json key = { { "version", kVersion }, { "of", identity }, { "labels", mode == ReduceMode::Labels },
        { "shape", { shape.z, shape.y, shape.x } }, { "bytes", bytes }, { "most", options.mostBytesOfLevel } };
    const std::string text = key.dump();
    const fs::path all = folderOf(options);
    const fs::path folder = all / checksumOfBytes(text.data(), text.size());
    if (auto pyramid = find(folder, reductions, source))
        return pyramid;

    std::uint64_t needed = 0;
    for (const Reduction& reduction : reductions)
        needed += static_cast<std::uint64_t>(reducedShape(shape, reduction).voxels()) * bytes;
    makeRoom(all, needed, options.mostBytes);
    // Made under a name of this process: two programs may open the same stack at the same time.
    HalfMade made(folder.string() + "-" + std::to_string(::getpid()));
    std::error_code problem;
    fs::remove_all(made.folder, problem);
    fs::create_directories(made.folder, problem);
    if (problem)
        throw Error("Cannot make the folder " + utf8(made.folder) + " (" + problem.message() + ")",
            "Set XDG_CACHE_HOME to a folder that can be written to.");
    SourcePtr finer;
    Reduction of;
    for (std::size_t i = 0; i < reductions.size(); ++i) {
        // All but the first are made of the one before, which is small.
        Task part = task.part(i == 0 ? 0 : 0.9 + 0.02 * static_cast<double>(std::min<std::size_t>(i - 1, 4)),
            i == 0 ? 0.9 : 0.9 + 0.02 * static_cast<double>(std::min<std::size_t>(i, 5)));
        const Reduction& to = reductions[i];
        const VolumeSource& from = i == 0 ? source : *finer;
        const fs::path file = made.folder / ("level-" + std::to_string(i) + ".tif");
        const auto sink
            = createTiff(file, reducedShape(shape, to), source.scalar(), reducedVoxelSize(source.voxelSize(), to));
        reduceInto(*sink, from, { to.z / of.z, to.y / of.y, to.x / of.x }, mode, part);
        finer = openVolume(file).source;
        of = to;
    }
    finer.reset();
    writeJsonFile(made.folder / kContents, { { "key", key }, { "name", source.name() } });
    fs::remove_all(folder, problem); // a damaged one
    fs::rename(made.folder, folder, problem);
    if (problem) { // another program was quicker
        if (auto pyramid = find(folder, reductions, source))
            return pyramid;
        throw Error("Cannot keep the reduced copies in " + utf8(folder) + " (" + problem.message() + ")",
            "Set XDG_CACHE_HOME to a folder that can be written to.");
    }
    made.kept = true;
    task.progress(1, "Reduced copies made");
    return openLevels(folder, reductions, source);
}

} // namespace interstice
