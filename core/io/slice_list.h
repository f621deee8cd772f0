// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"

#include <filesystem>
#include <vector>

namespace interstice {

/// "dir/slice_*.tif" (or ? or […]), unless a file of that very name exists.
bool isGlob(const std::filesystem::path& path);

/// The TIFF files of a folder or glob in natural numeric order, so that slice9 comes before slice10.
/// Hidden files are left out, other files of a folder too, pictures of other kinds with a finding.
/// Throws Error when there is none.
std::vector<std::filesystem::path> listSlices(const std::filesystem::path& folderOrGlob, Findings& findings);

/// What the numbers in the names say: gaps, duplicates, steps other than 1, names of another pattern.
Findings checkNumbering(const std::vector<std::filesystem::path>& files);

} // namespace interstice
