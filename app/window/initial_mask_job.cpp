// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/initial_mask_job.h"

#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "segment/initial_mask.h"

namespace interstice {

InitialMaskFile writeInitialMask(const VolumeSource& raw, const std::filesystem::path& file, Task& task)
{
    const auto sink = createTiff(file, raw.shape(), Scalar::U8, raw.voxelSize(), { Compression::Lzw });
    const InitialMaskResult result = makeInitialMask(raw, *sink, {}, task);
    return { openVolume(file).source, result.foregroundFraction, result.findings };
}

} // namespace interstice
