// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/rings.h"

#include "base/error.h"
#include "base/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace interstice {

Json toJson(const RingOptions& options)
{
    Json json = { { "width", options.width }, { "arcs", options.arcs } };
    if (options.centreY && options.centreX)
        json["centre"] = { *options.centreY, *options.centreX };
    return json;
}

namespace {

constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();

float medianOf(std::vector<float>& values)
{
    if (values.empty())
        return kNothing;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The nearest voxel: interpolating would blur rings of one voxel's width away.
float sample(std::span<const float> slice, std::int64_t ny, std::int64_t nx, double y, double x)
{
    const auto row = static_cast<std::int64_t>(std::floor(y + 0.5));
    const auto column = static_cast<std::int64_t>(std::floor(x + 0.5));
    return row < 0 || column < 0 || row >= ny || column >= nx ? kNothing
                                                              : slice[static_cast<std::size_t>(row * nx + column)];
}

/// What the rings of one slice add at each radius (whole voxels) of each arc.
class RingProfile {
public:
    RingProfile(
        std::span<const float> slice, std::int64_t ny, std::int64_t nx, double cy, double cx, const RingOptions& options)
        : m_arcs(options.arcs)
    {
        const double farY = std::max(cy, static_cast<double>(ny - 1) - cy);
        const double farX = std::max(cx, static_cast<double>(nx - 1) - cx);
        m_radii = static_cast<int>(std::ceil(std::hypot(farY, farX))) + 1;
        const int perArc = std::max(60, std::min(1440, 4 * m_radii)) / m_arcs + 1;
        std::vector<std::vector<float>> left(static_cast<std::size_t>(m_radii));
        std::vector<float> line(static_cast<std::size_t>(m_radii));
        std::vector<float> window;
        m_values.resize(static_cast<std::size_t>(m_radii * m_arcs));
        for (int arc = 0; arc < m_arcs; ++arc) {
            for (auto& values : left)
                values.clear();
            for (int i = 0; i < perArc; ++i) {
                const double angle = 2 * std::numbers::pi * (arc + (i + 0.5) / perArc) / m_arcs;
                for (int r = 0; r < m_radii; ++r)
                    line[static_cast<std::size_t>(r)]
                        = sample(slice, ny, nx, cy + r * std::sin(angle), cx + r * std::cos(angle));
                for (int r = 0; r < m_radii; ++r) {
                    const float here = line[static_cast<std::size_t>(r)];
                    if (!std::isfinite(here))
                        continue;
                    window.clear();
                    for (int k = std::max(0, r - options.width / 2); k <= std::min(m_radii - 1, r + options.width / 2);
                        ++k) {
                        if (std::isfinite(line[static_cast<std::size_t>(k)]))
                            window.push_back(line[static_cast<std::size_t>(k)]);
                    }
                    left[static_cast<std::size_t>(r)].push_back(here - medianOf(window));
                }
            }
            for (int r = 0; r < m_radii; ++r) {
                // Too few directions left at a radius (far corners) say nothing about a ring.
                auto& values = left[static_cast<std::size_t>(r)];
                m_values[static_cast<std::size_t>(arc * m_radii + r)]
                    = std::ssize(values) * 8 < perArc ? 0 : medianOf(values);
            }
        }
    }

    float at(double radius, double angle) const
    {
        if (m_arcs == 1)
            return along(0, radius);
        const double position = angle / (2 * std::numbers::pi) * m_arcs - 0.5;
        const double below = std::floor(position);
        const auto share = static_cast<float>(position - below);
        const auto arc = static_cast<int>(below);
        return along((arc + m_arcs) % m_arcs, radius) * (1 - share) + along((arc + 1 + m_arcs) % m_arcs, radius) * share;
    }

private:
    float along(int arc, double radius) const
    {
        const auto r = std::min(static_cast<int>(radius), m_radii - 2);
        const auto share = static_cast<float>(radius - r);
        const float* values = m_values.data() + arc * m_radii + r;
        return values[0] * (1 - share) + values[1] * share;
    }

    int m_arcs;
    int m_radii = 0;
    std::vector<float> m_values;
};

class RingView : public VolumeSource {
public:
    RingView(SourcePtr source, const RingOptions& options)
        : m_source(std::move(source))
        , m_options(options)
    {
    }
    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return Scalar::F32; }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }

    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        auto* out = reinterpret_cast<float*>(to.data());
        const Shape volume = shape();
        const double cy = m_options.centreY.value_or(static_cast<double>(volume.y - 1) / 2);
        const double cx = m_options.centreX.value_or(static_cast<double>(volume.x - 1) / 2);
        parallelFor(box.size.z, 0, [&](std::int64_t z) {
            const auto slice = readAs<float>(*m_source, Box::slices(volume, box.start.z + z, 1));
            const bool tooSmall = volume.y < 3 || volume.x < 3;
            const std::optional<RingProfile> rings = tooSmall
                ? std::nullopt
                : std::optional<RingProfile>(std::in_place, slice, volume.y, volume.x, cy, cx, m_options);
            for (std::int64_t y = 0; y < box.size.y; ++y) {
                const double dy = static_cast<double>(box.start.y + y) - cy;
                const float* from = slice.data() + (box.start.y + y) * volume.x + box.start.x;
                float* row = out + (z * box.size.y + y) * box.size.x;
                for (std::int64_t x = 0; x < box.size.x; ++x) {
                    const double dx = static_cast<double>(box.start.x + x) - cx;
                    double angle = m_options.arcs > 1 ? std::atan2(dy, dx) : 0;
                    if (angle < 0)
                        angle += 2 * std::numbers::pi;
                    row[x] = from[x] - (rings ? rings->at(std::sqrt(dy * dy + dx * dx), angle) : 0);
                }
            }
        });
    }

private:
    SourcePtr m_source;
    RingOptions m_options;
};

} // namespace

SourcePtr withoutRings(SourcePtr source, const RingOptions& options)
{
    const Shape shape = source->shape();
    if (options.width < 3 || options.width > 101 || options.width % 2 == 0)
        throw Error("The ring width is out of range", "Choose an odd number of voxels from 3 to 101; 15 is usual.");
    if (options.arcs < 1 || options.arcs > 36)
        throw Error("The circle was to be divided into " + std::to_string(options.arcs) + " arcs", "Choose 1 to 36.");
    if (options.centreY.has_value() != options.centreX.has_value()
        || (options.centreY
            && !(*options.centreY >= 0 && *options.centreX >= 0 && *options.centreY < static_cast<double>(shape.y)
                && *options.centreX < static_cast<double>(shape.x))))
        throw Error(
            "The rings' centre does not lie inside the slices", "Give y and x in voxels, or neither for the middle.");
    return std::make_shared<RingView>(std::move(source), options);
}

} // namespace interstice
