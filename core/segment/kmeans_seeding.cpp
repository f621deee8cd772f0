// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/kmeans_pass.h"

#include "volume/slabs.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace interstice::detail {

namespace {

/// Uniform in [0, 1) from 53 bits; the standard's distributions differ between libraries.
double uniform(std::mt19937_64& random)
{
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

double squaredDistance(const Features& a, const Features& b)
{
    double sum = 0;
    for (std::size_t d = 0; d < 4; ++d)
        sum += (a[d] - b[d]) * (a[d] - b[d]);
    return sum;
}

} // namespace

std::vector<Features> sampleVoxels(const VolumeSource& raw, const ClusterModel& model, std::int64_t count,
    std::int64_t clustered, std::uint64_t seed, Task& task)
{
    const Shape shape = raw.shape();
    const std::int64_t total = shape.voxels();
    // One random place in each of equally long stretches of the volume, so many that about `count` are above the threshold.
    const double wanted = static_cast<double>(count) * static_cast<double>(total)
        / static_cast<double>(std::max<std::int64_t>(1, clustered));
    const bool all = wanted >= static_cast<double>(total);
    const std::int64_t places = all ? total : static_cast<std::int64_t>(wanted);
    const double stretch = static_cast<double>(total) / static_cast<double>(places);
    std::mt19937_64 random(seed);
    std::int64_t next = 0;
    const auto place = [&](std::int64_t i) {
        return all ? i
                   : std::min(total - 1, static_cast<std::int64_t>((static_cast<double>(i) + uniform(random)) * stretch));
    };
    std::int64_t at = place(0);
    std::vector<Features> sample;
    forEachTypedSlab(raw, slabDepth(raw), task, "Drawing a sample", [&](const Box& box, auto voxels) {
        const std::int64_t first = box.start.z * shape.sliceVoxels();
        while (next < places && at < first + std::ssize(voxels)) {
            const auto value = static_cast<double>(voxels[static_cast<std::size_t>(at - first)]);
            if (std::isfinite(value) && value > model.threshold)
                sample.push_back(model.standardised({ value, static_cast<double>(at / shape.sliceVoxels()),
                    static_cast<double>(at / shape.x % shape.y), static_cast<double>(at % shape.x) }));
            if (++next < places)
                at = place(next);
        }
    });
    return sample;
}

std::vector<Features> seedCentres(const std::vector<Features>& sample, int clusters, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<Features> centres;
    centres.push_back(sample[static_cast<std::size_t>(uniform(random) * static_cast<double>(sample.size()))]);
    std::vector<double> nearest(sample.size());
    double potential = 0;
    for (std::size_t i = 0; i < sample.size(); ++i)
        potential += nearest[i] = squaredDistance(sample[i], centres[0]);
    const int trials = 2 + static_cast<int>(std::log(clusters));
    std::vector<double> candidate(sample.size());
    std::vector<double> best(sample.size());
    while (std::ssize(centres) < clusters) {
        double bestPotential = -1;
        std::size_t chosen = 0;
        for (int trial = 0; trial < trials; ++trial) {
            double left = uniform(random) * potential;
            std::size_t i = 0;
            while (i + 1 < sample.size() && (left -= nearest[i]) >= 0)
                ++i;
            double sum = 0;
            for (std::size_t j = 0; j < sample.size(); ++j)
                sum += candidate[j] = std::min(nearest[j], squaredDistance(sample[j], sample[i]));
            if (bestPotential < 0 || sum < bestPotential) {
                bestPotential = sum;
                chosen = i;
                best.swap(candidate);
            }
        }
        centres.push_back(sample[chosen]);
        nearest = best;
        potential = bestPotential;
    }
    return centres;
}

double refineOnSample(const std::vector<Features>& sample, std::vector<Features>& centres, int iterations, double tolerance)
{
    double inertia = 0;
    for (int i = 0; i < iterations; ++i) {
        std::vector<Features> sums(centres.size());
        std::vector<std::int64_t> counts(centres.size());
        inertia = 0;
        for (const Features& f : sample) {
            std::size_t label = 0;
            double best = squaredDistance(f, centres[0]);
            for (std::size_t c = 1; c < centres.size(); ++c) {
                const double distance = squaredDistance(f, centres[c]);
                if (distance < best) {
                    best = distance;
                    label = c;
                }
            }
            inertia += best;
            ++counts[label];
            for (std::size_t d = 0; d < 4; ++d)
                sums[label][d] += f[d];
        }
        double shift = 0;
        for (std::size_t c = 0; c < centres.size(); ++c) {
            Features moved = counts[c] > 0 ? sums[c] : farthest(sample, centres);
            for (double& v : moved)
                v /= static_cast<double>(std::max<std::int64_t>(1, counts[c]));
            shift += squaredDistance(moved, centres[c]);
            centres[c] = moved;
        }
        if (shift <= tolerance)
            break;
    }
    return inertia;
}

Features farthest(const std::vector<Features>& sample, const std::vector<Features>& centres)
{
    Features found {};
    double most = -1;
    for (const Features& f : sample) {
        double nearest = squaredDistance(f, centres[0]);
        for (const Features& centre : centres)
            nearest = std::min(nearest, squaredDistance(f, centre));
        if (nearest > most) {
            most = nearest;
            found = f;
        }
    }
    return found;
}

} // namespace interstice::detail
