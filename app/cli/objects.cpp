// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "io/side_car.h"
#include "morphology/distance_map.h"
#include "morphology/split_touching.h"
#include "volume/slabs.h"

#include <cmath>
#include <memory>

namespace interstice {

namespace {

struct ObjectsArguments {
    std::string mask;
    std::string out;
    std::string foreground;
    std::string distances;
    int connectivity = 26;
    bool split = false;
    bool estimate = false;
    std::uint64_t smallest = 1;
    double h = SplitTouchingOptions().h;
};

/// The distance to the background in voxels, as people read it.
void writeDistances(const VolumeSource& mask, const std::string& path, Task& task)
{
    Task measuring = task.part(0, 0.7);
    const auto squares = squaredDistanceMap(mask, {}, measuring);
    const auto sink = createTiff(path, mask.shape(), Scalar::F32, mask.voxelSize());
    Task writing = task.part(0.7, 1);
    std::vector<float> slab;
    forEachTypedSlab(*squares, slabDepth(*squares), writing, "Writing distances", [&](const Box& box, auto values) {
        slab.resize(values.size());
        for (std::size_t i = 0; i < slab.size(); ++i)
            slab[i] = static_cast<double>(values[i]) >= kNoDistance ? std::numeric_limits<float>::infinity()
                                                                    : std::sqrt(static_cast<float>(values[i]));
        sink->write(box, std::as_bytes(std::span<const float>(slab)));
    });
    sink->finish();
}

void runObjects(Console& console, const ObjectsArguments& arguments)
{
    ComponentsOptions components;
    components.connectivity = parseConnectivity(arguments.connectivity);
    components.minimumVoxels = arguments.smallest;
    SplitTouchingOptions splitting;
    splitting.h = arguments.h;
    splitting.minimumVoxels = arguments.smallest;
    const SourcePtr mask = openMaskFor(console, arguments.mask, arguments.foreground);
    if (arguments.estimate)
        return showEstimate(console,
            arguments.split ? estimateSplit(mask->shape(), splitting) : estimateComponents(mask->shape(), components));
    requireWritable(arguments.out);
    Task labelling = console.task().part(0, arguments.distances.empty() ? 1 : 0.6);
    const auto sinkFor = [&](Scalar scalar) {
        return createTiff(arguments.out, mask->shape(), scalar, mask->voxelSize(), { Compression::Deflate });
    };
    const ComponentsResult result = arguments.split ? splitTouching(*mask, sinkFor, splitting, labelling)
                                                    : labelComponents(*mask, sinkFor, components, labelling);
    Json recorded = arguments.split ? toJson(splitting) : toJson(components);
    recorded["split_touching"] = arguments.split;
    const Json extra
        = { { "voxel_size", toJson(mask->voxelSize()) }, { "usage", usageOf(console) }, { "result", toJson(result) } };
    writeSideCar(arguments.out, "objects", recorded, { arguments.mask }, console.seconds(), extra);
    if (!arguments.distances.empty()) {
        Task measuring = console.task().part(0.6, 1);
        writeDistances(*mask, arguments.distances, measuring);
        writeSideCar(arguments.distances, "objects", recorded, { arguments.mask }, console.seconds(), extra);
    }
    console.say("Wrote " + arguments.out + ": " + std::to_string(result.objects)
        + (result.objects == 1 ? " object, " : " objects, ") + std::to_string(result.voxels) + " voxels, the largest "
        + std::to_string(result.largestVoxels)
        + (result.droppedObjects > 0 ? "; " + std::to_string(result.droppedObjects) + " smaller ones dropped"
                                     : std::string())
        + " (" + formatDuration(console.seconds()) + ")");
    Json object = toJson(result);
    object["out"] = arguments.out;
    object.update(usageOf(console));
    console.print(object);
}

} // namespace

void addObjects(CLI::App& app, Action& action)
{
    auto* command
        = app.add_subcommand("objects", "Number the objects of a mask: connected components, or split where they touch");
    auto a = std::make_shared<ObjectsArguments>();
    command->add_option("MASK", a->mask, "A mask or label volume")->required();
    command->add_option("-o,--out", a->out, "The labels to write: 0 background, 1, 2, … (u8, u16 or u32)")->required();
    command->add_option("--foreground", a->foreground, "Label values that are foreground, like 1,2 (default: all but 0)");
    command->add_option("--connectivity", a->connectivity, "Neighbours that belong together: 6 (faces), 18 or 26")
        ->capture_default_str();
    command->add_option("--min-size", a->smallest, "Smallest object that is kept, in voxels")->capture_default_str();
    command->add_flag("--split-touching", a->split, "Also separate bodies that touch, where they are narrowest (watershed)");
    command->add_option("--split-depth", a->h, "How much narrower than the bodies the neck must be, in voxels (h)")
        ->capture_default_str();
    command->add_option("--distances", a->distances, "Also write the distance to the background, f32, in voxels");
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->callback([a, &action] { action = [a](Console& console) { runObjects(console, *a); }; });
}

} // namespace interstice
