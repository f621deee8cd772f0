// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "phantom/sample_builders.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

/// Random sequential addition jams at 38 %.
constexpr double kMostByAddition = 0.36;
/// A shortfall beyond this is a want of room, which no further attempt mends.
constexpr double kWantOfRoom = 0.005;

/// Throws Error where spheres miss the fraction by more than is allowed; all are parts of the pillar's volume.
void requireFraction(const SampleOptions& options, double missed, double halfASphere)
{
    const std::string reached = percentOf(options.fraction + missed);
    const std::string asked = percentOf(options.fraction);
    if (missed < -kWantOfRoom)
        throw Error("Only " + reached + " of the pillar could be filled with spheres, not " + asked,
            "Ask for a smaller fraction, or make the volume larger in Y and X: spheres keep off the pillar's wall.");
    // What few spheres cannot meet is said where the truth is counted.
    if (std::abs(missed) > kFractionWithin && halfASphere <= kFractionWithin)
        throw Error("The spheres came to " + reached + " of the pillar, which is more than 0.2 points from " + asked,
            "Choose another seed or a smaller fraction, or make the volume larger in Y and X.");
}

} // namespace

/// Shards, spheres, then voids in the room they leave.
void buildSpheres(Sample& sample, Task& task)
{
    const SampleOptions& options = sample.options;
    const double pillarVoxels = sample.pillarVoxels();
    const double edge = sample.voxelMicrometres();
    const double largest = 0.5 / edge
        * std::max({ options.fraction > 0 ? options.diameterHigh : 0.0, options.voidDiameterHigh,
            options.shardFraction > 0 ? options.shardDiameterHigh : 0.0 });
    if (options.fraction > 0
        && !sample.pillar.holdsDisc(sample.pillar.centreY(), sample.pillar.centreX(), 0.5 * options.diameterHigh / edge + 1))
        throw Error("Spheres of " + formatMicrometres(options.diameterHigh) + " do not fit into the pillar of a phantom of "
                + describe(options.shape) + " voxels of " + formatMicrometres(edge),
            "Make the volume larger in Y and X, or choose smaller spheres or larger voxels.");
    Packing packing(options.shape, sample.pillar, largest, options.seed);

    // Shards first, while there is room for them: their balls are few, and move with the others.
    Random random(options.seed ^ 0x7368617264);
    std::vector<Body> shards;
    double shardVoxels = 0;
    while (shardVoxels < options.shardFraction * pillarVoxels) {
        task.throwIfStopped();
        const Ball ball { 0, 0, 0, 0.5 * random.uniform(options.shardDiameterLow, options.shardDiameterHigh) / edge };
        if (!packing.addOne(ball.radius))
            break;
        shards.push_back(Body::shard(ball, random, Material::BorosilicateGlass, kPhantomShard));
        shardVoxels += shards.back().volume();
    }
    if (shardVoxels < 0.9 * options.shardFraction * pillarVoxels)
        sample.findings.push_back({ Finding::Severity::Warning, "shards-left-out",
            "There was room for shards of " + percentOf(shardVoxels / pillarVoxels) + " only, not "
                + percentOf(options.shardFraction) + "." });

    const auto sphere = [&](Random& draw) {
        const double middle = 0.5 * (options.diameterLow + options.diameterHigh);
        const double deviation = 0.25 * (options.diameterHigh - options.diameterLow);
        for (;;) {
            const double diameter = middle + deviation * draw.gaussian();
            if (diameter >= options.diameterLow && diameter <= options.diameterHigh)
                return 0.5 * diameter / edge;
        }
    };
    Task first = task.part(0, 0.8);
    const double target = options.fraction * pillarVoxels;
    if (options.fraction > kMostByAddition)
        packing.addDense(target, sphere, first);
    else
        packing.add(target, true, sphere, first);
    const auto missed = [&] { return packing.volumeFrom(shards.size()) / pillarVoxels - options.fraction; };
    // Moves change how much of each sphere is inside. What came right is left as it is, and so is what has no room.
    Task mending = task.part(0.8, 0.8);
    const int turns = missed() < -kWantOfRoom ? 0 : 4;
    for (int turn = 0; turn < turns && std::abs(missed()) > kFractionWithin; ++turn) {
        if (missed() > 0)
            packing.removeSurplus(shards.size(), target);
        else
            packing.add(-missed() * pillarVoxels, true, sphere, mending);
    }
    const double radius = 0.25 * (options.diameterLow + options.diameterHigh) / edge;
    const double halfASphere = 2.0 / 3 * std::numbers::pi * radius * radius * radius;
    requireFraction(options, missed(), halfASphere / pillarVoxels);
    const std::size_t spheres = packing.balls().size();

    const auto hollow
        = [&](Random& draw) { return 0.5 * draw.uniform(options.voidDiameterLow, options.voidDiameterHigh) / edge; };
    Task second = task.part(0.8, 1);
    const double voids = packing.add(options.voidFraction * pillarVoxels, false, hollow, second) / pillarVoxels;
    if (voids < 0.9 * options.voidFraction)
        sample.findings.push_back({ Finding::Severity::Warning, "voids-left-out",
            "There was room for voids of " + percentOf(voids) + " only, not " + percentOf(options.voidFraction) + "." });

    SomeBodies bodies;
    for (std::size_t i = 0; i < packing.balls().size(); ++i) {
        const Ball& ball = packing.balls()[i];
        if (i < shards.size()) {
            shards[i].centre = { ball.z, ball.y, ball.x };
            bodies.emplace_back(shards[i], PhantomObject::Kind::Shard);
        } else if (i < spheres) {
            bodies.emplace_back(Body::ball(ball, Material::BorosilicateGlass, kPhantomSphere), PhantomObject::Kind::Sphere);
        } else {
            bodies.emplace_back(Body::ball(ball, Material::Air, kPhantomVoid), PhantomObject::Kind::Void);
        }
    }
    takeBodies(sample, std::move(bodies));
}

} // namespace interstice
