// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/classical_setup.h"
#include "app/window/workspace.h"

#include <filesystem>
#include <string>

namespace interstice {

struct ClassicalDone {
    SourcePtr mask; ///< u8: 0, 1
    MapLayer map; ///< depth maps only
    Findings findings;
    /// What came out, in a few words.
    std::string sentence;
    double seconds = 0;
    std::uint64_t peakBytes = 0;
};

/// First steps, then the method on the whole volume, written to compressed TIFFs and opened from there. For a job.
ClassicalDone runClassical(const SourcePtr& raw, const ClassicalSetup& setup, const std::filesystem::path& file,
    const std::filesystem::path& mapFile, Task& task);

} // namespace interstice
