// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "io/tiff_file.h"
#include "io/tiff_samples.h"

#include <cstdint>
#include <string>

namespace interstice {

/// What the header of one TIFF page says about its pixels.
struct TiffPage {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    SampleType sample;
    std::uint16_t compression = 1;
    std::uint16_t orientation = 1;
    /// Strips are tiles as wide as the page.
    bool tiled = false;
    std::uint32_t blockWidth = 0;
    std::uint32_t blockHeight = 0;
    /// A thumbnail, an overview or a transparency mask: not a slice.
    bool reduced = false;
    /// Where the page's rows lie one after another with nothing else between them, uncompressed; 0 where
    /// they do not.
    std::uint64_t contiguousAt = 0;

    std::uint64_t bytesPerRow() const { return rowBytes(sample, width); }
    std::uint64_t bytesPerBlock() const { return rowBytes(sample, blockWidth) * blockHeight; }
    std::uint32_t blocksAcross() const { return (width - 1) / blockWidth + 1; }
};

/// Reads the header of the handle's current directory. `where` names it for messages ("Page 3 of
/// raw.tif"). Throws Error for anything but greyscale that libtiff can decode, and for sizes that a
/// file of this length cannot hold.
TiffPage readPage(TiffHandle& handle, const std::string& where);

/// The subfile type alone: readPage of a thumbnail may have every reason to refuse.
bool isReducedPage(TiffHandle& handle);

/// Throws Error when the blocks of the handle's current page lie beyond the end of the file, and finds
/// out whether they are contiguous (sets contiguousAt). `lenient`: of ImageJ's one-header stacks, whose
/// strip sizes cannot be trusted.
void locateData(TiffHandle& handle, TiffPage& page, const std::string& where, bool lenient);

/// Largest number of decoded bytes that one byte of a file can stand for.
double largestRatio(std::uint16_t compression);

} // namespace interstice
