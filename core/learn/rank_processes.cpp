// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/rank_processes.h"

#include "base/child_process.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "learn/instructions.h"
#include "learn/ranks.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

namespace fs = std::filesystem;

namespace interstice {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kFolderStart = "ranks-";
constexpr int kStopped = 130;

struct Process {
    pid_t id = -1;
    bool running = true;
    bool killed = false; ///< by us
    int status = 0; ///< as waitpid gives it
    fs::path report;

    bool endedWell() const { return WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kStopped); }
    bool onlyNoticed() const { return WIFEXITED(status) && WEXITSTATUS(status) == kRankLostStatus; }
};

/// The folder in which ranks of one start meet; gone with this object.
class Meeting {
public:
    Meeting()
    {
        static std::atomic<int> count { 0 };
        fs::create_directories(cacheFolder());
        clearStaleMeetings(cacheFolder());
        m_folder = cacheFolder() / (kFolderStart + std::to_string(::getpid()) + "-" + std::to_string(++count));
        fs::remove_all(m_folder); // of an earlier process with the same number
        fs::create_directory(m_folder);
    }
    ~Meeting()
    {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
    Meeting(const Meeting&) = delete;
    Meeting& operator=(const Meeting&) = delete;
    const fs::path& folder() const { return m_folder; }

private:
    fs::path m_folder;
};

/// Ranks that must not outlive this function.
class Ranks {
public:
    Ranks() = default;
    ~Ranks()
    {
        for (auto& process : all) {
            if (process.running) {
                ::kill(process.id, SIGKILL);
                ::waitpid(process.id, nullptr, 0);
            }
        }
    }
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    void signal(int number) const
    {
        for (const auto& process : all) {
            if (process.running)
                ::kill(process.id, number);
        }
    }
    /// Notices who has ended; true while any runs.
    bool poll()
    {
        bool any = false;
        for (auto& process : all) {
            if (process.running && ::waitpid(process.id, &process.status, WNOHANG) == process.id)
                process.running = false;
            any = any || process.running;
        }
        return any;
    }

    std::vector<Process> all;
};

std::vector<std::string> environmentOf(int rank, int world, const Meeting& meeting, const fs::path& report)
{
    const std::string own = std::to_string(rank);
    const std::string all = std::to_string(world);
    return environmentWith(
        { { "INTERSTICE_MEETING", utf8(meeting.folder() / "store") }, { "INTERSTICE_RANK_REPORT", utf8(report) },
            { "RANK", own }, { "LOCAL_RANK", own }, { "WORLD_SIZE", all }, { "LOCAL_WORLD_SIZE", all } });
}

/// Between fork and exec only what is safe in the child of a process with several threads.
[[noreturn]] void becomeRank(char** arguments, char** environment, bool first, pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
        ::_exit(1);
    ::setpgid(0, 0); // Ctrl-C goes to the starter, which passes it on
    // When memory runs out a rank should go before the program that watches it.
    if (const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); file >= 0) {
        if (::write(file, "500", 3) < 0) { } // as it was, then
        ::close(file);
    }
    if (const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC); nothing >= 0) {
        ::dup2(nothing, STDIN_FILENO);
        if (!first) {
            ::dup2(nothing, STDOUT_FILENO);
            ::dup2(nothing, STDERR_FILENO);
        }
    }
    // A new program gets no signals blocked that only this one waits for.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(arguments[0], arguments, environment);
    ::_exit(127);
}

Process startRank(const RankProcesses& processes, int rank, const Meeting& meeting)
{
    Process process;
    process.report = meeting.folder() / ("report-" + std::to_string(rank));
    auto command = processes.command;
    auto environment = environmentOf(rank, processes.world, meeting, process.report);
    const auto arguments = pointersTo(command);
    const auto variables = pointersTo(environment);
    const pid_t parent = ::getpid();
    process.id = ::fork();
    if (process.id == 0)
        becomeRank(const_cast<char**>(arguments.data()), const_cast<char**>(variables.data()), rank == 0, parent);
    if (process.id < 0)
        throw Error(std::string("Rank ") + std::to_string(rank) + " could not be started (" + std::strerror(errno) + ")",
            "Close other programs, or use fewer ranks.");
    return process;
}

