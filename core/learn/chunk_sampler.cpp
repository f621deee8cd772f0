// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/chunk_sampler.h"

#include "base/error.h"
#include "learn/masking.h"
#include "volume/labels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace interstice {

std::int64_t reflected(std::int64_t i, std::int64_t length)
{
    if (length <= 1)
        return 0;
    const std::int64_t period = 2 * (length - 1);
    const std::int64_t k = ((i % period) + period) % period;
    return k < length ? k : period - k;
}

ChunkSampler::ChunkSampler(const VolumeSource& raw, const VolumeSource& truth, GreyRange range, const Split& split,
    std::uint64_t cacheBytes, int classes, bool hides)
    : m_raw(raw)
    , m_truth(truth)
    , m_range(range)
    , m_split(split)
    , m_classes(classes)
    , m_hides(hides)
    , m_cacheFits((split.training.size() + split.validation.size()) * static_cast<std::uint64_t>(split.patch().voxels()) * 8
          <= cacheBytes)
{
}

std::vector<std::size_t> ChunkSampler::order(std::uint64_t seed, int epoch, int repeats) const
{
    std::vector<std::size_t> all;
    for (int repeat = 0; repeat < std::max(1, repeats); ++repeat) {
        std::vector<std::size_t> once(m_split.training.size());
        std::iota(once.begin(), once.end(), std::size_t { 0 });
        auto random = generatorFor(seed, static_cast<std::uint64_t>(epoch), 1000000U + static_cast<unsigned>(repeat));
        // std::shuffle's draws differ between standard libraries; this one is the same everywhere.
        for (std::size_t i = once.size(); i > 1; --i)
            std::swap(once[i - 1], once[random() % i]);
        all.insert(all.end(), once.begin(), once.end());
    }
    return all;
}

namespace {

/// The real voxels that one axis of a patch needs, and which of them each place in the patch shows.
struct Axis {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::vector<std::int64_t> from; ///< relative to first
    std::vector<bool> judged; ///< in the block and in the volume
};

Axis axisOf(std::int64_t start, std::int64_t block, std::int64_t context, std::int64_t length)
{
    Axis axis;
    axis.first = length;
    std::int64_t last = 0;
    for (std::int64_t i = start - context; i < start + block + context; ++i) {
        const std::int64_t real = reflected(i, length);
        axis.from.push_back(real);
        axis.judged.push_back(i >= start && i < start + block && i < length);
        axis.first = std::min(axis.first, real);
        last = std::max(last, real);
    }
    axis.count = last - axis.first + 1;
    for (auto& real : axis.from)
        real -= axis.first;
    return axis;
}

} // namespace

float ChunkSampler::targetOf(std::uint8_t label) const
{
    if (label == kIgnoreLabel)
        return -1;
    if (m_classes <= 2)
        return label != 0 ? 1.0F : 0.0F;
    if (label >= m_classes)
        throw Error("The ground truth has the label " + std::to_string(label) + ", and the training is for "
                + std::to_string(m_classes) + " classes, 0 to " + std::to_string(m_classes - 1),
            "Train for more classes, or give these voxels another label (255 is ignored).");
    return static_cast<float>(label);
}

ChunkSampler::Cached ChunkSampler::load(const Index& start) const
{
    const Axis zs = axisOf(start.z, m_split.block.z, m_split.context.z, m_split.volume.z);
    const Axis ys = axisOf(start.y, m_split.block.y, m_split.context.y, m_split.volume.y);
    const Axis xs = axisOf(start.x, m_split.block.x, m_split.context.x, m_split.volume.x);
    const Box box { { zs.first, ys.first, xs.first }, { zs.count, ys.count, xs.count } };
    const auto grey = readAs<float>(m_raw, box);
    const auto labels = readAs<std::uint8_t>(m_truth, box);
    const auto scale = static_cast<float>(m_range.scale());
    const auto low = static_cast<float>(m_range.low);

    Cached sample;
    sample.grey.reserve(static_cast<std::size_t>(m_split.patch().voxels()));
    sample.target.reserve(sample.grey.capacity());
    for (std::size_t z = 0; z < zs.from.size(); ++z) {
        for (std::size_t y = 0; y < ys.from.size(); ++y) {
            const std::int64_t row = (zs.from[z] * ys.count + ys.from[y]) * xs.count;
            for (std::size_t x = 0; x < xs.from.size(); ++x) {
                const auto from = static_cast<std::size_t>(row + xs.from[x]);
                const float value = (grey[from] - low) * scale;
                sample.grey.push_back(std::isfinite(value) ? value : 0.0F);
                const bool judged = zs.judged[z] && ys.judged[y] && xs.judged[x];
                sample.target.push_back(judged ? targetOf(labels[from]) : -1.0F);
            }
        }
    }
    return sample;
}

Samples ChunkSampler::read(const std::vector<Index>& blocks, const AugmentOptions& augmentation, std::uint64_t seed,
    int epoch, std::size_t first) const
{
    Samples samples;
    samples.count = static_cast<std::int64_t>(blocks.size());
    samples.patch = m_split.patch();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        Cached sample;
        bool known = false;
        {
            const std::lock_guard lock(m_mutex);
            const auto cached
                = std::find_if(m_cache.begin(), m_cache.end(), [&](const auto& entry) { return entry.first == blocks[i]; });
            if ((known = cached != m_cache.end()))
                sample = cached->second;
        }
        if (!known) {
            sample = load(blocks[i]);
            const std::lock_guard lock(m_mutex);
            if (m_cacheFits)
                m_cache.emplace_back(blocks[i], sample);
        }
        if (augmentation.any())
            augment(
                sample.grey, sample.target, samples.patch, augmentation, seed, static_cast<std::uint64_t>(epoch), first + i);
        if (m_hides)
            hideCubes(sample.grey, sample.target, samples.patch, seed, static_cast<std::uint64_t>(epoch), first + i);
        samples.grey.insert(samples.grey.end(), sample.grey.begin(), sample.grey.end());
        samples.target.insert(samples.target.end(), sample.target.begin(), sample.target.end());
    }
    return samples;
}

} // namespace interstice
