// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/scratch_file.h"
#include "volume/volume_source.h"

#include <optional>

namespace interstice {

/// A volume between two steps of one computation: in memory while that takes no more than `memory` bytes,
/// otherwise in a nameless file in the cache folder, which is gone with the object or the process. Any box
/// may be written, in any order; boxes that do not overlap may be written and read from several threads at once.
class ScratchVolume : public VolumeSource, public VolumeSink {
public:
    /// Throws Error with the numbers when neither memory nor disk has room for it.
    ScratchVolume(
        Shape shape, Scalar scalar, std::uint64_t memory, VoxelSize voxelSize = {}, std::string name = "scratch volume");

    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return m_scalar; }
    VoxelSize voxelSize() const override { return m_voxelSize; }
    std::string name() const override { return m_name; }
    void read(const Box& box, std::span<std::byte> to) const override;
    std::span<const std::byte> inMemory(const Box& box) const override;
    void write(const Box& box, std::span<const std::byte> from) override;
    void finish() override { }
    bool onDisk() const { return m_file.has_value(); }
    /// All voxels, to work on in place; empty when on disk.
    std::span<std::byte> bytes() { return m_bytes; }

private:
    Shape m_shape;
    Scalar m_scalar;
    VoxelSize m_voxelSize;
    std::string m_name;
    std::vector<std::byte> m_bytes;
    std::optional<ScratchFile> m_file;
};

/// What a computation keeps in memory between its steps unless it is told otherwise: an eighth of what is
/// free, at most 1 GiB.
std::uint64_t usualScratchMemory();

} // namespace interstice
