// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/sample.h"

#include "base/error.h"
#include "phantom/sample_builders.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace interstice {

namespace {

/// Random packings of equal balls jam at 64 %, but growing balls by random moves takes ever longer before.
constexpr double kMostFraction = 0.5;

PhantomObject asObject(const Body& body, PhantomObject::Kind kind, const SampleOptions& options)
{
    const double edge = options.voxel.inMicrometres().x;
    PhantomObject object;
    object.kind = kind;
    object.z = body.centre.z;
    object.y = body.centre.y;
    object.x = body.centre.x;
    object.volumeCubicMicrometres = body.volume() * edge * edge * edge;
    object.diameterMicrometres = std::cbrt(6 / std::numbers::pi * object.volumeCubicMicrometres);
    const double half = body.extent.z;
    object.cut = body.centre.z - half < -0.5 || body.centre.z + half > static_cast<double>(options.shape.z) - 0.5;
    return object;
}

void requirePart(double fraction, double most, const char* what)
{
    if (!(fraction >= 0 && fraction <= most))
        throw Error(std::string("A phantom cannot have ") + percentOf(fraction) + " of " + what,
            std::string("Ask for a fraction of ") + what + " from 0 to " + Json(most).dump() + ".");
}

} // namespace

std::string percentOf(double fraction)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3g %%", 100 * fraction);
    return text;
}

void takeBodies(Sample& sample, SomeBodies bodies)
{
    std::stable_sort(bodies.begin(), bodies.end(), [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second < b.second : a.first.centre.z < b.first.centre.z;
    });
    for (auto& [body, kind] : bodies) {
        sample.objects.push_back(asObject(body, kind, sample.options));
        sample.objects.back().id = static_cast<std::int64_t>(sample.objects.size());
        sample.bodies.push_back(std::move(body));
    }
}

const char* kindName(SampleKind kind)
{
    return kind == SampleKind::Spheres ? "spheres" : kind == SampleKind::Shale ? "shale" : "wood";
}

SampleKind parseKind(const std::string& name)
{
    for (const auto kind : { SampleKind::Spheres, SampleKind::Shale, SampleKind::Wood }) {
        if (name == kindName(kind))
            return kind;
    }
    throw Error("There is no phantom of kind '" + name + "'", "Choose spheres, shale or wood.");
}

void check(const SampleOptions& options)
{
    if (options.shape.empty())
        throw Error(
            "A phantom of " + describe(options.shape) + " has no voxels", "Give a size of at least 1 along Z, Y and X.");
    const VoxelSize voxel = options.voxel;
    if (!voxel.known() || voxel.z != voxel.x || voxel.y != voxel.x)
        throw Error("The phantom needs cubic voxels of known size, not " + describe(voxel), "Give one length, like 2.6um.");
    if (!(options.fraction >= 0 && options.fraction <= kMostFraction))
        throw Error("Spheres cannot be packed at random to " + percentOf(options.fraction) + " of the volume",
            "Ask for a fraction from 0 to 0.5.");
    requirePart(options.voidFraction, 0.1, "voids");
    requirePart(options.shardFraction, 0.05, "shards");
    requirePart(options.poreFraction, 0.1, "pores");
    requirePart(options.crackFraction, 0.02, "cracks");
    requirePart(options.kerogenFraction, 0.2, "kerogen");
    requirePart(options.pyriteFraction, 0.05, "pyrite");
    requirePart(options.vesselFraction, 0.2, "vessels");
    requirePart(options.layerContrast, 0.2, "layer contrast");
    const auto wrongRange = [](double low, double high) { return !(low > 0 && low <= high && std::isfinite(high)); };
    if (wrongRange(options.diameterLow, options.diameterHigh)
        || wrongRange(options.voidDiameterLow, options.voidDiameterHigh)
        || wrongRange(options.shardDiameterLow, options.shardDiameterHigh))
        throw Error("A range of diameters is not in order", "Give the smaller one first, both above zero, like 38:45um.");
    const double edge = voxel.inMicrometres().x;
    const auto positive = [](double length) { return length > 0 && std::isfinite(length); };
    if (!positive(options.layerThickness) || !positive(options.cellWidth) || !positive(options.ringWidth)
        || !positive(options.wallThickness) || options.wallThickness > 0.6 * options.cellWidth || options.raySpacing < 0)
        throw Error("The wood's cells or the shale's layers have no sensible size",
            "All widths are above 0, and walls are thinner than six tenths of a cell.");
    if (options.kind == SampleKind::Wood && options.cellWidth < 4 * edge)
        throw Error(
            "Cells of " + formatMicrometres(options.cellWidth) + " are less than four voxels of " + formatMicrometres(edge),
            "Choose larger cells or smaller voxels.");
    if (options.kind == SampleKind::Spheres && options.fraction > 0 && options.diameterLow < 2 * edge)
        throw Error("Spheres of " + formatMicrometres(options.diameterLow) + " are less than two voxels of "
                + formatMicrometres(edge),
            "Choose larger spheres or smaller voxels.");
}

std::uint64_t Sample::sectionVoxels() const
{
    return static_cast<std::uint64_t>(std::count_if(wall.begin(), wall.end(), [](float distance) { return distance <= 0; }));
}

double Sample::density(double z) const
{
    double sum = 1;
    for (const Wave& wave : layers)
        sum += wave.amplitude * std::sin(wave.frequency * z + wave.phase);
    return std::max(0.0, sum);
}

void Sample::paintTruth(std::int64_t z, std::span<std::uint8_t> labels) const
{
    for (std::size_t i = 0; i < wall.size(); ++i)
        labels[i] = wall[i] <= 0 ? matrixLabel : kPhantomOutside;
    const auto at = static_cast<double>(z);
    for (const Body& body : bodies) {
        if (std::abs(at - body.centre.z) > body.extent.z)
            continue;
        const auto first
            = [](double c, double half) { return std::max<std::int64_t>(0, std::llround(std::ceil(c - half))); };
        const auto last = [](double c, double half, std::int64_t n) {
            return std::min<std::int64_t>(n - 1, std::llround(std::floor(c + half)));
        };
        const Vector& c = body.centre;
        const Vector& half = body.extent;
        for (auto y = first(c.y, half.y); y <= last(c.y, half.y, options.shape.y); ++y) {
            for (auto x = first(c.x, half.x); x <= last(c.x, half.x, options.shape.x); ++x) {
                if (body.contains(at, static_cast<double>(y), static_cast<double>(x)))
                    labels[static_cast<std::size_t>(y * options.shape.x + x)] = body.label;
            }
        }
    }
}

void noteFraction(const SampleOptions& options, double counted, Findings& findings)
{
    if (options.kind == SampleKind::Spheres && std::abs(counted - options.fraction) > kFractionWithin)
        findings.push_back({ Finding::Severity::Warning, "fraction-missed",
            "The spheres take " + percentOf(counted) + " of the pillar, not " + percentOf(options.fraction)
                + ": a sample as small as this cannot come closer." });
}

Sample makeSample(const SampleOptions& options, Task& task)
{
    check(options);
    task.progress(0, "Packing");
    Sample sample { options, Pillar(options.shape.y, options.shape.x, options.seed), {}, Material::Polypropylene,
        kPhantomMatrix, {}, {}, {}, {} };
    sample.wall = sample.pillar.distanceMap();
    switch (options.kind) {
    case SampleKind::Shale:
        buildShale(sample, task);
        break;
    case SampleKind::Wood:
        buildWood(sample, task);
        break;
    case SampleKind::Spheres:
        buildSpheres(sample, task);
        break;
    }
    return sample;
}

} // namespace interstice
