// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/sample_builders.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

/// Everything in shale is flat along the layers: bodies are packed as balls in a space that is this much higher, and
/// pressed flat afterwards, so that none touches another.
constexpr double kPressed = 2.5;

constexpr std::array<Vector, 3> kUpright = { { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } };

class Shale {
public:
    Shale(Sample& sample, double largest)
        : m_sample(sample)
        , m_edge(sample.voxelMicrometres())
        , m_random(sample.options.seed ^ 0x7368616c65)
        , m_packing(Shape { static_cast<std::int64_t>(std::ceil(kPressed * static_cast<double>(sample.options.shape.z))),
                        sample.options.shape.y, sample.options.shape.x },
              sample.pillar, 0.5 * largest / m_edge, sample.options.seed)
    {
    }

    /// Adds bodies that `make` builds in balls of these diameters until they fill `fraction` of the pillar.
    template <class Make> void fill(double fraction, double low, double high, const char* what, Task& task, Make&& make)
    {
        const double target = fraction * m_sample.pillarVoxels();
        double reached = 0;
        while (reached < target) {
            task.throwIfStopped();
            task.progress(reached / target, "Packing");
            if (!m_packing.addOne(0.5 * m_random.uniform(low, high) / m_edge))
                break;
            Ball ball = m_packing.balls().back();
            ball.z = (ball.z + 0.5) / kPressed - 0.5;
            const std::size_t before = m_bodies.size();
            make(ball);
            for (std::size_t i = before; i < m_bodies.size(); ++i)
                reached += insideOf(m_bodies[i].first);
        }
        if (reached < 0.9 * target)
            m_sample.findings.push_back({ Finding::Severity::Warning, std::string(what) + "-left-out",
                std::string("There was room for ") + what + " of " + percentOf(reached / m_sample.pillarVoxels())
                    + " only, not " + percentOf(fraction) + "." });
    }

    void add(Body body, PhantomObject::Kind kind) { m_bodies.emplace_back(std::move(body), kind); }
    SomeBodies take() { return std::move(m_bodies); }
    Random& random() { return m_random; }
    double edge() const { return m_edge; }

private:
    /// Volume between the outer faces of the first and last slice: a flat ellipsoid is a ball pressed along z.
    double insideOf(const Body& body) const
    {
        const double height = body.extent.z;
        const double low = std::clamp((-0.5 - body.centre.z) / height, -1.0, 1.0);
        const double high
            = std::clamp((static_cast<double>(m_sample.options.shape.z) - 0.5 - body.centre.z) / height, -1.0, 1.0);
        const auto share = [](double t) { return 0.75 * (t - t * t * t / 3); };
        return body.volume() * (share(high) - share(low));
    }

    Sample& m_sample;
    double m_edge;
    Random m_random;
    Packing m_packing;
    SomeBodies m_bodies;
};

/// Grains of 4 to 7 µm at random places in a flat ball, none touching another.
void addCluster(Shale& shale, const Ball& ball)
{
    std::vector<Ball> grains;
    Random& random = shale.random();
    for (int attempt = 0; attempt < 200; ++attempt) {
        Ball grain { 0, 0, 0, 0.5 * random.uniform(4, 7) / shale.edge() };
        const double room = ball.radius - kPressed * grain.radius;
        if (room <= 0)
            continue;
        const Vector at { random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1) };
        if (std::hypot(at.z, at.y, at.x) > 1)
            continue;
        grain.z = ball.z + at.z * room / kPressed;
        grain.y = ball.y + at.y * room;
        grain.x = ball.x + at.x * room;
        const bool free = std::all_of(grains.begin(), grains.end(), [&](const Ball& other) {
            return std::hypot(grain.z - other.z, grain.y - other.y, grain.x - other.x) > grain.radius + other.radius + 0.1;
        });
        if (free)
            grains.push_back(grain);
    }
    for (const Ball& grain : grains)
        shale.add(Body::ball(grain, Material::Pyrite, kShalePyrite), PhantomObject::Kind::Pyrite);
}

} // namespace

void buildShale(Sample& sample, Task& task)
{
    const SampleOptions& options = sample.options;
    sample.matrix = Material::Illite;
    const double edge = sample.voxelMicrometres();
    // Three waves of different lengths whose variances add up; a sine's is half its amplitude's square.
    Random random(options.seed ^ 0x6c61796572);
    for (const double length : { 1.0, 0.45, 2.3 })
        sample.layers.push_back({ options.layerContrast * std::sqrt(2.0 / 3),
            2 * std::numbers::pi * edge / (length * options.layerThickness), random.uniform(0, 2 * std::numbers::pi) });

    constexpr double largest = 160;
    Shale shale(sample, largest);
    const auto flat = [&](const Ball& ball, double height, double width, Material material, std::uint8_t label,
                          PhantomObject::Kind kind) {
        const double turn = shale.random().uniform(0, std::numbers::pi);
        const std::array<Vector, 3> axes
            = { { kUpright[0], { 0, std::cos(turn), std::sin(turn) }, { 0, -std::sin(turn), std::cos(turn) } } };
        shale.add(Body::ellipsoid({ ball.z, ball.y, ball.x }, axes,
                      { ball.radius * height / kPressed, ball.radius, ball.radius * width }, material, label),
            kind);
    };
    Task cracks = task.part(0, 0.2);
    shale.fill(options.crackFraction, 80, largest, "cracks", cracks, [&](const Ball& ball) {
        flat(ball, 0.1, shale.random().uniform(0.5, 1), Material::Air, kShalePore, PhantomObject::Kind::Crack);
    });
    Task kerogen = task.part(0.2, 0.5);
    shale.fill(options.kerogenFraction, 16, 60, "kerogen", kerogen, [&](const Ball& ball) {
        flat(ball, 1, shale.random().uniform(0.6, 1), Material::Kerogen, kShaleKerogen, PhantomObject::Kind::Kerogen);
    });
    Task pyrite = task.part(0.5, 0.7);
    shale.fill(options.pyriteFraction, 24, 60, "pyrite", pyrite, [&](const Ball& ball) { addCluster(shale, ball); });
    Task pores = task.part(0.7, 1);
    shale.fill(options.poreFraction, 8, 24, "pores", pores, [&](const Ball& ball) {
        flat(ball, 1, shale.random().uniform(0.7, 1), Material::Air, kShalePore, PhantomObject::Kind::Pore);
    });
    takeBodies(sample, shale.take());
}

} // namespace interstice
