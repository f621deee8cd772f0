// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/batches.h"

#include "learn/devices.h"

#include <algorithm>

namespace interstice {

namespace {

std::vector<std::int64_t> shapeOf(const Samples& samples)
{
    return { samples.count, 1, samples.patch.z, samples.patch.y, samples.patch.x };
}

torch::Tensor borrowed(const std::vector<float>& values, const Samples& samples)
{
    return torch::from_blob(const_cast<float*>(values.data()), shapeOf(samples), torch::kFloat32);
}

Batch asPinned(const Samples& samples)
{
    const auto pinned = [&](const std::vector<float>& values) {
        auto tensor = torch::empty(shapeOf(samples), torch::TensorOptions(torch::kFloat32).pinned_memory(true));
        std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
        return tensor;
    };
    return { pinned(samples.grey), pinned(samples.target) };
}

} // namespace

Batches::Batches(const ChunkSampler& sampler, const std::string& device, const LayerMode& mode)
    : m_sampler(sampler)
    , m_deviceId(device)
    , m_device(device)
    , m_mode(mode)
{
}

Batch Batches::copied(const Samples& samples) const
{
    return { inOrder(borrowed(samples.grey, samples).clone().to(m_device), orderOf(m_mode)),
        borrowed(samples.target, samples).clone().to(m_device) };
}

Batch Batches::read(const Index& block) const
{
    return copied(m_sampler.read({ block }));
}

void Batches::keepOnDevice(Task& task)
{
    const auto& blocks = m_sampler.split().training;
    const auto bytes = 8 * static_cast<std::uint64_t>(m_sampler.split().patch().voxels()) * blocks.size();
    if (m_device.is_cpu() || bytes > deviceNamed(m_deviceId).freeBytes / 3)
        return;
    for (const Index& block : blocks) {
        task.throwIfStopped();
        m_resident.push_back(read(block));
    }
}

Batches::Prepared Batches::prepare(const std::vector<std::size_t>& blocks, bool counts, const AugmentOptions& change,
    std::uint64_t seed, int epoch, std::size_t first) const
{
    Prepared prepared { blocks, counts, {}, {} };
    if (!m_resident.empty())
        return prepared;
    std::vector<Index> places;
    for (const std::size_t block : blocks)
        places.push_back(m_sampler.split().training[block]);
    prepared.samples = m_sampler.read(places, change, seed, epoch, first);
    if (!counts)
        std::fill(prepared.samples.target.begin(), prepared.samples.target.end(), -1.0F);
    if (!m_device.is_cpu())
        prepared.pinned = asPinned(prepared.samples);
    return prepared;
}

Batch Batches::onDevice(const Prepared& prepared) const
{
    if (prepared.samples.count > 0 && m_device.is_cpu())
        return copied(prepared.samples);
    if (prepared.samples.count > 0)
        return { inOrder(prepared.pinned.grey.to(m_device, true), orderOf(m_mode)),
            prepared.pinned.target.to(m_device, true) };
    std::vector<torch::Tensor> grey;
    std::vector<torch::Tensor> target;
    for (const std::size_t block : prepared.blocks) {
        grey.push_back(m_resident[block].grey);
        target.push_back(m_resident[block].target);
    }
    const Batch batch { inOrder(torch::cat(grey), orderOf(m_mode)), torch::cat(target) };
    if (!prepared.counts)
        batch.target.fill_(-1);
    return batch;
}

} // namespace interstice
