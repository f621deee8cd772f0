// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/tile_crew.h"

#include "base/cost.h"
#include "base/log.h"
#include "learn/devices.h"
#include "learn/tiles.h"
#include "learn/torch_border.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace interstice {

TileCrew::TileCrew(LoadedModel& model, const std::vector<std::string>& devices, const PredictOptions& options,
    const Shape& tile, std::int64_t count, Task& task)
    : m_options(options)
    , m_task(task)
    , m_home(devices.size() == 1 ? torch::Device(devices.front()) : torch::Device(torch::kCPU))
    , m_channels(traitsOf(model.card).outputs)
    , m_count(count)
    , m_most(kUnitsAhead * devices.size())
{
    const LayerMode mode = chooseTileMode(model, devices, options, tile, count, task, m_findings);
    const auto processors = std::count(devices.begin(), devices.end(), "cpu");
    const int threads = options.threads > 0 ? options.threads : usableCores();
    for (const std::string& name : devices) {
        const torch::Device device(name);
        const LayerMode own = device.is_cpu() ? LayerMode { false, mode.channelsLast } : mode;
        const int share = device.is_cpu() ? std::max(1, threads / static_cast<int>(processors)) : 1;
        m_workers.push_back(std::unique_ptr<Worker>(
            new Worker { device, TileRunner(model, device, options, own, [this] { throwIfEnded(); }), share, 0, {} }));
    }
    if (!several())
        return;
    for (const auto& worker : m_workers)
        m_threads.emplace_back([this, &one = *worker] { work(one); });
}

TileCrew::~TileCrew()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_changed.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
    if (several())
        setLearnThreads(m_options.threads); // the workers' shares were set for the whole process
}

void TileCrew::throwIfEnded() const
{
    m_task.throwIfStopped();
    if (m_ending)
        throw Stopped();
}

torch::Tensor TileCrew::slabOn(Worker& worker, const Slab& slab) const
{
    const auto here = torch::from_blob(
        const_cast<float*>(slab.grey.data()), { slab.shape.z, slab.shape.y, slab.shape.x }, torch::kFloat32);
    if (worker.device.is_cpu() || worker.slabsStay)
        return here; // lives as long as the unit
    if (!worker.onDevice.defined() || worker.slab != slab.number) {
        worker.onDevice.reset(); // first, so that there is never more than one there
        worker.onDevice = here.to(worker.device);
        worker.slab = slab.number;
    }
    return worker.onDevice;
}

bool TileCrew::retreat(Worker& worker, std::size_t count) const
{
    std::string what;
    if (!worker.device.is_cpu() && !worker.slabsStay) {
        worker.slabsStay = true;
        worker.onDevice.reset();
        what = "Memory ran out beside the network; slices now wait in main memory.";
    } else if (count > 1) {
        worker.most = count / 2;
        what = "Memory ran out around " + std::to_string(count) + " tiles at once; went on with half of them.";
    } else {
        return false;
    }
    worker.findings.push_back({ Finding::Severity::Note, "smaller-pieces", what + " The result is the same." });
    logWarning(worker.findings.back().text);
    return true;
}

torch::Tensor TileCrew::compute(Worker& worker, const TileUnit& unit) const
{
    c10::InferenceMode inference;
    // Whatever LibTorch makes without being told where belongs to this worker's GPU.
    c10::OptionalDeviceGuard guard;
    if (!worker.device.is_cpu())
        guard.reset_device(worker.device);
    const std::size_t count = unit.tiles.size();
    while (count <= worker.most) {
        try {
            return computeAtOnce(worker, unit);
        } catch (const std::exception& problem) {
            if (!isShortage(problem) || !retreat(worker, count))
                throw;
        }
    }
    std::vector<torch::Tensor> parts;
    for (std::size_t from = 0; from < count;) {
        // What may go at once can become less while a part is computed.
        const std::size_t until = std::min(count, from + worker.most);
        TileUnit part = unit;
        part.tiles.assign(
            unit.tiles.begin() + static_cast<std::ptrdiff_t>(from), unit.tiles.begin() + static_cast<std::ptrdiff_t>(until));
        parts.push_back(compute(worker, part).clone());
        from = until;
    }
    return torch::cat(parts);
}

torch::Tensor TileCrew::computeAtOnce(Worker& worker, const TileUnit& unit) const
{
    const auto around = [&] {
        if (m_options.aroundTiles)
            m_options.aroundTiles(static_cast<std::int64_t>(unit.tiles.size()));
    };
    around();
    const torch::Tensor slab = slabOn(worker, *unit.slab);
    std::vector<torch::Tensor> inputs;
    for (const auto& tile : unit.tiles)
        inputs.push_back(slab.slice(1, tile.y, tile.y + unit.size.y).slice(2, tile.x, tile.x + unit.size.x));
    // cuDNN looks for its fastest kernels anew for every shape: the last tiles get company.
    const bool company = worker.device.is_cuda() && m_options.mode != PredictOptions::Mode::Exact;
    while (company && inputs.size() < std::min(static_cast<std::size_t>(m_count), worker.most))
        inputs.push_back(inputs.back());
    const Index from = unit.wanted.start;
    const Shape size = unit.wanted.size;
    const torch::Tensor wanted = worker.runner.run(torch::stack(inputs))
                                     .slice(0, 0, static_cast<std::int64_t>(unit.tiles.size()))
                                     .slice(2, from.z, from.z + size.z)
                                     .slice(3, from.y, from.y + size.y)
                                     .slice(4, from.x, from.x + size.x);
    around();
    return several() ? wanted.to(m_home).contiguous() : wanted;
}

void TileCrew::add(TileUnit unit)
{
    {
        const std::lock_guard lock(m_mutex);
        m_slots.push_back({ std::move(unit), {} });
    }
    m_changed.notify_all();
}

void TileCrew::work(Worker& worker)
{
    at::get_num_threads(); // a thread's first question takes the process's number, which another worker may have set
    setLearnThreads(worker.threads); // counts for new teams of this thread
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_ending || (m_taken < m_slots.size() && m_taken < m_most); });
        if (m_ending)
            return;
        Slot& slot = m_slots[m_taken++]; // stays where it is while others come and go at both ends
        lock.unlock();
        torch::Tensor result;
        std::exception_ptr problem;
        try {
            result = compute(worker, slot.unit);
        } catch (...) {
            problem = std::current_exception();
        }
        lock.lock();
        slot.result = std::move(result);
        if (problem && !m_ending) { // the first one counts; the others were only told to end
            m_problem = problem;
            m_ending = true;
        }
        m_changed.notify_all();
    }
}

torch::Tensor TileCrew::next()
{
    if (!several()) {
        const torch::Tensor result = compute(*m_workers.front(), m_slots.front().unit);
        m_slots.pop_front();
        return result;
    }
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_problem || m_slots.front().result.defined(); });
    if (m_problem)
        std::rethrow_exception(m_problem);
    const torch::Tensor result = std::move(m_slots.front().result);
    m_slots.pop_front();
    --m_taken;
    lock.unlock();
    m_changed.notify_all();
    return result;
}

Findings TileCrew::findings() const
{
    Findings all = m_findings;
    for (const auto& worker : m_workers) {
        Findings own = worker->runner.findings();
        own.insert(own.end(), worker->findings.begin(), worker->findings.end());
        for (Finding& finding : own) {
            if (several())
                finding.text = worker->device.str() + ": " + finding.text;
            all.push_back(std::move(finding));
        }
    }
    return all;
}

} // namespace interstice
