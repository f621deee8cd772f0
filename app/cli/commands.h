// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/console.h"

#include <CLI/CLI.hpp>

#include <functional>

namespace interstice {

/// Set by the sub-command that the command line names; run by main after parsing.
using Action = std::function<void(Console&)>;

void addInfo(CLI::App& app, Action& action);
void addConvert(CLI::App& app, Action& action);
void addPhantom(CLI::App& app, Action& action);
void addMask(CLI::App& app, Action& action);
void addKMeans(CLI::App& app, Action& action);
void addDepthMap(CLI::App& app, Action& action);
void addObjects(CLI::App& app, Action& action);
void addSweep(CLI::App& app, Action& action);
void addTrain(CLI::App& app, Action& action);
void addPretrain(CLI::App& app, Action& action);
void addPredict(CLI::App& app, Action& action);
void addScore(CLI::App& app, Action& action);
void addStudy(CLI::App& app, Action& action);
void addReplay(CLI::App& app, Action& action);
void addReconstruct(CLI::App& app, Action& action);

} // namespace interstice
