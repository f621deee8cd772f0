// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_decode.h"

#include "base/error.h"

#include <tiffio.h>

#include <algorithm>

namespace interstice {

namespace {

/// Rows that lie uncompressed one after another: no libtiff.
void readContiguous(
    const TiffFile& file, const TiffPage& stack, std::uint64_t start, const PlanePart& part, std::span<std::byte> to)
{
    const std::uint64_t rowSize = stack.bytesPerRow();
    const bool direct = isDirect(stack.sample);
    const auto swap = [&](std::span<std::byte> samples) {
        if (file.swapped())
            swapSamples(samples, stack.sample.bits);
    };
    if (direct && part.columns == stack.width) {
        file.readAll(start + part.y * rowSize, to);
        swap(to);
        invertSamples(stack.sample, to);
        return;
    }
    const std::size_t outRow = to.size() / part.rows;
    const auto sampleBytes = static_cast<std::uint64_t>(stack.sample.bits) / 8;
    // A few columns of long rows (a YZ view) are fetched row by row; otherwise whole rows, some at a time.
    const bool narrow = rowSize > 8192 && part.columns * sampleBytes * 4 < rowSize;
    const std::uint64_t lead = narrow ? part.x * sampleBytes : 0;
    const std::uint64_t width = narrow ? part.columns * sampleBytes : rowSize;
    const std::uint64_t together = narrow ? 1 : std::max<std::uint64_t>(1, (std::uint64_t { 1 } << 20) / rowSize);
    std::vector<std::byte> buffer(width * std::min(together, part.rows));
    for (std::uint64_t row = 0; row < part.rows; row += together) {
        const std::uint64_t count = std::min(together, part.rows - row);
        const std::span<std::byte> rows(buffer.data(), count * width);
        file.readAll(start + (part.y + row) * rowSize + lead, rows);
        swap(rows);
        for (std::uint64_t i = 0; i < count; ++i)
            convertSamples(
                stack.sample, rows.data() + i * width, narrow ? 0 : part.x, part.columns, to.data() + (row + i) * outRow);
    }
}

/// Codecs that can stop early: of a strip only the rows down to the last one needed are decoded.
bool decodesByRows(std::uint16_t compression)
{
    switch (compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_LZW:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_PACKBITS:
    case COMPRESSION_ZSTD:
        return true;
    default:
        return false;
    }
}

void decode(TiffHandle& handle, const TiffPage& page, std::uint32_t block, std::span<std::byte> to, const std::string& where)
{
    handle.takeMessage();
    const auto size = static_cast<tmsize_t>(to.size());
    const tmsize_t got = page.tiled ? TIFFReadEncodedTile(handle.tiff(), block, to.data(), size)
                                    : TIFFReadEncodedStrip(handle.tiff(), block, to.data(), size);
    if (got != size)
        handle.fail(where + " cannot be decoded");
    // libtiff swaps 24-bit samples as it does 32-bit ones; programs write them highest byte first all the same.
    if (page.sample.bits == 24 && handle.file().swapped()) {
        for (std::size_t i = 0; i + 3 <= to.size(); i += 3)
            std::swap(to[i], to[i + 2]);
    }
}

void readBlocks(
    TiffHandle& handle, const TiffPage& page, const PlanePart& part, const std::string& where, std::span<std::byte> to)
{
    const std::size_t outRow = to.size() / part.rows;
    const std::size_t outVoxel = outRow / part.columns;
    const std::uint64_t blockRow = rowBytes(page.sample, page.blockWidth);
    const bool whole = isDirect(page.sample) && !page.tiled && part.columns == page.width;
    std::vector<std::byte> buffer;
    const std::uint64_t endRow = part.y + part.rows;
    const std::uint64_t endColumn = part.x + part.columns;
    for (std::uint64_t by = part.y / page.blockHeight; by * page.blockHeight < endRow; ++by) {
        const std::uint64_t top = by * page.blockHeight;
        const std::uint64_t first = std::max(top, part.y);
        const std::uint64_t last = std::min(top + page.blockHeight, endRow);
        const std::uint64_t inBlock
            = page.tiled ? page.blockHeight : std::min<std::uint64_t>(page.blockHeight, page.height - top);
        const std::uint64_t rows = page.tiled || !decodesByRows(page.compression) ? inBlock : last - top;
        for (std::uint64_t bx = part.x / page.blockWidth; bx * page.blockWidth < endColumn; ++bx) {
            const auto block = static_cast<std::uint32_t>(by * page.blocksAcross() + bx);
            if (whole && first == top && rows == last - first) {
                const auto straight = to.subspan((first - part.y) * outRow, rows * outRow);
                decode(handle, page, block, straight, where);
                invertSamples(page.sample, straight);
                continue;
            }
            buffer.resize(rows * blockRow);
            decode(handle, page, block, buffer, where);
            const std::uint64_t left = bx * page.blockWidth;
            const std::uint64_t from = std::max(left, part.x);
            const std::uint64_t until = std::min(left + page.blockWidth, endColumn);
            for (std::uint64_t y = first; y < last; ++y)
                convertSamples(page.sample, buffer.data() + (y - top) * blockRow, from - left, until - from,
                    to.data() + (y - part.y) * outRow + (from - part.x) * outVoxel);
        }
    }
}

} // namespace

void readPlane(TiffHandle& handle, const TiffPage& stack, const TiffSlice& slice, const PlanePart& part,
    const std::string& where, std::span<std::byte> to)
{
    if (slice.contiguousAt != 0) {
        readContiguous(handle.file(), stack, slice.contiguousAt, part, to);
        return;
    }
    handle.goTo(slice.directory);
    // Strips and compression may differ from page to page, and the file may have changed since it was opened.
    const TiffPage page = readPage(handle, where);
    if (page.width != stack.width || page.height != stack.height || !(page.sample == stack.sample))
        throw Error(where + " has changed since the file was opened", "Open the file again.");
    readBlocks(handle, page, part, where, to);
}

} // namespace interstice
