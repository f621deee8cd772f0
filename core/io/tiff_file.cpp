// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_file.h"

#include "base/error.h"
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

namespace interstice {

namespace {

std::string remedyForReading(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return "Check its name and folder.";
    case EACCES:
    case EPERM:
        return "You may not read it: change its permissions.";
    case EMFILE:
    case ENFILE:
        return "Too many files are open: close other programs.";
    default:
        return std::strerror(error);
    }
}

std::string beginsLike(std::span<const unsigned char> head)
{
    struct Row {
        const char* magic;
        const char* text;
    };
    static constexpr std::array<Row, 9> rows = { { { "\x89PNG", "a PNG picture" }, { "\xff\xd8\xff", "a JPEG picture" },
        { "GIF8", "a GIF picture" }, { "BM", "a BMP picture" }, { "\x89HDF", "an HDF5 file" }, { "NRRD", "an NRRD file" },
        { "PK\x03\x04", "a ZIP archive" }, { "%PDF", "a PDF document" }, { "ObjectType", "a MetaImage header" } } };
    for (const auto& row : rows) {
        const std::size_t length = std::min(std::strlen(row.magic), head.size());
        if (length >= 2 && std::memcmp(head.data(), row.magic, length) == 0)
            return std::string(": it begins like ") + row.text;
    }
    return {};
}

} // namespace

Error unreadable(const std::string& happened, std::string message)
{
    while (!message.empty() && (message.back() == '.' || message.back() == '\n'))
        message.pop_back();
    return { message.empty() ? happened : happened + " (" + message + ")",
        "The file is damaged or not whole: copy it again from where it came from, or save it anew." };
}

TiffFile::TiffFile(const std::filesystem::path& path)
    : m_name(utf8(path))
{
    struct stat state {};
    if (::stat(path.c_str(), &state) != 0)
        throw Error("Cannot open " + m_name + (errno == ENOENT || errno == ENOTDIR ? ": there is no such file" : ""),
            remedyForReading(errno));
    // Opening a pipe would wait for ever.
    if (!S_ISREG(state.st_mode))
        throw Error(m_name + " is not a file", "Give a TIFF file or a folder of them.");
    m_size = static_cast<std::uint64_t>(state.st_size);
    if (m_size == 0)
        throw Error(m_name + " is empty (0 bytes)", "Copy it again from where it came from.");
    m_descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (m_descriptor < 0)
        throw Error("Cannot open " + m_name, remedyForReading(errno));

    std::array<unsigned char, 16> head {};
    std::size_t got = 0;
    try {
        got = readSome(0, std::as_writable_bytes(std::span(head)));
    } catch (...) {
        ::close(m_descriptor);
        throw;
    }
    const bool little = head[0] == 'I' && head[1] == 'I';
    const bool big = head[0] == 'M' && head[1] == 'M';
    const int version = little ? head[2] | head[3] << 8 : head[2] << 8 | head[3];
    if (got < 8 || (!little && !big) || (version != 42 && version != 43)) {
        ::close(m_descriptor);
        throw Error(m_name + " is not a TIFF file" + beginsLike(std::span(head).first(got)),
            "Choose a TIFF file, or convert this one to TIFF.");
    }
    m_bigTiff = version == 43;
    m_swapped = little != (std::endian::native == std::endian::little);
}

TiffFile::~TiffFile()
{
    ::close(m_descriptor);
}

