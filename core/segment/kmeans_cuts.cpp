// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/kmeans_cuts.h"

#include "base/vectors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace interstice::detail {

namespace {

// Sixteen voxels at a time, in the compiler's vector types.
constexpr std::int64_t kLanes = 16;
using Shorts = std::int16_t __attribute__((vector_size(32)));
using Words = std::uint32_t __attribute__((vector_size(32)));

constexpr std::int64_t kStretch = 1024; // 64 vectors: all sums of a lane fit, and the cut's steps stay exact to 2^-11
constexpr double kFine = 1.0 / 1024; // no cut is followed closer to 0 than this

template <class T> INTERSTICE_KERNEL std::uint16_t unsignedOf(T value)
{
    if constexpr (std::is_signed_v<T>)
        return static_cast<std::uint16_t>(static_cast<std::uint16_t>(value) ^ 0x8000U);
    else
        return value;
}

/// Grey values from the type's lowest, as bits.
template <class T> INTERSTICE_KERNEL void load(const T* from, Shorts& to)
{
    if constexpr (sizeof(T) == 1) {
        using Bytes = std::uint8_t __attribute__((vector_size(16)));
        Bytes bytes;
        std::memcpy(&bytes, from, sizeof bytes);
        to = __builtin_convertvector(bytes, Shorts);
    } else {
        std::memcpy(&to, from, sizeof to);
        if constexpr (std::is_signed_v<T>)
            to ^= std::int16_t(-0x8000);
    }
}

INTERSTICE_KERNEL std::uint32_t sumOf(const Words& words)
{
    std::uint32_t sum = 0;
    for (std::size_t l = 0; l < 8; ++l)
        sum += words[l];
    return sum;
}

/// In 1/65536 grey values, modulo 2^32, rounded down; the constant makes it so without a call.
std::uint32_t fixed(double value)
{
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(value * 65536 + 0x1p48));
}

/// Part of a row and where a cut starts there, see fixed().
struct Stretch {
    std::int64_t length = 0;
    std::uint32_t start = 0;
    std::uint32_t atTail = 0; ///< at 16 voxels before the end, where the length is no multiple of 16
};

struct StretchSums {
    std::uint32_t count = 0;
    std::uint32_t value = 0;
    std::uint32_t x = 0; ///< from the stretch's first voxel
};

