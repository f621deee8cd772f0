// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace interstice {

/// What a function will need, stated before anything is allocated.
struct Cost {
    std::uint64_t ramBytes = 0;
    std::uint64_t gpuBytes = 0; ///< of each GPU, where several share the work
    /// Floating-point operations; 0 where the work is bound by memory or disk.
    double operations = 0;
    /// Seconds on this machine; negative when nothing was measured to estimate it from.
    double seconds = -1;
};

/// "9.2 GB", "640 MB", "12 kB"; decimal units as operating systems and disks state them.
std::string formatBytes(std::uint64_t bytes);
/// "3 h 20 min", "14 min", "8 s", "under 1 s"
std::string formatDuration(double seconds);
/// Accepts "4GiB", "512MB", "2e9", "1.5 GB". Throws Error on anything else.
std::uint64_t parseBytes(const std::string& text);

struct MemoryState {
    std::uint64_t total = 0;
    std::uint64_t available = 0;
};
/// Main memory of this machine, limited by the control group the process runs in.
MemoryState memoryState();
/// Largest resident set of this process so far, or since `resetPeakResidentBytes`, in bytes.
std::uint64_t peakResidentBytes();
/// Starts measuring anew, where the system can (Linux); elsewhere the peak stays that of the whole run.
void resetPeakResidentBytes();
/// Cores that this process may use (affinity and control-group quota), at least 1.
int usableCores();

} // namespace interstice
