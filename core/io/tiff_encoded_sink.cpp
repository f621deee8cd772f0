// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_output.h"

#include "base/error.h"

#include <tiffio.h>
#include <unistd.h>

#include <algorithm>

namespace interstice {

namespace {

std::uint16_t tiffCompression(Compression compression)
{
    switch (compression) {
    case Compression::Lzw:
        return COMPRESSION_LZW;
    case Compression::Deflate:
        return COMPRESSION_ADOBE_DEFLATE;
    case Compression::Zstd:
        return COMPRESSION_ZSTD;
    case Compression::PackBits:
        return COMPRESSION_PACKBITS;
    case Compression::None:
        break;
    }
    return COMPRESSION_NONE;
}

/// What the callbacks of libtiff see.
struct Context {
    TiffOutput* output = nullptr;
    std::uint64_t position = 0;
};

tmsize_t readCallback(thandle_t handle, void* to, tmsize_t size)
{
    auto& context = *static_cast<Context*>(handle);
    const ssize_t got
        = ::pread(context.output->descriptor(), to, static_cast<std::size_t>(size), static_cast<off_t>(context.position));
    if (got > 0)
        context.position += static_cast<std::uint64_t>(got);
    return got;
}

tmsize_t writeCallback(thandle_t handle, void* from, tmsize_t size)
{
    auto& context = *static_cast<Context*>(handle);
    const std::span<const std::byte> bytes(static_cast<const std::byte*>(from), static_cast<std::size_t>(size));
    if (!context.output->writeAt(context.position, bytes))
        return -1;
    context.position += bytes.size();
    return size;
}

toff_t sizeCallback(thandle_t handle)
{
    const off_t size = ::lseek(static_cast<Context*>(handle)->output->descriptor(), 0, SEEK_END);
    return size < 0 ? 0 : static_cast<toff_t>(size);
}

toff_t seekCallback(thandle_t handle, toff_t offset, int whence)
{
    auto& context = *static_cast<Context*>(handle);
    context.position = whence == SEEK_SET ? offset
        : whence == SEEK_CUR              ? context.position + offset
                                          : sizeCallback(handle) + offset;
    return context.position;
}

int closeCallback(thandle_t)
{
    return 0;
}

int errorCallback(TIFF*, void* data, const char*, const char* format, va_list arguments)
{
    char text[400];
    std::vsnprintf(text, sizeof text, format, arguments);
    static_cast<Context*>(data)->output->note(text);
    return 1; // handled: nothing goes to libtiff's global handlers
}

int warningCallback(TIFF*, void*, const char*, const char*, va_list)
{
    return 1;
}

class EncodedSink : public TiffSink {
public:
    EncodedSink(const std::filesystem::path& path, const TiffPlan& plan)
        : TiffSink(path, plan)
        , m_context { &m_output, 0 }
    {
        if (!TIFFIsCODECConfigured(tiffCompression(plan.options.compression)))
            throw Error("This build cannot write " + m_output.name() + " with the compression asked for",
                "Choose Deflate, LZW or none.");
        const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> open(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
        TIFFOpenOptionsSetErrorHandlerExtR(open.get(), errorCallback, &m_context);
        TIFFOpenOptionsSetWarningHandlerExtR(open.get(), warningCallback, &m_context);
        m_tiff = TIFFClientOpenExt(m_output.name().c_str(), plan.big ? "w8" : "w", &m_context, readCallback, writeCallback,
            seekCallback, closeCallback, sizeCallback, nullptr, nullptr, open.get());
        if (!m_tiff)
            m_output.fail();
        // Cut so that a few rows can be read alone.
        const std::uint64_t row = static_cast<std::uint64_t>(plan.shape.x) * bytesOf(plan.scalar);
        m_rowsPerStrip = static_cast<std::uint32_t>(
            std::clamp<std::uint64_t>((std::uint64_t { 1 } << 18) / row, 1, static_cast<std::uint64_t>(plan.shape.y)));
    }
    ~EncodedSink() override
    {
        if (m_tiff)
            TIFFClose(m_tiff); // flushes what it can into a file that is about to be removed
    }

protected:
    void writeSlices(std::int64_t first, std::int64_t slices, std::span<const std::byte> from) override
    {
        const std::size_t slice = m_plan.sliceBytes();
        for (std::int64_t i = 0; i < slices; ++i)
            writeSlice(first + i, from.data() + static_cast<std::size_t>(i) * slice);
    }

    void complete() override
    {
        const bool flushed = TIFFFlush(m_tiff) != 0;
        TIFFClose(m_tiff);
        m_tiff = nullptr;
        if (!flushed)
            m_output.fail();
    }

private:
    void setTags(bool first)
    {
        const auto set = [this](std::uint32_t tag, auto value) {
            if (!TIFFSetField(m_tiff, tag, value))
                m_output.fail();
        };
        const TiffWriteOptions& options = m_plan.options;
        set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(m_plan.shape.x));
        set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(m_plan.shape.y));
        set(TIFFTAG_BITSPERSAMPLE, static_cast<int>(bytesOf(m_plan.scalar) * 8));
        set(TIFFTAG_SAMPLESPERPIXEL, 1);
        set(TIFFTAG_SAMPLEFORMAT, m_plan.sampleFormat());
        set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
        set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
        set(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
        set(TIFFTAG_COMPRESSION, static_cast<int>(tiffCompression(options.compression)));
        set(TIFFTAG_ROWSPERSTRIP, m_rowsPerStrip);
        if (options.predictor && options.compression != Compression::PackBits)
            set(TIFFTAG_PREDICTOR, m_plan.scalar == Scalar::F32 ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
        if (m_plan.voxelSize.knownInPlane()) {
            // Pixels per unit of the description: ImageJ's way of saying micrometres.
            set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
            set(TIFFTAG_XRESOLUTION, 1 / m_plan.voxelSize.x);
            set(TIFFTAG_YRESOLUTION, 1 / m_plan.voxelSize.y);
        }
        if (first) {
            set(TIFFTAG_IMAGEDESCRIPTION, m_plan.description().c_str());
            set(TIFFTAG_SOFTWARE, "Interstice " INTERSTICE_VERSION);
        }
    }

    void writeSlice(std::int64_t z, const std::byte* from)
    {
        setTags(z == 0);
        const auto height = static_cast<std::uint32_t>(m_plan.shape.y);
        const std::size_t row = static_cast<std::size_t>(m_plan.shape.x) * bytesOf(m_plan.scalar);
        std::uint32_t strip = 0;
        for (std::uint32_t y = 0; y < height; y += m_rowsPerStrip, ++strip) {
            const auto size = static_cast<tmsize_t>(row * std::min(m_rowsPerStrip, height - y));
            // libtiff takes void*, but only byte-swapping would write to it, and files have this machine's order.
            if (TIFFWriteEncodedStrip(m_tiff, strip, const_cast<std::byte*>(from) + row * y, size) != size)
                m_output.fail();
        }
        if (!TIFFWriteDirectory(m_tiff))
            m_output.fail();
    }

    Context m_context;
    TIFF* m_tiff = nullptr;
    std::uint32_t m_rowsPerStrip = 1;
};

} // namespace

std::unique_ptr<VolumeSink> createEncodedTiff(const std::filesystem::path& path, const TiffPlan& plan)
{
    return std::make_unique<EncodedSink>(path, plan);
}

} // namespace interstice
