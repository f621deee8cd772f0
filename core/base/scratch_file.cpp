// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/scratch_file.h"

#include "base/cost.h"
#include "base/file.h"
#include "base/write_error.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fs = std::filesystem;

namespace interstice {

namespace {

[[noreturn]] void refuse(const std::string& what, int error)
{
    throw WriteError("The scratch file in " + utf8(cacheFolder()) + " " + what + ": " + std::strerror(error), error,
        "Make room on that disk, or set XDG_CACHE_HOME to a folder on another.");
}

} // namespace

ScratchFile::ScratchFile()
{
    std::error_code problem;
    fs::create_directories(cacheFolder(), problem);
    m_file = ::open(cacheFolder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (m_file < 0) { // file systems without nameless files
        std::string path = (cacheFolder() / "scratch-XXXXXX").string();
        m_file = ::mkostemp(path.data(), O_CLOEXEC);
        if (m_file < 0)
            refuse("cannot be made", errno);
        ::unlink(path.c_str());
    }
}

ScratchFile::~ScratchFile()
{
    ::close(m_file);
}

void ScratchFile::reserve(std::uint64_t bytes)
{
    std::error_code problem;
    const auto free = fs::space(cacheFolder(), problem).available;
    if (!problem && free < bytes)
        throw WriteError("A step needs " + formatBytes(bytes) + " of scratch space in " + utf8(cacheFolder()) + " and "
                + formatBytes(free) + " are free",
            ENOSPC, "Make room on that disk, set XDG_CACHE_HOME to a folder on another, or crop the volume.");
    if (::ftruncate(m_file, static_cast<off_t>(bytes)) != 0)
        refuse("cannot be made", errno);
}

void ScratchFile::read(std::uint64_t at, std::span<std::byte> to) const
{
    while (!to.empty()) {
        const ssize_t got = ::pread(m_file, to.data(), to.size(), static_cast<off_t>(at));
        if (got <= 0 && !(got < 0 && errno == EINTR))
            refuse("cannot be read", got < 0 ? errno : EIO);
        const auto done = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        at += done;
        to = to.subspan(done);
    }
}

void ScratchFile::write(std::uint64_t at, std::span<const std::byte> from)
{
    while (!from.empty()) {
        const ssize_t put = ::pwrite(m_file, from.data(), from.size(), static_cast<off_t>(at));
        if (put < 0 && errno != EINTR)
            refuse("cannot be written", errno);
        const auto done = static_cast<std::size_t>(std::max<ssize_t>(put, 0));
        at += done;
        from = from.subspan(done);
    }
}

} // namespace interstice
