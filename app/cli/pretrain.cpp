// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/rank_commands.h"
#include "cli/shared_options.h"
#include "cli/training_choices.h"

#include "base/cost.h"
#include "io/side_car.h"
#include "learn/pretrain.h"

#include <cstdio>
#include <memory>

namespace interstice {

namespace {

struct PretrainArguments {
    std::string raw;
    std::string model;
    TrainingChoices choices;
    std::string ranks = "auto";
    bool resume = false;
    bool estimate = false;
    std::string log;
};

void runPretrain(Console& console, const PretrainArguments& arguments)
{
    const RankPlace place = rankPlaceFrom(processEnvironment());
    if (!arguments.estimate && ranAsProcesses(console, arguments.ranks, arguments.choices.device, place))
        return;
    console.silence(place.rank != 0); // rank 0 alone speaks
    const SourcePtr raw = openFor(console, arguments.raw).source;
    TrainOptions options = forPretraining(arguments.choices.optionsFor(raw->voxelSize()));
    if (!arguments.choices.trainFraction)
        options.split.trainFraction = pretrainingFraction(raw->shape(), options);
    options.resume = arguments.resume;
    options.log = arguments.log;
    if (arguments.estimate) {
        showTrainingEstimate(console, raw->shape(), options);
        return;
    }
    const auto say = [&](const EpochMetrics& m) {
        char line[128];
        std::snprintf(line, sizeof line, "epoch %3d  loss %.4f  validation loss %.4f  %.1f s%s", m.epoch, m.trainLoss,
            m.validationLoss, m.seconds, m.best ? "  best" : "");
        console.say(line);
    };
    const TrainResult result = pretrain(*raw, options, arguments.model, console.task(), say, place);
    if (place.rank != 0)
        return;
    console.say(result.findings);
    const double loss = result.epochs[static_cast<std::size_t>(result.bestEpoch - 1)].validationLoss;
    std::vector<std::filesystem::path> inputs = { arguments.raw };
    if (!options.startFrom.empty())
        inputs.push_back(options.startFrom);
    writeSideCar(arguments.model, "pretrain", toJson(options), inputs, console.seconds(),
        { { "best_epoch", result.bestEpoch }, { "val_loss", loss } });
    char line[224];
    std::snprintf(line, sizeof line,
        "best epoch %d of %zu, hidden grey values guessed with a mean squared error of %.4f (1: as good as their mean); "
        "%lld "
        "parameters; on %s, %s",
        result.bestEpoch, result.epochs.size(), loss, static_cast<long long>(result.parameters), result.device.c_str(),
        formatDuration(result.seconds).c_str());
    console.say((result.stopped ? "Stopped and kept " : "Wrote ") + arguments.model + ": " + line);
    console.say("It knows no classes yet: train --start-from " + arguments.model + " goes on from it with labels.");
    console.print({ { "best_epoch", result.bestEpoch }, { "val_loss", loss }, { "parameters", result.parameters },
        { "model", arguments.model }, { "epochs", result.epochs.size() }, { "stopped", result.stopped },
        { "early", result.early }, { "ranks", result.ranks }, { "trained_fraction", result.split.trainedFraction() },
        { "device", result.device }, { "layers", result.layers }, { "seconds", result.seconds },
        { "findings", toJson(result.findings) } });
}

} // namespace

void addPretrain(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("pretrain",
        "Let a network learn from a stack without labels, by guessing hidden cubes of it, as a start for train "
        "--start-from; "
        "Ctrl-C stops and keeps the best epoch");
    auto a = std::make_shared<PretrainArguments>();
    command->add_option("RAW", a->raw, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("-o,--out", a->model, "The model to write (.safetensors); it cannot predict")->required();
    a->choices.addTo(command, TrainingChoices::For::Pretrain);
    addRanks(command, a->ranks);
    command->add_flag("--resume", a->resume, "Go on from the checkpoint beside the model");
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->add_option("--log", a->log, "A line of JSON an epoch");
    command->callback(
        [a, &action] { action = [a](Console& console) { runAsRank(console, [&] { runPretrain(console, *a); }); }; });
}

} // namespace interstice
