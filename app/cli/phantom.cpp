// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"
#include "phantom/sphere_phantom.h"

#include <filesystem>
#include <memory>

namespace interstice {

namespace {

struct PhantomArguments {
    std::string folder;
    std::string size = "96,192,192";
    std::string kind = "spheres";
    std::string diameter = "38:45um";
    std::string voxel = "2.6um";
    SpherePhantomOptions options;
};

void runPhantom(Console& console, const PhantomArguments& arguments)
{
    if (arguments.kind != "spheres")
        throw Error("There is no phantom of kind '" + arguments.kind + "' in this version", "Choose spheres.");
    SpherePhantomOptions options = arguments.options;
    options.shape = parseShape(arguments.size);
    options.voxel = parseVoxelSize(arguments.voxel);
    const LengthRange diameter = parseLengthRange(arguments.diameter);
    options.diameterLow = diameter.low.micrometres();
    options.diameterHigh = diameter.high.micrometres();

    const std::filesystem::path folder = arguments.folder;
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem)
        throw Error("Cannot make the folder " + utf8(folder) + " (" + problem.message() + ")", "Choose another place.");
    auto raw = createTiff(folder / "raw.tif", options.shape, Scalar::U16, options.voxel);
    auto truth = createTiff(folder / "truth.tif", options.shape, Scalar::U8, options.voxel, { Compression::Deflate });
    const PhantomResult result = makeSpherePhantom(options, *raw, *truth, console.task());
    writeObjectsCsv(folder / "objects.csv", result, options);
    Json record = { { "kind", arguments.kind }, { "options", toJson(options) }, { "result", toJson(result) },
        { "version", INTERSTICE_VERSION }, { "raw_checksum", checksumOfFile(folder / "raw.tif") },
        { "truth_checksum", checksumOfFile(folder / "truth.tif") },
        { "labels", { { "0", "matrix or air" }, { "1", "sphere" }, { "2", "void" } } }, { "seconds", console.seconds() } };
    writeJsonFile(folder / "phantom.json", record);

    console.say(result.findings);
    char fraction[48];
    std::snprintf(fraction, sizeof fraction, "%.1f %% of the pillar", 100 * result.sphereFraction);
    std::size_t spheres = 0;
    for (const auto& object : result.objects)
        spheres += object.kind == PhantomObject::Kind::Sphere ? 1 : 0;
    console.say("Wrote " + utf8(folder) + ": raw.tif, truth.tif, objects.csv, phantom.json (" + std::to_string(spheres)
        + " spheres, " + fraction + ", " + formatDuration(console.seconds()) + ")");
    record["out"] = utf8(folder);
    record["findings"] = toJson(result.findings);
    console.print(record);
}

} // namespace

void addPhantom(CLI::App& app, Action& action)
{
    auto* command
        = app.add_subcommand("phantom", "Make a sample like the study's glass spheres in polypropylene, with exact truth");
    auto a = std::make_shared<PhantomArguments>();
    command->add_option("OUTDIR", a->folder, "Folder for raw.tif, truth.tif, objects.csv, phantom.json")->required();
    command->add_option("--size", a->size, "Z,Y,X in voxels")->capture_default_str();
    command->add_option("--kind", a->kind, "spheres")->capture_default_str();
    command->add_option("--fraction", a->options.fraction, "Volume of the spheres over the pillar's")->capture_default_str();
    command->add_option("--diameter", a->diameter, "Range, like 38:45um")->capture_default_str();
    command->add_option("--voxel", a->voxel, "Voxel size")->capture_default_str();
    command->add_option("--noise", a->options.noise, "Standard deviation of the noise in grey levels of 65535")
        ->capture_default_str();
    command->add_option("--blur", a->options.blurVoxels, "Standard deviation of the blur in voxels")->capture_default_str();
    command->add_option("--seed", a->options.seed, "Same seed and options, same bytes")->capture_default_str();
    command->callback([a, &action] { action = [a](Console& console) { runPhantom(console, *a); }; });
}

} // namespace interstice
