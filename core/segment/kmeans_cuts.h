// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "segment/kmeans_pass.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace interstice::detail {

/// Sums over the voxels above a cut: how many, their grey values as unsigned numbers, their x.
struct CutSums {
    std::int64_t count = 0;
    std::int64_t value = 0;
    std::int64_t x = 0;
};

/// How a cut goes along a row, in grey values and in 1/65536 of them modulo 2^32.
struct CutSlope {
    constexpr CutSlope() = default;
    explicit CutSlope(double slope);

    double slope = 0;
    std::array<std::uint16_t, 16> whole {}; ///< from one voxel to each of 16 that begin there
    std::array<std::uint16_t, 16> fraction {};
    std::uint32_t step = 0; ///< over 16 voxels
};

/// K-means for grey values of at most 16 bits without a distance for each voxel. At a given place the nearest
/// centre changes from darker to brighter clusters at k − 1 grey values, the cuts, and each cut is linear in
/// (z, y, x) by pieces: T_j = min over c' ≥ j of max over c < j of t(c, c'), with t(c, c') the grey value that is as
/// far from c as from c'. So a voxel takes one comparison of 16-bit numbers a cut. Clusters are ranked by intensity.
class ClusterCuts {
public:
    /// None where two centres have the same intensity, or nearly: then no grey value divides them.
    /// `lowest` and `highest` are the range of the voxels' type.
    static std::optional<ClusterCuts> of(const ClusterModel& model, double lowest, double highest);

    int clusters() const { return m_clusters; }
    /// The cluster of each rank; rank 0 is the darkest.
    std::span<const std::uint8_t> order() const { return { m_order.data(), static_cast<std::size_t>(m_clusters) }; }

    /// Adds one row's sums above the cut below rank j to above[j], j = 1…k−1, and with `usable` those above the
    /// threshold to above[0]. Grey values count from the type's lowest.
    template <class T>
    void addRow(std::span<const T> row, std::int64_t z, std::int64_t y, bool usable, std::span<CutSums> above) const;

private:
    /// A cut between two centres; grey values count from the type's lowest.
    struct Line {
        double offset = 0;
        double z = 0;
        double y = 0;
        CutSlope x;
    };
    using Pairs = std::array<std::uint8_t, kMostClusters>;
    struct Row;

    double at(std::size_t pair, const Row& row, double x) const;
    /// The pair of centres whose line is the cut, for each rank.
    Pairs pairsAt(const Row& row, double x) const;
    template <class T>
    void addRange(const Row& row, std::span<const T> values, std::int64_t first, const Pairs& atFirst, std::int64_t end,
        const Pairs& atEnd, std::span<CutSums> above) const;
    template <class T>
    void addPiece(std::span<const T> values, std::int64_t first, std::int64_t end, double from, const CutSlope& slope,
        CutSums& sums) const;

    int m_clusters = 0;
    std::array<std::uint8_t, kMostClusters> m_order {};
    std::vector<Line> m_lines; ///< of ranks c < c', at c × k + c'
    double m_threshold = -1; ///< below 0: none
    double m_highest = 0;
};

} // namespace interstice::detail
