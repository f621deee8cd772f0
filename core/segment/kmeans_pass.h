// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "volume/volume_source.h"

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace interstice::detail {

inline constexpr int kMostClusters = 16;
/// (intensity, z, y, x); positions in voxels.
using Features = std::array<double, 4>;

/// Features are (value − mean) × gain; centres are in those units.
struct ClusterModel {
    Features mean {};
    Features gain {};
    std::vector<Features> centres;
    double threshold = -std::numeric_limits<double>::infinity();

    int clusters() const { return static_cast<int>(centres.size()); }
    Features standardised(const Features& values) const
    {
        Features f;
        for (std::size_t d = 0; d < 4; ++d)
            f[d] = (values[d] - mean[d]) * gain[d];
        return f;
    }
};

/// Sums over the voxels of one cluster; intensity relative to a reference near the mean, positions in voxels.
struct ClusterSums {
    std::int64_t count = 0;
    double intensity = 0;
    std::int64_t z = 0;
    std::int64_t y = 0;
    std::int64_t x = 0;

    ClusterSums& operator+=(const ClusterSums& other);
    ClusterSums& operator-=(const ClusterSums& other);
};

/// Count, sums and sum of squares over the voxels above the threshold.
struct Moments {
    std::int64_t count = 0;
    Features sum {}; ///< intensity relative to `reference`
    Features squares {};
    double reference = 0;
};
Moments momentsPass(const VolumeSource& raw, double threshold, double reference, Task& task);

/// The value that intensities are summed relative to: near the mean, and exact in float.
double intensityReference(const ClusterModel& model);

/// Assigns every voxel above the threshold to its nearest centre and sums up the clusters. With `write`, each
/// slab's labels (0 below the threshold, then 1…k) are handed on, in ascending z. With `totals`, the sums over all
/// voxels above this threshold, one cluster need not be summed up.
std::vector<ClusterSums> assignPass(const VolumeSource& raw, const ClusterModel& model, Task& task, const std::string& text,
    const std::function<void(const Box&, std::span<std::uint8_t>)>& write = {}, const Moments* totals = nullptr);

/// Σ of squared distances, from the sums under an assignment to the model's centres.
double inertiaOf(const ClusterModel& model, const std::vector<ClusterSums>& sums, const Moments& moments);

/// About `count` voxels above the threshold as features, evenly drawn, seeded.
std::vector<Features> sampleVoxels(const VolumeSource& raw, const ClusterModel& model, std::int64_t count,
    std::int64_t clustered, std::uint64_t seed, Task& task);

/// Greedy k-means++ (Arthur and Vassilvitskii, SODA 2007; 2 + ⌊ln k⌋ trials a centre, as in scikit-learn).
std::vector<Features> seedCentres(const std::vector<Features>& sample, int clusters, std::uint64_t seed);
/// Lloyd's iterations on the sample; returns its inertia.
double refineOnSample(const std::vector<Features>& sample, std::vector<Features>& centres, int iterations, double tolerance);
/// The sample voxel that lies farthest from all centres.
Features farthest(const std::vector<Features>& sample, const std::vector<Features>& centres);

} // namespace interstice::detail
