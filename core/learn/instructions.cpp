// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/instructions.h"

#include "base/child_process.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#include <ATen/Version.h>
#include <torch/version.h>

#include <cstdlib>
#include <fstream>
#include <mutex>

namespace fs = std::filesystem;

namespace interstice {

namespace {

using namespace std::chrono_literals;

constexpr const char* kVariable = "ONEDNN_MAX_CPU_ISA";
constexpr const char* kWide = "AVX512_CORE";
constexpr const char* kNarrow = "AVX2";
/// A second or two on an idle machine.
constexpr auto kLongestCheck = 120s;

fs::path& checker()
{
    static fs::path program;
    return program;
}

std::optional<bool> checkInChild()
{
    if (checker().empty())
        return {};
    // Fresh memory that is not zero shows who reads what was never written.
    const auto status = runChild(
        { checker().string(), kConvolutionCheckArgument }, { { kVariable, kWide }, { "MALLOC_PERTURB_", "165" } }, kLongestCheck);
    if (!status || *status > 1)
        return {};
    return *status == 0;
}

std::optional<bool> keptVerdict(const fs::path& file, const Machine& machine)
{
    std::error_code none;
    if (!fs::exists(file, none))
        return {};
    try {
        const Json kept = readJsonFile(file);
        if (kept.at("machine").get<std::string>() == machine.description)
            return kept.at("avx512").get<bool>();
    } catch (const std::exception& problem) { // as if it were not there
        logInfo("The verdict on AVX-512 cannot be read: " + std::string(problem.what()));
    }
    return {};
}

bool keep(bool verdict, const fs::path& file, const Machine& machine)
{
    try {
        fs::create_directories(file.parent_path());
        writeJsonFile(file, { { "machine", machine.description }, { "avx512", verdict } });
        return true;
    } catch (const std::exception& problem) {
        logInfo("AVX-512 is not used, as no verdict on it can be kept: " + std::string(problem.what()));
        return false;
    }
}

} // namespace

std::string instructionsFor(
    const Machine& machine, const fs::path& folder, const std::function<std::optional<bool>()>& check)
{
    if (!machine.avx512)
        return kNarrow;
    const fs::path file = folder
        / ("convolutions-" + checksumOfBytes(machine.description.data(), machine.description.size()).substr(0, 16) + ".json");
    std::optional<bool> verdict = keptVerdict(file, machine);
    if (!verdict) {
        verdict = check();
        if (!verdict || !keep(*verdict, file, machine))
            return kNarrow;
        logInfo(*verdict ? "This processor's convolutions were checked: AVX-512 is used."
                         : "This processor's convolutions are wrong with AVX-512: AVX2 is used.");
    }
    return *verdict ? kWide : kNarrow;
}

Machine thisMachine()
{
    Machine machine;
    std::ifstream cpus("/proc/cpuinfo");
    for (std::string line; std::getline(cpus, line) && !line.empty();) { // the first core
        for (const char* wanted : { "vendor_id", "cpu family", "model", "stepping", "flags" }) {
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

void checkConvolutionsWith(const fs::path& program)
{
    checker() = program;
}

void chooseInstructions()
{
    static std::once_flag once;
    std::call_once(once, [] {
        if (!std::getenv(kVariable))
            ::setenv(kVariable, instructionsFor(thisMachine(), cacheFolder(), checkInChild).c_str(), 1);
    });
}

} // namespace interstice
