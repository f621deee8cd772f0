// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_page.h"

#include "base/cost.h"
#include "base/error.h"

#include <tiffio.h>

#include <algorithm>

namespace interstice {

namespace {

constexpr const char* kSaveGrey = "Save it as plain greyscale (8, 16 or 32 bits), for example with ImageJ: Image > Type.";
constexpr const char* kDamaged = "The file is damaged or not whole: copy it again from where it came from.";

std::string colourName(std::uint16_t photometric)
{
    switch (photometric) {
    case PHOTOMETRIC_RGB:
        return "colour (RGB)";
    case PHOTOMETRIC_PALETTE:
        return "a colour palette";
    case PHOTOMETRIC_SEPARATED:
        return "colour separations (CMYK)";
    case PHOTOMETRIC_YCBCR:
        return "colour (YCbCr)";
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
        return "colour (L*a*b*)";
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
        return "logarithmic light values (LogLuv)";
    case PHOTOMETRIC_CFA:
        return "raw camera data";
    default:
        return "values of photometric kind " + std::to_string(photometric);
    }
}

template <class T> T field(TIFF* tiff, std::uint32_t tag, T fallback)
{
    T value = fallback;
    return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : fallback;
}

std::string compressionName(std::uint16_t compression)
{
    const TIFFCodec* codec = TIFFFindCODEC(compression);
    return codec ? codec->name : "method " + std::to_string(compression);
}

void readSampleType(TIFF* tiff, TiffPage& page, const std::string& where)
{
    std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
    const bool stated = TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric) != 0;
    const auto samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    const bool grey = !stated || photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE
        || photometric == PHOTOMETRIC_MASK;
    if (!grey)
        throw Error(where + " holds " + colourName(photometric) + ", not greyscale", kSaveGrey);
    if (samples != 1)
        throw Error(where + " holds " + std::to_string(samples) + " values a pixel, not one", kSaveGrey);

    page.sample.bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    const auto format = field<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (format == SAMPLEFORMAT_COMPLEXINT || format == SAMPLEFORMAT_COMPLEXIEEEFP)
        throw Error(where + " holds complex numbers", "Save their magnitude as 32-bit floating-point greyscale.");
    page.sample.kind = format == SAMPLEFORMAT_IEEEFP ? SampleType::Kind::Float
        : format == SAMPLEFORMAT_INT                 ? SampleType::Kind::Signed
                                                     : SampleType::Kind::Unsigned;
    page.sample.inverted = stated && photometric == PHOTOMETRIC_MINISWHITE && page.sample.kind != SampleType::Kind::Float;
    if (!scalarFor(page.sample))
        throw Error(where + " holds " + describe(page.sample) + " values, which cannot be read", kSaveGrey);
}

void readBlocks(TIFF* tiff, TiffPage& page, const std::string& where)
{
    page.tiled = TIFFIsTiled(tiff) != 0;
    if (page.tiled) {
        page.blockWidth = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
        page.blockHeight = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
    } else {
        page.blockWidth = page.width;
        page.blockHeight = std::min(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, page.height), page.height);
    }
    if (field<std::uint32_t>(tiff, TIFFTAG_IMAGEDEPTH, 1) > 1 || field<std::uint32_t>(tiff, TIFFTAG_TILEDEPTH, 1) > 1)
        throw Error(where + " holds a whole volume in one page (ImageDepth)", "Save it with one page for each slice.");
    constexpr std::uint32_t most = 1u << 30;
    if (page.width == 0 || page.height == 0 || page.width > most || page.height > most || page.blockWidth == 0
        || page.blockHeight == 0 || page.blockWidth > most || page.blockHeight > most)
        throw Error(where + " has no usable size", kDamaged);
    const auto across = static_cast<std::uint64_t>(page.blocksAcross());
    const std::uint64_t blocks = across * ((page.height - 1) / page.blockHeight + 1);
    if (blocks != (page.tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff)))
        throw Error(where + " does not have the number of strips that its size needs", kDamaged);
}

} // namespace

