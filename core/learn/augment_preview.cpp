// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/augment_preview.h"

#include "base/cost.h"

namespace interstice {

AugmentPreview::AugmentPreview(std::shared_ptr<const VolumeSource> raw, std::shared_ptr<const VolumeSource> truth,
    GreyRange range, const TrainOptions& options)
    : m_raw(std::move(raw))
    , m_truth(std::move(truth))
    , m_seed(options.seed)
    , m_repeats(1)
    , m_sampler(*m_raw, *m_truth, range, makeSplit(m_raw->shape(), options.architecture, options.split),
          memoryState().available / 16, options.architecture.classes)
{
    requireSameShape(*m_raw, *m_truth);
    m_repeats = options.repeatsFor(m_sampler.split().training.size());
}

std::size_t AugmentPreview::blocksOfAnEpoch() const
{
    return m_sampler.split().training.size() * static_cast<std::size_t>(m_repeats);
}

std::vector<PreviewBlock> AugmentPreview::blocks(
    const AugmentOptions& augmentation, std::size_t first, std::size_t count, Task& task) const
{
    std::vector<PreviewBlock> blocks;
    const std::size_t length = blocksOfAnEpoch();
    for (std::size_t position = first; position < first + count; ++position) {
        task.throwIfStopped();
        PreviewBlock block;
        block.epoch = static_cast<int>(position / length) + 1;
        const std::size_t at = position % length;
        block.start = m_sampler.split().training[m_sampler.order(m_seed, block.epoch, m_repeats)[at]];
        const Samples samples = m_sampler.read({ block.start }, augmentation, m_seed, block.epoch, at);
        block.width = static_cast<int>(samples.patch.x);
        block.height = static_cast<int>(samples.patch.y);
        const std::int64_t slice = samples.patch.sliceVoxels();
        const std::int64_t from = samples.patch.z / 2 * slice;
        block.grey.assign(samples.grey.begin() + from, samples.grey.begin() + from + slice);
        block.target.assign(samples.target.begin() + from, samples.target.begin() + from + slice);
        blocks.push_back(std::move(block));
        task.progress(static_cast<double>(position + 1 - first) / static_cast<double>(count), "Drawing samples");
    }
    return blocks;
}

} // namespace interstice
