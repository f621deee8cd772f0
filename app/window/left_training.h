// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "learn/checkpoint_progress.h"
#include "learn/train_options.h"
#include "volume/labels.h"

#include <filesystem>
#include <vector>

namespace interstice {

/// A training that has not come to its end, with all that going on takes.
struct LeftTraining {
    std::filesystem::path model; ///< its checkpoint lies beside it
    std::filesystem::path raw;
    std::filesystem::path truth;
    LabelRule rule;
    TrainOptions options;
    std::optional<CheckpointProgress> reached; ///< nothing without a checkpoint

    bool operator==(const LeftTraining& other) const { return model == other.model; }
};

/// Says beside the model what is being trained, until `forgetRecord`: what a session that was killed leaves for the
/// next one.
void writeRecord(const LeftTraining& training);
void forgetRecord(const std::filesystem::path& model);
/// Whether a folder holds a record and a checkpoint.
bool holdsLeftTraining(const std::filesystem::path& folder);

/// Unfinished trainings of a volume in the folders of sessions that are no more, the one that came farthest first.
std::vector<LeftTraining> findLeftTrainings(const std::filesystem::path& raw, Task& task);
/// Moves model, checkpoint and log and, where it lies in the same folder, copies the truth. Throws Error when that fails.
LeftTraining adopted(const LeftTraining& training, const std::filesystem::path& model);
/// Removes what it left.
void discard(const LeftTraining& training);

} // namespace interstice