/// Sums over the values above a cut. Cut false: over all values.
/// A length that is no multiple of 16 takes one more vector, which may begin before `values`.
template <class T, bool Cut> struct SumKernel {
    /// The cut's whole part and fraction at 16 voxels, each with its highest bit turned over: comparisons are of
    /// signed numbers.
    static INTERSTICE_KERNEL void place(std::uint32_t start, const CutSlope& slope, Shorts& cut, Shorts& fraction)
    {
        std::memcpy(&cut, slope.whole.data(), sizeof cut);
        std::memcpy(&fraction, slope.fraction.data(), sizeof fraction);
        const Shorts small = Shorts {} + static_cast<std::int16_t>(start & 0xffffU);
        fraction = (fraction + small) ^ std::int16_t(-0x8000);
        const Shorts carryBelow = small ^ std::int16_t(-0x8000);
        cut += static_cast<std::int16_t>((start >> 16) ^ 0x8000U);
        cut -= fraction < carryBelow;
    }

    static INTERSTICE_KERNEL void addPairs(const Shorts& v, Words& sum)
    {
        Words pairs;
        std::memcpy(&pairs, &v, sizeof pairs);
        sum += (pairs & 0xffffU) + (pairs >> 16);
    }

    /// Counts and x of every other lane: the even ones at a shift of 0, the odd ones at 16.
    static INTERSTICE_KERNEL void addX(const Shorts& count, const Shorts& before, const Shorts& inTail,
        const Stretch& stretch, std::uint32_t shift, Words& n, Words& x)
    {
        Words lane = { 0, 2, 4, 6, 8, 10, 12, 14 };
        lane += shift / 16;
        Words whole;
        Words late;
        Words tail;
        std::memcpy(&whole, &count, sizeof whole);
        std::memcpy(&late, &before, sizeof late);
        std::memcpy(&tail, &inTail, sizeof tail);
        whole = (whole >> shift) & 0xffffU;
        late = (late >> shift) & 0xffffU;
        tail = (tail >> shift) & 0xffffU;
        n += whole + tail;
        // `before` has counted a voxel of vector b once for each of the vectors b…: Σ b = vectors × count − before.
        x += (whole * static_cast<std::uint32_t>(stretch.length / kLanes) - late) * 16U + lane * whole
            + (lane + static_cast<std::uint32_t>(stretch.length - kLanes)) * tail;
    }

    static INTERSTICE_KERNEL void run(const T* values, const Stretch* stretch, const CutSlope* slope, StretchSums* sums)
    {
        Shorts cut = {};
        Shorts fraction = {};
        Shorts count = {};
        Shorts before = {};
        Shorts inTail = {};
        Words value = {};
        const auto vectors = static_cast<std::int32_t>(stretch->length / kLanes);
        const auto rest = static_cast<std::int32_t>(stretch->length % kLanes);
        if constexpr (Cut)
            place(stretch->start, *slope, cut, fraction);
        const Shorts step = Shorts {} + static_cast<std::int16_t>(slope->step >> 16);
        const Shorts small = Shorts {} + static_cast<std::int16_t>(slope->step & 0xffffU);
        const Shorts carryBelow = small ^ std::int16_t(-0x8000);
        for (std::int32_t b = 0; b < vectors; ++b) {
            Shorts v;
            load(values + b * kLanes, v);
            if constexpr (Cut) {
                const Shorts above = (v ^ std::int16_t(-0x8000)) > cut;
                count -= above;
                before += count;
                v &= above;
                fraction += small;
                cut += step - (fraction < carryBelow);
            }
            addPairs(v, value);
        }
        if (rest > 0) {
            const Shorts lane = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
            Shorts above = lane >= static_cast<std::int16_t>(kLanes - rest);
            Shorts v;
            load(values + stretch->length - kLanes, v);
            if constexpr (Cut) {
                place(stretch->atTail, *slope, cut, fraction);
                above &= (v ^ std::int16_t(-0x8000)) > cut;
                inTail -= above;
            }
            v &= above;
            addPairs(v, value);
        }
        sums->value = sumOf(value);
        if constexpr (Cut) {
            Words x = {};
            Words n = {};
            addX(count, before, inTail, *stretch, 0, n, x);
            addX(count, before, inTail, *stretch, 16, n, x);
            sums->count = sumOf(n);
            sums->x = sumOf(x);
        } else {
            const auto n = static_cast<std::uint32_t>(stretch->length);
            sums->count = n;
            sums->x = n * (n - 1) / 2;
        }
    }
};

/// Values above from + slope × i, the cut being from 0 to 65536 throughout. Cut false: all values.
template <class T, bool Cut>
void addAbove(std::span<const T> row, std::int64_t first, std::int64_t end, double from, const CutSlope& slope, CutSums& all)
{
    for (std::int64_t start = first; start < end; start += kStretch) {
        const std::int64_t n = std::min(kStretch, end - start);
        const double here = from + slope.slope * static_cast<double>(start - first);
        StretchSums sums;
        if (start + n >= kLanes) {
            const Stretch stretch = { n, fixed(here), fixed(here + slope.slope * static_cast<double>(n - kLanes)) };
            vectorised<SumKernel<T, Cut>>(row.data() + start, &stretch, &slope, &sums);
        } else {
            for (std::int64_t i = 0; i < n; ++i) {
                const std::uint16_t v = unsignedOf(row[static_cast<std::size_t>(start + i)]);
                if (!Cut || static_cast<double>(v) > here + slope.slope * static_cast<double>(i)) {
                    ++sums.count;
                    sums.value += v;
                    sums.x += static_cast<std::uint32_t>(i);
                }
            }
        }
        all.count += sums.count;
        all.value += sums.value;
        all.x += sums.x + sums.count * start;
    }
}

constexpr CutSlope kLevel;

} // namespace

CutSlope::CutSlope(double aSlope)
    : slope(aSlope)
{
    // A slope too steep for 16 bits is in range for less than a vector's width, where lanes out of it are left out.
    const double gentle = std::clamp(slope, -65536.0, 65536.0);
    for (std::size_t l = 0; l < whole.size(); ++l) {
        const std::uint32_t at = fixed(gentle * static_cast<double>(l));
        whole[l] = static_cast<std::uint16_t>(at >> 16);
        fraction[l] = static_cast<std::uint16_t>(at & 0xffffU);
    }
    step = fixed(gentle * kLanes + 0.5 / 65536);
}

