// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "io/data_exchange.h"
#include "io/open_volume.h"
#include "io/slice_list.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace fs = std::filesystem;

namespace interstice {

namespace {

enum class Part { Projection, White, Dark };

Part partOf(const fs::path& path)
{
    std::string name = path.filename().string();
    std::transform(
        name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto has = [&](const char* word) { return name.find(word) != std::string::npos; };
    return has("dark") ? Part::Dark : has("flat") || has("white") ? Part::White : Part::Projection;
}

struct Files {
    std::vector<fs::path> projections;
    std::vector<fs::path> white;
    std::vector<fs::path> dark;

    std::vector<fs::path>& of(Part part) { return part == Part::Dark ? dark : part == Part::White ? white : projections; }
};

/// TIFF files of the folder by their names, and those of its folders by the folders' names.
Files filesOf(const fs::path& folder, Findings& findings)
{
    Files files;
    std::vector<fs::path> folders;
    bool here = false;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory())
            folders.push_back(entry.path());
        else
            here = here || entry.path().extension() == ".tif" || entry.path().extension() == ".tiff"
                || entry.path().extension() == ".TIF";
    }
    if (here) {
        for (const fs::path& file : listSlices(folder, findings))
            files.of(partOf(file)).push_back(file);
    }
    std::sort(folders.begin(), folders.end());
    for (const fs::path& inner : folders) {
        const Part part = partOf(inner);
        if (part == Part::Projection && !files.projections.empty())
            continue;
        const auto found = listSlices(inner, findings);
        files.of(part).insert(files.of(part).end(), found.begin(), found.end());
    }
    return files;
}

std::vector<double> numbersOf(const fs::path& file)
{
    std::istringstream in(readTextFile(file));
    std::vector<double> numbers;
    for (double value = 0; in >> value;)
        numbers.push_back(value);
    return numbers;
}

/// As many angles as projections; the stage stands still while fields are taken, so repeats at both ends are those.
std::vector<double> anglesFor(std::int64_t projections, std::vector<double> angles, const fs::path& file, Findings& findings)
{
    const auto n = static_cast<std::size_t>(projections);
    if (angles.size() > n) {
        std::size_t first = 0;
        while (first + 1 < angles.size() && angles[first + 1] == angles[first])
            ++first;
        std::size_t last = angles.size() - 1;
        while (last > first && angles[last - 1] == angles[last])
            --last;
        const std::size_t between = last - first + 1;
        // A field before and after may have been taken without a projection at the same angle.
        for (const std::size_t skip : { std::size_t { 0 }, std::size_t { 1 } }) {
            if (between == n + skip) {
                findings.push_back({ Finding::Severity::Note, "fields-in-angles",
                    utf8(file) + " has " + std::to_string(angles.size())
                        + " angles; those repeated at its ends are of the fields." });
                return { angles.begin() + static_cast<std::ptrdiff_t>(first),
                    angles.begin() + static_cast<std::ptrdiff_t>(first + n) };
            }
        }
    }
    return angles;
}

} // namespace

OpenedScan openTiffScan(const fs::path& folder, const std::optional<AngleRange>& range)
{
    OpenedScan opened;
    Files files = filesOf(folder, opened.findings);
    if (files.projections.empty())
        throw Error(utf8(folder) + " holds no projections", "Choose a folder of TIFF files, one a projection.");
    const auto open = [&](std::vector<fs::path> of, const char* what) -> SourcePtr {
        if (of.empty())
            return nullptr;
        OpenedVolume volume = openFiles(utf8(folder) + " (" + what + ")", std::move(of));
        opened.findings.insert(opened.findings.end(), volume.findings.begin(), volume.findings.end());
        return volume.source;
    };
    Scan& scan = opened.scan;
    scan.projections = open(std::move(files.projections), "projections");
    scan.white = open(std::move(files.white), "flat fields");
    scan.dark = open(std::move(files.dark), "dark fields");
    // Projections have no voxels: what the import check says of their size is beside the point.
    std::erase_if(opened.findings, [](const Finding& finding) { return finding.code.find("size") != std::string::npos; });
    const VoxelSize size = scan.projections->voxelSize().inMicrometres();
    scan.pixelMicrometres = size.knownInPlane() ? size.x : 0;
    if (range)
        return opened;
    const std::int64_t n = scan.projections->shape().z;
    for (const char* name : { "angles.txt", "theta.txt" }) {
        std::error_code ignored;
        if (fs::is_regular_file(folder / name, ignored)) {
            scan.angles = anglesFor(n, numbersOf(folder / name), folder / name, opened.findings);
            return opened;
        }
    }
    for (std::int64_t i = 0; i < n; ++i)
        scan.angles.push_back(180.0 * static_cast<double>(i) / static_cast<double>(n));
    opened.findings.push_back({ Finding::Severity::Note, "angles-assumed",
        utf8(folder) + " has no angles.txt: its projections are taken to fill half a turn evenly." });
    return opened;
}

} // namespace interstice
