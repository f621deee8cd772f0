// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/rank_group.h"

#include "base/log.h"
#include "learn/rank_tensors.h"
#include "learn/torch_border.h"

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <chrono>
#include <thread>

namespace interstice {

namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::milliseconds;

/// Ranks prepare (read the stack for its grey range) before they join, and some take longer.
constexpr Milliseconds kJoinTimeout = 10min;

std::vector<std::uint8_t> bytesOf(const std::string& text)
{
    return { text.begin(), text.end() };
}

std::string leftKey(int rank)
{
    return "interstice/left/" + std::to_string(rank);
}

c10::intrusive_ptr<c10d::Store> networkStore(const RankPlace& place)
{
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(place.port);
    options.isServer = place.rank == 0 && !place.hosted;
    options.timeout = kJoinTimeout;
    if (!place.hosted)
        options.numWorkers = static_cast<std::size_t>(place.world);
    options.useLibUV = false; // Debian's LibTorch has none and its constructor throws
    try {
        auto store = c10::make_intrusive<c10d::TCPStore>(place.host, options);
        return c10::make_intrusive<c10d::PrefixStore>("interstice/attempt_" + place.prefix, store);
    } catch (const std::exception& problem) {
        const std::string why = problem.what();
        const std::string where = place.host + ", port " + std::to_string(place.port);
        if (why.find("EADDRINUSE") != std::string::npos || why.find("in use") != std::string::npos)
            throw Error(
                "The ranks cannot meet at " + where + ": another program uses that port", "Set MASTER_PORT to a free one.");
        throw Error("The ranks could not meet at " + where + " (" + firstLine(why) + ")",
            "Check that rank 0 runs there and that the network lets them through.");
    }
}

c10::intrusive_ptr<c10d::Store> storeFor(const RankPlace& place)
{
    switch (place.meeting) {
    case RankPlace::Meeting::Threads:
        return *static_cast<c10::intrusive_ptr<c10d::Store>*>(place.threads.get());
    case RankPlace::Meeting::File:
        return c10::make_intrusive<c10d::FileStore>(place.file.string(), place.world);
    case RankPlace::Meeting::Network:
        return networkStore(place);
    case RankPlace::Meeting::Alone:
        break;
    }
    throw Error("One rank alone has nobody to meet", "Please report this with the log file.");
}

std::shared_ptr<::gloo::transport::Device> wireFor(const RankPlace& place)
{
    const bool oneMachine = place.meeting != RankPlace::Meeting::Network || place.host == "localhost"
        || place.host == "127.0.0.1" || place.host == "::1";
    if (oneMachine)
        return c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
    if (const auto interface = processEnvironment()("GLOO_SOCKET_IFNAME"))
        return c10d::ProcessGroupGloo::createDeviceForInterface(*interface);
    return c10d::ProcessGroupGloo::createDefaultDevice();
}

} // namespace

std::shared_ptr<void> makeThreadMeeting()
{
    return std::make_shared<c10::intrusive_ptr<c10d::Store>>(c10::make_intrusive<c10d::HashStore>());
}

RankGroup::RankGroup(const RankPlace& place, const std::string& device, double timeoutSeconds)
    : m_place(place)
    , m_timeoutSeconds(timeoutSeconds)
    , m_parts(std::make_unique<Parts>())
{
    m_parts->store = storeFor(place);
    m_parts->store->setTimeout(kJoinTimeout);
    const auto timeout = Milliseconds(static_cast<std::int64_t>(1000 * timeoutSeconds));
    try {
        // All are here before Gloo connects them, which waits no longer than for any other collective.
        const std::string arrived = "interstice/arrived";
        m_parts->store->add(arrived, 1);
        const auto started = std::chrono::steady_clock::now();
        while (m_parts->store->add(arrived, 0) < place.world) {
            if (std::chrono::steady_clock::now() - started > kJoinTimeout)
                throw Error("Only " + std::to_string(m_parts->store->add(arrived, 0)) + " of " + std::to_string(place.world)
                        + " ranks came within ten minutes",
                    "Check that all of them were started with the same settings.");
            std::this_thread::sleep_for(5ms);
        }
        auto options = c10d::ProcessGroupGloo::Options::create(timeout);
        options->devices = { wireFor(place) };
        options->threads = 2;
        auto prefixed = c10::make_intrusive<c10d::PrefixStore>("gloo", m_parts->store);
        auto gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(prefixed, place.rank, place.world, options);
        m_parts->group = c10::make_intrusive<c10d::ProcessGroup>(m_parts->store, place.rank, place.world);
        m_parts->group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO, gloo);
        m_parts->group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
        if (device.starts_with("cuda")) {
#ifdef USE_C10D_NCCL
            auto nccl = c10d::ProcessGroupNCCL::Options::create();
            nccl->timeout = timeout;
            m_parts->group->setBackend(c10::DeviceType::CUDA, c10d::ProcessGroup::BackendType::NCCL,
                c10::make_intrusive<c10d::ProcessGroupNCCL>(
                    c10::make_intrusive<c10d::PrefixStore>("nccl", m_parts->store), place.rank, place.world, nccl));
#else
            throw Error(
                "This build cannot join several GPUs (it has no NCCL)", "Build with the preset cuda, or use one GPU.");
#endif
        }
    } catch (const Error&) {
        throw;
    } catch (const std::exception& problem) {
        throw Error("Rank " + std::to_string(place.rank) + " could not join the others (" + firstLine(problem.what()) + ")",
            "Check that all of them run, with the same settings.");
    }
}

