// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_writer.h"

#include "base/error.h"
#include "base/file.h"
#include "io/tiff_output.h"

namespace interstice {

namespace {

/// In a unit that ImageJ shows well; the others become micrometres.
VoxelSize forImageJ(const VoxelSize& size)
{
    const bool plain
        = size.unit == LengthUnit::Nanometre || size.unit == LengthUnit::Micrometre || size.unit == LengthUnit::Millimetre;
    return plain ? size : size.inMicrometres();
}

} // namespace

std::unique_ptr<VolumeSink> createTiff(
    const std::filesystem::path& path, Shape shape, Scalar scalar, VoxelSize voxelSize, const TiffWriteOptions& options)
{
    const std::int64_t most = std::int64_t { 1 } << 31;
    if (shape.empty() || shape.x >= most || shape.y >= most)
        throw Error("A volume of " + describe(shape) + " cannot be written to " + utf8(path), "Write at least one voxel.");
    TiffPlan plan { shape, scalar, forImageJ(voxelSize), options, false };
    // Compressed noise can be half as large again as the voxels; page headers are small.
    const double voxels = static_cast<double>(plan.sliceBytes()) * static_cast<double>(shape.z);
    const double grown
        = voxels * (options.compression == Compression::None ? 1.0 : 1.5) + 1024.0 * static_cast<double>(shape.z);
    plan.big = grown > static_cast<double>(options.bigTiffAbove);
    return options.compression == Compression::None ? createPlainTiff(path, plan) : createEncodedTiff(path, plan);
}

} // namespace interstice
