// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// Status with which a rank's process ends when it lost another (RankLost), so that the one to blame can be told from
/// those that only noticed.
inline constexpr int kRankLostStatus = 75;

/// One training as several processes of this machine, each a rank.
struct RankProcesses {
    /// Program and arguments, the same for all; what they are to each other is in their environment (rankPlaceFrom).
    std::vector<std::string> command;
    int world = 1;
    /// Seconds for the others to end by themselves after one has ended badly, before they are killed.
    double grace = 3;
};

/// Starts the ranks, watches them until all have ended, and clears up what they met by. Rank 0 has this process's
/// standard output and error, the others none. A stop of the task is passed on as SIGINT. Returns true when they
/// ended well, false when they ended by a stop (status 130). Throws Error naming the rank that failed and why: the
/// sentence it left with reportRankFailure, the signal that killed it, or that it does not answer. The ranks end with
/// this process, however that ends.
bool runRankProcesses(const RankProcesses& processes, Task& task);

/// In a rank's process: leaves a sentence for whoever started it. False when nobody here did (alone, torchrun, srun).
bool reportRankFailure(const std::string& sentence);

/// Folders in which ranks met and whose starter is gone. Removed by runRankProcesses before it starts; public for tests.
void clearStaleMeetings(const std::filesystem::path& folder);

} // namespace interstice
