// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/projector.h"

#include "base/vectors.h"
#include "reconstruct/attenuation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

constexpr int kCorners = 8192;

struct Chords {
    double* phase;
    double* absorption;
    std::int64_t count;
    /// U of the first point, from the body's centre, and the way to the next.
    double u;
    double step;
    BodyView::Row row;
    RefractiveIndex excess;
};

struct AddChords {
    static INTERSTICE_KERNEL void run(const Chords* c)
    {
        const double phase = c->excess.delta * c->row.scale;
        const double absorption = c->excess.beta * c->row.scale;
        for (std::int64_t i = 0; i < c->count; ++i) {
            const double u = c->u + static_cast<double>(static_cast<int>(i)) * c->step;
            const double inside = c->row.q0 + (c->row.q1 + c->row.q2 * u) * u;
            const double root = std::sqrt(inside > 0 ? inside : 0);
            c->phase[i] += phase * root;
            c->absorption[i] += absorption * root;
        }
    }
};

} // namespace

Projector::Projector(const Sample& sample, double kev, const ProjectionGrid& grid)
    : m_sample(sample)
    , m_grid(grid)
    , m_outline(sample.pillar.outline(kCorners))
    , m_byRow(static_cast<std::size_t>(grid.rows))
{
    const double scale = 2 * std::numbers::pi / wavelengthMetres(kev) * sample.voxelMicrometres() * 1e-6;
    const auto scaled = [&](Material material) {
        const RefractiveIndex index = refractiveIndex(material, kev);
        return RefractiveIndex { scale * index.delta, scale * index.beta };
    };
    m_matrix = scaled(sample.matrix);
    for (std::size_t i = 0; i < sample.bodies.size(); ++i) {
        const Body& body = sample.bodies[i];
        const RefractiveIndex index = scaled(body.material);
        m_bodies.push_back(index);
        const double half = body.extent.z;
        const auto first
            = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil((body.centre.z - half - grid.v0) / grid.step)));
        const auto last = std::min<std::int64_t>(
            grid.rows - 1, static_cast<std::int64_t>(std::floor((body.centre.z + half - grid.v0) / grid.step)));
        for (auto row = first; row <= last; ++row)
            m_byRow[static_cast<std::size_t>(row)].push_back(static_cast<std::uint32_t>(i));
    }
}

Projector::View Projector::view(double angle) const
{
    View view;
    view.m_projector = this;
    const double cosine = std::cos(angle);
    const double sine = std::sin(angle);
    const double middleY = m_sample.pillar.centreY();
    const double middleX = m_sample.pillar.centreX();
    for (const Body& body : m_sample.bodies) {
        view.m_bodies.emplace_back(body, cosine, sine);
        view.m_u.push_back((body.centre.x - middleX) * cosine + (body.centre.y - middleY) * sine);
    }
    // The thickness of a polygon along the beam: each edge adds or takes away its height over the columns it spans.
    view.m_pillar.resize(static_cast<std::size_t>(m_grid.columns));
    const auto turned
        = [&](const Pillar::Point& p) { return std::pair { p.x * cosine + p.y * sine, p.y * cosine - p.x * sine }; };
    auto [u, t] = turned(m_outline.back());
    for (const auto& corner : m_outline) {
        const auto [nextU, nextT] = turned(corner);
        const double left = std::min(u, nextU);
        const double right = std::max(u, nextU);
        const double sign = nextU > u ? -1 : 1;
        const auto from = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil((left - m_grid.u0) / m_grid.step)));
        for (auto i = from; i < m_grid.columns && m_grid.u(i) < right; ++i)
            view.m_pillar[static_cast<std::size_t>(i)] += sign * (t + (m_grid.u(i) - u) * (nextT - t) / (nextU - u));
        u = nextU;
        t = nextT;
    }
    for (double& thickness : view.m_pillar)
        thickness = std::max(0.0, thickness);
    return view;
}

void Projector::View::row(std::int64_t row, std::span<double> phase, std::span<double> absorption) const
{
    const Projector& projector = *m_projector;
    const ProjectionGrid& grid = projector.m_grid;
    const double density = projector.m_sample.density(grid.v(row));
    const RefractiveIndex matrix { density * projector.m_matrix.delta, density * projector.m_matrix.beta };
    for (std::size_t i = 0; i < m_pillar.size(); ++i) {
        phase[i] = matrix.delta * m_pillar[i];
        absorption[i] = matrix.beta * m_pillar[i];
    }
    for (const auto number : projector.m_byRow[static_cast<std::size_t>(row)]) {
        const BodyView& body = m_bodies[number];
        const double v = grid.v(row) - projector.m_sample.bodies[number].centre.z;
        const BodyView::Row chords = body.row(v);
        if (chords.from > chords.to)
            continue;
        const double offset = grid.u0 - m_u[number];
        const auto first
            = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil((chords.from - offset) / grid.step)));
        const auto last = std::min<std::int64_t>(
            grid.columns - 1, static_cast<std::int64_t>(std::floor((chords.to - offset) / grid.step)));
        if (first > last)
            continue;
        const RefractiveIndex& index = projector.m_bodies[number];
        const RefractiveIndex excess { index.delta - matrix.delta, index.beta - matrix.beta };
        if (!body.cut()) {
            const Chords work { phase.data() + first, absorption.data() + first, last - first + 1,
                offset + static_cast<double>(first) * grid.step, grid.step, chords, excess };
            vectorised<AddChords>(&work);
            continue;
        }
        for (auto i = first; i <= last; ++i) {
            const double chord = body.chord(chords, offset + static_cast<double>(i) * grid.step, v);
            phase[static_cast<std::size_t>(i)] += excess.delta * chord;
            absorption[static_cast<std::size_t>(i)] += excess.beta * chord;
        }
    }
}

} // namespace interstice
