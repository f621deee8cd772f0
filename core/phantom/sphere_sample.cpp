// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "phantom/sample_builders.h"

#include <algorithm>

namespace interstice {

/// Spheres, then voids and shards in the room they leave.
void buildSpheres(Sample& sample, Task& task)
{
    const SampleOptions& options = sample.options;
    const double pillarVoxels = sample.pillarVoxels();
    const double edge = sample.voxelMicrometres();
    const double largest = 0.5 / edge
        * std::max(
            { options.fraction > 0 ? options.diameterHigh : 0.0, options.voidDiameterHigh, options.shardDiameterHigh });
    if (options.fraction > 0
        && !sample.pillar.holdsDisc(sample.pillar.centreY(), sample.pillar.centreX(), 0.5 * options.diameterHigh / edge + 1))
        throw Error("Spheres of " + formatMicrometres(options.diameterHigh) + " do not fit into the pillar of a phantom of "
                + describe(options.shape) + " voxels of " + formatMicrometres(edge),
            "Make the volume larger in Y and X, or choose smaller spheres or larger voxels.");
    Packing packing(options.shape, sample.pillar, largest, options.seed);

    const auto sphere = [&](Random& random) {
        const double middle = 0.5 * (options.diameterLow + options.diameterHigh);
        const double deviation = 0.25 * (options.diameterHigh - options.diameterLow);
        for (;;) {
            const double diameter = middle + deviation * random.gaussian();
            if (diameter >= options.diameterLow && diameter <= options.diameterHigh)
                return 0.5 * diameter / edge;
        }
    };
    Task first = task.part(0, 0.8);
    const double reached = packing.add(options.fraction * pillarVoxels, true, sphere, first) / pillarVoxels;
    if (reached < options.fraction - 0.005)
        throw Error(
            "Only " + percentOf(reached) + " of the pillar could be filled with spheres, not " + percentOf(options.fraction),
            "Ask for a smaller fraction, or make the volume larger in Y and X: spheres keep off the pillar's wall.");
    SomeBodies bodies;
    const auto added = [&](auto&& make) {
        for (std::size_t i = bodies.size(); i < packing.balls().size(); ++i)
            bodies.push_back(make(packing.balls()[i]));
    };
    added([](const Ball& ball) {
        return std::pair { Body::ball(ball, Material::BorosilicateGlass, kPhantomSphere), PhantomObject::Kind::Sphere };
    });

    const auto uniform
        = [edge](double low, double high) { return [=](Random& random) { return 0.5 * random.uniform(low, high) / edge; }; };
    Task second = task.part(0.8, 1);
    const double voids = packing.add(options.voidFraction * pillarVoxels, false,
                             uniform(options.voidDiameterLow, options.voidDiameterHigh), second)
        / pillarVoxels;
    if (voids < 0.9 * options.voidFraction)
        sample.findings.push_back({ Finding::Severity::Warning, "voids-left-out",
            "There was room for voids of " + percentOf(voids) + " only, not " + percentOf(options.voidFraction) + "." });
    added([](const Ball& ball) {
        return std::pair { Body::ball(ball, Material::Air, kPhantomVoid), PhantomObject::Kind::Void };
    });

    // What planes leave of a ball is known only afterwards, so they are added one by one.
    Random random(options.seed ^ 0x7368617264);
    double shards = 0;
    while (shards < options.shardFraction * pillarVoxels) {
        task.throwIfStopped();
        if (!packing.addOne(uniform(options.shardDiameterLow, options.shardDiameterHigh)(random)))
            break;
        added([&](const Ball& ball) {
            return std::pair { Body::shard(ball, random, Material::BorosilicateGlass, kPhantomShard),
                PhantomObject::Kind::Shard };
        });
        shards += bodies.back().first.volume();
    }
    if (shards < 0.9 * options.shardFraction * pillarVoxels)
        sample.findings.push_back({ Finding::Severity::Warning, "shards-left-out",
            "There was room for shards of " + percentOf(shards / pillarVoxels) + " only, not "
                + percentOf(options.shardFraction) + "." });
    takeBodies(sample, std::move(bodies));
}

} // namespace interstice
