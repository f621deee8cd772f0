// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace interstice {

enum class Compression { None, Lzw, Deflate, Zstd, PackBits };

struct TiffWriteOptions {
    Compression compression = Compression::None;
    /// Differences between neighbours before Lzw, Deflate and Zstd (the floating-point form for f32).
    bool predictor = true;
    /// Files that may grow beyond this many bytes are written as BigTIFF. Plain TIFF ends at 2³² bytes.
    std::uint64_t bigTiffAbove = 4'000'000'000;
};

/// A TIFF stack, one page a slice, with ImageJ's description and resolution tags carrying the voxel
/// size. It appears under its name when finished, never before; destroyed unfinished, nothing stays.
/// Throws Error naming the file when the folder cannot be written to, the disk is full, libtiff has no
/// such compression, or (at finish) slices are missing.
std::unique_ptr<VolumeSink> createTiff(const std::filesystem::path& path, Shape shape, Scalar scalar, VoxelSize voxelSize,
    const TiffWriteOptions& options = {});

} // namespace interstice
