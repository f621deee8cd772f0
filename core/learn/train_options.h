// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/architecture.h"
#include "learn/augment.h"
#include "learn/layer_choice.h"
#include "learn/split.h"
#include "volume/grey_range.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace interstice {

enum class Loss { Dice, Bce, DiceBce };
/// "dice", "bce", "dice+bce"
const char* lossName(Loss loss);
Loss parseLoss(const std::string& name);

/// What a network learns: the classes of a truth, or the grey values of what is hidden from it (learn/pretrain.h).
enum class Goal { Segment, Reconstruct };

/// How the learning rate η goes over E epochs, e counted from 1: constant η (the study's); cosine
/// η·(1 + cos(π·(e − 1)/E))/2; poly η·(1 − (e − 1)/E)^0.9 (Chen et al., "DeepLab", 2017; nnU-Net); plateau: halved
/// whenever the validation loss has not fallen for ten epochs.
enum class Schedule { Constant, Cosine, Poly, Plateau };
const char* scheduleName(Schedule schedule);
Schedule parseSchedule(const std::string& name);

struct EpochMetrics {
    int epoch = 0; ///< from 1
    double trainLoss = 0;
    /// At threshold 0.5 over all training voxels of the epoch; mean over foreground classes. NaN where there are no classes.
    double trainDice = 0;
    double validationLoss = 0;
    double validationDice = 0; ///< the same over all validation voxels
    std::vector<double> validationDicePerClass; ///< of each class but the background
    double learningRate = 0;
    double seconds = 0;
    double voxelsPerSecond = 0;
    bool byLoss = false; ///< Dice says nothing here: no classes, or no foreground in the validation blocks
    bool best = false; ///< the best quality so far

    /// What the best epoch is chosen by: validation Dice, or 1 / (1 + validation loss) where `byLoss`.
    double quality() const;
};
Json toJson(const EpochMetrics& metrics);
/// Losses that JSON could not say (null) are NaN. Throws Json::exception where it is no epoch.
EpochMetrics epochMetricsFromJson(const Json& json);
/// Marks every epoch that is better than all before it and returns the number of the best, 0 without epochs.
int markBest(std::vector<EpochMetrics>& epochs);

struct TrainOptions {
    Goal goal = Goal::Segment;
    /// A model whose weights are where training begins, as far as they fit; empty: random ones.
    std::filesystem::path startFrom;
    ArchitectureSpec architecture = ArchitectureSpec::preset("paper");
    SplitOptions split;
    /// Passes over all training blocks.
    int epochs = 100;
    /// Pauses after this epoch, as a stop would, but in good order; 0 goes to the end.
    int untilEpoch = 0;
    /// Blocks in one step, over all ranks together: more devices change the time, not the result.
    int batch = 4;
    /// Parts in which a step's blocks are computed one after the other: less memory for the same step. Batch
    /// statistics are then those of each part.
    int accumulate = 1;
    /// Adam's step (Kingma & Ba 2015), β 0.9 and 0.999, ε 1e-7 as in Keras.
    double learningRate = 1e-4;
    Schedule schedule = Schedule::Constant;
    /// Gradients longer than this are shortened to it (Pascanu et al. 2013); 0 leaves them.
    double clipNorm = 0;
    Loss loss = Loss::Dice;
    /// Dice of all voxels of a step together instead of the mean of its samples' own.
    bool diceOverBatch = false;
    /// Weight of each class in the loss, background first; empty: all alike.
    std::vector<double> classWeights;
    /// Small volumes have few blocks: they are seen again until an epoch has at least this many steps.
    int minimumSteps = 1;
    /// Ends after so many epochs without a better validation Dice; 0 never.
    int patience = 0;
    AugmentOptions augment;
    NormaliseOptions normalise;
    std::uint64_t seed = 1;
    /// "auto", "cpu", "cuda:N", or several: "cpu*2", "cuda:0,cuda:1".
    std::string device = "auto";
    /// Of the layers; auto takes bfloat16 on GPUs where a trial shows that its gradients are right and it is faster.
    Precision precision = Precision::Auto;
    /// Batch normalisation over the samples of all ranks, or of each rank alone.
    bool globalStatistics = true;
    /// Seconds to wait for a rank that does not answer.
    double rankTimeout = 90;
    /// Threads of LibTorch over all ranks of a machine; 0: all usable cores. Results are the same for the same number.
    int threads = 0;
    /// Go on from `<model>.checkpoint` when there is one.
    bool resume = false;
    /// Beside every epoch's checkpoint one is written when so many seconds have passed; 0 after every step.
    double checkpointSeconds = 180;
    /// Also write the last epoch's weights, as `<model>` with "_last" before its extension.
    bool keepLast = false;
    /// A line of JSON an epoch; empty for none.
    std::filesystem::path log;

    /// The preset's network with the options that suit it: the study's for both paper presets, for
    /// "quick" a larger learning rate, Dice + BCE, small tiles and augmentation, for "strong" cubes, all
    /// augmentations, Dice + BCE and a falling learning rate.
    static TrainOptions preset(const std::string& name);
    /// Times that each of `blocks` training blocks is seen in an epoch.
    int repeatsFor(std::size_t blocks) const;
    /// Adam's step in an epoch, counted from 1, after those before it.
    double learningRateAt(int epoch, const std::vector<EpochMetrics>& before = {}) const;
};
Json toJson(const TrainOptions& options);
/// As toJson wrote them; what is missing is at its default. Throws Error on anything else.
TrainOptions trainOptionsFromJson(const Json& json);
/// Sets one option by the name it has on the command line, from text: lr, batch, epochs, loss, schedule, clip,
/// accumulate, chunk, tile, train-fraction, train-slabs, min-steps, patience, augment, norm, upsampling, residual,
/// deep-supervision, precision, seed. Throws Error on another name or a value that is none.
void setOption(TrainOptions& options, const std::string& name, const std::string& value);
/// The names that it knows, in alphabetical order.
std::vector<std::string> settableOptions();
/// What must agree for a checkpoint's curve to go on as itself. Epochs may grow where the schedule does not depend on
/// them; paths, devices and threads may differ, and so may the parts that a step is computed in, for a training that ran
/// out of memory.
Json identityOf(const TrainOptions& options);
/// The same of a checkpoint written by an earlier version: what it did not have is at its default.
Json upgradedIdentity(const Json& stored);

} // namespace interstice
