// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace interstice {

/// The cross-section of the sample: a rounded, turned and slightly irregular square that leaves a
/// margin of air, the same in every slice. Coordinates in voxels, 0 is the centre of the first.
class Pillar {
public:
    Pillar(std::int64_t ny, std::int64_t nx, std::uint64_t seed);

    bool contains(double y, double x) const { return level(y, x) <= 1; }
    /// Whether a disc lies inside (checked at its centre and 24 points of its edge).
    bool holdsDisc(double y, double x, double radius) const;
    /// Distance to the surface in voxels, negative inside; to first order, so exact near the surface only.
    double distance(double y, double x) const;
    /// `distance` of every voxel of a slice, x fastest.
    std::vector<float> distanceMap() const;

    struct Point {
        double y = 0;
        double x = 0;
    };
    /// Corners of a polygon inscribed in the outline, at equal angles about the centre and counted from it. With n
    /// corners it lies within (π/n)²/2 of the radius from the outline where that is round: 8192 corners, 10⁻⁷.
    std::vector<Point> outline(int corners) const;

    double centreY() const { return m_centreY; }
    double centreX() const { return m_centreX; }

private:
    double level(double y, double x) const;
    /// How far the outline reaches along a direction of the scaled and turned square, in half widths.
    double irregularity(double angle) const;

    std::int64_t m_ny;
    std::int64_t m_nx;
    double m_centreY;
    double m_centreX;
    double m_cosine;
    double m_sine;
    double m_phase3;
    double m_phase5;
};

} // namespace interstice
