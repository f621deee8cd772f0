// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "io/side_car.h"
#include "segment/initial_mask.h"

#include <memory>

namespace interstice {

namespace {

struct MaskArguments {
    std::string raw;
    std::string out;
    bool percentiles = false;
    bool noClahe = false;
    bool estimate = false;
    FirstSteps first;
    InitialMaskOptions options;
};

std::string describeResult(const InitialMaskResult& result, bool equalised)
{
    std::string text;
    char part[96];
    for (std::size_t c = 1; c < result.fractions.size(); ++c) {
        std::snprintf(part, sizeof part, "%s%.1f %%", c > 1 ? " / " : "", 100 * result.fractions[c]);
        text += part;
    }
    text += result.fractions.size() > 2 ? " in the classes above the darkest, thresholds" : " foreground, threshold";
    for (const double threshold : result.thresholds) {
        std::snprintf(part, sizeof part, equalised ? " %.3f" : " %.6g", threshold);
        text += part;
    }
    return text + (equalised ? " of the equalised range" : "");
}

void runMask(Console& console, const MaskArguments& arguments)
{
    const SourcePtr opened = openFor(console, arguments.raw).source;
    InitialMaskOptions options = arguments.options;
    options.equalise = !arguments.noClahe;
    if (arguments.percentiles)
        options.normalise.mode = NormaliseOptions::Mode::Percentiles;
    const PreprocessOptions first = arguments.first.options();
    if (arguments.estimate) {
        Cost cost = estimateInitialMask(opened->shape(), opened->scalar(), options);
        cost.ramBytes += estimatePreprocess(opened->shape(), first).ramBytes;
        return showEstimate(console, cost);
    }
    auto sink = createTiff(arguments.out, opened->shape(), Scalar::U8, opened->voxelSize(), { Compression::Deflate });
    Task preparing = console.task().part(0, first.any() ? 0.6 : 0);
    Task masking = console.task().part(first.any() ? 0.6 : 0, 1);
    const InitialMaskResult result = makeInitialMask(*preprocess(opened, first, preparing), *sink, options, masking);
    Json recorded = toJson(options);
    recorded["first"] = toJson(first);
    writeSideCar(arguments.out, "mask", recorded, { arguments.raw }, console.seconds(),
        { { "voxel_size", toJson(opened->voxelSize()) }, { "usage", usageOf(console) }, { "result", toJson(result) } });
    console.say(result.findings);
    console.say("Wrote " + arguments.out + ": " + describeResult(result, options.equalise) + " ("
        + formatDuration(console.seconds()) + ")");
    Json object = toJson(result);
    object["out"] = arguments.out;
    object.update(usageOf(console));
    console.print(object);
}

} // namespace

void addMask(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("mask", "CLAHE slice by slice, then Otsu over the volume: the study's initial mask");
    auto a = std::make_shared<MaskArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("-o,--out", a->out, "The mask to write, u8 with 0 and 1 (with more classes 0, 1, 2, …)")->required();
    command->add_option("--clip", a->options.clahe.clipLimit, "CLAHE's clip limit, a share of a tile's voxels")
        ->capture_default_str();
    command->add_option("--tiles", a->options.clahe.tiles, "Tiles along each side of a slice")->capture_default_str();
    command->add_option("--classes", a->options.classes, "Classes from dark to bright (multi-Otsu), 2 to 5")
        ->capture_default_str();
    command->add_flag("--no-clahe", a->noClahe, "Otsu on the grey values themselves");
    command->add_flag(
        "--percentiles", a->percentiles, "Normalise between the 0.5 and 99.5 percentiles instead of minimum and maximum");
    a->first.addTo(command);
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->callback([a, &action] { action = [a](Console& console) { runMask(console, *a); }; });
}

} // namespace interstice
