// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/task.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace interstice {

/// Where a cluster's voxels lie on average: grey value, and position in micrometres (voxels where the voxel size is
/// unknown), 0 at the centre of the volume's first voxel.
struct ClusterCentre {
    double intensity = 0;
    double z = 0;
    double y = 0;
    double x = 0;
};

/// K-means as in the study: voxels above a threshold, each described by (intensity, z, y, x), every feature brought to
/// zero mean and unit variance over those voxels.
struct KMeansOptions {
    /// 2…16
    int clusters = 3;
    /// Multiplies the standardised positions; 0 clusters by intensity alone. ≥ 0
    double spatialWeight = 1;
    /// One scale for the three axes, in physical units, instead of unit variance for each: then a distance counts the
    /// same along every axis, also where voxels or the sample are longer along one.
    bool oneSpatialScale = false;
    enum class Threshold { Otsu, None, Value };
    /// Voxels above it are clustered, the others are background (0).
    Threshold threshold = Threshold::Otsu;
    double thresholdValue = 0;
    /// k-means++ seedings of which the best is taken, 1…100.
    int starts = 4;
    /// The starts compete on so many voxels, drawn evenly, and the winner goes on with all voxels until it
    /// converges; 0: every start runs on all voxels.
    std::int64_t sample = 100'000;
    /// Full passes at most, 1…10000, and the squared shift of all centres, relative to the features' mean variance, at
    /// which it has converged (as in scikit-learn).
    int iterations = 300;
    double tolerance = 1e-4;
    std::uint64_t seed = 1;
    /// Start from these instead of k-means++.
    std::vector<ClusterCentre> initial;
};
Json toJson(const KMeansOptions& options);
/// Missing keys keep their defaults. Throws Error on a threshold that is none.
KMeansOptions kMeansOptionsFromJson(const Json& json);
/// "otsu", "none" or a grey value into `options`. Throws Error on anything else.
void parseThreshold(const std::string& text, KMeansOptions& options);
/// Throws Error on values out of range.
void check(const KMeansOptions& options);

struct KMeansResult {
    /// By ascending mean intensity: cluster 1 is the darkest.
    std::vector<ClusterCentre> centres;
    std::vector<std::uint64_t> sizes;
    bool inMicrometres = false;
    /// Mean and standard deviation of (intensity, z, y, x) over the clustered voxels; positions in voxels.
    std::vector<double> mean;
    std::vector<double> deviation;
    /// Absent for KMeansOptions::Threshold::None.
    std::optional<double> threshold;
    std::uint64_t clustered = 0;
    /// Sum of the squared distances to the centres, in standardised units.
    double inertia = 0;
    /// Full passes until convergence.
    int iterations = 0;
    bool converged = false;
    /// Voxels that the starts competed on; 0 when they ran on all.
    std::int64_t sampled = 0;
    Findings findings;
    /// The centres as the passes use them: standardised and weighted, in the order of `centres`.
    std::vector<std::vector<double>> standardised;
    /// What each feature is multiplied with after its mean is taken off.
    std::vector<double> gain;
};
Json toJson(const KMeansResult& result);

/// Finds the clusters: a pass for the threshold (Otsu), one for mean and deviation, one for the sample, then one for
/// each iteration. Positions are never stored: a pass reads each voxel once, in slabs, on all cores, and a row's
/// distances are linear in grey value and x. Runs of voxels below the threshold, and runs whose extreme grey values all
/// go to one cluster, are counted without looking at each voxel, which changes no result. Memory beyond the slabs and
/// the sample is O(clusters). NaN and infinite voxels are background. The same seed gives the same result.
/// Throws Error for an empty volume, options out of range, and fewer (distinct) voxels above the threshold than clusters.
KMeansResult findClusters(const VolumeSource& raw, const KMeansOptions& options, Task& task);

/// One more pass that writes and finishes the label volume (u8: 0 background, 1…k) and, where asked for, a mask (u8)
/// of the brightest cluster. Sizes and inertia of `result` are those of what was written.
void writeClusters(const VolumeSource& raw, KMeansResult& result, VolumeSink& labels, VolumeSink* brightest, Task& task);

/// The labels of slice z (0-based).
std::vector<std::uint8_t> clustersOfSlice(const VolumeSource& raw, std::int64_t z, const KMeansResult& result);

Cost estimateKMeans(const Shape& shape, Scalar scalar, const KMeansOptions& options);

} // namespace interstice
