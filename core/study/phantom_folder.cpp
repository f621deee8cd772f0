// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/phantom_folder.h"

#include "base/error.h"
#include "base/file.h"
#include "io/data_exchange.h"
#include "io/tiff_writer.h"

#include <chrono>

namespace fs = std::filesystem;

namespace interstice {

std::string foregroundOf(SampleKind kind)
{
    switch (kind) {
    case SampleKind::Shale:
        return std::to_string(kShalePyrite);
    case SampleKind::Wood:
        return std::to_string(kWoodWall);
    case SampleKind::Spheres:
        break;
    }
    return std::to_string(kPhantomSphere);
}

Json recordPhantom(const fs::path& folder, const PhantomRecord& record)
{
    writeObjectsCsv(folder / "objects.csv", record.objects, record.voxel.inMicrometres().x);
    Json json = { { "kind", kindName(record.kind) }, { "imaging", record.imaging }, { "options", record.options },
        { "result", record.result }, { "version", INTERSTICE_VERSION },
        { "raw_checksum", checksumOfFile(folder / "raw.tif") }, { "truth_checksum", checksumOfFile(folder / "truth.tif") },
        { "labels", labelNames(record.kind) }, { "seconds", record.seconds } };
    writeJsonFile(folder / "phantom.json", json);
    return json;
}

namespace {

/// A folder beside the final files, so that a phantom that is stopped half-way leaves the one before as it was.
class Making {
public:
    explicit Making(const fs::path& target)
        : m_folder(target / ".making")
    {
        std::error_code problem;
        fs::remove_all(m_folder, problem); // of a run that was killed
        fs::create_directories(m_folder, problem);
        if (problem)
            throw Error("Cannot make the folder " + utf8(target) + " (" + problem.message() + ")", "Choose another place.");
    }
    ~Making()
    {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
    Making(const Making&) = delete;
    Making& operator=(const Making&) = delete;

    const fs::path& folder() const { return m_folder; }
    /// Moves a file to its place; nothing when there is none of that name or no place for it.
    void keep(const char* name, const fs::path& to) const
    {
        if (to.empty() || !fs::exists(m_folder / name))
            return;
        std::error_code problem;
        fs::rename(m_folder / name, to, problem);
        if (problem) // on another disk
            fs::copy_file(m_folder / name, to, fs::copy_options::overwrite_existing);
    }

private:
    fs::path m_folder;
};

} // namespace

ScannedPhantomResult writeScannedPhantom(
    const fs::path& folder, const ScannedPhantomOptions& options, Scalar type, Task& task, const fs::path& scanFile)
{
    const auto started = std::chrono::steady_clock::now();
    check(options.sample); // before anything is made
    const Making making(folder);
    ScanKeeper keep;
    if (!scanFile.empty())
        keep = [&](const Scan& scan, Task& writing) { writeDataExchange(making.folder() / "scan.h5", scan, writing); };
    const SampleOptions& sample = options.sample;
    const auto raw = createTiff(making.folder() / "raw.tif", sample.shape, type, sample.voxel);
    const auto truth
        = createTiff(making.folder() / "truth.tif", sample.shape, Scalar::U8, sample.voxel, { Compression::Deflate });
    ScannedPhantomResult result = makeScannedPhantom(options, *raw, *truth, task, keep);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    recordPhantom(making.folder(),
        { sample.kind, "scan", sample.voxel, result.objects, toJson(options), toJson(result, sample.kind), seconds });
    making.keep("scan.h5", scanFile);
    for (const char* name : { "raw.tif", "truth.tif", "objects.csv", "phantom.json" })
        making.keep(name, folder / name);
    return result;
}

} // namespace interstice
