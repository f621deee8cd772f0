// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "base/task.h"
#include "volume/volume_source.h"

#include <filesystem>

namespace interstice {

struct InitialMaskFile {
    SourcePtr mask;
    double foreground = 0; ///< share of the volume
    Findings findings;
};

/// The study's initial mask with its own options, written to a compressed TIFF and opened from there.
InitialMaskFile writeInitialMask(const VolumeSource& raw, const std::filesystem::path& file, Task& task);

} // namespace interstice
