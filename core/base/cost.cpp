// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/cost.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#include <sys/resource.h>
#endif

namespace interstice {

std::string formatBytes(std::uint64_t bytes)
{
    static constexpr std::array<const char*, 5> units = { "B", "kB", "MB", "GB", "TB" };
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, value < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

std::string formatDuration(double seconds)
{
    if (!(seconds >= 0))
        return "unknown";
    if (seconds < 1)
        return "under 1 s";
    if (seconds < 90)
        return std::to_string(std::lround(seconds)) + " s";
    const long minutes = std::lround(seconds / 60);
    if (minutes < 60)
        return std::to_string(minutes) + " min";
    const long hours = minutes / 60;
    if (hours < 48)
        return std::to_string(hours) + " h " + std::to_string(minutes % 60) + " min";
    return std::to_string(hours / 24) + " days " + std::to_string(hours % 24) + " h";
}

std::uint64_t parseBytes(const std::string& text)
{
    std::istringstream in(text);
    double value = 0;
    std::string unit;
    in >> value;
    const bool haveNumber = !in.fail();
    in >> unit;
    std::string rest;
    const bool trailing = static_cast<bool>(in >> rest);
    static constexpr std::array<std::pair<const char*, double>, 12> units
        = { { { "", 1 }, { "B", 1 }, { "kB", 1e3 }, { "KB", 1e3 }, { "MB", 1e6 }, { "GB", 1e9 }, { "TB", 1e12 },
            { "KiB", 1024.0 }, { "MiB", 1048576.0 }, { "GiB", 1073741824.0 }, { "M", 1048576.0 }, { "G", 1073741824.0 } } };
    const auto found = std::find_if(units.begin(), units.end(), [&](const auto& u) { return unit == u.first; });
    if (!haveNumber || trailing || found == units.end() || !(value >= 0) || value * found->second > 9e18)
        throw Error("'" + text + "' is not an amount of memory", "Write it like 4GiB or 800MB.");
    return static_cast<std::uint64_t>(value * found->second);
}

namespace {

std::uint64_t readNumber(const char* path)
{
    std::ifstream in(path);
    std::uint64_t value = 0;
    return in >> value ? value : 0;
}

} // namespace

MemoryState memoryState()
{
    MemoryState state;
    std::ifstream in("/proc/meminfo");
    std::string key;
    std::uint64_t kib = 0;
    std::string unit;
    while (in >> key >> kib && std::getline(in, unit)) {
        if (key == "MemTotal:")
            state.total = kib * 1024;
        else if (key == "MemAvailable:")
            state.available = kib * 1024;
    }
    const std::uint64_t limit = readNumber("/sys/fs/cgroup/memory.max");
    if (limit > 0 && limit < state.total) {
        const std::uint64_t used = readNumber("/sys/fs/cgroup/memory.current");
        state.total = limit;
        state.available = std::min(state.available, limit > used ? limit - used : 0);
    }
    return state;
}

std::uint64_t peakResidentBytes()
{
#if defined(__linux__)
    // getrusage keeps the peak of the whole run; this one can be reset.
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:"))
            return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
    }
    rusage usage {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#else
    return 0;
#endif
}

void resetPeakResidentBytes()
{
#if defined(__linux__)
    std::ofstream("/proc/self/clear_refs") << '5';
#endif
}

int usableCores()
{
    int cores = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        cores = CPU_COUNT(&set);
    // hardware_concurrency ignores a container's quota, which would oversubscribe it.
    std::ifstream in("/sys/fs/cgroup/cpu.max");
    std::string quota;
    double period = 0;
    if (in >> quota >> period && quota != "max" && period > 0)
        cores = std::min(cores, static_cast<int>(std::ceil(std::atof(quota.c_str()) / period)));
#endif
    return std::max(1, cores);
}

} // namespace interstice