/// Where the cuts between centres lie at x = 0 of a row.
struct ClusterCuts::Row {
    std::array<double, kMostClusters * kMostClusters> offset;
};

std::optional<ClusterCuts> ClusterCuts::of(const ClusterModel& model, double lowest, double highest)
{
    ClusterCuts cuts;
    cuts.m_clusters = model.clusters();
    cuts.m_highest = highest - lowest;
    if (!std::isinf(model.threshold))
        cuts.m_threshold = std::clamp(std::floor(model.threshold) - lowest, -1.0, cuts.m_highest);
    const auto k = static_cast<std::size_t>(model.clusters());
    std::iota(cuts.m_order.begin(), cuts.m_order.end(), std::uint8_t { 0 });
    std::stable_sort(cuts.m_order.begin(), cuts.m_order.begin() + static_cast<std::ptrdiff_t>(k),
        [&](std::uint8_t a, std::uint8_t b) { return model.centres[a][0] < model.centres[b][0]; });
    cuts.m_lines.resize(k * k);
    for (std::size_t c = 0; c < k; ++c) {
        for (std::size_t other = c + 1; other < k; ++other) {
            const Features& a = model.centres[cuts.m_order[c]];
            const Features& b = model.centres[cuts.m_order[other]];
            const double by = (b[0] - a[0]) * model.gain[0]; // half of what a grey value more brings b nearer than a
            if (!(by > 1e-12))
                return std::nullopt;
            // |f − a|² = |f − b|², solved for the grey value.
            Line line;
            double constant = 0;
            for (std::size_t d = 0; d < 4; ++d)
                constant += (b[d] - a[d]) * ((a[d] + b[d]) / 2 + model.mean[d] * model.gain[d]);
            line.offset = constant / by - lowest;
            line.z = -(b[1] - a[1]) * model.gain[1] / by;
            line.y = -(b[2] - a[2]) * model.gain[2] / by;
            line.x = CutSlope(-(b[3] - a[3]) * model.gain[3] / by);
            cuts.m_lines[c * k + other] = line;
        }
    }
    return cuts;
}

inline double ClusterCuts::at(std::size_t pair, const Row& row, double x) const
{
    return row.offset[pair] + m_lines[pair].x.slope * x;
}

ClusterCuts::Pairs ClusterCuts::pairsAt(const Row& row, double x) const
{
    Pairs pairs {};
    const auto k = static_cast<std::size_t>(m_clusters);
    if (k == 3) { // the same, without loops
        const double lower = at(1, row, x);
        const double outer = at(2, row, x);
        const double upper = at(5, row, x);
        pairs[1] = outer < lower ? 2 : 1;
        pairs[2] = upper > outer ? 5 : 2;
        return pairs;
    }
    for (std::size_t j = 1; j < k; ++j) {
        double smallest = 0;
        for (std::size_t other = j; other < k; ++other) {
            std::size_t best = other; // of c = 0
            double largest = at(best, row, x);
            for (std::size_t c = 1; c < j; ++c) {
                const double cut = at(c * k + other, row, x);
                if (cut > largest) {
                    largest = cut;
                    best = c * k + other;
                }
            }
            if (other == j || largest < smallest) {
                smallest = largest;
                pairs[j] = static_cast<std::uint8_t>(best);
            }
        }
    }
    return pairs;
}

