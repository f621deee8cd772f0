// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/cost.h"
#include "io/side_car.h"
#include "segment/initial_mask.h"

#include <memory>

namespace interstice {

namespace {

struct MaskArguments {
    std::string raw;
    std::string out;
    bool percentiles = false;
    InitialMaskOptions options;
};

void runMask(Console& console, const MaskArguments& arguments)
{
    const SourcePtr raw = openFor(console, arguments.raw).source;
    InitialMaskOptions options = arguments.options;
    if (arguments.percentiles)
        options.normalise.mode = NormaliseOptions::Mode::Percentiles;
    auto sink = createTiff(arguments.out, raw->shape(), Scalar::U8, raw->voxelSize(), { Compression::Deflate });
    const InitialMaskResult result = makeInitialMask(*raw, *sink, options, console.task());
    writeSideCar(arguments.out, "mask", toJson(options), { arguments.raw }, console.seconds(),
        { { "voxel_size", toJson(raw->voxelSize()) }, { "result", toJson(result) } });
    console.say(result.findings);
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "%.1f %% foreground, threshold %.3f of the equalised range",
        100 * result.foregroundFraction, result.threshold);
    console.say("Wrote " + arguments.out + ": " + numbers + " (" + formatDuration(console.seconds()) + ")");
    Json object = toJson(result);
    object["out"] = arguments.out;
    object["seconds"] = console.seconds();
    console.print(object);
}

} // namespace

void addMask(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("mask", "CLAHE slice by slice, then Otsu over the volume: the study's initial mask");
    auto a = std::make_shared<MaskArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("-o,--out", a->out, "The mask to write, u8 with 0 and 1")->required();
    command->add_option("--clip", a->options.clahe.clipLimit, "CLAHE's clip limit, a share of a tile's voxels")
        ->capture_default_str();
    command->add_option("--tiles", a->options.clahe.tiles, "Tiles along each side of a slice")->capture_default_str();
    command->add_flag(
        "--percentiles", a->percentiles, "Normalise between the 0.5 and 99.5 percentiles instead of minimum and maximum");
    command->callback([a, &action] { action = [a](Console& console) { runMask(console, *a); }; });
}

} // namespace interstice
