// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/sample_builders.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

/// Cells stand in rows along x, the radial direction; the grain of the wood runs along z. Everything in voxels.
class Wood {
public:
    Wood(Sample& sample)
        : m_sample(sample)
        , m_edge(sample.voxelMicrometres())
        , m_random(sample.options.seed ^ 0x776f6f64)
        , m_cell(sample.options.cellWidth / m_edge)
        , m_wall(sample.options.wallThickness / m_edge)
        , m_ring(sample.options.ringWidth / m_edge)
        , m_shift(m_random.uniform(0, m_ring))
    {
    }

    void addVessels()
    {
        const double target = m_sample.options.vesselFraction * static_cast<double>(m_sample.sectionVoxels());
        double reached = 0;
        for (int attempt = 0; attempt < 5000 && reached < target; ++attempt) {
            const double radius = 0.5 * m_random.uniform(60, 110) / m_edge;
            const double y = m_random.uniform(0, static_cast<double>(m_sample.options.shape.y));
            const double x = m_random.uniform(0, static_cast<double>(m_sample.options.shape.x));
            if (!m_sample.pillar.holdsDisc(y, x, radius + m_wall) || nearVessel(y, x, radius + m_wall))
                continue;
            m_vessels.push_back({ 0, y, x, radius });
            column(y, x, radius, radius, 800, kWoodVessel, PhantomObject::Kind::Vessel);
            reached += std::numbers::pi * radius * radius;
        }
        if (reached < 0.5 * target)
            m_sample.findings.push_back({ Finding::Severity::Warning, "vessels-left-out",
                "There was room for vessels of " + percentOf(reached / static_cast<double>(m_sample.sectionVoxels()))
                    + " of the cross-section only, not " + percentOf(m_sample.options.vesselFraction) + "." });
    }

    void addRows(Task& task)
    {
        const auto width = static_cast<double>(m_sample.options.shape.y);
        const int spacing = m_sample.options.raySpacing;
        int row = 0;
        for (double y = 0; y < width; y += m_cell, ++row) {
            task.throwIfStopped();
            task.progress(y / width, "Growing");
            if (spacing > 0 && row % (spacing + 1) == spacing)
                addRay(y);
            else
                addCells(y);
        }
    }

    SomeBodies take() { return std::move(m_bodies); }

private:
    bool nearVessel(double y, double x, double distance) const
    {
        return std::any_of(m_vessels.begin(), m_vessels.end(),
            [&](const Ball& vessel) { return std::hypot(vessel.y - y, vessel.x - x) < vessel.radius + distance; });
    }

    /// 0 where a growth ring begins (wide cells, thin walls), 1 where it ends.
    double season(double x) const
    {
        const double t = std::fmod(x + m_shift, m_ring) / m_ring;
        return t * t * t;
    }

    /// Cells above one another; their place along z is random.
    void column(double y, double x, double halfY, double halfX, double length, std::uint8_t label, PhantomObject::Kind kind)
    {
        const double height = static_cast<double>(m_sample.options.shape.z);
        const double half = 0.5 * length / m_edge * m_random.uniform(0.8, 1.2);
        for (double z = -2 * half * m_random.uniform(); z - half < height; z += 2 * half + m_wall) {
            if (z + half <= -0.5)
                continue;
            // Almost as wide at its ends as in its middle.
            Body cell = Body::ellipsoid({ z, y, x }, { { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
                { 2.5 * half, halfY, halfX }, Material::Air, label);
            cell.endFlat(half);
            m_bodies.emplace_back(std::move(cell), kind);
        }
    }

    void addCells(double y)
    {
        const auto depth = static_cast<double>(m_sample.options.shape.x);
        double x = m_random.uniform(-m_cell, 0);
        while (x < depth) {
            const double late = season(x);
            // Late wood: half as deep, walls half as thick again.
            const double deep = m_cell * (1.1 - 0.6 * late) * m_random.uniform(0.92, 1.08);
            const double wall = m_wall * (1 + 0.5 * late);
            const double halfX = 0.5 * (deep - wall);
            const double halfY = 0.5 * (m_cell - wall) * m_random.uniform(0.9, 1);
            const double centre = x + 0.5 * deep;
            x += deep;
            if (halfX < 0.5 || halfY < 0.5)
                continue;
            const double reach = std::max(halfX, halfY);
            if (m_sample.pillar.holdsDisc(y, centre, reach + 0.5 * m_wall) && !nearVessel(y, centre, reach + 0.5 * m_wall))
                column(y, centre, halfY, halfX, 1500, kWoodLumen, PhantomObject::Kind::Lumen);
        }
    }

    /// Flat cells that lie along x, one on top of another in stacks with gaps.
    void addRay(double y)
    {
        const auto depth = static_cast<double>(m_sample.options.shape.x);
        const auto height = static_cast<double>(m_sample.options.shape.z);
        const double halfY = 0.5 * (0.6 * m_cell - m_wall);
        const double step = 18 / m_edge;
        const double halfZ = 0.5 * (step - 0.7 * m_wall);
        if (halfY < 0.5 || halfZ < 0.5)
            return;
        for (double z = -step * m_random.uniform(); z < height + step; z += step) {
            if (m_random.uniform() < 0.15)
                continue;
            for (double x = -m_random.uniform(0, 90) / m_edge; x < depth;) {
                const double length = m_random.uniform(60, 110) / m_edge;
                const double centre = x + 0.5 * length;
                const double halfX = 0.5 * (length - m_wall);
                x += length;
                const bool inside = m_sample.pillar.holdsDisc(y, centre - halfX + halfY, halfY + 0.5 * m_wall)
                    && m_sample.pillar.holdsDisc(y, centre + halfX - halfY, halfY + 0.5 * m_wall);
                if (inside && !nearVessel(y, centre, halfX + 0.5 * m_wall))
                    m_bodies.emplace_back(Body::ellipsoid({ z, y, centre }, { { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
                                              { halfZ, halfY, halfX }, Material::Air, kWoodRay),
                        PhantomObject::Kind::Ray);
            }
        }
    }

    Sample& m_sample;
    double m_edge;
    Random m_random;
    double m_cell;
    double m_wall;
    double m_ring;
    double m_shift;
    std::vector<Ball> m_vessels;
    SomeBodies m_bodies;
};

} // namespace

void buildWood(Sample& sample, Task& task)
{
    sample.matrix = Material::Cellulose;
    sample.matrixLabel = kWoodWall;
    Wood wood(sample);
    wood.addVessels();
    wood.addRows(task);
    takeBodies(sample, wood.take());
}

} // namespace interstice
