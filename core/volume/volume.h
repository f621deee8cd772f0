// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

namespace interstice {

/// A volume in memory: one kind of source and sink.
class Volume : public VolumeSource, public VolumeSink {
public:
    /// Zero-filled. Throws Error with the numbers when memory for it cannot be had.
    Volume(Shape shape, Scalar scalar, VoxelSize voxelSize = {}, std::string name = "volume in memory");

    template <class T> static std::shared_ptr<Volume> from(Shape shape, std::span<const T> voxels, VoxelSize voxelSize = {})
    {
        auto volume = std::make_shared<Volume>(shape, scalarOf<T>(), voxelSize);
        volume->write(Box::whole(shape), std::as_bytes(voxels));
        return volume;
    }
    /// Reads all of a source.
    static std::shared_ptr<Volume> load(const VolumeSource& source);

    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return m_scalar; }
    VoxelSize voxelSize() const override { return m_voxelSize; }
    std::string name() const override { return m_name; }
    void read(const Box& box, std::span<std::byte> to) const override;
    std::span<const std::byte> inMemory(const Box& box) const override;
    /// Unlike files, takes any box in any order.
    void write(const Box& box, std::span<const std::byte> from) override;
    void finish() override { }

    void setVoxelSize(const VoxelSize& size) { m_voxelSize = size; }
    std::span<std::byte> bytes() { return m_bytes; }
    std::span<const std::byte> bytes() const { return m_bytes; }
    /// The voxels as T; T must be the volume's own type.
    template <class T> std::span<T> as()
    {
        requireType(scalarOf<T>());
        return { reinterpret_cast<T*>(m_bytes.data()), static_cast<std::size_t>(m_shape.voxels()) };
    }
    template <class T> std::span<const T> as() const
    {
        requireType(scalarOf<T>());
        return { reinterpret_cast<const T*>(m_bytes.data()), static_cast<std::size_t>(m_shape.voxels()) };
    }

private:
    void requireType(Scalar scalar) const;

    Shape m_shape;
    Scalar m_scalar;
    VoxelSize m_voxelSize;
    std::string m_name;
    std::vector<std::byte> m_bytes;
};

} // namespace interstice
