// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/kmeans.h"

#include "base/error.h"
#include "segment/kmeans_pass.h"
#include "segment/otsu.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace interstice {

using detail::ClusterModel;
using detail::ClusterSums;
using detail::Features;
using detail::Moments;

namespace {

Json toJson(const ClusterCentre& centre)
{
    return { { "intensity", centre.intensity }, { "z", centre.z }, { "y", centre.y }, { "x", centre.x } };
}

Json listOf(const std::vector<ClusterCentre>& centres)
{
    Json list = Json::array();
    for (const auto& centre : centres)
        list.push_back(toJson(centre));
    return list;
}

/// Voxel edge lengths (z, y, x) in micrometres, or 1 where unknown.
std::array<double, 3> spacingOf(const VolumeSource& raw)
{
    const VoxelSize size = raw.voxelSize();
    if (!size.known())
        return { 1, 1, 1 };
    const VoxelSize um = size.inMicrometres();
    return { um.z, um.y, um.x };
}

} // namespace

Json toJson(const KMeansOptions& options)
{
    Json json = { { "clusters", options.clusters }, { "spatial_weight", options.spatialWeight },
        { "one_spatial_scale", options.oneSpatialScale }, { "starts", options.starts }, { "sample", options.sample },
        { "iterations", options.iterations }, { "tolerance", options.tolerance }, { "seed", options.seed } };
    json["threshold"] = options.threshold == KMeansOptions::Threshold::Otsu ? Json("otsu")
        : options.threshold == KMeansOptions::Threshold::None               ? Json("none")
                                                                            : Json(options.thresholdValue);
    if (!options.initial.empty())
        json["initial"] = listOf(options.initial);
    return json;
}

KMeansOptions kMeansOptionsFromJson(const Json& json)
{
    KMeansOptions options;
    options.clusters = json.value("clusters", options.clusters);
    options.spatialWeight = json.value("spatial_weight", options.spatialWeight);
    options.oneSpatialScale = json.value("one_spatial_scale", options.oneSpatialScale);
    options.starts = json.value("starts", options.starts);
    options.sample = json.value("sample", options.sample);
    options.iterations = json.value("iterations", options.iterations);
    options.tolerance = json.value("tolerance", options.tolerance);
    options.seed = json.value("seed", options.seed);
    if (json.contains("threshold")) {
        const Json& threshold = json["threshold"];
        parseThreshold(threshold.is_string() ? threshold.get<std::string>() : threshold.dump(), options);
    }
    for (const Json& centre : json.value("initial", Json::array()))
        options.initial.push_back({ centre.at("intensity").get<double>(), centre.at("z").get<double>(),
            centre.at("y").get<double>(), centre.at("x").get<double>() });
    return options;
}

void parseThreshold(const std::string& text, KMeansOptions& options)
{
    if (text == "otsu" || text == "none") {
        options.threshold = text == "otsu" ? KMeansOptions::Threshold::Otsu : KMeansOptions::Threshold::None;
        return;
    }
    char* end = nullptr;
    options.thresholdValue = std::strtod(text.c_str(), &end);
    options.threshold = KMeansOptions::Threshold::Value;
    if (text.empty() || *end != 0 || !std::isfinite(options.thresholdValue))
        throw Error("'" + text + "' is not a threshold", "Write otsu, none or a grey value.");
}

void check(const KMeansOptions& options)
{
    if (options.clusters < 2 || options.clusters > detail::kMostClusters)
        throw Error(
            "K-means was asked for " + std::to_string(options.clusters) + " clusters", "Choose 2 to 16; the study took 3.");
    if (!(options.spatialWeight >= 0 && options.spatialWeight <= 1000))
        throw Error("The spatial weight is out of range", "Choose 0 (grey value alone) to 1000; the study took 1.");
    if (options.starts < 1 || options.starts > 100)
        throw Error("K-means was asked for " + std::to_string(options.starts) + " starts", "Choose 1 to 100; 4 is usual.");
    if (options.iterations < 1 || options.iterations > 10000)
        throw Error("The number of iterations is out of range", "Choose 1 to 10000; 300 is usual.");
    if (!(options.tolerance >= 0 && options.tolerance < 1))
        throw Error("The tolerance is out of range", "Choose a number from 0 to below 1; 0.0001 is usual.");
    if (options.sample < 0)
        throw Error("The sample has fewer than no voxels", "Choose 0 (none) or some; 100000 is usual.");
    if (!options.initial.empty() && std::ssize(options.initial) != options.clusters)
        throw Error("There are " + std::to_string(options.initial.size()) + " initial centres for "
                + std::to_string(options.clusters) + " clusters",
            "Give one for each cluster.");
}

