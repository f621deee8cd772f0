// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

#include <vector>

namespace interstice {

/// A volume of which a single slice is known, as a preview gives it; `unknown` everywhere else.
template <class T> class OneSlice : public VolumeSource {
public:
    OneSlice(Shape shape, std::int64_t z, std::vector<T> voxels, T unknown)
        : m_shape(shape)
        , m_z(z)
        , m_voxels(std::move(voxels))
        , m_unknown(unknown)
    {
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return scalarOf<T>(); }
    std::string name() const override { return "preview"; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        auto* out = reinterpret_cast<T*>(to.data());
        for (std::int64_t z = 0; z < box.size.z; ++z) {
            for (std::int64_t y = 0; y < box.size.y; ++y) {
                const auto* row = m_voxels.data() + (box.start.y + y) * m_shape.x + box.start.x;
                out = box.start.z + z == m_z ? std::copy_n(row, box.size.x, out) : std::fill_n(out, box.size.x, m_unknown);
            }
        }
    }

private:
    Shape m_shape;
    std::int64_t m_z;
    std::vector<T> m_voxels;
    T m_unknown;
};

} // namespace interstice