std::string whyItEnded(const Process& process)
{
    std::error_code ignored;
    if (fs::exists(process.report, ignored))
        return readTextFile(process.report);
    if (WIFSIGNALED(process.status)) {
        const int number = WTERMSIG(process.status);
        return "it was ended by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")"
            + (number == SIGKILL ? ", perhaps by the system for lack of memory" : "");
    }
    const int status = WEXITSTATUS(process.status);
    return status == 127 ? "its program could not be started" : "it ended with status " + std::to_string(status);
}

} // namespace

void clearStaleMeetings(const fs::path& folder)
{
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(kFolderStart))
            continue;
        const long owner = std::strtol(name.c_str() + std::strlen(kFolderStart), nullptr, 10);
        if (owner > 0 && ::kill(static_cast<pid_t>(owner), 0) != 0 && errno == ESRCH)
            fs::remove_all(entry.path(), ignored);
    }
}

bool reportRankFailure(const std::string& sentence)
{
    const auto path = processEnvironment()("INTERSTICE_RANK_REPORT");
    if (!path)
        return false;
    try {
        writeTextFile(*path, sentence);
    } catch (const Error& error) {
        logWarning(error.what());
        return false;
    }
    return true;
}

bool runRankProcesses(const RankProcesses& processes, Task& task)
{
    chooseInstructions(); // once for all of them
    const Meeting meeting;
    Ranks ranks;
    for (int rank = 0; rank < processes.world; ++rank)
        ranks.all.push_back(startRank(processes, rank, meeting));

    bool stopPassedOn = false;
    std::optional<Clock::time_point> firstFailure;
    std::string hanging;
    while (ranks.poll()) {
        std::this_thread::sleep_for(20ms);
        if (task.stopRequested() && !stopPassedOn) {
            ranks.signal(SIGINT);
            stopPassedOn = true;
        }
        for (const auto& process : ranks.all) {
            if (!process.running && !process.endedWell() && !firstFailure)
                firstFailure = Clock::now();
        }
        if (firstFailure && Clock::now() - *firstFailure > std::chrono::duration<double>(processes.grace)) {
            // Whoever still runs has not noticed what the others have, or is what they waited for.
            for (std::size_t rank = 0; rank < ranks.all.size(); ++rank) {
                Process& process = ranks.all[rank];
                process.killed = process.running;
                if (process.running)
                    hanging += (hanging.empty() ? "Rank " : ", rank ") + std::to_string(rank) + " (process "
                        + std::to_string(process.id) + ")";
            }
            ranks.signal(SIGKILL);
            while (ranks.poll())
                std::this_thread::sleep_for(5ms);
            break;
        }
    }

    const std::string remedy
        = "The last checkpoint stands: go on from it with --resume, with a smaller batch if it was memory.";
    bool stopped = false;
    bool noticed = false;
    const Process* culprit = nullptr;
    for (const auto& process : ranks.all) {
        stopped = stopped || (WIFEXITED(process.status) && WEXITSTATUS(process.status) == kStopped);
        noticed = noticed || process.onlyNoticed();
        if (!culprit && !process.endedWell() && !process.onlyNoticed() && !process.killed)
            culprit = &process;
    }
    if (culprit) {
        const auto rank = std::to_string(culprit - ranks.all.data());
        throw Error(
            "Rank " + rank + " (process " + std::to_string(culprit->id) + ") failed: " + whyItEnded(*culprit), remedy);
    }
    if (!hanging.empty())
        throw Error(hanging + " did not answer and was ended", remedy);
    if (noticed)
        throw Error("The connection between the ranks broke", remedy);
    return !stopped;
}

} // namespace interstice