std::size_t TiffFile::readSome(std::uint64_t offset, std::span<std::byte> to) const
{
    std::size_t done = 0;
    while (done < to.size()) {
        // Linux transfers at most 2 GiB at once.
        const std::size_t part = std::min<std::size_t>(to.size() - done, std::size_t { 1 } << 30);
        const ssize_t got = ::pread(m_descriptor, to.data() + done, part, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw Error("Reading " + m_name + " failed", std::strerror(errno));
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void TiffFile::readAll(std::uint64_t offset, std::span<std::byte> to) const
{
    if (offset > m_size || readSome(offset, to) != to.size())
        throw Error(m_name + " ends before its voxels do", "Copy it again from where it came from; this copy is not whole.");
}

namespace {

using Context = TiffHandle::Context;

tmsize_t readCallback(thandle_t handle, void* to, tmsize_t size)
{
    auto& context = *static_cast<Context*>(handle);
    try {
        const auto got = context.file->readSome(
            context.position, { static_cast<std::byte*>(to), static_cast<std::size_t>(std::max<tmsize_t>(size, 0)) });
        context.position += got;
        return static_cast<tmsize_t>(got);
    } catch (const Error& problem) {
        if (context.message.empty())
            context.message = problem.remedy();
        return -1;
    }
}

tmsize_t writeCallback(thandle_t, void*, tmsize_t)
{
    return -1;
}

toff_t seekCallback(thandle_t handle, toff_t offset, int whence)
{
    auto& context = *static_cast<Context*>(handle);
    if (whence == SEEK_SET)
        context.position = offset;
    else if (whence == SEEK_CUR)
        context.position += offset;
    else
        context.position = context.file->size() + offset;
    return context.position;
}

int closeCallback(thandle_t)
{
    return 0;
}

toff_t sizeCallback(thandle_t handle)
{
    return static_cast<Context*>(handle)->file->size();
}

int errorCallback(TIFF*, void* data, const char*, const char* format, va_list arguments)
{
    auto& context = *static_cast<Context*>(data);
    if (context.message.empty()) {
        char text[400];
        std::vsnprintf(text, sizeof text, format, arguments);
        context.message = text;
        // The sentence around it names the file already.
        if (const std::string name = context.file->name() + ": "; context.message.starts_with(name))
            context.message.erase(0, name.size());
    }
    return 1; // handled: nothing goes to libtiff's global handlers
}

int warningCallback(TIFF*, void*, const char*, const char*, va_list)
{
    return 1;
}

} // namespace

TiffHandle::TiffHandle(std::shared_ptr<const TiffFile> file)
    : m_file(std::move(file))
{
    m_context.file = m_file.get();
}

TiffHandle::~TiffHandle()
{
    if (m_tiff)
        TIFFClose(m_tiff);
}

TIFF* TiffHandle::tiff()
{
    if (m_tiff)
        return m_tiff;
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), errorCallback, &m_context);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), warningCallback, &m_context);
    // A damaged header must not make libtiff allocate what no file of this size can need.
    const auto size = static_cast<tmsize_t>(std::min<std::uint64_t>(m_file->size(), std::uint64_t { 1 } << 50));
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), size + (tmsize_t { 64 } << 20));
#if TIFFLIB_VERSION >= 20240911
    TIFFOpenOptionsSetMaxCumulatedMemAlloc(options.get(), 2 * size + (tmsize_t { 256 } << 20));
#endif
    // r: read; m: no memory map (a file cut while mapped would end the program); c: strips as they are.
    m_tiff = TIFFClientOpenExt(m_file->name().c_str(), "rmc", &m_context, readCallback, writeCallback, seekCallback,
        closeCallback, sizeCallback, nullptr, nullptr, options.get());
    if (!m_tiff)
        fail("Cannot read " + m_file->name());
    m_directory = TIFFCurrentDirOffset(m_tiff);
    return m_tiff;
}

void TiffHandle::goTo(std::uint64_t directory)
{
    TIFF* handle = tiff();
    if (m_directory == directory)
        return;
    m_directory = 0;
    takeMessage();
    if (!TIFFSetSubDirectory(handle, directory))
        fail("A page header of " + m_file->name() + " cannot be read");
    m_directory = directory;
}

std::string TiffHandle::takeMessage()
{
    std::string message;
    std::swap(message, m_context.message);
    return message;
}

void TiffHandle::fail(const std::string& happened)
{
    throw unreadable(happened, takeMessage());
}

} // namespace interstice
