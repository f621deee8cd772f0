// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/rank_commands.h"

#include "base/error.h"
#include "learn/rank_group.h"
#include "learn/rank_processes.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace interstice {

void addRanks(CLI::App* command, std::string& ranks)
{
    command
        ->add_option("--ranks", ranks,
            "How several devices work together: threads of this process, processes, or auto (processes for GPUs)")
        ->capture_default_str();
}

namespace {

/// True when this process only starts and watches the ranks, which are processes of their own.
bool startsProcesses(const std::string& ranks, const std::vector<std::string>& devices)
{
    if (ranks != "auto" && ranks != "threads" && ranks != "processes")
        throw Error("'" + ranks + "' is not a kind of ranks", "Choose auto, threads or processes.");
    const bool gpus = std::any_of(devices.begin(), devices.end(), [](const auto& name) { return name != "cpu"; });
    return devices.size() > 1 && (ranks == "processes" || (ranks == "auto" && gpus));
}

} // namespace

bool ranAsProcesses(Console& console, const std::string& ranks, const std::string& text, const RankPlace& place)
{
    const auto devices = parseDevices(text);
    if (!startsProcesses(ranks, devices) || !place.alone())
        return false;
    RankProcesses processes;
    std::ifstream own("/proc/self/cmdline", std::ios::binary);
    for (std::string argument; std::getline(own, argument, '\0');)
        processes.command.push_back(argument);
    processes.command.front() = std::filesystem::read_symlink("/proc/self/exe").string();
    processes.world = static_cast<int>(devices.size());
    if (!runRankProcesses(processes, console.task()))
        console.task().requestStop(); // rank 0 has said so
    return true;
}

void runAsRank(Console& console, const std::function<void()>& work)
{
    const auto leave = [&](const std::string& sentence, int status) {
        console.endProgress();
        if (!reportRankFailure(sentence))
            std::fprintf(stderr, "%s\n", sentence.c_str());
        std::fflush(nullptr);
        std::_Exit(status);
    };
    if (!processEnvironment()("RANK") && !processEnvironment()("SLURM_STEP_NUM_TASKS")) {
        work();
        return;
    }
    try {
        work();
    } catch (const RankLost& problem) {
        leave(problem.what(), kRankLostStatus);
    } catch (const Stopped&) {
        throw;
    } catch (const std::exception& problem) {
        leave(problem.what(), 1);
    }
}

} // namespace interstice
