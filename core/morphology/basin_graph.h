// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/scratch_file.h"
#include "morphology/components.h"
#include "morphology/run_block.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace interstice::detail {

/// A way between two basins and how high it lies.
struct Saddle {
    float height;
    std::uint32_t a;
    std::uint32_t b;
};

/// Sorts saddles from the highest down; of equals the earlier stays first. Heights are not negative.
void sortByHeight(std::vector<Saddle>& saddles);
/// Keeps, of saddles sorted so, those that join what the earlier have not (a maximum spanning forest over the numbers below
/// `basins`). The others change nothing: along the way over earlier saddles either all bodies became one, or two were found
/// to stay apart, each with a peak h above the neck there, and so above the lower one here.
void keepForest(std::vector<Saddle>& saddles, std::size_t basins);

/// Basins and the saddles between them, given slab by slab, and which of them are one body: from the highest saddle down,
/// two bodies become one when the lower of their peaks is less than h above the saddle (dynamics of maxima, Grimaud 1992).
///
/// What is certain is decided as soon as it is: basins that no later slab can touch, and saddles whose outcome no later
/// slab can change. What is kept in memory are therefore bodies and the basins at the front, not all basins; which basin
/// became which lies in a scratch file until the numbers are known. The result is that of deciding everything at the end.
class BasinGraph {
public:
    /// `basinsAtOnce`: new basins until what is certain is decided; 0: the usual.
    BasinGraph(double h, std::uint64_t minimumVoxels, std::uint64_t basinsAtOnce);

    /// Takes the basins of the next slab and gives the number of the first; the others follow.
    std::uint32_t add(std::span<const float> peaks, std::span<const std::uint64_t> voxels);
    /// Two numbers for one basin.
    void join(std::uint32_t a, std::uint32_t b) { m_basins.join(a, b); }
    /// Saddles in the order in which equal ones shall be taken, after all those given before.
    void addSaddles(std::span<const Saddle> saddles);
    /// Ends the slab. `front` are the basins that the next slab may touch, kNobody among them; their numbers may change.
    void endSlab(std::span<std::uint32_t> front);
    /// Decides the rest; bodies are numbered from 1 in the order of their first basins, those below minimumVoxels are 0.
    ComponentsResult finish();
    /// Numbers of the basins of a slab, in the order in which they were given; after finish().
    std::vector<std::uint32_t> numbersOf(std::size_t slab) const;

    static constexpr std::uint32_t kNobody = 0xffffffffU;

private:
    struct SlabBasins {
        std::size_t epoch;
        std::uint32_t first;
        std::uint32_t count;
    };
    /// The numbers given out between two decisions; `at` is where the scratch file holds what each became.
    struct Epoch {
        std::uint64_t at;
        std::uint32_t count;
        std::uint32_t before; ///< the first so many are bodies of the epoch before
    };

    bool oneBody(float lowerPeak, float saddle) const;
    void decide(std::span<const std::uint32_t> front);
    /// Gives the bodies numbers from 0 again; returns what each number became.
    std::vector<std::uint32_t> compact();
    void endEpoch(std::span<const std::uint32_t> became);

    double m_h;
    std::uint64_t m_minimumVoxels;
    std::uint64_t m_basinsAtOnce;
    UnionFind m_basins;
    std::vector<float> m_peak;
    std::vector<std::uint64_t> m_voxels;
    std::vector<Saddle> m_saddles;
    std::uint32_t m_kept = 0; ///< bodies after the last decision
    std::size_t m_keptSaddles = 0;
    std::vector<SlabBasins> m_slabs;
    std::vector<Epoch> m_epochs;
    std::uint64_t m_end = 0; ///< of what the scratch file holds
    std::optional<ScratchFile> m_became;
};

} // namespace interstice::detail
