// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/augment.h"
#include "learn/split.h"
#include "volume/grey_range.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <mutex>
#include <vector>

namespace interstice {

/// What a network sees of some blocks: normalised grey values and targets: the class, or −1 (ignored, or padding).
struct Samples {
    std::int64_t count = 0;
    Shape patch; ///< block and context
    std::vector<float> grey; ///< (count, z, y, x)
    std::vector<float> target; ///< the same size
};

/// Reads blocks of a split, with their context, from a raw volume and its truth. What reaches over the
/// volume's edges is filled by reflection; it and the context are ignored targets.
class ChunkSampler {
public:
    /// Keeps the blocks it has read in memory as long as they take no more than `cacheBytes`. With two `classes` every
    /// label but 0 and 255 is foreground; with more, labels are classes, and one that is none of them throws Error. With
    /// `hides` each read hides parts of the blocks and makes their grey values the targets (learn/masking.h).
    ChunkSampler(const VolumeSource& raw, const VolumeSource& truth, GreyRange range, const Split& split,
        std::uint64_t cacheBytes, int classes = 2, bool hides = false);

    /// Order of the training blocks in an epoch: a permutation repeated `repeats` times, drawn from
    /// (seed, epoch) alone, so that a resumed training sees what an unbroken one would have.
    std::vector<std::size_t> order(std::uint64_t seed, int epoch, int repeats) const;

    /// Reads blocks; each is changed by its own draw from (seed, epoch, position). `first` is the position of the
    /// first one in the epoch. May be called from several threads at once.
    Samples read(const std::vector<Index>& blocks, const AugmentOptions& augmentation, std::uint64_t seed, int epoch,
        std::size_t first) const;
    /// As they are.
    Samples read(const std::vector<Index>& blocks) const { return read(blocks, {}, 0, 0, 0); }

    const Split& split() const { return m_split; }

private:
    struct Cached {
        std::vector<float> grey;
        std::vector<float> target;
    };
    Cached load(const Index& start) const;
    float targetOf(std::uint8_t label) const;

    const VolumeSource& m_raw;
    const VolumeSource& m_truth;
    GreyRange m_range;
    Split m_split;
    int m_classes;
    bool m_hides;
    bool m_cacheFits;
    mutable std::mutex m_mutex;
    mutable std::vector<std::pair<Index, Cached>> m_cache;
};

/// Index of `i` reflected into [0, length): … 2 1 | 0 1 2 … n−1 | n−2 n−3 …
std::int64_t reflected(std::int64_t i, std::int64_t length);

} // namespace interstice
