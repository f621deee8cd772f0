// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/pillar.h"

#include "base/parallel.h"
#include "phantom/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

/// Half of the pillar's width over the slice's; its corners reach to 0.47.
constexpr double kHalfWidth = 0.38;

} // namespace

Pillar::Pillar(std::int64_t ny, std::int64_t nx, std::uint64_t seed)
    : m_ny(ny)
    , m_nx(nx)
    , m_centreY(0.5 * static_cast<double>(ny - 1))
    , m_centreX(0.5 * static_cast<double>(nx - 1))
{
    Random random(seed ^ 0x70696c6c6172);
    const double angle = random.uniform(-0.4, 0.4);
    m_cosine = std::cos(angle);
    m_sine = std::sin(angle);
    m_phase3 = random.uniform(0, 2 * std::numbers::pi);
    m_phase5 = random.uniform(0, 2 * std::numbers::pi);
}

/// 1 on the surface, less inside: a superellipse of power 6 whose radius is a little irregular.
double Pillar::level(double y, double x) const
{
    const double v = (y - m_centreY) / (kHalfWidth * static_cast<double>(m_ny));
    const double u = (x - m_centreX) / (kHalfWidth * static_cast<double>(m_nx));
    const double a = m_cosine * u + m_sine * v;
    const double b = m_cosine * v - m_sine * u;
    const double a2 = a * a;
    const double b2 = b * b;
    const double norm = std::sqrt(std::cbrt(a2 * a2 * a2 + b2 * b2 * b2));
    return norm / irregularity(std::atan2(b, a));
}

double Pillar::irregularity(double angle) const
{
    return 1 + 0.02 * std::cos(3 * angle + m_phase3) + 0.01 * std::cos(5 * angle + m_phase5);
}

std::vector<Pillar::Point> Pillar::outline(int corners) const
{
    std::vector<Point> points;
    for (int i = 0; i < corners; ++i) {
        const double angle = 2 * std::numbers::pi * i / corners;
        // The level is in proportion to the distance from the centre.
        const double y = std::sin(angle);
        const double x = std::cos(angle);
        const double radius = 1 / level(m_centreY + y, m_centreX + x);
        points.push_back({ radius * y, radius * x });
    }
    return points;
}

bool Pillar::holdsDisc(double y, double x, double radius) const
{
    if (!contains(y, x))
        return false;
    constexpr int kPoints = 24;
    for (int i = 0; i < kPoints; ++i) {
        const double angle = 2 * std::numbers::pi * i / kPoints;
        if (!contains(y + radius * std::sin(angle), x + radius * std::cos(angle)))
            return false;
    }
    return true;
}

double Pillar::distance(double y, double x) const
{
    constexpr double h = 0.5;
    const double gy = (level(y + h, x) - level(y - h, x)) / (2 * h);
    const double gx = (level(y, x + h) - level(y, x - h)) / (2 * h);
    return (level(y, x) - 1) / std::max(1e-9, std::hypot(gy, gx));
}

std::vector<float> Pillar::distanceMap() const
{
    std::vector<float> map(static_cast<std::size_t>(m_ny * m_nx));
    parallelFor(m_ny, 0, [&](std::int64_t y) {
        for (std::int64_t x = 0; x < m_nx; ++x)
            map[static_cast<std::size_t>(y * m_nx + x)]
                = static_cast<float>(distance(static_cast<double>(y), static_cast<double>(x)));
    });
    return map;
}

} // namespace interstice