Json toJson(const KMeansResult& result)
{
    return { { "centres", listOf(result.centres) }, { "position_unit", result.inMicrometres ? "um" : "vx" },
        { "sizes", result.sizes }, { "threshold", result.threshold ? Json(*result.threshold) : Json(nullptr) },
        { "clustered", result.clustered }, { "inertia", result.inertia }, { "iterations", result.iterations },
        { "converged", result.converged }, { "sampled", result.sampled }, { "mean", result.mean },
        { "deviation", result.deviation }, { "findings", toJson(result.findings) } };
}

namespace {

struct Prepared {
    ClusterModel model;
    Moments moments;
    std::optional<double> threshold;
    Features deviation {};
    std::uint64_t notFinite = 0;
};

std::string atLeast(double threshold)
{
    char text[48];
    std::snprintf(text, sizeof text, "%.6g", threshold);
    return text;
}

/// Threshold, mean and gain.
Prepared prepare(const VolumeSource& raw, const KMeansOptions& options, Task& task)
{
    if (raw.shape().empty())
        throw Error(raw.name() + " has no voxels", "Choose a volume with at least one slice.");
    Prepared p;
    const bool counted = options.threshold == KMeansOptions::Threshold::Otsu || options.spatialWeight == 0;
    if (options.threshold == KMeansOptions::Threshold::Value)
        p.threshold = options.thresholdValue;
    double reference = 0;
    if (counted) {
        Task counting = task.part(0, 0.5);
        const Histogram histogram = computeHistogram(raw, { .bins = 256 }, counting);
        p.notFinite = histogram.notFinite;
        if (histogram.finite == 0)
            throw Error("All voxels of " + raw.name() + " are NaN or infinite", "Choose a volume with grey values.");
        if (options.threshold == KMeansOptions::Threshold::Otsu) {
            p.threshold = otsuThreshold(histogram);
            if (histogram.minimum == histogram.maximum)
                throw Error(
                    "All voxels of " + raw.name() + " have the same grey value, so Otsu's threshold leaves none to cluster",
                    "Choose another volume, or no threshold to cluster by position alone.");
        }
        reference = std::nearbyint(histogram.mean);
        if (options.spatialWeight == 0) {
            std::int64_t distinct = 0;
            for (std::size_t i = 0; i < histogram.counts.size(); ++i)
                distinct += histogram.counts[i] > 0 && (!p.threshold || histogram.centre(i) > *p.threshold) ? 1 : 0;
            if (distinct < options.clusters)
                throw Error(raw.name() + " has " + std::to_string(distinct) + " different grey value"
                        + (distinct == 1 ? "" : "s") + (p.threshold ? " above the threshold" : "") + ", fewer than the "
                        + std::to_string(options.clusters) + " clusters",
                    "Choose fewer clusters, a lower threshold, or a spatial weight above 0.");
        }
    }
    p.model.threshold = p.threshold.value_or(-std::numeric_limits<double>::infinity());
    Task measuring = task.part(counted ? 0.5 : 0, 1);
    p.moments = detail::momentsPass(raw, p.model.threshold, reference, measuring);
    if (p.moments.count < options.clusters)
        throw Error(std::to_string(p.moments.count) + " voxels of " + raw.name()
                + (p.threshold ? " are above the threshold " + atLeast(*p.threshold) : " are finite numbers")
                + ", fewer than the " + std::to_string(options.clusters) + " clusters",
            p.threshold ? "Choose a lower threshold or fewer clusters." : "Choose another volume or fewer clusters.");
    const auto n = static_cast<double>(p.moments.count);
    const auto spacing = spacingOf(raw);
    double pooled = 0;
    for (std::size_t d = 0; d < 4; ++d) {
        const double mean = p.moments.sum[d] / n;
        p.deviation[d] = std::sqrt(std::max(0.0, p.moments.squares[d] / n - mean * mean));
        p.model.mean[d] = mean + (d == 0 ? reference : 0);
        if (d > 0)
            pooled += p.deviation[d] * p.deviation[d] * spacing[d - 1] * spacing[d - 1] / 3;
        p.model.gain[d] = p.deviation[d] > 0 ? 1 / p.deviation[d] : 0;
    }
    for (std::size_t d = 1; d < 4; ++d) {
        if (options.oneSpatialScale)
            p.model.gain[d] = pooled > 0 ? spacing[d - 1] / std::sqrt(pooled) : 0;
        p.model.gain[d] *= options.spatialWeight;
    }
    return p;
}

double moveCentres(ClusterModel& model, const std::vector<ClusterSums>& sums, const std::vector<Features>& sample)
{
    double shift = 0;
    const std::vector<Features> before = model.centres;
    for (std::size_t c = 0; c < sums.size(); ++c) {
        const auto n = static_cast<double>(sums[c].count);
        Features& centre = model.centres[c];
        if (sums[c].count > 0)
            centre = model.standardised(
                { detail::intensityReference(model) + sums[c].intensity / n, static_cast<double>(sums[c].z) / n,
                    static_cast<double>(sums[c].y) / n, static_cast<double>(sums[c].x) / n });
        else if (!sample.empty())
            centre = detail::farthest(sample, before); // nobody came: start again where it is needed most
        for (std::size_t d = 0; d < 4; ++d)
            shift += (centre[d] - before[c][d]) * (centre[d] - before[c][d]);
    }
    return shift;
}

struct Run {
    int iterations = 0;
    bool converged = false;
    double inertia = 0;
    std::vector<ClusterSums> sums;
};

/// Lloyd's iterations over all voxels.
Run iterate(const VolumeSource& raw, ClusterModel& model, const KMeansOptions& options, const std::vector<Features>& sample,
    const Moments& moments, double shiftWanted, Task& task)
{
    Run run;
    while (run.iterations < options.iterations && !run.converged) {
        // How many there will be is unknown: the bar nears its end ever more slowly.
        const double from = 1 - 12.0 / (12 + run.iterations);
        const double to = 1 - 12.0 / (13 + run.iterations);
        Task pass = task.part(from, to);
        ++run.iterations;
        run.sums
            = detail::assignPass(raw, model, pass, "K-means, iteration " + std::to_string(run.iterations), {}, &moments);
        run.inertia = detail::inertiaOf(model, run.sums, moments);
        run.converged = moveCentres(model, run.sums, sample) <= shiftWanted;
    }
    return run;
}

void describeCentres(KMeansResult& result, const ClusterModel& model, const VolumeSource& raw)
{
    const auto spacing = spacingOf(raw);
    result.inMicrometres = raw.voxelSize().known();
    result.centres.clear();
    result.standardised.clear();
    for (const Features& centre : model.centres) {
        const auto at = [&](std::size_t d) { return model.mean[d] + (model.gain[d] > 0 ? centre[d] / model.gain[d] : 0); };
        result.centres.push_back({ at(0), at(1) * spacing[0], at(2) * spacing[1], at(3) * spacing[2] });
        result.standardised.emplace_back(centre.begin(), centre.end());
    }
    result.mean.assign(model.mean.begin(), model.mean.end());
    result.gain.assign(model.gain.begin(), model.gain.end());
}

ClusterModel modelOf(const KMeansResult& result)
{
    ClusterModel model;
    std::copy(result.mean.begin(), result.mean.end(), model.mean.begin());
    std::copy(result.gain.begin(), result.gain.end(), model.gain.begin());
    for (const auto& centre : result.standardised) {
        model.centres.emplace_back();
        std::copy(centre.begin(), centre.end(), model.centres.back().begin());
    }
    model.threshold = result.threshold.value_or(-std::numeric_limits<double>::infinity());
    return model;
}

std::vector<Features> standardise(
    const std::vector<ClusterCentre>& centres, const ClusterModel& model, const VolumeSource& raw)
{
    const auto spacing = spacingOf(raw);
    std::vector<Features> all;
    for (const auto& c : centres)
        all.push_back(model.standardised({ c.intensity, c.z / spacing[0], c.y / spacing[1], c.x / spacing[2] }));
    return all;
}

void takeSizes(KMeansResult& result, const std::vector<ClusterSums>& sums)
{
    result.sizes.clear();
    for (const auto& cluster : sums)
        result.sizes.push_back(static_cast<std::uint64_t>(cluster.count));
}

} // namespace

