// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/open_volume.h"

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "io/hdf5_file.h"
#include "io/import_check.h"
#include "io/side_car.h"
#include "io/slice_list.h"
#include "io/tiff_source.h"

namespace fs = std::filesystem;

namespace interstice {

namespace {

void append(Findings& to, const Findings& from)
{
    to.insert(to.end(), from.begin(), from.end());
}

/// The file's own calibration, else the side-car's.
VoxelSize voxelSizeOf(const TiffMetadata& metadata, const fs::path& path, Findings& findings)
{
    const Calibration own = calibrationOf(metadata);
    append(findings, own.findings);
    if (own.size.knownInPlane())
        return own.size;
    const fs::path sideCar = sideCarPath(path);
    std::error_code ignored;
    if (!fs::is_regular_file(sideCar, ignored))
        return own.size;
    try {
        const Json json = readJsonFile(sideCar);
        if (json.is_object() && json.contains("voxel_size")) {
            VoxelSize size = voxelSizeFromJson(json["voxel_size"]);
            if (size.knownInPlane()) {
                size.origin = SizeOrigin::SideCar;
                return size;
            }
        }
    } catch (const Error& problem) {
        findings.push_back({ Finding::Severity::Warning, "side-car-damaged", problem.what() });
    }
    return own.size;
}

/// Several channels and time points are not one volume; one axis under another name is.
void checkAxes(const TiffIndex& index, const std::string& name, Findings& findings)
{
    const StackAxes axes = stackAxesOf(index.metadata);
    const auto pages = static_cast<std::int64_t>(index.slices.size());
    if (axes.by.empty() || pages == 1)
        return;
    const int several = (axes.channels > 1) + (axes.slices > 1) + (axes.frames > 1);
    if (several > 1)
        throw Error(name + " holds " + std::to_string(axes.channels) + " channels and " + std::to_string(axes.frames)
                + " time points of " + std::to_string(std::max<std::int64_t>(1, axes.slices)) + " slices by its " + axes.by
                + " header",
            "Save one channel and one time point as a stack of its own.");
    if (axes.channels > 1 || axes.frames > 1)
        findings.push_back({ Finding::Severity::Note, "one-axis",
            "The " + axes.by + " header of " + name + " calls its " + std::to_string(pages) + " pages "
                + (axes.channels > 1 ? "channels" : "time points") + "; they are read as slices." });
    else if (axes.slices > 0 && axes.slices != pages && axes.by == "OME")
        findings.push_back({ Finding::Severity::Warning, "ome-size",
            "The OME header of " + name + " states " + std::to_string(axes.slices) + " slices, but the file holds "
                + std::to_string(pages) + " pages: the rest may be in other files." });
}

void describePages(const TiffPage& page, const std::string& name, Findings& findings)
{
    const Scalar scalar = *scalarFor(page.sample);
    const int bits = page.sample.bits;
    if (!isDirect(page.sample))
        findings.push_back({ Finding::Severity::Note, "type-converted",
            name + " holds " + describe(page.sample) + " values, read as " + scalarName(scalar)
                + (scalar == Scalar::F32 && bits >= 32 ? ", which keeps about seven digits." : ".") });
    if (page.sample.inverted)
        findings.push_back({ Finding::Severity::Note, "min-is-white",
            name + " stores white as zero; its values are turned round, so that brighter is larger." });
    if (page.orientation != 1)
        findings.push_back({ Finding::Severity::Note, "orientation-ignored",
            name + " asks to be shown turned or mirrored (Orientation " + std::to_string(page.orientation)
                + "); voxels are kept as they are stored." });
}

OpenedVolume openFile(const fs::path& path)
{
    const auto file = std::make_shared<const TiffFile>(path);
    TiffIndex index = indexTiff(file);
    Findings findings = index.findings;
    checkAxes(index, file->name(), findings);
    describePages(index.first, file->name(), findings);
    const VoxelSize size = voxelSizeOf(index.metadata, path, findings);
    return { std::make_shared<TiffSource>(path, file, std::move(index), size), std::move(findings) };
}

OpenedVolume openSlices(const fs::path& path, std::vector<fs::path> files, Findings findings)
{
    append(findings, checkNumbering(files));
    std::vector<TiffIndex> indices(files.size());
    parallelFor(static_cast<std::int64_t>(files.size()), 0, [&](std::int64_t i) {
        const auto n = static_cast<std::size_t>(i);
        indices[n] = indexTiff(std::make_shared<const TiffFile>(files[n]));
    });
    std::vector<TiffSlice> slices;
    const TiffPage& first = indices[0].first;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const TiffPage& page = indices[i].first;
        if (indices[i].slices.size() != 1)
            throw Error(utf8(files[i]) + " holds " + std::to_string(indices[i].slices.size())
                    + " pages, but files of a folder are single slices",
                "Open that file on its own, or move it elsewhere.");
        if (page.width != first.width || page.height != first.height || !(page.sample == first.sample))
            throw Error(utf8(files[i]) + " is " + std::to_string(page.width) + " × " + std::to_string(page.height)
                    + " pixels, " + describe(page.sample) + (page.sample.inverted ? " with white as zero" : "") + ", but "
                    + utf8(files[0].filename()) + " is " + std::to_string(first.width) + " × " + std::to_string(first.height)
                    + " pixels, " + describe(first.sample) + (first.sample.inverted ? " with white as zero" : ""),
                "All slices of a stack must agree: move the odd file elsewhere.");
        slices.push_back(indices[i].slices[0]);
    }
    append(findings, indices[0].findings);
    const std::string name = utf8(path);
    describePages(first, name, findings);
    const VoxelSize size = voxelSizeOf(indices[0].metadata, path, findings);
    return { std::make_shared<TiffSource>(name, std::move(files), first, std::move(slices), size), std::move(findings) };
}

SourcePtr openDataset(const Hdf5Path& path)
{
    const auto file = std::make_shared<const Hdf5File>(path.file);
    if (!path.dataset.empty())
        return openHdf5Volume(file, path.dataset);
    const std::vector<std::string> volumes = file->volumes();
    if (volumes.size() == 1)
        return openHdf5Volume(file, volumes[0]);
    if (file->has("/exchange/data"))
        return openHdf5Volume(file, "/exchange/data");
    std::string names;
    for (const std::string& name : volumes)
        names += (names.empty() ? "" : ", ") + name;
    throw Error(utf8(path.file) + (names.empty() ? " holds no volume" : " holds several volumes: " + names),
        names.empty() ? "Choose a file with a data set of two or three dimensions."
                      : "Name one of them, like " + utf8(path.file) + ":" + volumes[0] + ".");
}

} // namespace

