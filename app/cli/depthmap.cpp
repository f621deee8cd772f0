// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "io/side_car.h"
#include "segment/depth_map.h"

#include <memory>

namespace interstice {

namespace {

struct DepthMapArguments {
    std::string raw;
    std::string out;
    std::string map;
    std::string threshold = "otsu";
    bool estimate = false;
    FirstSteps first;
    DepthMapOptions options;
};

void runDepthMap(Console& console, const DepthMapArguments& arguments)
{
    DepthMapOptions options = arguments.options;
    parseThreshold(arguments.threshold, options);
    check(options);
    const SourcePtr opened = openFor(console, arguments.raw).source;
    const PreprocessOptions first = arguments.first.options();
    if (arguments.estimate) {
        Cost cost = estimateDepthMap(opened->shape(), opened->scalar(), options);
        cost.ramBytes += estimatePreprocess(opened->shape(), first).ramBytes;
        return showEstimate(console, cost);
    }
    const TiffWriteOptions packed { Compression::Deflate };
    auto mask = createTiff(arguments.out, opened->shape(), Scalar::U8, opened->voxelSize(), packed);
    const double ready = first.any() ? 0.5 : 0;
    Task preparing = console.task().part(0, ready);
    Task mapping = console.task().part(ready, ready + (1 - ready) * 0.4);
    Task masking = console.task().part(ready + (1 - ready) * 0.4, 1);
    const SourcePtr map = depthMap(preprocess(opened, first, preparing), options, mapping);
    std::unique_ptr<VolumeSink> mapOut;
    if (!arguments.map.empty())
        mapOut = createTiff(arguments.map, map->shape(), Scalar::F32, opened->voxelSize());
    const DepthMapResult result = makeDepthMask(map, opened->shape(), *mask, mapOut.get(), options, masking);
    Json recorded = toJson(options);
    recorded["first"] = toJson(first);
    const Json extra
        = { { "voxel_size", toJson(opened->voxelSize()) }, { "usage", usageOf(console) }, { "result", toJson(result) } };
    writeSideCar(arguments.out, "depthmap", recorded, { arguments.raw }, console.seconds(), extra);
    if (mapOut)
        writeSideCar(arguments.map, "depthmap", recorded, { arguments.raw }, console.seconds(), extra);
    console.say(result.findings);
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, "%.1f %% foreground in %llu object%s, threshold %.6g of %.6g to %.6g grey values",
        100 * result.foregroundFraction, static_cast<unsigned long long>(result.objects), result.objects == 1 ? "" : "s",
        result.threshold, result.minimum, result.maximum);
    console.say("Wrote " + arguments.out + (mapOut ? " and " + arguments.map : std::string()) + ": " + numbers + " ("
        + formatDuration(console.seconds()) + ")");
    Json object = toJson(result);
    object["out"] = arguments.out;
    if (mapOut)
        object["map"] = arguments.map;
    object.update(usageOf(console));
    console.print(object);
}

} // namespace

void addDepthMap(CLI::App& app, Action& action)
{
    auto* command
        = app.add_subcommand("depthmap", "Change of grey value along z, thresholded: where something begins or ends");
    auto a = std::make_shared<DepthMapArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("-o,--out", a->out, "The mask to write, u8 with 0 and 1")->required();
    command->add_option("--map", a->map, "Also write the map itself, f32, in grey values");
    command->add_option("--sigma", a->options.sigma, "Standard deviation of the Gaussian over the map, in voxels; 0: none")
        ->capture_default_str();
    command
        ->add_option(
            "--window", a->options.window, "Slices of the moving sum; 0: one map of the whole depth, as in the study")
        ->capture_default_str();
    command->add_option("--threshold", a->threshold, "otsu, or a VALUE of the map")->capture_default_str();
    command
        ->add_option("--min-size", a->options.minimumVoxels,
            "Smallest object that is kept, in voxels (pixels of the map with window 0)")
        ->capture_default_str();
    a->first.addTo(command);
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->callback([a, &action] { action = [a](Console& console) { runDepthMap(console, *a); }; });
}

} // namespace interstice
