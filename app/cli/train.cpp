// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/rank_commands.h"
#include "cli/shared_options.h"
#include "cli/training_choices.h"

#include "base/cost.h"
#include "base/error.h"
#include "io/side_car.h"
#include "learn/train.h"

#include <cstdio>
#include <memory>

namespace interstice {

namespace {

/// What the user typed; what was not typed is the preset's.
struct TrainArguments {
    std::string raw;
    std::string truth;
    std::string foreground;
    std::string model;
    TrainingChoices choices;
    std::string ranks = "auto";
    bool resume = false;
    bool keepLast = false;
    bool estimate = false;
    std::string log;
};

void runTrain(Console& console, const TrainArguments& arguments)
{
    const RankPlace place = rankPlaceFrom(processEnvironment());
    if (!arguments.estimate && ranAsProcesses(console, arguments.ranks, arguments.choices.device, place))
        return;
    console.silence(place.rank != 0); // rank 0 alone speaks
    const SourcePtr raw = openFor(console, arguments.raw).source;
    TrainOptions options = arguments.choices.optionsFor(raw->voxelSize());
    options.resume = arguments.resume;
    options.keepLast = arguments.keepLast;
    options.log = arguments.log;
    const SourcePtr truth = openTruthFor(console, arguments.truth, arguments.foreground, options.architecture.classes);
    requireSameShape(*raw, *truth);
    if (arguments.estimate) {
        showTrainingEstimate(console, raw->shape(), options);
        return;
    }
    const auto say = [&](const EpochMetrics& m) {
        char line[160];
        std::snprintf(line, sizeof line, "epoch %3d  loss %.4f  dice %.4f  validation loss %.4f  dice %.4f  %.1f s%s",
            m.epoch, m.trainLoss, m.trainDice, m.validationLoss, m.validationDice, m.seconds, m.best ? "  best" : "");
        console.say(line);
    };
    const TrainResult result = train(*raw, *truth, options, arguments.model, console.task(), say, place);
    if (place.rank != 0)
        return;
    console.say(result.findings);
    std::vector<std::filesystem::path> inputs = { arguments.raw, arguments.truth };
    if (!options.startFrom.empty())
        inputs.push_back(options.startFrom);
    writeSideCar(arguments.model, "train", toJson(options), inputs, console.seconds(),
        { { "best_epoch", result.bestEpoch }, { "val_dice", result.validationDice } });
    char line[192];
    std::snprintf(line, sizeof line,
        "best epoch %d of %zu, validation Dice %.4f; %lld parameters; %.1f %% of the voxels trained, on %s, %s",
        result.bestEpoch, result.epochs.size(), result.validationDice, static_cast<long long>(result.parameters),
        100 * result.split.trainedFraction(), result.device.c_str(), formatDuration(result.seconds).c_str());
    if (result.early)
        console.say("No better epoch for " + std::to_string(options.patience) + " epochs, so training ended early");
    console.say((result.stopped ? "Stopped and kept " : "Wrote ") + arguments.model + ": " + line);
    console.print({ { "best_epoch", result.bestEpoch }, { "val_dice", result.validationDice },
        { "parameters", result.parameters }, { "model", arguments.model }, { "epochs", result.epochs.size() },
        { "stopped", result.stopped }, { "early", result.early }, { "ranks", result.ranks },
        { "trained_fraction", result.split.trainedFraction() }, { "device", result.device }, { "layers", result.layers },
        { "seconds", result.seconds }, { "findings", toJson(result.findings) } });
}

} // namespace

void addTrain(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand(
        "train", "Train a 3-D U-Net on a part of a stack and its ground truth; Ctrl-C stops and keeps the best epoch");
    auto a = std::make_shared<TrainArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("TRUTH", a->truth, "Labels of the same shape")->required();
    command->add_option("-o,--out", a->model, "The model to write (.safetensors)")->required();
    command->add_option("--foreground", a->foreground, "Label values that are foreground, like 1,2 (default: all but 0)");
    a->choices.addTo(command);
    addRanks(command, a->ranks);
    command->add_flag("--resume", a->resume, "Go on from the checkpoint beside the model");
    command->add_flag("--keep-last", a->keepLast, "Also write the last epoch's weights, as MODEL_last");
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->add_option("--log", a->log, "A line of JSON an epoch");
    command->callback(
        [a, &action] { action = [a](Console& console) { runAsRank(console, [&] { runTrain(console, *a); }); }; });
}

} // namespace interstice
