// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/scratch_volume.h"

#include "base/cost.h"

#include <algorithm>

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
    m_file.emplace();
    m_file->reserve(size);
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
        if (onDisk())
            m_file->read(at, to.subspan(inBox, n));
        else
            std::ranges::copy(std::span(m_bytes).subspan(at, n), to.begin() + static_cast<std::ptrdiff_t>(inBox));
    });
}

void ScratchVolume::write(const Box& box, std::span<const std::byte> from)
{
    checkRead(*this, box, from.size());
    forEachPiece(m_shape, box, bytesOf(m_scalar), [&](std::size_t at, std::size_t inBox, std::size_t n) {
        if (onDisk())
            m_file->write(at, from.subspan(inBox, n));
        else
            std::ranges::copy(from.subspan(inBox, n), m_bytes.begin() + static_cast<std::ptrdiff_t>(at));
    });
}

std::uint64_t usualScratchMemory()
{
    return std::clamp(memoryState().available / 8, std::uint64_t { 64 } << 20, std::uint64_t { 1 } << 30);
}

} // namespace interstice