double largestRatio(std::uint16_t compression)
{
    switch (compression) {
    case COMPRESSION_NONE:
        return 1;
    case COMPRESSION_PACKBITS:
        return 64;
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
        return 1100;
    case COMPRESSION_LZW:
        return 3000;
    default:
        return 40000; // Zstandard repeats up to 128 KiB in 4 bytes
    }
}

bool isReducedPage(TiffHandle& handle)
{
    std::uint32_t type = 0;
    if (TIFFGetField(handle.tiff(), TIFFTAG_SUBFILETYPE, &type))
        return (type & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
    std::uint16_t old = 0;
    return TIFFGetField(handle.tiff(), TIFFTAG_OSUBFILETYPE, &old) && old == OFILETYPE_REDUCEDIMAGE;
}

TiffPage readPage(TiffHandle& handle, const std::string& where)
{
    TIFF* tiff = handle.tiff();
    TiffPage page;
    page.reduced = isReducedPage(handle);
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page.width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page.height);
    page.compression = field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    page.orientation = field<std::uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    readSampleType(tiff, page, where);
    if (!TIFFIsCODECConfigured(page.compression))
        throw Error(where + " is compressed with " + compressionName(page.compression) + ", which cannot be read here",
            "Save it uncompressed or with LZW, Deflate, PackBits or ZSTD.");
    readBlocks(tiff, page, where);

    // A few damaged bytes must not make anybody allocate gigabytes. Small pages pass whatever they claim.
    const double claimed
        = std::max(static_cast<double>(page.bytesPerRow()) * page.height, static_cast<double>(page.bytesPerBlock()));
    const double possible = static_cast<double>(handle.file().size()) * largestRatio(page.compression);
    const double always = page.compression == COMPRESSION_NONE ? 1 << 16 : 1 << 24;
    if (claimed > std::max(possible, always))
        throw Error(where + " claims " + std::to_string(page.width) + " × " + std::to_string(page.height) + " pixels of "
                + std::to_string(page.sample.bits) + " bits, more than a file of " + formatBytes(handle.file().size())
                + " can hold",
            kDamaged);
    return page;
}

void locateData(TiffHandle& handle, TiffPage& page, const std::string& where, bool lenient)
{
    TIFF* tiff = handle.tiff();
    const std::uint32_t count = page.tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    std::uint64_t* offsets = nullptr;
    std::uint64_t* sizes = nullptr;
    TIFFGetField(tiff, page.tiled ? TIFFTAG_TILEOFFSETS : TIFFTAG_STRIPOFFSETS, &offsets);
    TIFFGetField(tiff, page.tiled ? TIFFTAG_TILEBYTECOUNTS : TIFFTAG_STRIPBYTECOUNTS, &sizes);
    if (!offsets || !sizes)
        handle.fail(where + " does not say where its pixels are");

    const bool raw = page.compression == COMPRESSION_NONE;
    bool contiguous = raw && !page.tiled && page.sample.bits % 8 == 0
        && field<std::uint16_t>(tiff, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_MSB2LSB;
    const std::uint64_t fileSize = handle.file().size();
    std::uint32_t row = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t rows = page.tiled ? page.blockHeight : std::min(page.blockHeight, page.height - row);
        const std::uint64_t decoded = rowBytes(page.sample, page.blockWidth) * rows;
        const std::uint64_t needed = raw ? decoded : sizes[i];
        if (offsets[i] > fileSize || needed > fileSize - offsets[i])
            throw Error(where + " ends " + formatBytes(offsets[i] + std::min(needed, fileSize * 2) - fileSize)
                    + " beyond the end of the file, which has " + formatBytes(fileSize),
                kDamaged);
        contiguous = contiguous && offsets[i] > 0 && (lenient || sizes[i] >= decoded)
            && (i == 0 || offsets[i] == offsets[0] + page.bytesPerRow() * row);
        row += rows;
    }
    page.contiguousAt = contiguous ? offsets[0] : 0;
}

} // namespace interstice