KMeansResult findClusters(const VolumeSource& raw, const KMeansOptions& options, Task& task)
{
    check(options);
    Task preparing = task.part(0, 0.15);
    Prepared p = prepare(raw, options, preparing);
    ClusterModel& model = p.model;
    KMeansResult result;
    result.threshold = p.threshold;
    result.clustered = static_cast<std::uint64_t>(p.moments.count);
    result.deviation.assign(p.deviation.begin(), p.deviation.end());
    // In units of the features' mean variance, as in scikit-learn.
    double variance = 0;
    for (std::size_t d = 0; d < 4; ++d)
        variance += p.deviation[d] * p.deviation[d] * model.gain[d] * model.gain[d] / 4;
    const double shiftWanted = options.tolerance * variance;

    Task sampling = task.part(0.15, 0.2);
    std::vector<Features> sample;
    if (options.initial.empty()) {
        const std::int64_t wanted = options.sample > 0 ? options.sample : 100'000;
        sample = detail::sampleVoxels(raw, model, wanted, p.moments.count, options.seed, sampling);
        if (std::ssize(sample) < options.clusters) // few voxels, unluckily missed: take them all
            sample = detail::sampleVoxels(raw, model, raw.shape().voxels(), 1, options.seed, sampling);
    }
    Run run;
    if (!options.initial.empty() || options.sample > 0) {
        if (options.initial.empty()) {
            double best = -1;
            for (int start = 0; start < options.starts; ++start) {
                task.throwIfStopped();
                auto centres
                    = detail::seedCentres(sample, options.clusters, options.seed + static_cast<std::uint64_t>(start) * 7919);
                const double inertia = detail::refineOnSample(sample, centres, options.iterations, shiftWanted);
                if (best < 0 || inertia < best) {
                    best = inertia;
                    model.centres = centres;
                }
            }
            result.sampled = std::ssize(sample);
        } else {
            model.centres = standardise(options.initial, model, raw);
        }
        Task running = task.part(0.2, 1);
        run = iterate(raw, model, options, sample, p.moments, shiftWanted, running);
    } else {
        std::vector<Features> bestCentres;
        for (int start = 0; start < options.starts; ++start) {
            model.centres
                = detail::seedCentres(sample, options.clusters, options.seed + static_cast<std::uint64_t>(start) * 7919);
            Task running = task.part(0.2 + 0.8 * start / options.starts, 0.2 + 0.8 * (start + 1) / options.starts);
            Run one = iterate(raw, model, options, sample, p.moments, shiftWanted, running);
            if (bestCentres.empty() || one.inertia < run.inertia) {
                run = one;
                bestCentres = model.centres;
            }
        }
        model.centres = bestCentres;
    }
    // Cluster 1 is the darkest, whatever the seed.
    std::vector<std::size_t> order(model.centres.size());
    std::iota(order.begin(), order.end(), std::size_t { 0 });
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return model.centres[a] < model.centres[b]; });
    ClusterModel ordered = model;
    std::vector<ClusterSums> sums(run.sums.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        ordered.centres[i] = model.centres[order[i]];
        sums[i] = run.sums[order[i]];
    }
    describeCentres(result, ordered, raw);
    takeSizes(result, sums);
    result.inertia = run.inertia;
    result.iterations = run.iterations;
    result.converged = run.converged;
    if (!run.converged)
        result.findings.push_back({ Finding::Severity::Warning, "not-converged",
            "K-means had not converged after " + std::to_string(run.iterations) + " iterations: allow more of them." });
    if (p.deviation[0] == 0)
        result.findings.push_back({ Finding::Severity::Warning, "constant-intensity",
            "All clustered voxels have the same grey value: the clusters differ in position alone." });
    if (p.notFinite > 0)
        result.findings.push_back({ Finding::Severity::Note, "not-finite",
            std::to_string(p.notFinite) + " voxels are not finite numbers and count as background." });
    if (std::any_of(sums.begin(), sums.end(), [](const ClusterSums& s) { return s.count == 0; }))
        result.findings.push_back({ Finding::Severity::Warning, "empty-cluster",
            "A cluster ended up with no voxels: fewer clusters describe this volume." });
    return result;
}