template <class T>
void ClusterCuts::addPiece(
    std::span<const T> values, std::int64_t first, std::int64_t end, double from, const CutSlope& slope, CutSums& sums) const
{
    // In order of x: parts below the lowest cut that counts, parts between, and parts above all grey values.
    const double lowest = std::max(m_threshold, kFine);
    const double last = from + slope.slope * static_cast<double>(end - 1 - first);
    const auto below = [&](std::int64_t a, std::int64_t b) {
        if (a >= b)
            return;
        if (m_threshold >= 0)
            addAbove<T, true>(values, a, b, m_threshold, kLevel, sums);
        else
            addAbove<T, false>(values, a, b, 0, kLevel, sums);
    };
    const auto inside = [&](std::int64_t a, std::int64_t b) {
        if (a < b)
            addAbove<T, true>(
                values, a, b, std::max(from + slope.slope * static_cast<double>(a - first), lowest), slope, sums);
    };
    const bool firstIn = from >= lowest && from < m_highest;
    const bool lastIn = last >= lowest && last < m_highest;
    if (firstIn && lastIn)
        return inside(first, end);
    if (from < lowest && last < lowest)
        return below(first, end);
    if (from >= m_highest && last >= m_highest)
        return;
    /// The first voxel at or past which the cut has crossed the level.
    const auto crossing = [&](double level) {
        const double x = (level - from) / slope.slope;
        if (!(x > 0))
            return first;
        if (x >= static_cast<double>(end - first))
            return end;
        const auto whole = static_cast<std::int64_t>(x);
        return first + whole + (static_cast<double>(whole) < x ? 1 : 0);
    };
    const std::int64_t low = crossing(lowest);
    const std::int64_t high = crossing(m_highest);
    if (slope.slope > 0) {
        below(first, low);
        inside(low, high);
    } else {
        inside(high, low);
        below(low, end);
    }
}

template <class T>
void ClusterCuts::addRange(const Row& row, std::span<const T> values, std::int64_t first, const Pairs& atFirst,
    std::int64_t end, const Pairs& atEnd, std::span<CutSums> above) const
{
    // The same lines at both ends are the same lines between: which centres are nearest to some grey value is decided
    // by inequalities that are linear in x.
    std::size_t differs = 1;
    while (differs < static_cast<std::size_t>(m_clusters) && atFirst[differs] == atEnd[differs])
        ++differs;
    if (differs == static_cast<std::size_t>(m_clusters) || end - first == 1) {
        for (std::size_t j = 1; j < static_cast<std::size_t>(m_clusters); ++j)
            addPiece(values, first, end, at(atFirst[j], row, static_cast<double>(first)), m_lines[atFirst[j]].x, above[j]);
        return;
    }
    // Two lines take turns where they meet; where there is a third between them, at least something gets smaller.
    const std::size_t one = atFirst[differs];
    const std::size_t other = atEnd[differs];
    const double meet = (row.offset[other] - row.offset[one]) / (m_lines[one].x.slope - m_lines[other].x.slope);
    const std::int64_t middle = meet > static_cast<double>(first) && meet < static_cast<double>(end - 1)
        ? static_cast<std::int64_t>(meet) + 1
        : (first + end) / 2;
    addRange(row, values, first, atFirst, middle, pairsAt(row, static_cast<double>(middle - 1)), above);
    addRange(row, values, middle, pairsAt(row, static_cast<double>(middle)), end, atEnd, above);
}

template <class T>
void ClusterCuts::addRow(
    std::span<const T> values, std::int64_t z, std::int64_t y, bool usable, std::span<CutSums> above) const
{
    Row row;
    const auto k = static_cast<std::size_t>(m_clusters);
    for (std::size_t c = 0; c < k; ++c)
        for (std::size_t other = c + 1; other < k; ++other) {
            const Line& line = m_lines[c * k + other];
            row.offset[c * k + other] = line.offset + line.z * static_cast<double>(z) + line.y * static_cast<double>(y);
        }
    const std::int64_t n = std::ssize(values);
    addRange(row, values, 0, pairsAt(row, 0), n, pairsAt(row, static_cast<double>(n - 1)), above);
    if (usable) {
        if (m_threshold >= 0)
            addAbove<T, true>(values, 0, n, m_threshold, kLevel, above[0]);
        else
            addAbove<T, false>(values, 0, n, 0, kLevel, above[0]);
    }
}

template void ClusterCuts::addRow(std::span<const std::uint8_t>, std::int64_t, std::int64_t, bool, std::span<CutSums>) const;
template void ClusterCuts::addRow(
    std::span<const std::uint16_t>, std::int64_t, std::int64_t, bool, std::span<CutSums>) const;
template void ClusterCuts::addRow(std::span<const std::int16_t>, std::int64_t, std::int64_t, bool, std::span<CutSums>) const;

} // namespace interstice::detail
