// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/slabs.h"

#include <algorithm>
#include <future>

namespace interstice {

std::int64_t slabDepth(const VolumeSource& source, std::uint64_t bytes)
{
    const Shape shape = source.shape();
    const auto slice = static_cast<std::uint64_t>(std::max<std::int64_t>(1, shape.sliceVoxels())) * bytesOf(source.scalar());
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(bytes / slice), 1, std::max<std::int64_t>(1, shape.z));
}

void forEachSlab(const VolumeSource& source, std::int64_t depth, Task& task, const std::string& text,
    const std::function<void(const Box&, std::span<const std::byte>)>& visit)
{
    const Shape shape = source.shape();
    const std::size_t voxelBytes = bytesOf(source.scalar());
    const auto boxAt = [&](std::int64_t z) { return Box::slices(shape, z, std::min(depth, shape.z - z)); };
    const auto fill = [&source, voxelBytes](const Box& box, std::vector<std::byte>& buffer) {
        buffer.resize(static_cast<std::size_t>(box.size.voxels()) * voxelBytes);
        source.read(box, buffer);
    };

    task.throwIfStopped();
    if (shape.z > 0 && !source.inMemory(boxAt(0)).empty()) {
        for (std::int64_t z = 0; z < shape.z; z += depth) {
            task.throwIfStopped();
            task.progress(static_cast<double>(z) / static_cast<double>(shape.z), text);
            visit(boxAt(z), source.inMemory(boxAt(z)));
        }
        task.progress(1, text);
        return;
    }
    std::vector<std::byte> current;
    std::vector<std::byte> next;
    std::future<void> reading;
    if (shape.z > 0)
        fill(boxAt(0), current);
    for (std::int64_t z = 0; z < shape.z; z += depth) {
        task.throwIfStopped();
        task.progress(static_cast<double>(z) / static_cast<double>(shape.z), text);
        const std::int64_t following = z + depth;
        if (following < shape.z)
            reading = std::async(std::launch::async, [&fill, &next, box = boxAt(following)] { fill(box, next); });
        visit(boxAt(z), current); // should it throw, the future's destructor waits for the reader
        if (following < shape.z) {
            reading.get();
            std::swap(current, next);
        }
    }
    task.progress(1, text);
}

void copy(const VolumeSource& from, VolumeSink& to, Task& task, const std::string& text)
{
    forEachSlab(
        from, slabDepth(from), task, text, [&](const Box& box, std::span<const std::byte> bytes) { to.write(box, bytes); });
    to.finish();
}

} // namespace interstice
