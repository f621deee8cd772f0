// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/training_choices.h"

#include "base/cost.h"
#include "base/error.h"
#include "cli/shared_options.h"
#include "learn/train.h"
#include "learn/voxel_pooling.h"

namespace interstice {

TrainOptions TrainingChoices::optionsFor(const VoxelSize& voxel) const
{
    TrainOptions options = TrainOptions::preset(preset);
    const auto take = [](auto& to, const auto& given) {
        if (given)
            to = *given;
    };
    take(options.epochs, epochs);
    take(options.batch, batch);
    take(options.accumulate, accumulate);
    take(options.learningRate, learningRate);
    take(options.clipNorm, clipNorm);
    take(options.diceOverBatch, diceOverBatch);
    take(options.split.trainFraction, trainFraction);
    take(options.split.chunk, chunk);
    take(options.split.tile, tile);
    take(options.minimumSteps, minimumSteps);
    take(options.patience, patience);
    take(options.architecture.classes, classes);
    take(options.architecture.residual, residual);
    take(options.architecture.deepSupervision, deepSupervision);
    if (!trainSlabs.empty()) {
        if (trainFraction)
            throw Error("--train-fraction and --train-slabs both say what trains", "Use one of them.");
        options.split.slabs = parseSliceRanges(trainSlabs);
    }
    options.split.narrowGuard = narrowGuard;
    if (schedule && cosine)
        throw Error("--schedule and --cosine say the same", "Use --schedule alone.");
    if (schedule)
        options.schedule = parseSchedule(*schedule);
    if (cosine)
        options.schedule = *cosine ? Schedule::Cosine : Schedule::Constant;
    if (loss)
        options.loss = parseLoss(*loss);
    if (augment)
        options.augment = AugmentOptions::parse(*augment);
    if (norm)
        options.architecture.norm = parseNorm(*norm);
    if (upsampling)
        options.architecture.upsampling = parseUpsampling(*upsampling);
    if (options.architecture.classes < 2 || options.architecture.classes > 254)
        throw Error("The number of classes must be between 2 and 254", "Background counts as one of them.");
    if (poolByVoxels.value_or(preset == "strong"))
        choosePooling(options, voxel);
    if (statistics != "global" && statistics != "local")
        throw Error("'" + statistics + "' is not a choice of statistics", "Choose global or local.");
    options.globalStatistics = statistics == "global";
    options.classWeights = classWeights;
    options.startFrom = startFrom;
    options.rankTimeout = rankTimeout;
    options.checkpointSeconds = 60 * checkpointMinutes;
    options.device = device;
    options.precision = parsePrecision(precision);
    options.threads = threads;
    options.seed = seed;
    options.split.seed = seed;
    return options;
}

void TrainingChoices::addTo(CLI::App* command, For what)
{
    command->add_option("--preset", preset, "paper, paper-table, quick or strong")->capture_default_str();
    if (what != For::Sweep) {
        command->add_option("--epochs", epochs, "Passes over the training blocks (paper: 100)");
        command->add_option("--batch", batch, "Blocks in one step, over all devices together (paper: 4)");
        command->add_option("--lr", learningRate, "Adam's learning rate (paper: 1e-4)");
    }
    command->add_option("--accumulate", accumulate, "Compute a step's blocks in so many parts, for less memory");
    command->add_option("--schedule", schedule, "The learning rate over the epochs: constant, cosine, poly or plateau");
    command->add_option("--cosine", cosine, "true or false: short for --schedule cosine or constant");
    command->add_option("--clip", clipNorm, "Longest gradient; 0: no limit");
    if (what != For::Pretrain) {
        command->add_option("--loss", loss, "dice, bce or dice+bce (paper: dice)");
        command->add_option("--dice-over-batch", diceOverBatch, "true or false: one Dice of all blocks of a step");
        command->add_option("--classes", classes, "Classes with the background; above 2 the truth's labels are the classes");
        command->add_option("--class-weights", classWeights, "A weight in the loss for each class, background first")
            ->delimiter(',');
    }
    command->add_option("--start-from", startFrom,
        "A model, pretrained or trained, whose weights are where training begins, as far as they fit");
    command->add_option("--train-fraction", trainFraction,
        what == For::Pretrain ? "Share of the voxels that trains (0.5, but at most 2000 blocks)"
                              : "Share of the voxels that trains (0.1)");
    command->add_option(
        "--train-slabs", trainSlabs, "Slices that train in place of a share, counted from 0, both ends included: 0-9,40-49");
    command->add_flag("--narrow-guard", narrowGuard,
        "A narrow gap between what trains and what tests, though test voxels then see a part of what trained");
    command->add_option("--chunk", chunk, "Slices in a block (10)");
    command->add_option("--tile", tile, "Side of a block in voxels (paper: 256)");
    command->add_option("--min-steps", minimumSteps, "Blocks are seen again until an epoch has this many steps");
    command->add_option("--patience", patience, "End after so many epochs without a better one; 0: never");
    command->add_option("--augment", augment,
        "none, all, or of flips,turns,rotate,scale,elastic,brightness,contrast,gamma,noise,blur,rings,stripes");
    command->add_option("--norm", norm, "Normalisation: batch, instance or group (only batch predicts without seams)");
    command->add_option("--upsampling", upsampling, "nearest or transposed");
    command->add_option("--residual", residual, "true or false: residual blocks on the way down");
    command->add_option("--deep-supervision", deepSupervision, "true or false: an output at every level in training");
    command->add_option("--pool-by-voxels", poolByVoxels, "true or false: choose the pooling from the voxel size");
    command->add_option("--statistics", statistics, "Batch statistics with several devices: global or local")
        ->capture_default_str();
    command->add_option("--rank-timeout", rankTimeout, "Seconds to wait for a device that does not answer")
        ->capture_default_str();
    command->add_option("--checkpoint-minutes", checkpointMinutes, "Minutes between checkpoints within an epoch")
        ->capture_default_str();
    command->add_option("--precision", precision, kPrecisionHelp)->capture_default_str();
    command->add_option("--devices", device, "auto, cpu, cuda:0, cuda:0,cuda:1, or cpu*2 for two ranks on the processor")
        ->capture_default_str();
    command->add_option("--threads", threads, "Threads of the processor; 0: all")->capture_default_str();
    command->add_option("--seed", seed, "Blocks, weights, order and augmentation follow from it")->capture_default_str();
}

void showTrainingEstimate(Console& console, const Shape& shape, const TrainOptions& options)
{
    Task measuring = console.task().part(0, 0);
    const double speed = measureTrainingSpeed(options, measuring);
    const Cost cost = estimateTraining(shape, options, speed);
    console.say(describeTrainingCost(shape, options, speed));
    console.print({ { "ram_bytes", cost.ramBytes }, { "gpu_bytes", cost.gpuBytes }, { "operations", cost.operations },
        { "seconds", cost.seconds } });
}

SourcePtr openTruthFor(Console& console, const std::string& path, const std::string& foreground, int classes)
{
    if (classes <= 2)
        return openMaskFor(console, path, foreground);
    if (!foreground.empty())
        throw Error("--foreground makes two classes, and --classes says " + std::to_string(classes), "Use one of them.");
    return openFor(console, path).source;
}

} // namespace interstice
