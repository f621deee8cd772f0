// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/ranks.h"

#include "base/error.h"

#include <cstdlib>
#include <sstream>

namespace interstice {

Environment processEnvironment()
{
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value && *value ? std::optional<std::string>(value) : std::nullopt;
    };
}

namespace {

std::optional<int> wholeNumber(const std::string& text)
{
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return std::atoi(text.c_str());
}

int numberOf(const Environment& environment, const std::string& name, std::optional<int> otherwise = std::nullopt)
{
    const auto text = environment(name);
    if (!text && otherwise)
        return *otherwise;
    const auto number = text ? wholeNumber(*text) : std::nullopt;
    if (!number)
        throw Error("The environment variable " + name + (text ? " is '" + *text + "', which is no number" : " is not set"),
            "Start all ranks with torchrun or srun, or unset RANK and WORLD_SIZE to train alone.");
    return *number;
}

void requireConsistent(const RankPlace& place)
{
    if (place.world < 1 || place.rank >= place.world || place.localWorld < 1 || place.localRank >= place.localWorld)
        throw Error("The environment says this is rank " + std::to_string(place.rank) + " of " + std::to_string(place.world)
                + ", number " + std::to_string(place.localRank) + " of " + std::to_string(place.localWorld)
                + " on this machine",
            "Start all ranks with torchrun or srun, or unset RANK and WORLD_SIZE to train alone.");
    if (place.meeting == RankPlace::Meeting::Network && (place.port < 1 || place.port > 65535))
        throw Error(
            "The port " + std::to_string(place.port) + " is out of range", "Set MASTER_PORT between 1024 and 65535.");
}

} // namespace

std::string firstHostOf(const std::string& list)
{
    const auto bracket = list.find('[');
    const auto comma = list.find(',');
    if (bracket == std::string::npos || comma < bracket)
        return list.substr(0, comma);
    const auto end = list.find_first_of("-,]", bracket);
    if (end == std::string::npos)
        return list.substr(0, bracket);
    const auto close = list.find(']', bracket);
    const std::string after = close == std::string::npos ? "" : list.substr(close + 1);
    return list.substr(0, bracket) + list.substr(bracket + 1, end - bracket - 1) + after.substr(0, after.find(','));
}

RankPlace rankPlaceFrom(const Environment& environment)
{
    RankPlace place;
    if (environment("RANK") && environment("WORLD_SIZE")) {
        place.rank = numberOf(environment, "RANK");
        place.world = numberOf(environment, "WORLD_SIZE");
        place.localRank = numberOf(environment, "LOCAL_RANK", place.rank);
        place.localWorld = numberOf(environment, "LOCAL_WORLD_SIZE", std::max(place.localRank + 1, place.world));
        if (const auto file = environment("INTERSTICE_MEETING")) {
            place.meeting = RankPlace::Meeting::File;
            place.file = *file;
        } else {
            place.meeting = RankPlace::Meeting::Network;
            place.host = environment("MASTER_ADDR").value_or("");
            place.port = numberOf(environment, "MASTER_PORT");
            // torchrun's own agent may be the one that listens; its workers then share a store with it.
            place.hosted = environment("TORCHELASTIC_USE_AGENT_STORE").value_or("") == "True";
            place.prefix = environment("TORCHELASTIC_RESTART_COUNT").value_or("0");
            if (place.host.empty())
                throw Error("The environment variable MASTER_ADDR is not set",
                    "Start all ranks with torchrun or srun, or unset RANK and WORLD_SIZE to train alone.");
        }
    } else if (environment("SLURM_STEP_NUM_TASKS") && environment("SLURM_PROCID")) {
        // A batch script has SLURM_PROCID and SLURM_NTASKS too, but only srun's steps have a number of tasks.
        place.meeting = RankPlace::Meeting::Network;
        place.rank = numberOf(environment, "SLURM_PROCID");
        place.world = numberOf(environment, "SLURM_STEP_NUM_TASKS");
        place.localRank = numberOf(environment, "SLURM_LOCALID", 0);
        const std::string tasks = environment("SLURM_STEP_TASKS_PER_NODE").value_or("");
        const auto here = wholeNumber(tasks.substr(0, tasks.find_first_of("(,")));
        place.localWorld = std::max(here.value_or(1), place.localRank + 1);
        const auto nodes = environment("SLURM_STEP_NODELIST");
        place.host = environment("MASTER_ADDR")
                         .value_or(firstHostOf(nodes ? *nodes : environment("SLURM_JOB_NODELIST").value_or("localhost")));
        const int job = numberOf(environment, "SLURM_JOB_ID", 0);
        const int step = wholeNumber(environment("SLURM_STEP_ID").value_or("0")).value_or(0);
        place.port = numberOf(environment, "MASTER_PORT", 20000 + (job * 13 + step) % 20000);
    }
    requireConsistent(place);
    if (place.alone())
        place = RankPlace();
    return place;
}

std::vector<std::string> parseDevices(const std::string& text)
{
    const auto refuse = [&] {
        throw Error("'" + text + "' is not a list of devices",
            "Write auto, cpu, cuda:0, several like cuda:0,cuda:1, or cpu*2 for two ranks on the processor.");
    };
    std::vector<std::string> devices;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
        const auto star = part.find('*');
        const std::string name = part.substr(0, star);
        const auto count = star == std::string::npos ? std::optional<int>(1) : wholeNumber(part.substr(star + 1));
        if (name.empty() || !count || *count < 1 || *count > 256)
            refuse();
        devices.insert(devices.end(), static_cast<std::size_t>(*count), name);
    }
    if (devices.empty() || text.back() == ',')
        refuse();
    return devices;
}

std::string deviceOfRank(const std::vector<std::string>& devices, const RankPlace& place, int gpus)
{
    const std::string& own = devices[static_cast<std::size_t>(place.localRank) % devices.size()];
    if (own != "auto")
        return own;
    // srun --gpus-per-task shows each process its own GPU alone, as number 0.
    return gpus > 0 ? "cuda:" + std::to_string(place.localRank % gpus) : "cpu";
}

} // namespace interstice
