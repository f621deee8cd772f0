// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/console.h"
#include "learn/ranks.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace interstice {

/// What --ranks says of itself, for commands that train.
void addRanks(CLI::App* command, std::string& ranks);
/// Starts this very command as several processes, one for each of `devices`, and watches them until all have ended, if that
/// is what `ranks` asks for and this process is not one of them itself; otherwise does nothing and returns false.
bool ranAsProcesses(Console& console, const std::string& ranks, const std::string& devices, const RankPlace& place);
/// Runs `work` as one rank of several or alone. In one of several processes, what failed goes to whoever watches them, in a
/// way that tells this rank's own failure from that of another, and the process ends at once, because a group that is broken
/// cannot be taken down in order.
void runAsRank(Console& console, const std::function<void()>& work);

} // namespace interstice
