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
        return std::to_string(kWoodWall) + "," + std::to_string(kWoodRay);
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

ScannedPhantomResult writeScannedPhantom(
    const fs::path& folder, const ScannedPhantomOptions& options, Scalar type, Task& task, const fs::path& scanFile)
{
    const auto started = std::chrono::steady_clock::now();
    check(options.sample); // before anything is made
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem)
        throw Error("Cannot make the folder " + utf8(folder) + " (" + problem.message() + ")", "Choose another place.");
    ScanKeeper keep;
    if (!scanFile.empty())
        keep = [&](const Scan& scan, Task& writing) { writeDataExchange(scanFile, scan, writing); };
    const SampleOptions& sample = options.sample;
    const auto raw = createTiff(folder / "raw.tif", sample.shape, type, sample.voxel);
    const auto truth = createTiff(folder / "truth.tif", sample.shape, Scalar::U8, sample.voxel, { Compression::Deflate });
    ScannedPhantomResult result = makeScannedPhantom(options, *raw, *truth, task, keep);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    recordPhantom(folder,
        { sample.kind, "scan", sample.voxel, result.objects, toJson(options), toJson(result, sample.kind), seconds });
    return result;
}

} // namespace interstice
