// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/scratch_volume.h"

#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace fs = std::filesystem;

namespace interstice {

namespace {

/// Calls f(first byte in the volume, first byte in the box, bytes) for every run that lies in one piece.
template <class F> void forEachPiece(const Shape& shape, const Box& box, std::size_t voxelBytes, F&& f)
{
    const bool rows = box.size.x == shape.x;
    const bool slices = rows && box.size.y == shape.y;
    const std::int64_t planes = slices ? 1 : box.size.z;
    const std::int64_t lines = rows ? 1 : box.size.y;
    const std::size_t piece
        = static_cast<std::size_t>(box.size.voxels() / std::max<std::int64_t>(1, planes * lines)) * voxelBytes;
    std::size_t inBox = 0;
    for (std::int64_t z = 0; z < planes; ++z) {
        for (std::int64_t y = 0; y < lines; ++y) {
            const std::int64_t voxel = ((box.start.z + z) * shape.y + box.start.y + y) * shape.x + box.start.x;
            f(static_cast<std::size_t>(voxel) * voxelBytes, inBox, piece);
            inBox += piece;
        }
    }
}

[[noreturn]] void refuse(const std::string& what, int error)
{
    throw Error("The scratch file in " + utf8(cacheFolder()) + " " + what + ": " + std::strerror(error),
        "Make room on that disk, or set XDG_CACHE_HOME to a folder on another.");
}

} // namespace

ScratchVolume::ScratchVolume(Shape shape, Scalar scalar, std::uint64_t memory, VoxelSize voxelSize, std::string name)
    : m_shape(shape)
    , m_scalar(scalar)
    , m_voxelSize(voxelSize)
    , m_name(std::move(name))
{
    const auto size = static_cast<std::uint64_t>(shape.voxels()) * bytesOf(scalar);
    if (size <= memory) {
        m_bytes.resize(size);
        return;
    }
    std::error_code problem;
    fs::create_directories(cacheFolder(), problem);
    const auto free = fs::space(cacheFolder(), problem).available;
    if (!problem && free < size)
        throw Error("A step needs " + formatBytes(size) + " of scratch space in " + utf8(cacheFolder()) + " and "
                + formatBytes(free) + " are free",
            "Make room on that disk, set XDG_CACHE_HOME to a folder on another, or crop the volume.");
    m_file = ::open(cacheFolder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (m_file < 0) { // file systems without nameless files
        std::string path = (cacheFolder() / "scratch-XXXXXX").string();
        m_file = ::mkostemp(path.data(), O_CLOEXEC);
        if (m_file < 0)
            refuse("cannot be made", errno);
        ::unlink(path.c_str());
    }
    if (::ftruncate(m_file, static_cast<off_t>(size)) != 0) {
        const int error = errno;
        ::close(m_file);
        refuse("cannot be made", error);
    }
}

ScratchVolume::~ScratchVolume()
{
    if (m_file >= 0)
        ::close(m_file);
}

std::span<const std::byte> ScratchVolume::inMemory(const Box& box) const
{
    if (onDisk() || box.size.x != m_shape.x || box.size.y != m_shape.y)
        return {};
    const auto plane = static_cast<std::size_t>(m_shape.sliceVoxels()) * bytesOf(m_scalar);
    return std::span(m_bytes).subspan(
        static_cast<std::size_t>(box.start.z) * plane, static_cast<std::size_t>(box.size.z) * plane);
}

void ScratchVolume::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    forEachPiece(m_shape, box, bytesOf(m_scalar), [&](std::size_t at, std::size_t inBox, std::size_t n) {
        if (!onDisk()) {
            std::memcpy(to.data() + inBox, m_bytes.data() + at, n);
            return;
        }
        while (n > 0) {
            const ssize_t got = ::pread(m_file, to.data() + inBox, n, static_cast<off_t>(at));
            if (got <= 0 && !(got < 0 && errno == EINTR))
                refuse("cannot be read", got < 0 ? errno : EIO);
            const auto done = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
            at += done;
            inBox += done;
            n -= done;
        }
    });
}

void ScratchVolume::write(const Box& box, std::span<const std::byte> from)
{
    checkRead(*this, box, from.size());
    forEachPiece(m_shape, box, bytesOf(m_scalar), [&](std::size_t at, std::size_t inBox, std::size_t n) {
        if (!onDisk()) {
            std::memcpy(m_bytes.data() + at, from.data() + inBox, n);
            return;
        }
        while (n > 0) {
            const ssize_t put = ::pwrite(m_file, from.data() + inBox, n, static_cast<off_t>(at));
            if (put < 0 && errno != EINTR)
                refuse("cannot be written", errno);
            const auto done = static_cast<std::size_t>(std::max<ssize_t>(put, 0));
            at += done;
            inBox += done;
            n -= done;
        }
    });
}

std::uint64_t usualScratchMemory()
{
    return std::clamp(memoryState().available / 8, std::uint64_t { 64 } << 20, std::uint64_t { 1 } << 30);
}

} // namespace interstice
