// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "phantom/painted_phantom.h"
#include "phantom/pillar.h"

#include <cstdint>
#include <span>
#include <vector>

namespace interstice {

/// Grey against signed distance from a surface (voxels, negative inside), in a table. A blurred step
/// of `contrast`, and the fringe of edge enhancement, which is the derivative of that blur (phase
/// contrast adds the Laplacian of the refractive index: Paganin et al., J. Microsc. 206, 2002).
class Profile {
public:
    /// `rim` is the height of the fringe just inside; outside it is as deep.
    Profile(double contrast, double rim, double blur);

    /// Distance outside the surface beyond which nothing is added.
    double reach() const { return m_reach; }
    float at(double distance) const;

private:
    float m_contrast;
    double m_reach;
    std::vector<float> m_table;
};

/// Draws slices of a phantom; any number of threads at once. Everything follows from the slice's
/// number, so that slabs and threads make no difference.
class Painter {
public:
    /// Only balls are painted. The arguments must outlive the painter.
    Painter(const PaintedPhantomOptions& options, const Sample& sample);

    void paint(std::int64_t z, std::span<std::uint16_t> raw) const;

private:
    double radius(const PhantomObject& object) const { return 0.5 * object.diameterMicrometres / m_edge; }
    const Profile& profile(const PhantomObject& object) const
    {
        return object.kind == PhantomObject::Kind::Sphere ? m_sphere : m_void;
    }
    void addObject(const PhantomObject& object, std::int64_t z, std::vector<float>& grey) const;
    /// Grey of the rings against the distance from the axis.
    std::vector<float> ringsOfSlice(std::int64_t z) const;

    const PaintedPhantomOptions& m_options;
    const Pillar& m_pillar;
    const std::vector<PhantomObject>& m_objects;
    Profile m_sphere;
    Profile m_void;
    double m_edge;
    /// Pillar and air, the same in every slice.
    std::vector<float> m_still;
    /// Numbers of the objects that a slice sees.
    std::vector<std::vector<std::uint32_t>> m_bySlice;
};

} // namespace interstice
