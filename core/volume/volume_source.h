// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/scalar.h"
#include "volume/shape.h"
#include "volume/voxel_size.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace interstice {

/// Anything that voxels can be read from: a file, a folder of slices, memory, a view on another
/// source. This is how every algorithm sees data, box by box, so a stack larger than memory is the
/// normal case.
class VolumeSource {
public:
    virtual ~VolumeSource() = default;

    virtual Shape shape() const = 0;
    virtual Scalar scalar() const = 0;
    virtual VoxelSize voxelSize() const { return {}; }
    /// For messages: usually the file's path.
    virtual std::string name() const = 0;
    /// Reads the box in the source's own voxel type, (z, y, x) with x fastest. `to` holds exactly
    /// box.size.voxels() × bytesOf(scalar()) bytes. Throws Error naming the file and the slice.
    /// May be called from several threads at once.
    virtual void read(const Box& box, std::span<std::byte> to) const = 0;
    /// The voxels of a box of whole slices where they lie in memory already, in one piece and as `read` gives
    /// them; empty otherwise. Saves a copy.
    virtual std::span<const std::byte> inMemory(const Box&) const { return {}; }
    /// Whether some rows of every slice cost no more than their share; false where whole slices are decoded for them.
    virtual bool readsRowsAlone() const { return true; }
};

/// Anything that voxels can be written to. Boxes are whole slices (y and x full), in ascending z,
/// each slice once. Nothing is visible under the target's name before `finish`.
class VolumeSink {
public:
    virtual ~VolumeSink() = default;

    virtual Shape shape() const = 0;
    virtual Scalar scalar() const = 0;
    virtual void write(const Box& box, std::span<const std::byte> from) = 0;
    /// Throws Error when slices are missing or the disk is full.
    virtual void finish() = 0;
};

using SourcePtr = std::shared_ptr<const VolumeSource>;

/// Reads a box and converts each voxel to T (rounded and clamped where T is an integer).
template <class T> void readAs(const VolumeSource& source, const Box& box, std::span<T> to)
{
    if (source.scalar() == scalarOf<T>()) {
        source.read(box, std::as_writable_bytes(to));
        return;
    }
    dispatch(source.scalar(), [&](auto tag) {
        using From = typename decltype(tag)::type;
        std::vector<From> raw(static_cast<std::size_t>(box.size.voxels()));
        source.read(box, std::as_writable_bytes(std::span(raw)));
        for (std::size_t i = 0; i < raw.size(); ++i) {
            if constexpr (std::is_floating_point_v<T>)
                to[i] = static_cast<T>(raw[i]);
            else
                to[i] = saturate<T>(static_cast<double>(raw[i]));
        }
    });
}

template <class T> std::vector<T> readAs(const VolumeSource& source, const Box& box)
{
    std::vector<T> to(static_cast<std::size_t>(box.size.voxels()));
    readAs<T>(source, box, std::span(to));
    return to;
}

/// Throws Error naming both when the shapes differ ("mask of another shape").
void requireSameShape(const VolumeSource& a, const VolumeSource& b);
/// Throws Error when the box leaves the shape or `bytes` is not what it needs; used by every source.
void checkRead(const VolumeSource& source, const Box& box, std::size_t bytes);

} // namespace interstice
