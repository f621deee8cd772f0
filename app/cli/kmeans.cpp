// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/error.h"
#include "io/side_car.h"
#include "segment/kmeans.h"

#include <memory>

namespace interstice {

namespace {

struct KMeansArguments {
    std::string raw;
    std::string out;
    std::string mask;
    std::string foreground;
    std::string threshold = "otsu";
    bool estimate = false;
    FirstSteps first;
    KMeansOptions options;
};

void sayClusters(Console& console, const KMeansResult& result)
{
    const char* unit = result.inMicrometres ? "\u00b5m" : "vx";
    console.say("cluster   grey value         share   centre (x, y, z)");
    for (std::size_t c = 0; c < result.centres.size(); ++c) {
        const ClusterCentre& centre = result.centres[c];
        char line[160];
        std::snprintf(line, sizeof line, "%7zu %12.6g %11.1f %%   %.1f, %.1f, %.1f %s", c + 1, centre.intensity,
            100 * static_cast<double>(result.sizes[c]) / static_cast<double>(result.clustered), centre.x, centre.y, centre.z,
            unit);
        console.say(line);
    }
    char line[200];
    std::snprintf(line, sizeof line, "%d iterations over all voxels%s, inertia %.6g", result.iterations,
        result.sampled > 0 ? (" after starts on a sample of " + std::to_string(result.sampled)).c_str() : "",
        result.inertia);
    console.say(line);
}

void runKMeans(Console& console, const KMeansArguments& arguments)
{
    KMeansOptions options = arguments.options;
    parseThreshold(arguments.threshold, options);
    check(options);
    if (!arguments.foreground.empty() && arguments.foreground != "brightest")
        throw Error("'" + arguments.foreground + "' is not a choice of foreground",
            "Write brightest, or give the labels to score with --mask-foreground.");
    const SourcePtr opened = openFor(console, arguments.raw).source;
    const PreprocessOptions first = arguments.first.options();
    if (arguments.estimate) {
        Cost cost = estimateKMeans(opened->shape(), opened->scalar(), options);
        cost.ramBytes += estimatePreprocess(opened->shape(), first).ramBytes;
        return showEstimate(console, cost);
    }
    const TiffWriteOptions packed { Compression::Deflate };
    auto labels = createTiff(arguments.out, opened->shape(), Scalar::U8, opened->voxelSize(), packed);
    std::unique_ptr<VolumeSink> mask;
    std::string maskPath = arguments.mask;
    if (maskPath.empty() && !arguments.foreground.empty())
        maskPath = besidePath(arguments.out, "_mask");
    if (!maskPath.empty())
        mask = createTiff(maskPath, opened->shape(), Scalar::U8, opened->voxelSize(), packed);
    const double ready = first.any() ? 0.4 : 0;
    Task preparing = console.task().part(0, ready);
    Task finding = console.task().part(ready, 0.9);
    Task writing = console.task().part(0.9, 1);
    const SourcePtr raw = preprocess(opened, first, preparing);
    KMeansResult result = findClusters(*raw, options, finding);
    writeClusters(*raw, result, *labels, mask.get(), writing);
    Json recorded = toJson(options);
    recorded["first"] = toJson(first);
    const Json extra
        = { { "voxel_size", toJson(opened->voxelSize()) }, { "usage", usageOf(console) }, { "result", toJson(result) } };
    writeSideCar(arguments.out, "kmeans", recorded, { arguments.raw }, console.seconds(), extra);
    if (mask)
        writeSideCar(maskPath, "kmeans", recorded, { arguments.raw }, console.seconds(), extra);
    console.say(result.findings);
    sayClusters(console, result);
    console.say("Wrote " + arguments.out + (mask ? " and " + maskPath : std::string()) + " ("
        + formatDuration(console.seconds()) + ")");
    Json object = toJson(result);
    object["out"] = arguments.out;
    if (mask)
        object["mask"] = maskPath;
    object.update(usageOf(console));
    console.print(object);
}

} // namespace

void addKMeans(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("kmeans", "K-means on standardised grey value and position, as in the study");
    auto a = std::make_shared<KMeansArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("-o,--out", a->out, "The labels to write, u8: 0 below the threshold, 1 the darkest cluster, …")
        ->required();
    command->add_option("--clusters", a->options.clusters, "Clusters, 2 to 16")->capture_default_str();
    command
        ->add_option(
            "--spatial-weight", a->options.spatialWeight, "Weight of position against grey value; 0: grey value alone")
        ->capture_default_str();
    command->add_flag("--one-spatial-scale", a->options.oneSpatialScale,
        "Scale the three axes alike, in physical units, not each to unit variance");
    command->add_option("--threshold", a->threshold, "Cluster voxels above otsu, a grey VALUE, or none (all)")
        ->capture_default_str();
    command->add_option("--starts", a->options.starts, "k-means++ starts, of which the best is taken")
        ->capture_default_str();
    command->add_option("--sample", a->options.sample, "Voxels that the starts compete on; 0: each runs on all voxels")
        ->capture_default_str();
    command->add_option("--iterations", a->options.iterations, "Passes over all voxels at most")->capture_default_str();
    command->add_option("--tolerance", a->options.tolerance, "Converged when the centres move less (as in scikit-learn)")
        ->capture_default_str();
    command->add_option("--seed", a->options.seed, "The same seed gives the same clusters")->capture_default_str();
    command->add_option("--foreground", a->foreground, "brightest: also write a mask of the brightest cluster");
    command->add_option("--mask", a->mask, "Where to write that mask (default: beside the labels, …_mask.tif)");
    a->first.addTo(command);
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->callback([a, &action] { action = [a](Console& console) { runKMeans(console, *a); }; });
}

} // namespace interstice
