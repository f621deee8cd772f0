// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "volume/volume_source.h"

#include <filesystem>
#include <string>
#include <vector>

namespace interstice {

/// A volume on disk and what the import check found odd about it. The codes of the findings:
/// voxel-size-unknown, z-size-unknown, unit-unknown, print-resolution, ome-size, one-axis, type-converted,
/// min-is-white, orientation-ignored, reduced-page-skipped, page-loop, file-cut,
/// slices-missing, slice-gap, slice-duplicate, slice-step,
/// names-differ, other-files, slice-damaged, labels-0-255, constant, not-finite, side-car-damaged.
struct OpenedVolume {
    SourcePtr source;
    Findings findings;
};

/// Opens a TIFF file (BigTIFF, either byte order, strips or tiles, one page a slice), a folder of
/// slices (one volume, in natural numeric order) or a glob such as dir/slice_*.tif. Only greyscale:
/// 1 to 8 bits become u8, to 16 bits u16, to 32 bits u32; signed up to 16 bits i16; everything else f32.
/// Nothing but page headers and a few sample slices is read here; voxels are read when asked for, from
/// any number of threads. Throws Error naming the file (and the page) with what to do.
/// Also a data set of an HDF5 file, "scan.h5:/exchange/data"; without the data set, the file's only one, or
/// /exchange/data.
OpenedVolume openVolume(const std::filesystem::path& path);
/// Whether there is something to open by such a path: a file, a folder, a slice that a glob matches, the file of a data set.
/// Reads nothing of it.
bool volumeIsThere(const std::filesystem::path& path);
/// TIFF files of one slice each, in this order, under a name for messages.
OpenedVolume openFiles(const std::string& name, std::vector<std::filesystem::path> files);

} // namespace interstice
