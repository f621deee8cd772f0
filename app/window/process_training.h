// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/train.h"
#include "volume/labels.h"

#include <filesystem>

namespace interstice {

/// A training on several GPUs: a process each, so that a driver's error or a lost process never takes the window down.
struct ProcessTraining {
    /// interstice-cli.
    std::filesystem::path program;
    std::filesystem::path raw;
    std::filesystem::path truth;
    LabelRule rule; ///< which of the truth's labels are foreground
    TrainOptions options;
    std::filesystem::path model;
};

/// More than one device, and one of them is no processor; or INTERSTICE_RANKS=processes says so.
bool needsProcesses(const TrainOptions& options);
/// Beside this program, or where a build has it. Throws Error when it is not there.
std::filesystem::path commandLineProgram();

/// As `train`, but in processes of their own. The handler is called on another thread.
TrainResult trainInProcesses(const ProcessTraining& training, Task& task, const EpochHandler& epochFinished);

} // namespace interstice
