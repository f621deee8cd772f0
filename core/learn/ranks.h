// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// Where one of several copies ("ranks") of a training stands, and how they find each other.
struct RankPlace {
    enum class Meeting {
        Alone,
        Threads, ///< of one process
        File, ///< processes of one machine; no port is opened
        Network ///< processes of several machines, started by torchrun or Slurm, on a trusted network only
    };
    Meeting meeting = Meeting::Alone;
    int rank = 0;
    int world = 1;
    /// Among the ranks of this machine.
    int localRank = 0;
    int localWorld = 1;
    /// Threads: what makeThreadMeeting gave, the same for all.
    std::shared_ptr<void> threads;
    /// File: the same for all, and gone before the first of them starts.
    std::filesystem::path file;
    /// Network: rank 0's machine and the port on which it listens.
    std::string host;
    int port = 0;
    /// Network: the launcher listens on that port itself (torchrun), so rank 0 must not.
    bool hosted = false;
    /// Network: keeps the attempts of a restarted job apart.
    std::string prefix;

    bool alone() const { return world <= 1; }
};

/// Reads one variable of an environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment processEnvironment();

/// The place that the environment assigns, in this order: INTERSTICE_MEETING (a file) with RANK and WORLD_SIZE, as
/// `interstice-cli` starts its own ranks; torchrun's RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR,
/// MASTER_PORT; a Slurm step's SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_LOCALID and the first host of
/// SLURM_STEP_NODELIST (MASTER_ADDR and MASTER_PORT go before; the port is otherwise made from the job's number).
/// Alone when none is set. Throws Error naming the variable that makes no sense.
RankPlace rankPlaceFrom(const Environment& environment);

/// "node07" of "node[07-09,12],gpu1" (the lists Slurm writes); empty of an empty list.
std::string firstHostOf(const std::string& nodeList);

/// "cpu*2" → cpu, cpu; "cuda:0,cuda:1" → both; anything without '*' or ',' is one device as it stands. Throws Error
/// on empty parts and on counts outside 1…256.
std::vector<std::string> parseDevices(const std::string& text);

/// The device of a rank that others started: the list's own for it, or for "auto" the GPU of its local number when
/// this process sees `gpus` of them.
std::string deviceOfRank(const std::vector<std::string>& devices, const RankPlace& place, int gpus);

} // namespace interstice
