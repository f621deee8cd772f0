// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/cost.h"
#include "io/side_car.h"
#include "learn/devices.h"
#include "learn/predict.h"

#include <memory>
#include <optional>

namespace interstice {

namespace {

struct PredictArguments {
    std::string raw;
    std::string model;
    std::string out;
    std::string probability;
    std::string entropy;
    std::string mode = "paper";
    std::string precision = "auto";
    std::string memory;
    bool estimate = false;
    PredictOptions options;
    /// Of a TorchScript archive, as typed.
    std::string tile;
    std::string lattice;
    std::string reach;
    std::optional<int> channels;
    std::optional<std::string> output;
    std::optional<std::string> grey;
};

ScriptOptions scriptOptionsFrom(const PredictArguments& arguments)
{
    ScriptOptions options;
    if (!arguments.tile.empty())
        options.tile = parseShape(arguments.tile);
    if (!arguments.lattice.empty()) {
        const Shape sides = parseShape(arguments.lattice);
        options.lattice = Extent { sides.z, sides.y, sides.x };
    }
    if (!arguments.reach.empty())
        options.reach = parseReach(arguments.reach);
    options.channels = arguments.channels;
    options.output = arguments.output;
    options.grey = arguments.grey;
    return options;
}

/// What a TorchScript archive was taken to be, for who wants to do it again.
Json takenAs(const ScriptCard& card)
{
    Json json = { { "tile", { card.tile.z, card.tile.y, card.tile.x } }, { "channels", card.channels },
        { "output", card.probabilities ? "probabilities" : "logits" }, { "grey", card.grey },
        { "lattice", { card.lattice.z, card.lattice.y, card.lattice.x } } };
    if (card.reach)
        json["receptive_field"] = { card.reach->z, card.reach->y, card.reach->x };
    return json;
}

void runPredict(Console& console, const PredictArguments& arguments)
{
    PredictOptions options = arguments.options;
    options.mode = parsePredictMode(arguments.mode);
    options.precision = parsePrecision(arguments.precision);
    if (!arguments.memory.empty())
        options.memory = parseBytes(arguments.memory);
    options.script = scriptOptionsFrom(arguments);
    const ModelCard card = readPredictorCard(arguments.model, options.script);
    requirePredicts(card, arguments.model);
    const SourcePtr raw = openFor(console, arguments.raw).source;
    if (arguments.estimate) {
        options.device = resolveDeviceList(options.device);
        const Cost cost = estimatePrediction(raw->shape(), card, options);
        console.say(describePredictionCost(raw->shape(), card, options));
        console.print({ { "ram_bytes", cost.ramBytes }, { "gpu_bytes", cost.gpuBytes }, { "operations", cost.operations },
            { "device", options.device } });
        return;
    }
    const TiffWriteOptions packed { Compression::Deflate };
    auto mask = createTiff(arguments.out, raw->shape(), Scalar::U8, raw->voxelSize(), packed);
    const auto also = [&](const std::string& path) {
        return path.empty() ? nullptr : createTiff(path, raw->shape(), Scalar::U8, raw->voxelSize(), packed);
    };
    auto probability = also(arguments.probability);
    auto entropy = also(arguments.entropy);
    const PredictResult result
        = predict(*raw, arguments.model, *mask, probability.get(), options, console.task(), entropy.get());
    Json extra = { { "voxel_size", toJson(raw->voxelSize()) }, { "model_checksum", card.checksum },
        { "device", result.device }, { "layers", result.layers } };
    if (card.script)
        extra["model_taken_as"] = takenAs(*card.script);
    for (const auto& path : { arguments.out, arguments.probability, arguments.entropy }) {
        if (!path.empty())
            writeSideCar(path, "predict", toJson(options), { arguments.raw, arguments.model }, console.seconds(), extra);
    }
    console.say(result.findings);
    char line[128];
    std::snprintf(line, sizeof line, "%.1f %% foreground, %.2f Mvoxel/s on %s", 100 * result.foregroundFraction,
        result.voxelsPerSecond / 1e6, result.device.c_str());
    console.say("Wrote " + arguments.out + ": " + line + " (" + formatDuration(result.seconds) + ")");
    console.print(
        { { "out", arguments.out }, { "foreground_fraction", result.foregroundFraction }, { "tiles", result.tiles },
            { "seconds", result.seconds }, { "voxels_per_s", result.voxelsPerSecond }, { "device", result.device },
            { "layers", result.layers }, { "peak_bytes", peakResidentBytes() }, { "findings", toJson(result.findings) } });
}

} // namespace

void addPredict(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("predict", "Segment a stack with a trained model, streamed");
    auto a = std::make_shared<PredictArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command
        ->add_option("--model", a->model,
            "Model file (.safetensors), or a TorchScript archive, whose code runs with your rights: only from people you "
            "trust")
        ->required();
    command->add_option("-o,--out", a->out, "The mask to write, u8 with 0 and 1, or classes")->required();
    command->add_option("--probability", a->probability, "Also write probabilities, u8 with 255 = 1");
    command->add_option("--entropy", a->entropy, "Also write how undecided the network was, u8 with 255 = all alike");
    command->add_option("--mode", a->mode, "paper: the study's overlapping chunks; exact: no chunk can be seen")
        ->capture_default_str();
    command->add_option("--overlap", a->options.overlap, "Share of a tile that overlaps the next (paper mode)")
        ->capture_default_str();
    command->add_option("--threshold", a->options.threshold, "Foreground above this probability")->capture_default_str();
    command->add_flag("--flips", a->options.flips, "Average over all eight flips: eight times the work, a little smoother");
    command
        ->add_option(
            "--devices", a->options.device, "auto, cpu, cuda:0, or several that share the tiles: cuda:0,cuda:1, cpu*2")
        ->capture_default_str();
    command->add_option("--precision", a->precision, kPrecisionHelp)->capture_default_str();
    command->add_option("--threads", a->options.threads, "Threads of the processor; 0: all")->capture_default_str();
    command->add_option("--memory", a->memory, "Memory to stay below, like 4GiB");
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    const std::string group = "TorchScript models (otherwise from the JSON file beside the model)";
    command->add_option("--model-tile", a->tile, "Size of its inputs, Z,Y,X (32,128,128)")->group(group);
    command->add_option("--model-channels", a->channels, "Input channels; the grey values are repeated (1)")->group(group);
    command->add_option("--model-output", a->output, "logits (one: sigmoid, several: softmax) or probabilities")
        ->group(group);
    command
        ->add_option("--model-grey", a->grey,
            "How grey values are prepared: percentiles (to 0…1), minmax, standard (mean 0, deviation 1), none, or LOW:HIGH")
        ->group(group);
    command
        ->add_option("--model-reach", a->reach,
            "How far an input voxel can change the output, each way, Z,Y,X: lets it predict in exact mode")
        ->group(group);
    command->add_option("--model-lattice", a->lattice, "Sides of its inputs are multiples of these, Z,Y,X (16,16,16)")
        ->group(group);
    command->callback([a, &action] { action = [a](Console& console) { runPredict(console, *a); }; });
}

} // namespace interstice
