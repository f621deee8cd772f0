// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "base/task.h"
#include "learn/chunk_sampler.h"
#include "learn/layer_trials.h"

#include <string>
#include <vector>

namespace interstice {

/// Grey values (N, 1, D, H, W) and targets.
struct Batch {
    torch::Tensor grey;
    torch::Tensor target;
};

/// Blocks on their way from a sampler to a device: read beside the computation, copied by the GPU on its own, or kept
/// there.
class Batches {
public:
    Batches(const ChunkSampler& sampler, const std::string& device, const LayerMode& mode);

    /// Puts all training blocks onto the GPU once, when they fit into a third of what is free. Only for blocks that are
    /// never changed.
    void keepOnDevice(Task& task);

    /// Training blocks, ready to go to the device.
    struct Prepared {
        std::vector<std::size_t> blocks; ///< of the split's training blocks
        bool counts = true; ///< false: no voxel of them is judged
        Samples samples; ///< empty when the blocks lie on the device
        Batch pinned; ///< the same in memory that a GPU copies from on its own
    };
    /// `change`, `seed`, `epoch` and `first` as ChunkSampler::read. Uses none of LibTorch's threads, which compute.
    Prepared prepare(const std::vector<std::size_t>& blocks, bool counts, const AugmentOptions& change, std::uint64_t seed,
        int epoch, std::size_t first) const;
    Batch onDevice(const Prepared& prepared) const;
    /// A block as it is, at once.
    Batch read(const Index& block) const;

private:
    Batch copied(const Samples& samples) const;

    const ChunkSampler& m_sampler;
    std::string m_deviceId;
    torch::Device m_device;
    LayerMode m_mode;
    std::vector<Batch> m_resident; ///< every training block on the device, or none
};

} // namespace interstice
