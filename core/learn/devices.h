// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace interstice {

/// Something a network can run on.
struct Device {
    /// "cpu", "cuda:0"
    std::string id;
    /// "2 cores", "NVIDIA A100 …"
    std::string name;
    /// 0 where it cannot be told which of several cards it is.
    std::uint64_t totalBytes = 0;
    std::uint64_t freeBytes = 0; ///< what this program's library keeps for later counts as taken
};

/// Which of the driver's cards CUDA shows, in its order: all, or those of CUDA_VISIBLE_DEVICES (null: not set) as far as it
/// lists their numbers.
std::vector<std::size_t> visibleCards(std::size_t cards, const char* visible);
/// The processor first, then every GPU that this build of LibTorch can use.
std::vector<Device> listDevices();
/// "auto" becomes the first GPU, or the processor. Throws Error when the device is not there or the
/// text is not a device.
std::string resolveDevice(const std::string& text);
/// The devices of a list as a training has it ("auto", "cuda:0", "cuda:0,cuda:1", "cpu*2"), each resolved. Throws Error when
/// one is not there or a GPU is named twice.
std::vector<std::string> resolveDevices(const std::string& text);
/// The text as it stands when it names several devices, else the one that resolveDevices finds.
std::string resolveDeviceList(const std::string& text);
/// A device as listDevices names it, without sizes when they are not known.
Device deviceNamed(const std::string& id);
/// GPUs that this build of LibTorch can use.
int gpuCount();
/// "LibTorch 2.6.0, CPU": for the About page and the provenance of results.
std::string learnVersion();
/// Sets the number of threads LibTorch uses (0: all usable cores) and returns it. Process-wide.
int setLearnThreads(int threads);

} // namespace interstice
