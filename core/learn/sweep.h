// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/train.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace interstice {

/// One option of a training and the values it is to take (setOption's names and texts).
struct SweepAxis {
    std::string name;
    std::vector<std::string> values;
};

/// Values are separated by '|', or without one by commas, where the option's own values have none: "dice|dice+bce",
/// "1e-3, 1e-4". Throws Error when there is no name or no value.
SweepAxis sweepAxis(const std::string& name, const std::string& values);

struct SweepOptions {
    TrainOptions base;
    /// All combinations are tried. The study's Table II: lr 1e-2 to 1e-5, batch 2 to 16, epochs 50 to 200.
    std::vector<SweepAxis> axes;
    /// Successive halving (Jamieson & Talwalkar 2016): all settings train for a part of their epochs, the better half
    /// goes on for twice as many, and so on; what was dropped is marked.
    bool halving = false;
};
Json toJson(const SweepOptions& options);

struct SweepRow {
    std::vector<std::string> values; ///< one an axis, in their order
    double validationDice = 0;
    int bestEpoch = 0;
    int epochs = 0; ///< trained so far
    double seconds = 0;
    enum class State { Waiting, Running, Done, Dropped, Failed } state = State::Waiting;
    /// Validation Dice, or 1 / (1 + validation loss) where the validation blocks have no foreground.
    double quality = 0;
    /// The highest quality so far; of equals the one with the fewest epochs.
    bool best = false;
    std::string problem; ///< why it failed, or what is odd about it, in a sentence
    std::filesystem::path model;
};
const char* stateName(SweepRow::State state);

/// Called after every epoch of any setting with all rows.
using SweepHandler = std::function<void(const std::vector<SweepRow>&)>;

/// Trains every setting and returns a row for each; `table` (CSV) is rewritten whenever a row changes and
/// `<table>.runs` keeps each setting's model, checkpoint and log, so that a sweep that was stopped or killed goes on
/// where it was when it is started again with the same options. Where the schedule does not depend on the number of
/// epochs one training serves all its numbers. The best model is `<table without extension>_best.safetensors`.
/// A setting that fails (its loss is no number) is a row that says so. Throws Error when no option makes sense or the
/// trainings kept beside the table are of another volume or truth, Stopped.
std::vector<SweepRow> sweep(const VolumeSource& raw, const VolumeSource& truth, const SweepOptions& options,
    const std::filesystem::path& table, Task& task, const SweepHandler& rowChanged = {});

/// What a sweep takes, before it starts.
struct SweepEstimate {
    std::size_t settings = 0; ///< rows of the table
    std::size_t trainings = 0; ///< fewer where one serves several numbers of epochs
    std::size_t begun = 0; ///< of these, found beside the table from before
    Cost cost; ///< seconds from the beginning, when `voxelsPerSecond` was measured with the base options
};
/// Throws Error as sweep does, and for blocks that do not fit the volume.
SweepEstimate estimateSweep(
    const Shape& shape, const SweepOptions& options, const std::filesystem::path& table, double voxelsPerSecond = 0);
/// The base options with a row's values.
TrainOptions optionsOf(const SweepOptions& options, const SweepRow& row);

/// The table as CSV: a column an axis, then val_dice, best_epoch, epochs_trained, seconds, state, best.
std::string sweepTable(const std::vector<SweepAxis>& axes, const std::vector<SweepRow>& rows);
std::filesystem::path bestModelPath(const std::filesystem::path& table);

/// Epochs after which each of the rounds of successive halving ends, for so many settings; the last is `epochs`.
std::vector<int> halvingRounds(std::size_t settings, int epochs);

} // namespace interstice
