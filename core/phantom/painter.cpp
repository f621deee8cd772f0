// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/painter.h"

#include "phantom/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

/// Table entries a voxel of distance.
constexpr double kSteps = 64;

} // namespace

Profile::Profile(double contrast, double rim, double blur)
    : m_contrast(static_cast<float>(contrast))
    , m_reach(4 * blur + 0.5)
{
    const auto n = static_cast<std::size_t>(std::ceil(2 * m_reach * kSteps)) + 2;
    for (std::size_t i = 0; i < n; ++i) {
        const double t = (static_cast<double>(i) / kSteps - m_reach) / blur;
        const double step = 0.5 * std::erfc(t / std::numbers::sqrt2);
        m_table.push_back(static_cast<float>(contrast * step - rim * t * std::exp(0.5 - 0.5 * t * t)));
    }
}

float Profile::at(double distance) const
{
    if (distance <= -m_reach)
        return m_contrast;
    if (distance >= m_reach)
        return 0;
    const double position = (distance + m_reach) * kSteps;
    const auto i = static_cast<std::size_t>(position);
    const auto t = static_cast<float>(position - static_cast<double>(i));
    return m_table[i] + t * (m_table[i + 1] - m_table[i]);
}

Painter::Painter(const PaintedPhantomOptions& options, const Sample& sample)
    : m_options(options)
    , m_pillar(sample.pillar)
    , m_objects(sample.objects)
    , m_sphere(options.sphereContrast, options.rim, options.blurVoxels)
    , m_void(-options.voidContrast, -0.6 * options.rim, options.blurVoxels)
    , m_edge(options.sample.voxel.inMicrometres().x)
    , m_still(sample.wall.size())
    , m_bySlice(static_cast<std::size_t>(options.sample.shape.z))
{
    const Profile edge(options.airContrast, 0.8 * options.rim, options.blurVoxels);
    for (std::size_t i = 0; i < m_still.size(); ++i)
        m_still[i]
            = static_cast<float>(options.matrixGrey - options.airContrast) + edge.at(static_cast<double>(sample.wall[i]));
    const std::vector<PhantomObject>& objects = sample.objects;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const double reach = radius(objects[i]) + profile(objects[i]).reach();
        const auto from = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(objects[i].z - reach)));
        const auto to = std::min<std::int64_t>(
            options.sample.shape.z - 1, static_cast<std::int64_t>(std::floor(objects[i].z + reach)));
        for (auto z = from; z <= to; ++z)
            m_bySlice[static_cast<std::size_t>(z)].push_back(static_cast<std::uint32_t>(i));
    }
}

std::vector<float> Painter::ringsOfSlice(std::int64_t z) const
{
    // A bad pixel of the detector, or dust on it, lasts over several rows, so rings change slowly with z.
    constexpr std::int64_t kRows = 8;
    constexpr std::size_t kWide = 5;
    const auto value = [&](std::int64_t block, std::uint64_t index, std::uint64_t kind) {
        const std::uint64_t seed = mixBits(m_options.sample.seed ^ 0x72696e67 ^ (kind << 56));
        return gaussianAt(seed, (static_cast<std::uint64_t>(block) << 32) + index);
    };
    const auto mixed = [&](std::uint64_t index, std::uint64_t kind) {
        const float t = static_cast<float>(z % kRows) / kRows;
        return (1 - t) * value(z / kRows, index, kind) + t * value(z / kRows + 1, index, kind);
    };
    const double corner = std::hypot(m_pillar.centreY(), m_pillar.centreX());
    std::vector<float> table(static_cast<std::size_t>(corner) + 3);
    for (std::size_t r = 0; r < table.size(); ++r) {
        const float t = static_cast<float>(r % kWide) / kWide;
        const float wide = (1 - t) * mixed(r / kWide, 0) + t * mixed(r / kWide + 1, 0);
        const double fall = std::sqrt(16.0 / std::max<double>(3, static_cast<double>(r)));
        table[r] = static_cast<float>(m_options.rings * fall) * (0.9F * wide + 0.5F * mixed(r, 1));
    }
    return table;
}

void Painter::paint(std::int64_t z, std::span<std::uint16_t> raw) const
{
    std::vector<float> grey = m_still;
    for (const auto i : m_bySlice[static_cast<std::size_t>(z)])
        addObject(m_objects[i], z, grey);
    const std::vector<float> rings = ringsOfSlice(z);
    const std::uint64_t seed = mixBits(m_options.sample.seed ^ 0x6e6f697365);
    const auto noise = static_cast<float>(m_options.noise);
    std::uint64_t voxel = static_cast<std::uint64_t>(z) * grey.size();
    std::size_t at = 0;
    for (std::int64_t y = 0; y < m_options.sample.shape.y; ++y) {
        const double dy = static_cast<double>(y) - m_pillar.centreY();
        for (std::int64_t x = 0; x < m_options.sample.shape.x; ++x, ++at, ++voxel) {
            const double dx = static_cast<double>(x) - m_pillar.centreX();
            const auto r = static_cast<float>(std::sqrt(dy * dy + dx * dx));
            const auto ring = static_cast<std::size_t>(r);
            const float t = r - static_cast<float>(ring);
            const float value
                = grey[at] + rings[ring] + t * (rings[ring + 1] - rings[ring]) + noise * gaussianAt(seed, voxel);
            raw[at] = static_cast<std::uint16_t>(std::clamp(value, 0.0F, 65535.0F) + 0.5F);
        }
    }
}

void Painter::addObject(const PhantomObject& object, std::int64_t z, std::vector<float>& grey) const
{
    const Profile& greys = profile(object);
    const double r = radius(object);
    const double dz = static_cast<double>(z) - object.z;
    const double across = (r + greys.reach()) * (r + greys.reach()) - dz * dz;
    if (across <= 0)
        return;
    const double wide = std::sqrt(across);
    const auto first
        = [wide](double centre) { return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(centre - wide))); };
    const auto last = [wide](double centre, std::int64_t n) {
        return std::min<std::int64_t>(n - 1, static_cast<std::int64_t>(std::floor(centre + wide)));
    };
    for (auto y = first(object.y); y <= last(object.y, m_options.sample.shape.y); ++y) {
        const double dy = static_cast<double>(y) - object.y;
        for (auto x = first(object.x); x <= last(object.x, m_options.sample.shape.x); ++x) {
            const double dx = static_cast<double>(x) - object.x;
            const double distance = std::sqrt(dz * dz + dy * dy + dx * dx) - r;
            const auto at = static_cast<std::size_t>(y * m_options.sample.shape.x + x);
            grey[at] += greys.at(distance);
        }
    }
}

} // namespace interstice