bool volumeIsThere(const fs::path& path)
{
    std::error_code ignored;
    if (fs::exists(path, ignored))
        return true;
    if (const auto hdf5 = asHdf5(path))
        return fs::exists(hdf5->file, ignored);
    if (!isGlob(path))
        return false;
    try {
        Findings findings;
        return !listSlices(path, findings).empty();
    } catch (const Error&) { // which says that there is none
        return false;
    }
}

OpenedVolume openFiles(const std::string& name, std::vector<fs::path> files)
{
    if (files.size() == 1)
        return openFile(files[0]);
    return openSlices(name, std::move(files), {});
}

OpenedVolume openVolume(const fs::path& given)
{
    if (const auto hdf5 = asHdf5(given)) {
        OpenedVolume opened { openDataset(*hdf5), {} };
        append(opened.findings, checkVolume(*opened.source));
        return opened;
    }
    // "stack/" and "stack" are the same folder, with the same side-car.
    const fs::path path = given.has_filename() || !given.has_parent_path() ? given : given.parent_path();
    std::error_code ignored;
    OpenedVolume opened;
    if (isGlob(path) || fs::is_directory(path, ignored)) {
        Findings findings;
        auto files = listSlices(path, findings);
        if (files.size() == 1) {
            opened = openFile(files[0]);
            opened.findings.insert(opened.findings.begin(), findings.begin(), findings.end());
        } else {
            opened = openSlices(path, std::move(files), std::move(findings));
        }
    } else {
        opened = openFile(path);
    }
    append(opened.findings, checkVolume(*opened.source));
    return opened;
}

} // namespace interstice
