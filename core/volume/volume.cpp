// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/volume.h"

#include "base/cost.h"
#include "base/error.h"

#include <cstring>
#include <new>
#include <stdexcept>

namespace interstice {

void requireSameShape(const VolumeSource& a, const VolumeSource& b)
{
    if (a.shape() == b.shape())
        return;
    throw Error(b.name() + " is " + describe(b.shape()) + " but " + a.name() + " is " + describe(a.shape()),
        "Choose files of the same scan and crop, so that their shapes agree.");
}

void checkRead(const VolumeSource& source, const Box& box, std::size_t bytes)
{
    if (!box.within(source.shape()))
        throw Error("The box " + describe(box) + " leaves " + source.name() + ", which is " + describe(source.shape()),
            "Ask for a part inside the volume.");
    if (bytes != static_cast<std::size_t>(box.size.voxels()) * bytesOf(source.scalar()))
        throw std::logic_error("buffer of another size than the box");
}

Volume::Volume(Shape shape, Scalar scalar, VoxelSize voxelSize, std::string name)
    : m_shape(shape)
    , m_scalar(scalar)
    , m_voxelSize(voxelSize)
    , m_name(std::move(name))
{
    const auto size = static_cast<std::uint64_t>(shape.voxels()) * bytesOf(scalar);
    const auto free = memoryState().available;
    const auto refuse = [&] {
        throw Error("A volume of " + describe(shape) + " needs " + formatBytes(size) + " of memory and " + formatBytes(free)
                + " are free",
            "Crop or bin it, or keep it in a file.");
    };
    if (shape.z < 0 || shape.y < 0 || shape.x < 0)
        throw std::logic_error("negative shape");
    // Small volumes are not worth the look; large ones would be killed by the kernel, not refused.
    if (size > (std::uint64_t { 256 } << 20) && free > 0 && size > free)
        refuse();
    try {
        m_bytes.resize(size);
    } catch (const std::bad_alloc&) {
        refuse();
    }
}

std::shared_ptr<Volume> Volume::load(const VolumeSource& source)
{
    auto volume = std::make_shared<Volume>(source.shape(), source.scalar(), source.voxelSize(), source.name());
    source.read(Box::whole(source.shape()), volume->bytes());
    return volume;
}

void Volume::requireType(Scalar scalar) const
{
    if (scalar != m_scalar)
        throw std::logic_error("volume accessed as another voxel type than its own");
}

namespace {

/// Calls f(offset in the volume, offset in the box, bytes) for every contiguous run of the box.
template <class F> void forEachRun(const Shape& shape, const Box& box, std::size_t voxelBytes, F&& f)
{
    const std::size_t row = static_cast<std::size_t>(box.size.x) * voxelBytes;
    std::size_t inBox = 0;
    for (std::int64_t z = 0; z < box.size.z; ++z) {
        for (std::int64_t y = 0; y < box.size.y; ++y) {
            const std::int64_t voxel = ((box.start.z + z) * shape.y + box.start.y + y) * shape.x + box.start.x;
            f(static_cast<std::size_t>(voxel) * voxelBytes, inBox, row);
            inBox += row;
        }
    }
}

} // namespace

void Volume::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    forEachRun(m_shape, box, bytesOf(m_scalar),
        [&](std::size_t at, std::size_t inBox, std::size_t n) { std::memcpy(to.data() + inBox, m_bytes.data() + at, n); });
}

std::span<const std::byte> Volume::inMemory(const Box& box) const
{
    if (box.size.x != m_shape.x || box.size.y != m_shape.y)
        return {};
    const auto plane = static_cast<std::size_t>(m_shape.sliceVoxels()) * bytesOf(m_scalar);
    return std::span(m_bytes).subspan(
        static_cast<std::size_t>(box.start.z) * plane, static_cast<std::size_t>(box.size.z) * plane);
}

void Volume::write(const Box& box, std::span<const std::byte> from)
{
    checkRead(*this, box, from.size());
    forEachRun(m_shape, box, bytesOf(m_scalar),
        [&](std::size_t at, std::size_t inBox, std::size_t n) { std::memcpy(m_bytes.data() + at, from.data() + inBox, n); });
}

} // namespace interstice