RankGroup::~RankGroup() = default;

void RankGroup::sum(std::span<double> values)
{
    // A row a rank, so that all add in the same order whatever way the sum takes through the network.
    const auto count = static_cast<std::int64_t>(values.size());
    auto rows = torch::zeros({ world(), count }, torch::kFloat64);
    std::copy(values.begin(), values.end(), rows[rank()].data_ptr<double>());
    try {
        sumOverRanks(*this, rows);
    } catch (const std::exception& problem) {
        if (!isAboutConnections(problem))
            throw;
        throw whoIsMissing(problem.what());
    }
    const auto* from = rows.data_ptr<double>();
    for (std::int64_t i = 0; i < count; ++i) {
        values[static_cast<std::size_t>(i)] = 0;
        for (std::int64_t r = 0; r < world(); ++r)
            values[static_cast<std::size_t>(i)] += from[r * count + i];
    }
}

void RankGroup::leave(const std::string& why) noexcept
{
    try {
        m_parts->store->set(leftKey(rank()), bytesOf(why.empty() ? " " : why));
    } catch (const std::exception& problem) {
        logWarning(std::string("The other ranks cannot be told: ") + problem.what());
    }
}

bool RankGroup::isAboutConnections(const std::exception& problem)
{
    if (dynamic_cast<const ::gloo::Exception*>(&problem) || dynamic_cast<const c10::DistError*>(&problem))
        return true;
    const std::string text = problem.what();
    for (const char* sign : { "gloo", "NCCL", "Connection closed", "Connection reset", "Broken pipe", "imed out" }) {
        if (text.find(sign) != std::string::npos)
            return true;
    }
    return false;
}

RankLost RankGroup::whoIsMissing(const std::string& problem) noexcept
{
    logWarning("Rank " + std::to_string(rank()) + " lost another: " + firstLine(problem));
    const bool timedOut = problem.find("imed out") != std::string::npos;
    const std::string remedy = "Go on from the last checkpoint with --resume.";
    std::string missing;
    try {
        auto& store = *m_parts->store;
        store.setTimeout(2s);
        store.set(leftKey(rank()), bytesOf("")); // a witness, not a culprit
        for (int attempt = 0; attempt < 20; ++attempt) {
            missing.clear();
            for (int other = 0; other < world(); ++other) {
                if (!store.check({ leftKey(other) })) {
                    missing += (missing.empty() ? "" : ", ") + std::to_string(other);
                    continue;
                }
                const auto said = store.get(leftKey(other));
                if (!said.empty())
                    return { "Rank " + std::to_string(other) + " ended: " + std::string(said.begin(), said.end()), remedy };
            }
            if (missing.empty())
                break;
            std::this_thread::sleep_for(100ms);
        }
    } catch (const std::exception&) {
        missing = "0"; // it kept the store
    }
    if (missing.empty())
        return { "The connection between the ranks broke (" + firstLine(problem) + ")", remedy };
    return { "Rank " + missing
            + (timedOut ? " did not answer for " + std::to_string(std::llround(m_timeoutSeconds)) + " s"
                        : " was lost without a word (killed, or its machine failed)"),
        remedy };
}

} // namespace interstice
