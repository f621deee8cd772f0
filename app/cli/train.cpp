// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/cost.h"
#include "io/side_car.h"
#include "learn/train.h"

#include <memory>
#include <optional>

namespace interstice {

namespace {

/// What the user typed; what was not typed is the preset's.
struct TrainArguments {
    std::string raw;
    std::string truth;
    std::string foreground;
    std::string model;
    std::string preset = "paper";
    std::optional<int> epochs;
    std::optional<int> batch;
    std::optional<double> learningRate;
    std::optional<std::string> loss;
    std::optional<double> trainFraction;
    std::optional<std::int64_t> chunk;
    std::optional<std::int64_t> tile;
    std::optional<int> minimumSteps;
    std::optional<bool> augment;
    std::optional<bool> cosine;
    std::string device = "auto";
    int threads = 0;
    std::uint64_t seed = 1;
    bool resume = false;
    bool estimate = false;
    std::string log;
};

TrainOptions optionsFrom(const TrainArguments& arguments)
{
    TrainOptions options = TrainOptions::preset(arguments.preset);
    const auto take = [](auto& to, const auto& given) {
        if (given)
            to = *given;
    };
    take(options.epochs, arguments.epochs);
    take(options.batch, arguments.batch);
    take(options.learningRate, arguments.learningRate);
    take(options.split.trainFraction, arguments.trainFraction);
    take(options.split.chunk, arguments.chunk);
    take(options.split.tile, arguments.tile);
    take(options.minimumSteps, arguments.minimumSteps);
    take(options.augment, arguments.augment);
    take(options.cosine, arguments.cosine);
    if (arguments.loss)
        options.loss = parseLoss(*arguments.loss);
    options.device = arguments.device;
    options.threads = arguments.threads;
    options.seed = arguments.seed;
    options.split.seed = arguments.seed;
    options.resume = arguments.resume;
    options.log = arguments.log;
    return options;
}

void runTrain(Console& console, const TrainArguments& arguments)
{
    const TrainOptions options = optionsFrom(arguments);
    const SourcePtr raw = openFor(console, arguments.raw).source;
    const SourcePtr truth = openMaskFor(console, arguments.truth, arguments.foreground);
    requireSameShape(*raw, *truth);
    if (arguments.estimate) {
        Task measuring;
        const double speed = measureTrainingSpeed(options, measuring);
        const Cost cost = estimateTraining(raw->shape(), options, speed);
        console.say(describeTrainingCost(raw->shape(), options, speed));
        console.print({ { "ram_bytes", cost.ramBytes }, { "gpu_bytes", cost.gpuBytes }, { "operations", cost.operations },
            { "seconds", cost.seconds } });
        return;
    }
    const TrainResult result = train(*raw, *truth, options, arguments.model, console.task(), [&](const EpochMetrics& m) {
        char line[160];
        std::snprintf(line, sizeof line, "epoch %3d  loss %.4f  dice %.4f  validation loss %.4f  dice %.4f  %.1f s%s",
            m.epoch, m.trainLoss, m.trainDice, m.validationLoss, m.validationDice, m.seconds, m.best ? "  best" : "");
        console.say(line);
    });
    console.say(result.findings);
    writeSideCar(arguments.model, "train", toJson(options), { arguments.raw, arguments.truth }, console.seconds(),
        { { "best_epoch", result.bestEpoch }, { "val_dice", result.validationDice } });
    char line[192];
    std::snprintf(line, sizeof line,
        "best epoch %d of %zu, validation Dice %.4f; %lld parameters; %.1f %% of the voxels trained, on %s, %s",
        result.bestEpoch, result.epochs.size(), result.validationDice, static_cast<long long>(result.parameters),
        100 * result.split.trainedFraction(), result.device.c_str(), formatDuration(result.seconds).c_str());
    console.say((result.stopped ? "Stopped and kept " : "Wrote ") + arguments.model + ": " + line);
    console.print({ { "best_epoch", result.bestEpoch }, { "val_dice", result.validationDice },
        { "parameters", result.parameters }, { "model", arguments.model }, { "epochs", result.epochs.size() },
        { "stopped", result.stopped }, { "trained_fraction", result.split.trainedFraction() }, { "device", result.device },
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
    command->add_option("--preset", a->preset, "paper, paper-table or quick")->capture_default_str();
    command->add_option("--epochs", a->epochs, "Passes over the training blocks (paper: 100)");
    command->add_option("--batch", a->batch, "Blocks in one step (paper: 4)");
    command->add_option("--lr", a->learningRate, "Adam's learning rate (paper: 1e-4)");
    command->add_option("--loss", a->loss, "dice, bce or dice+bce (paper: dice)");
    command->add_option("--train-fraction", a->trainFraction, "Share of the voxels that trains (0.1)");
    command->add_option("--chunk", a->chunk, "Slices in a block (10)");
    command->add_option("--tile", a->tile, "Side of a block in voxels (paper: 256)");
    command->add_option("--min-steps", a->minimumSteps, "Blocks are seen again until an epoch has this many steps");
    command->add_option("--augment", a->augment, "true or false: random flips and quarter turns");
    command->add_option("--cosine", a->cosine, "true or false: the learning rate falls to zero along half a cosine");
    command->add_option("--devices", a->device, "auto, cpu or cuda:0")->capture_default_str();
    command->add_option("--threads", a->threads, "Threads of the processor; 0: all")->capture_default_str();
    command->add_option("--seed", a->seed, "Blocks, weights, order and turns follow from it")->capture_default_str();
    command->add_flag("--resume", a->resume, "Go on from the checkpoint beside the model");
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->add_option("--log", a->log, "A line of JSON an epoch");
    command->callback([a, &action] { action = [a](Console& console) { runTrain(console, *a); }; });
}

} // namespace interstice
