// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <filesystem>
#include <string>
#include <vector>

namespace interstice {

/// <output>.json beside the output: "raw.tif" → "raw.tif.json".
std::filesystem::path sideCarPath(const std::filesystem::path& output);

/// Now, as "2026-01-31T23:59:59Z".
std::string utcTime();

/// {"path", "size" in bytes, "checksum"} of a file, a folder or glob of slices, or a data set in a file: the checksum is
/// XXH3-128 of the file; for a folder or glob, of its TIFF files' checksums in natural order, one a line. Throws Error.
Json describeInput(const std::filesystem::path& path);

/// Writes the side-car of an output: step, options, versions, inputs (as describeInput), seconds, date (UTC), and then the
/// keys of `extra` ("voxel_size" is read back by openVolume). Throws Error when an input cannot be read or the side-car
/// cannot be written.
void writeSideCar(const std::filesystem::path& output, const std::string& step, const Json& options,
    const std::vector<std::filesystem::path>& inputs, double seconds, const Json& extra = {});

} // namespace interstice
