// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_writer.h"

#include "base/error.h"
#include "base/file.h"
#include "io/tiff_file.h"

#include <fcntl.h>
#include <tiffio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace fs = std::filesystem;

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

bool takesPredictor(Compression compression)
{
    return compression == Compression::Lzw || compression == Compression::Deflate || compression == Compression::Zstd;
}

/// The shortest decimal that reads back as the same number, whatever the locale.
std::string decimal(double value)
{
    char text[40];
    const auto result = std::to_chars(text, text + sizeof text, value);
    return {text, result.ptr};
}

/// In a unit that ImageJ shows well; the others become micrometres.
VoxelSize forImageJ(const VoxelSize& size)
{
    const bool plain = size.unit == LengthUnit::Nanometre || size.unit == LengthUnit::Micrometre || size.unit == LengthUnit::Millimetre;
    return plain ? size : size.inMicrometres();
}

std::string imageJDescription(const Shape& shape, const VoxelSize& size)
{
    std::string text = "ImageJ=1.54f\nimages=" + std::to_string(shape.z) + "\nslices=" + std::to_string(shape.z) + '\n';
    if (size.knownInPlane() || size.z > 0)
        text += std::string("unit=") + unitName(size.unit) + '\n';
    if (size.z > 0)
        text += "spacing=" + decimal(size.z) + '\n';
    return text + "loop=false\n";
}

class TiffSink : public VolumeSink {
public:
    TiffSink(const fs::path& path, Shape shape, Scalar scalar, VoxelSize voxelSize, const TiffWriteOptions& options);
    ~TiffSink() override;

    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return m_scalar; }
    void write(const Box& box, std::span<const std::byte> from) override;
    void finish() override;

private:
    struct Context {
        int descriptor = -1;
        std::uint64_t position = 0;
        int error = 0;
        std::string message;
    };
    static tmsize_t readCallback(thandle_t handle, void* to, tmsize_t size);
    static tmsize_t writeCallback(thandle_t handle, void* from, tmsize_t size);
    static toff_t seekCallback(thandle_t handle, toff_t offset, int whence);
    static int closeCallback(thandle_t) { return 0; }
    static toff_t sizeCallback(thandle_t handle);
    static int errorCallback(TIFF*, void* data, const char*, const char* format, va_list arguments);
    static int warningCallback(TIFF*, void*, const char*, const char*, va_list) { return 1; }

    [[noreturn]] void fail();
    void close();
    void writeSlice(const std::byte* from);
    void setTags();

    Shape m_shape;
    Scalar m_scalar;
    VoxelSize m_voxelSize;
    TiffWriteOptions m_options;
    PendingFile m_file;
    Context m_context;
    TIFF* m_tiff = nullptr;
    std::int64_t m_next = 0;
    bool m_finished = false;
};

tmsize_t TiffSink::readCallback(thandle_t handle, void* to, tmsize_t size)
{
    auto& context = *static_cast<Context*>(handle);
    const ssize_t got = ::pread(context.descriptor, to, static_cast<std::size_t>(size), static_cast<off_t>(context.position));
    if (got > 0)
        context.position += static_cast<std::uint64_t>(got);
    return got;
}

tmsize_t TiffSink::writeCallback(thandle_t handle, void* from, tmsize_t size)
{
    auto& context = *static_cast<Context*>(handle);
    tmsize_t done = 0;
    while (done < size) {
        const auto part = std::min<std::size_t>(static_cast<std::size_t>(size - done), std::size_t {1} << 30);
        const ssize_t put = ::pwrite(context.descriptor, static_cast<const char*>(from) + done, part, static_cast<off_t>(context.position));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            if (context.error == 0)
                context.error = put < 0 ? errno : ENOSPC;
            return -1;
        }
        context.position += static_cast<std::uint64_t>(put);
        done += put;
    }
    return done;
}

toff_t TiffSink::seekCallback(thandle_t handle, toff_t offset, int whence)
{
    auto& context = *static_cast<Context*>(handle);
    context.position = whence == SEEK_SET ? offset : whence == SEEK_CUR ? context.position + offset : sizeCallback(handle) + offset;
    return context.position;
}

toff_t TiffSink::sizeCallback(thandle_t handle)
{
    const off_t size = ::lseek(static_cast<Context*>(handle)->descriptor, 0, SEEK_END);
    return size < 0 ? 0 : static_cast<toff_t>(size);
}

int TiffSink::errorCallback(TIFF*, void* data, const char*, const char* format, va_list arguments)
{
    auto& context = *static_cast<Context*>(data);
    if (context.message.empty()) {
        char text[400];
        std::vsnprintf(text, sizeof text, format, arguments);
        context.message = text;
    }
    return 1;
}

