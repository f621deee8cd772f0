// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_index.h"

#include "base/cost.h"
#include "base/error.h"

#include <tiffio.h>

#include <array>
#include <cstring>

namespace interstice {

namespace {

std::string sizeAndType(const TiffPage& page)
{
    return std::to_string(page.width) + " × " + std::to_string(page.height) + " pixels, " + describe(page.sample)
        + (page.sample.inverted ? " with white as zero" : "");
}

std::string textTag(TIFF* tiff, std::uint32_t tag)
{
    const char* text = nullptr;
    return TIFFGetField(tiff, tag, &text) && text ? text : "";
}

TiffMetadata readMetadata(TiffHandle& handle)
{
    TIFF* tiff = handle.tiff();
    TiffMetadata metadata;
    metadata.description = textTag(tiff, TIFFTAG_IMAGEDESCRIPTION);
    float x = 0;
    float y = 0;
    if (TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x))
        metadata.xResolution = static_cast<double>(x);
    if (TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y))
        metadata.yResolution = static_cast<double>(y);
    std::uint16_t unit = 0;
    if (TIFFGetField(tiff, TIFFTAG_RESOLUTIONUNIT, &unit))
        metadata.resolutionUnit = unit;
    return metadata;
}

struct DirectoryExtent {
    std::uint64_t bytes = 0;
    /// The offset of the following directory lies in the file; libtiff takes a missing one for "none".
    bool whole = false;
};

DirectoryExtent directoryExtent(const TiffFile& file, std::uint64_t offset)
{
    std::array<std::byte, 8> count {};
    const std::size_t size = file.bigTiff() ? 8 : 2;
    if (file.readSome(offset, std::span(count).first(size)) != size)
        return {};
    if (file.swapped())
        swapSamples(std::span(count).first(size), static_cast<int>(size * 8));
    std::uint64_t entries = 0;
    if (file.bigTiff()) {
        std::memcpy(&entries, count.data(), sizeof entries);
    } else {
        std::uint16_t few = 0;
        std::memcpy(&few, count.data(), sizeof few);
        entries = few;
    }
    const std::uint64_t bytes = std::min(entries, file.size()) * (file.bigTiff() ? 20 : 12);
    return { bytes, offset + size + bytes + (file.bigTiff() ? 8 : 4) <= file.size() };
}

/// ImageJ's stacks above 4 GB (and "truncated" ones of tifffile): one header, then all planes.
void spreadPlanes(const TiffFile& file, TiffIndex& index)
{
    const std::int64_t planes = planesBehindOneHeader(index.metadata, index.first.width, index.first.height);
    if (index.slices.size() != 1 || planes <= 1 || index.first.compression != COMPRESSION_NONE)
        return;
    const std::uint64_t start = index.slices[0].contiguousAt;
    const std::uint64_t plane = index.first.bytesPerRow() * index.first.height;
    if (start == 0)
        return;
    const auto fit = static_cast<std::int64_t>((file.size() - start) / plane);
    if (fit <= 1) { // one slice of a stack, saved on its own with the stack's description
        index.findings.push_back({ Finding::Severity::Warning, "slices-missing",
            file.name() + " says that it is of a stack of " + std::to_string(planes) + " slices, but holds one." });
        return;
    }
    if (fit < planes)
        throw Error(file.name() + " says that it holds " + std::to_string(planes) + " slices, but its "
                + formatBytes(file.size()) + " end after " + std::to_string(fit),
            "The file is not whole: copy it again from where it came from.");
    index.slices.reserve(static_cast<std::size_t>(planes));
    for (std::int64_t z = 1; z < planes; ++z)
        index.slices.push_back({ 0, start + static_cast<std::uint64_t>(z) * plane });
}

} // namespace

TiffIndex indexTiff(const std::shared_ptr<const TiffFile>& file)
{
    TiffHandle handle(file);
    TIFF* tiff = handle.tiff();
    TiffIndex index;
    std::vector<std::int64_t> skipped;
    std::uint64_t walked = 0;
    double decoded = 0;
    double ratio = 1;

    const auto take = [&](std::int64_t number) {
        const std::string where = "Page " + std::to_string(number) + " of " + file->name();
        TiffPage page = readPage(handle, where);
        const bool isFirst = index.slices.empty();
        if (isFirst)
            index.metadata = readMetadata(handle);
        locateData(handle, page, where, isFirst && planesBehindOneHeader(index.metadata, page.width, page.height) > 1);
        if (isFirst)
            index.first = page;
        else if (page.width != index.first.width || page.height != index.first.height
            || !(page.sample == index.first.sample))
            throw Error(where + " is " + sizeAndType(page) + ", but the pages before it are " + sizeAndType(index.first),
                "All slices of a stack must agree: save the odd page on its own.");
        index.slices.push_back({ TIFFCurrentDirOffset(tiff), page.contiguousAt });
        // Many pages may point at the same few bytes: what they claim together must be possible, too.
        decoded += static_cast<double>(page.bytesPerRow()) * page.height;
        ratio = std::max(ratio, largestRatio(page.compression));
        if (decoded > std::max(ratio * static_cast<double>(file->size()), 1.0 * (1 << 24)))
            throw Error("The pages of " + file->name() + " claim more voxels than a file of " + formatBytes(file->size())
                    + " can hold",
                "The file is damaged: copy it again from where it came from.");
    };

    std::int64_t number = 0;
    do {
        ++number;
        const DirectoryExtent extent = directoryExtent(*file, TIFFCurrentDirOffset(tiff));
        // Or a small file with overlapping directories could keep this walk busy for hours.
        walked += extent.bytes;
        if (walked > file->size())
            throw Error("The page headers of " + file->name() + " overlap",
                "The file is damaged: copy it again from where it came from.");
        if (isReducedPage(handle))
            skipped.push_back(number);
        else
            take(number);
        if (!extent.whole)
            index.findings.push_back({ Finding::Severity::Warning, "file-cut",
                file->name() + " ends inside the header of page " + std::to_string(number)
                    + ": slices after it may be missing." });
        if (TIFFLastDirectory(tiff))
            break;
        handle.takeMessage();
        if (TIFFReadDirectory(tiff))
            continue;
        std::string message = handle.takeMessage();
        if (!message.empty())
            throw unreadable("Page " + std::to_string(number + 1) + " of " + file->name() + " cannot be read", message);
        // A chain of pages that returns to one of them is a warning to libtiff, and all pages were seen.
        index.findings.push_back({ Finding::Severity::Warning, "page-loop",
            "The pages of " + file->name() + " are chained in a circle; it was read once round, " + std::to_string(number)
                + (number == 1 ? " page." : " pages.") });
        break;
    } while (true);

    if (index.slices.empty()) {
        // Nothing but pages marked as reduced: then one of them is the image.
        TIFFSetDirectory(tiff, 0);
        take(1);
        skipped.erase(skipped.begin());
    }
    if (!skipped.empty())
        index.findings.push_back({ Finding::Severity::Note, "reduced-page-skipped",
            std::to_string(skipped.size()) + (skipped.size() == 1 ? " page" : " pages") + " of " + file->name()
                + " (first: page " + std::to_string(skipped.front()) + ") marked as thumbnail or mask "
                + (skipped.size() == 1 ? "was" : "were") + " left out." });
    spreadPlanes(*file, index);
    return index;
}

} // namespace interstice
