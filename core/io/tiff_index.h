// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "io/calibration.h"
#include "io/tiff_page.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace interstice {

/// Where one slice lies in its file.
struct TiffSlice {
    /// Offset of its directory; 0 for the planes of a one-header ImageJ stack after the first.
    std::uint64_t directory = 0;
    /// First byte of its uncompressed rows; 0 when libtiff has to decode them.
    std::uint64_t contiguousAt = 0;
};

/// All pages of one file, read once so that page k needs no walk over k headers.
struct TiffIndex {
    /// Of the first slice; the others agree in size and sample type.
    TiffPage first;
    std::vector<TiffSlice> slices;
    TiffMetadata metadata;
    Findings findings;
};

/// Walks the directories of a file. Thumbnails and masks are left out with a finding. Throws Error
/// naming the page where pages differ in size or type.
TiffIndex indexTiff(const std::shared_ptr<const TiffFile>& file);

} // namespace interstice
