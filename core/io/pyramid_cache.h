// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/pyramid.h"

#include <filesystem>
#include <memory>
#include <string>

namespace interstice {

struct PyramidCacheOptions {
    /// Where pyramids lie; empty: pyramids/ in the cache folder.
    std::filesystem::path folder;
    /// Bytes of the largest level of one pyramid; stacks whose rows cannot be read alone get a whole copy below that.
    std::uint64_t mostBytesOfLevel = std::uint64_t { 2 } << 30;
    /// Bytes of all pyramids together; those not used for longest go first.
    std::uint64_t mostBytes = std::uint64_t { 16 } << 30;
};

/// What tells one state of a file, folder or glob of slices from another: path, sizes and times of change. Reads no data.
std::string identityOfFiles(const std::filesystem::path& path);

/// The pyramid of `source` under `identity` (see identityOfFiles; add what else changes the voxels), as made before or
/// made now: one pass over the source, levels as TIFF stacks in the cache folder. Null when the volume is too small to
/// need one. A stop leaves nothing behind; a damaged one is made again. Throws Error when the disk is full.
std::shared_ptr<const Pyramid> findOrMakePyramid(const VolumeSource& source, ReduceMode mode, const std::string& identity,
    const PyramidCacheOptions& options, Task& task);

} // namespace interstice
