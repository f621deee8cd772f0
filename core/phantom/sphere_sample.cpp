// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "phantom/sample_builders.h"

#include <algorithm>

namespace interstice {

namespace {

/// Random sequential addition jams at 38 %.
constexpr double kMostByAddition = 0.36;

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
    const double reached = (options.fraction > kMostByAddition ? packing.addDense(target, sphere, first)
                                                               : packing.add(target, true, sphere, first))
        / pillarVoxels;
    if (reached < options.fraction - 0.005)
        throw Error(
            "Only " + percentOf(reached) + " of the pillar could be filled with spheres, not " + percentOf(options.fraction),
            "Ask for a smaller fraction, or make the volume larger in Y and X: spheres keep off the pillar's wall.");
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
