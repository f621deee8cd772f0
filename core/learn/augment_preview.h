// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/chunk_sampler.h"
#include "learn/train_options.h"

#include <memory>
#include <vector>

namespace interstice {

/// The middle slice of a block as a training shows it to its network.
struct PreviewBlock {
    Index start; ///< of the block in the volume, without its context
    int epoch = 1;
    int width = 0;
    int height = 0;
    std::vector<float> grey; ///< most of them in 0…1
    std::vector<float> target; ///< class, or −1 where the network is not judged
};

/// What the sampler and the augmentations of a training give, block by block in the order of its epochs, without a
/// network.
class AugmentPreview {
public:
    /// `range`: the raw volume's by the options' normalisation (see findRange). Keeps both volumes. Throws Error as
    /// makeSplit does, and when the shapes differ.
    AugmentPreview(std::shared_ptr<const VolumeSource> raw, std::shared_ptr<const VolumeSource> truth, GreyRange range,
        const TrainOptions& options);

    /// The blocks from position `first` on, counted over all epochs, each changed as the training with the same seed
    /// changes it. For one thread at a time.
    std::vector<PreviewBlock> blocks(
        const AugmentOptions& augmentation, std::size_t first, std::size_t count, Task& task) const;
    /// Blocks that one epoch takes.
    std::size_t blocksOfAnEpoch() const;

private:
    std::shared_ptr<const VolumeSource> m_raw;
    std::shared_ptr<const VolumeSource> m_truth;
    std::uint64_t m_seed;
    int m_repeats;
    ChunkSampler m_sampler;
};

} // namespace interstice
