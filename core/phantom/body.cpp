// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/body.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

bool Body::contains(double z, double y, double x) const
{
    const double dz = z - centre.z;
    const double dy = y - centre.y;
    const double dx = x - centre.x;
    if (std::abs(dz) > extent.z)
        return false;
    if (form.zz * dz * dz + form.yy * dy * dy + form.xx * dx * dx
            + 2 * (form.zy * dz * dy + form.zx * dz * dx + form.yx * dy * dx)
        > 1)
        return false;
    return std::all_of(cuts.begin(), cuts.end(),
        [&](const Cut& cut) { return cut.normal.z * dz + cut.normal.y * dy + cut.normal.x * dx <= cut.offset; });
}

namespace {

double determinant(const Body::Form& f)
{
    return f.zz * (f.yy * f.xx - f.yx * f.yx) - f.zy * (f.zy * f.xx - f.yx * f.zx) + f.zx * (f.zy * f.yx - f.yy * f.zx);
}

} // namespace

double Body::volume() const
{
    if (cuts.empty()) {
        // Sections of an ellipsoid grow like 1 − (z / height)².
        const double t = 1 / cutHeight;
        return 4.0 / 3 * std::numbers::pi / std::sqrt(determinant(form)) * 1.5 * (t - t * t * t / 3);
    }
    const BodyView view(*this, 1, 0);
    constexpr int kSteps = 100;
    const double step = reach / kSteps;
    double sum = 0;
    for (int i = -kSteps; i < kSteps; ++i) {
        const double v = (i + 0.5) * step;
        const auto row = view.row(v);
        for (int j = -kSteps; j < kSteps; ++j) {
            const double u = (j + 0.5) * step;
            if (u > row.from && u < row.to)
                sum += view.chord(row, u, v);
        }
    }
    return sum * step * step;
}

Body Body::ball(const Ball& ball, Material material, std::uint8_t label)
{
    Body body;
    body.centre = { ball.z, ball.y, ball.x };
    const double inverse = 1 / (ball.radius * ball.radius);
    body.form = { inverse, inverse, inverse, 0, 0, 0 };
    body.reach = ball.radius;
    body.extent = { ball.radius, ball.radius, ball.radius };
    body.material = material;
    body.label = label;
    return body;
}

Body Body::ellipsoid(const Vector& centre, const std::array<Vector, 3>& axes, const std::array<double, 3>& halves,
    Material material, std::uint8_t label)
{
    Body body;
    body.centre = centre;
    for (std::size_t i = 0; i < 3; ++i) {
        const double w = 1 / (halves[i] * halves[i]);
        const Vector& a = axes[i];
        body.form.zz += w * a.z * a.z;
        body.form.yy += w * a.y * a.y;
        body.form.xx += w * a.x * a.x;
        body.form.zy += w * a.z * a.y;
        body.form.zx += w * a.z * a.x;
        body.form.yx += w * a.y * a.x;
    }
    body.reach = *std::max_element(halves.begin(), halves.end());
    // √ of the diagonal of A⁻¹ = Σ halves² axis axisᵀ.
    const auto along = [&](double Vector::* part) {
        return std::hypot(halves[0] * (axes[0].*part), halves[1] * (axes[1].*part), halves[2] * (axes[2].*part));
    };
    body.extent = { along(&Vector::z), along(&Vector::y), along(&Vector::x) };
    body.material = material;
    body.label = label;
    return body;
}

void Body::endFlat(double halfHeight)
{
    if (halfHeight >= extent.z)
        return;
    cutHeight *= extent.z / halfHeight;
    extent.z = halfHeight;
}

Body Body::shard(const Ball& ball, Random& random, Material material, std::uint8_t label)
{
    Body body = Body::ball(ball, material, label);
    const int planes = 5 + static_cast<int>(random.next() % 4);
    while (static_cast<int>(body.cuts.size()) < planes) {
        const Vector n { random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1) };
        const double length = std::sqrt(n.z * n.z + n.y * n.y + n.x * n.x);
        if (length > 1 || length < 0.1)
            continue;
        body.cuts.push_back({ { n.z / length, n.y / length, n.x / length }, ball.radius * random.uniform(0.25, 0.75) });
    }
    return body;
}

BodyView::BodyView(const Body& body, double cosine, double sine)
{
    // Unit vectors (z, y, x): beam d = (0, cos, −sin), across u = (0, sin, cos), along the axis v = (1, 0, 0).
    const Body::Form& f = body.form;
    m_a = f.yy * cosine * cosine + f.xx * sine * sine - 2 * f.yx * cosine * sine;
    m_bu = (f.yy - f.xx) * cosine * sine + f.yx * (cosine * cosine - sine * sine);
    m_bv = f.zy * cosine - f.zx * sine;
    m_cuu = f.yy * sine * sine + f.xx * cosine * cosine + 2 * f.yx * cosine * sine;
    m_cuv = f.zy * sine + f.zx * cosine;
    m_cvv = f.zz;
    for (const auto& cut : body.cuts)
        m_cuts.push_back({ cut.normal.y * cosine - cut.normal.x * sine, cut.normal.y * sine + cut.normal.x * cosine,
            cut.normal.z, cut.offset });
}

BodyView::Row BodyView::row(double v) const
{
    // The line w + t d meets the surface where a t² + 2 b t + c = 0; the chord is 2 √(b² − a c) / a.
    Row row { v * v * (m_bv * m_bv - m_a * m_cvv) + m_a, 2 * v * (m_bu * m_bv - m_a * m_cuv), m_bu * m_bu - m_a * m_cuu,
        2 / m_a, 1, 0 };
    const double inside = row.q1 * row.q1 - 4 * row.q2 * row.q0;
    if (inside <= 0)
        return row;
    const double root = std::sqrt(inside);
    row.from = (-row.q1 + root) / (2 * row.q2);
    row.to = (-row.q1 - root) / (2 * row.q2);
    return row;
}

double BodyView::chord(const Row& row, double u, double v) const
{
    const double half = 0.5 * row.scale * std::sqrt(std::max(0.0, row.q0 + (row.q1 + row.q2 * u) * u));
    const double middle = -(m_bu * u + m_bv * v) / m_a;
    double from = middle - half;
    double to = middle + half;
    for (const Line& cut : m_cuts) {
        const double room = cut.offset - cut.nu * u - cut.nv * v;
        if (cut.along > 1e-12)
            to = std::min(to, room / cut.along);
        else if (cut.along < -1e-12)
            from = std::max(from, room / cut.along);
        else if (room < 0)
            return 0;
    }
    return std::max(0.0, to - from);
}

} // namespace interstice
