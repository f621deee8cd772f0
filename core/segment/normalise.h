// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/grey_range.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <span>

namespace interstice {

/// Grey values scaled to 0…255 and rounded; NaN → 0, infinities to the ends. Instantiated for the five voxel types.
template <class T> void scaleToBytes(std::span<const T> grey, const GreyRange& range, std::span<std::uint8_t> to);

/// A volume as f32 in [0, 1]; NaN → 0. Reads through.
class NormalisedView : public VolumeSource {
public:
    NormalisedView(SourcePtr source, GreyRange range);

    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return Scalar::F32; }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_source;
    GreyRange m_range;
};

} // namespace interstice
