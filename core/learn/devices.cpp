// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/devices.h"

#include "base/cost.h"
#include "base/error.h"
#include "learn/ranks.h"
#include "learn/torch_border.h"

#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <sstream>

namespace interstice {

std::string firstLine(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

namespace {

/// The driver's own tool is asked, so that no CUDA header is needed and no context is made for a list.
std::vector<Device> devicesOfDriver()
{
    std::vector<Device> devices;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
        ::popen("nvidia-smi --query-gpu=name,memory.total,memory.free --format=csv,noheader,nounits 2>/dev/null", "r"),
        ::pclose);
    if (!pipe)
        return devices;
    std::array<char, 512> line {};
    while (std::fgets(line.data(), line.size(), pipe.get())) {
        std::istringstream in(line.data());
        Device device;
        std::string total;
        std::string free;
        if (std::getline(in, device.name, ',') && std::getline(in, total, ',') && std::getline(in, free)) {
            device.id = "cuda:" + std::to_string(devices.size());
            device.totalBytes = std::strtoull(total.c_str(), nullptr, 10) << 20;
            device.freeBytes = std::strtoull(free.c_str(), nullptr, 10) << 20;
            devices.push_back(device);
        }
    }
    return devices;
}

/// CUDA counts cards from the fastest on unless it is told otherwise; the driver's tool counts by slot. Before CUDA's first
/// call.
void countBySlot()
{
    static std::once_flag once;
    std::call_once(once, [] { ::setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 0); });
}

} // namespace

std::vector<std::size_t> visibleCards(std::size_t cards, const char* visible)
{
    std::vector<std::size_t> shown;
    if (!visible) {
        for (std::size_t i = 0; i < cards; ++i)
            shown.push_back(i);
        return shown;
    }
    std::istringstream list(visible);
    std::string one;
    while (std::getline(list, one, ',')) {
        const bool number = !one.empty() && one.size() < 4 && one.find_first_not_of("0123456789") == std::string::npos;
        if (!number || std::stoul(one) >= cards)
            break; // as CUDA does
        shown.push_back(std::stoul(one));
    }
    return shown;
}

std::vector<Device> listDevices()
{
    countBySlot();
    const MemoryState memory = memoryState();
    const int cores = usableCores();
    std::vector<Device> devices
        = { { "cpu", std::to_string(cores) + (cores == 1 ? " core" : " cores"), memory.total, memory.available } };
    if (torch::cuda::is_available()) {
        const auto named = devicesOfDriver();
        const char* order = std::getenv("CUDA_DEVICE_ORDER");
        const bool bySlot = named.size() < 2 || (order && std::string(order) == "PCI_BUS_ID");
        const auto cards
            = bySlot ? visibleCards(named.size(), std::getenv("CUDA_VISIBLE_DEVICES")) : std::vector<std::size_t>();
        for (std::size_t i = 0; i < torch::cuda::device_count(); ++i) {
            Device device = i < cards.size() ? named[cards[i]] : Device { "", "CUDA device", 0, 0 };
            device.id = "cuda:" + std::to_string(i);
            devices.push_back(device);
        }
    }
    return devices;
}

Device deviceNamed(const std::string& id)
{
    for (const Device& one : listDevices()) {
        if (one.id == id)
            return one;
    }
    return { id, {}, 0, 0 };
}

int gpuCount()
{
    countBySlot();
    return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

std::string resolveDevice(const std::string& text)
{
    const auto gpus = static_cast<std::size_t>(gpuCount());
    if (text == "auto")
        return gpus > 0 ? "cuda:0" : "cpu";
    if (text == "cpu")
        return text;
    if (text.find(',') != std::string::npos || text.find('*') != std::string::npos)
        throw Error("'" + text + "' names several devices where one is meant", "Name one, such as cpu or cuda:0.");
    if (text == "cuda" || text.starts_with("cuda:")) {
        const std::string number = text == "cuda" ? "0" : text.substr(5);
        const bool digits
            = !number.empty() && number.size() < 4 && number.find_first_not_of("0123456789") == std::string::npos;
        if (digits && std::stoul(number) < gpus)
            return "cuda:" + number;
        throw Error("There is no device " + text + " (" + std::to_string(gpus) + " GPUs can be used)",
            "Choose cpu, or auto for the best there is.");
    }
    throw Error("'" + text + "' is not a device", "Choose auto, cpu or cuda:0.");
}

std::vector<std::string> resolveDevices(const std::string& text)
{
    std::vector<std::string> devices;
    for (const std::string& one : parseDevices(text)) {
        const std::string device = resolveDevice(one);
        if (device != "cpu" && std::find(devices.begin(), devices.end(), device) != devices.end())
            throw Error("The device " + device + " is named twice in '" + text + "'", "Name each GPU once.");
        devices.push_back(device);
    }
    return devices;
}

std::string resolveDeviceList(const std::string& text)
{
    const auto devices = resolveDevices(text);
    if (devices.size() > 1 && text.find("auto") == std::string::npos)
        return text;
    std::string list;
    for (const std::string& device : devices)
        list += (list.empty() ? "" : ",") + device;
    return list;
}

std::string learnVersion()
{
    return std::string("LibTorch ") + TORCH_VERSION + (torch::cuda::is_available() ? ", CUDA" : ", CPU");
}

int setLearnThreads(int threads)
{
    const int used = threads > 0 ? threads : usableCores();
    at::set_num_threads(used);
    return used;
}

} // namespace interstice