void writeClusters(const VolumeSource& raw, KMeansResult& result, VolumeSink& labels, VolumeSink* brightest, Task& task)
{
    for (const VolumeSink* sink : { static_cast<const VolumeSink*>(&labels), static_cast<const VolumeSink*>(brightest) }) {
        if (sink && (sink->shape() != raw.shape() || sink->scalar() != Scalar::U8))
            throw Error("The labels' file was opened as " + describe(sink->shape()) + " " + scalarName(sink->scalar())
                    + " but must be " + describe(raw.shape()) + " u8",
                "Open it with the volume's shape and type u8.");
    }
    const ClusterModel model = modelOf(result);
    const auto top = static_cast<std::uint8_t>(model.clusters());
    std::vector<std::uint8_t> mask;
    const auto sums
        = detail::assignPass(raw, model, task, "Writing the clusters", [&](const Box& box, std::span<std::uint8_t> slab) {
              labels.write(box, std::as_bytes(slab));
              if (brightest) {
                  mask.resize(slab.size());
                  std::transform(slab.begin(), slab.end(), mask.begin(),
                      [top](std::uint8_t v) { return std::uint8_t(v == top ? 1 : 0); });
                  brightest->write(box, std::as_bytes(std::span<const std::uint8_t>(mask)));
              }
          });
    labels.finish();
    if (brightest)
        brightest->finish();
    takeSizes(result, sums);
    Moments moments;
    moments.count = static_cast<std::int64_t>(result.clustered);
    for (std::size_t d = 0; d < 4; ++d) // about the mean
        moments.squares[d] = result.deviation[d] * result.deviation[d] * static_cast<double>(moments.count);
    result.inertia = detail::inertiaOf(model, sums, moments);
}

