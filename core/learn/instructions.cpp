// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/instructions.h"

#include "base/child_process.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#include <ATen/Version.h>
#include <torch/version.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>

namespace fs = std::filesystem;

namespace interstice {

namespace {

using namespace std::chrono_literals;

/// A few seconds on an idle machine.
constexpr auto kLongestCheck = 120s;

bool& allowed()
{
    static bool value = false;
    return value;
}

std::optional<bool> checkInChild()
{
    return verdictOf(
        runChild({ "/proc/self/exe", kConvolutionCheckArgument }, { { kInstructionsVariable, kAvx512 } }, kLongestCheck));
}

fs::path verdictFile(const Machine& machine, const fs::path& folder)
{
    const std::string name = checksumOfBytes(machine.description.data(), machine.description.size()).substr(0, 16);
    return folder / ("convolutions-" + name + ".json");
}

/// Others wait; gone with this object or its process.
class Lock {
public:
    explicit Lock(const fs::path& path)
        : m_file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644))
    {
        while (held() && ::flock(m_file, LOCK_EX) != 0 && errno == EINTR) { } // unlocked where the disk knows no locks
    }
    ~Lock()
    {
        if (held())
            ::close(m_file);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    bool held() const { return m_file >= 0; }

private:
    int m_file;
};

void use(const std::string& instructions)
{
    ::setenv(kInstructionsVariable, instructions.c_str(), 1);
}

} // namespace

std::optional<bool> verdictOf(std::optional<int> status)
{
    constexpr int signalled = 128;
    if (!status)
        return {};
    if (*status <= 1)
        return *status == 0;
    for (const int crash : { SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGABRT }) {
        if (*status == signalled + crash)
            return false;
    }
    return {};
}

std::optional<std::string> keptInstructionsFor(const Machine& machine, const fs::path& folder)
{
    if (!machine.avx512)
        return kAvx2;
    const fs::path file = verdictFile(machine, folder);
    std::error_code none;
    if (!fs::exists(file, none))
        return {};
    try {
        const Json kept = readJsonFile(file);
        if (kept.at("machine").get<std::string>() == machine.description)
            return kept.at("avx512").get<bool>() ? kAvx512 : kAvx2;
    } catch (const std::exception& problem) { // as if it were not there
        logInfo("The verdict on AVX-512 cannot be read: " + std::string(problem.what()));
    }
    return {};
}

std::string instructionsFor(
    const Machine& machine, const fs::path& folder, const std::function<std::optional<bool>()>& check)
{
    if (const auto kept = keptInstructionsFor(machine, folder))
        return *kept;
    std::error_code problem;
    fs::create_directories(folder, problem);
    const Lock lock(folder / "convolutions.lock");
    if (!lock.held()) {
        logInfo("AVX-512 is not used, as no verdict on it can be kept in " + utf8(folder) + ".");
        return kAvx2;
    }
    if (const auto kept = keptInstructionsFor(machine, folder)) // another process was first
        return *kept;
    const std::optional<bool> right = check();
    if (!right) {
        logWarning("Whether convolutions are right with AVX-512 could not be found out; AVX2 is used.");
        return kAvx2;
    }
    try {
        writeJsonFile(verdictFile(machine, folder), { { "machine", machine.description }, { "avx512", *right } });
    } catch (const Error& error) {
        logInfo(std::string("AVX-512 is not used, as no verdict on it can be kept: ") + error.what());
        return kAvx2;
    }
    if (!*right)
        logWarning("This processor's convolutions are wrong with AVX-512; AVX2 is used.");
    return *right ? kAvx512 : kAvx2;
}

Machine thisMachine()
{
    Machine machine;
    std::ifstream cpus("/proc/cpuinfo");
    for (std::string line; std::getline(cpus, line) && !line.empty();) { // the first core
        for (const char* wanted : { "vendor_id", "cpu family", "model", "stepping", "microcode", "flags" }) {
            if (line.starts_with(wanted))
                machine.description += line + "\n";
        }
    }
    machine.description += "LibTorch " + std::string(TORCH_VERSION) + "\n" + at::get_mkldnn_version();
#if defined(__x86_64__)
    machine.avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#endif
    return machine;
}

std::string chosenInstructions()
{
    const char* chosen = std::getenv(kInstructionsVariable);
    return chosen ? chosen : "";
}

std::int64_t channelsAtOnce()
{
    const std::string chosen = chosenInstructions();
    const bool wide = chosen.empty() ? allowed() && thisMachine().avx512 : chosen != kAvx2 && thisMachine().avx512;
    return wide ? 16 : 8;
}

void allowAvx512()
{
    allowed() = true;
    if (!chosenInstructions().empty())
        return;
    if (const auto kept = keptInstructionsFor(thisMachine(), cacheFolder()))
        use(*kept); // now, while there is one thread
}

void chooseInstructions()
{
    static std::once_flag once;
    std::call_once(once, [] {
        if (chosenInstructions().empty())
            use(allowed() ? instructionsFor(thisMachine(), cacheFolder(), checkInChild) : kAvx2);
    });
}

} // namespace interstice