TiffSink::TiffSink(const fs::path& path, Shape shape, Scalar scalar, VoxelSize voxelSize, const TiffWriteOptions& options)
    : m_shape(shape)
    , m_scalar(scalar)
    , m_voxelSize(forImageJ(voxelSize))
    , m_options(options)
    , m_file(path)
{
    const std::string name = utf8(path);
    const std::int64_t most = std::int64_t {1} << 31;
    if (shape.empty() || shape.x >= most || shape.y >= most)
        throw Error("A volume of " + describe(shape) + " cannot be written to " + name, "Write at least one voxel.");
    if (!TIFFIsCODECConfigured(tiffCompression(options.compression)))
        throw Error("This build cannot write " + name + " with the compression asked for", "Choose Deflate, LZW or none.");
    m_context.descriptor = ::open(m_file.path().c_str(), O_RDWR | O_TRUNC | O_CLOEXEC);
    if (m_context.descriptor < 0)
        throw Error("Cannot write " + name, remedyForWriting(errno));

    // Compressed noise can be half as large again as the voxels; page headers are small.
    const double voxels = static_cast<double>(shape.voxels()) * static_cast<double>(bytesOf(scalar));
    const double grown = voxels * (options.compression == Compression::None ? 1.0 : 1.5) + 1024.0 * static_cast<double>(shape.z);
    const bool big = grown > static_cast<double>(options.bigTiffAbove);
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> open(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(open.get(), errorCallback, &m_context);
    TIFFOpenOptionsSetWarningHandlerExtR(open.get(), warningCallback, &m_context);
    m_tiff = TIFFClientOpenExt(name.c_str(), big ? "w8" : "w", &m_context, readCallback, writeCallback, seekCallback, closeCallback,
        sizeCallback, nullptr, nullptr, open.get());
    if (!m_tiff) {
        ::close(m_context.descriptor);
        fail();
    }
}

TiffSink::~TiffSink()
{
    close();
}

void TiffSink::close()
{
    if (m_tiff)
        TIFFClose(m_tiff); // flushes what it can into a file that is about to be removed, or is complete
    m_tiff = nullptr;
    if (m_context.descriptor >= 0)
        ::close(m_context.descriptor);
    m_context.descriptor = -1;
}

void TiffSink::fail()
{
    const std::string happened = "Cannot write " + utf8(m_file.target());
    if (m_context.error != 0)
        throw Error(happened, remedyForWriting(m_context.error));
    throw Error(m_context.message.empty() ? happened : happened + " (" + m_context.message + ")",
        "Choose another folder or another compression.");
}

void TiffSink::setTags()
{
    TIFF* tiff = m_tiff;
    const std::size_t bytes = bytesOf(m_scalar);
    const auto width = static_cast<std::uint32_t>(m_shape.x);
    const auto height = static_cast<std::uint32_t>(m_shape.y);
    const int format = m_scalar == Scalar::F32 ? SAMPLEFORMAT_IEEEFP : m_scalar == Scalar::I16 ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
    // Uncompressed slices are one strip; compressed ones are cut so that a few rows can be read alone.
    std::uint64_t rows = height;
    if (m_options.compression != Compression::None)
        rows = std::clamp<std::uint64_t>((std::uint64_t {1} << 18) / (std::uint64_t {width} * bytes), 1, height);
    bool set = TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width) && TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height)
        && TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(bytes * 8)) && TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1)
        && TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, format) && TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK)
        && TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) && TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT)
        && TIFFSetField(tiff, TIFFTAG_COMPRESSION, tiffCompression(m_options.compression))
        && TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(rows));
    if (m_options.predictor && takesPredictor(m_options.compression))
        set = set && TIFFSetField(tiff, TIFFTAG_PREDICTOR, m_scalar == Scalar::F32 ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
    if (m_voxelSize.knownInPlane()) {
        // Pixels per unit of the description: ImageJ's way of saying micrometres.
        set = set && TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE) && TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 1 / m_voxelSize.x)
            && TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 1 / m_voxelSize.y);
    }
    if (m_next == 0) {
        set = set && TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, imageJDescription(m_shape, m_voxelSize).c_str())
            && TIFFSetField(tiff, TIFFTAG_SOFTWARE, "Interstice " INTERSTICE_VERSION);
    }
    if (!set)
        fail();
}

void TiffSink::writeSlice(const std::byte* from)
{
    setTags();
    std::uint32_t rowsPerStrip = 0;
    TIFFGetField(m_tiff, TIFFTAG_ROWSPERSTRIP, &rowsPerStrip);
    const auto height = static_cast<std::uint32_t>(m_shape.y);
    const std::size_t row = static_cast<std::size_t>(m_shape.x) * bytesOf(m_scalar);
    std::uint32_t strip = 0;
    for (std::uint32_t y = 0; y < height; y += rowsPerStrip, ++strip) {
        const auto size = static_cast<tmsize_t>(row * std::min(rowsPerStrip, height - y));
        // libtiff takes void* but only byte-swapping would write to it, and files have this machine's order.
        if (TIFFWriteEncodedStrip(m_tiff, strip, const_cast<std::byte*>(from) + row * y, size) != size)
            fail();
    }
    if (!TIFFWriteDirectory(m_tiff))
        fail();
}

void TiffSink::write(const Box& box, std::span<const std::byte> from)
{
    if (box.start.z != m_next || box.start.y != 0 || box.start.x != 0 || box.size.y != m_shape.y || box.size.x != m_shape.x
        || !box.within(m_shape) || from.size() != static_cast<std::size_t>(box.size.voxels()) * bytesOf(m_scalar) || !m_tiff)
        throw std::logic_error("slices are written whole, once and in order");
    const std::size_t slice = from.size() / static_cast<std::size_t>(std::max<std::int64_t>(1, box.size.z));
    for (std::int64_t z = 0; z < box.size.z; ++z) {
        writeSlice(from.data() + static_cast<std::size_t>(z) * slice);
        ++m_next;
    }
}

void TiffSink::finish()
{
    if (m_finished)
        return;
    if (m_next != m_shape.z)
        throw Error(utf8(m_file.target()) + " is not complete: " + std::to_string(m_next) + " of " + std::to_string(m_shape.z)
                + " slices were written",
            "Run the step again.");
    if (!TIFFFlush(m_tiff) || m_context.error != 0)
        fail();
    close();
    m_file.commit();
    m_finished = true;
}

} // namespace

std::unique_ptr<VolumeSink> createTiff(
    const fs::path& path, Shape shape, Scalar scalar, VoxelSize voxelSize, const TiffWriteOptions& options)
{
    return std::make_unique<TiffSink>(path, shape, scalar, voxelSize, options);
}

} // namespace interstice
