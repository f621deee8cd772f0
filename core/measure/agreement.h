// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

#include <vector>

namespace interstice {

/// How many of several masks (u8: 0, 1, 255 ignored) call a voxel foreground: u8, 0…n; 255 where all of them ignore it.
/// Reads through.
class AgreementView : public VolumeSource {
public:
    /// Throws Error when there are none, more than 254, or when their shapes differ.
    explicit AgreementView(std::vector<SourcePtr> masks);

    int masks() const { return static_cast<int>(m_masks.size()); }
    Shape shape() const override { return m_masks.front()->shape(); }
    Scalar scalar() const override { return Scalar::U8; }
    VoxelSize voxelSize() const override { return m_masks.front()->voxelSize(); }
    std::string name() const override { return "agreement of " + std::to_string(masks()) + " masks"; }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    std::vector<SourcePtr> m_masks;
};

} // namespace interstice