std::vector<std::uint8_t> clustersOfSlice(const VolumeSource& raw, std::int64_t z, const KMeansResult& result)
{
    const Shape shape = raw.shape();
    Shape one = shape;
    one.z = 1;
    Volume slice(one, raw.scalar());
    raw.read(Box::slices(shape, z, 1), slice.bytes());
    ClusterModel model = modelOf(result);
    model.mean[1] -= static_cast<double>(z); // the slice is the first of a volume of its own
    std::vector<std::uint8_t> labels;
    Task task;
    detail::assignPass(
        slice, model, task, {}, [&](const Box&, std::span<std::uint8_t> slab) { labels.assign(slab.begin(), slab.end()); });
    return labels;
}

Cost estimateKMeans(const Shape& shape, Scalar scalar, const KMeansOptions& options)
{
    const std::uint64_t slice = static_cast<std::uint64_t>(std::max<std::int64_t>(1, shape.sliceVoxels()));
    const std::uint64_t slab = std::max<std::uint64_t>(std::uint64_t { 32 } << 20, slice * bytesOf(scalar));
    Cost cost;
    // Two slabs of voxels, one of labels and one of the mask, and the sample.
    cost.ramBytes = 2 * slab + 2 * slab / bytesOf(scalar)
        + static_cast<std::uint64_t>(std::max<std::int64_t>(options.sample, 100'000)) * 56;
    // About 20 iterations, 6 operations a voxel and cluster.
    cost.operations = static_cast<double>(shape.voxels()) * 20 * 6 * options.clusters;
    return cost;
}

} // namespace interstice
