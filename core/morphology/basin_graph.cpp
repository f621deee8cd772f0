// SPDX-License-Identifier: GPL-3.0-or-later
#include "morphology/basin_graph.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <bit>

namespace interstice::detail {

namespace {

constexpr std::uint64_t kUsualBasins = std::uint64_t { 1 } << 21;

} // namespace

void sortByHeight(std::vector<Saddle>& saddles)
{
    // Bits of floats that are not negative order as they do. Three passes of eleven bits keep equals in their order.
    std::vector<Saddle> other(saddles.size());
    for (const int shift : { 0, 11, 22 }) {
        const auto digit = [shift](const Saddle& s) { return ~std::bit_cast<std::uint32_t>(s.height) >> shift & 0x7ffU; };
        std::array<std::size_t, 2048> at {};
        for (const Saddle& s : saddles)
            ++at[digit(s)];
        std::size_t sum = 0;
        for (std::size_t& n : at)
            sum += std::exchange(n, sum);
        for (const Saddle& s : saddles)
            other[at[digit(s)]++] = s;
        saddles.swap(other);
    }
}

void keepForest(std::vector<Saddle>& saddles, std::size_t basins)
{
    UnionFind joined;
    joined.resize(basins);
    std::erase_if(saddles, [&](const Saddle& s) {
        const std::uint32_t a = joined.root(s.a);
        const std::uint32_t b = joined.root(s.b);
        if (a != b)
            joined.join(a, b);
        return a == b;
    });
}

BasinGraph::BasinGraph(double h, std::uint64_t minimumVoxels, std::uint64_t basinsAtOnce)
    : m_h(h)
    , m_minimumVoxels(minimumVoxels)
    , m_basinsAtOnce(basinsAtOnce > 0 ? basinsAtOnce : kUsualBasins)
{
}

bool BasinGraph::oneBody(float lowerPeak, float saddle) const
{
    const double depth = static_cast<double>(lowerPeak) - static_cast<double>(saddle);
    return !(depth > 0 && depth >= m_h); // equal heights are no neck, whatever h
}

std::uint32_t BasinGraph::add(std::span<const float> peaks, std::span<const std::uint64_t> voxels)
{
    const auto first = static_cast<std::uint32_t>(m_basins.size());
    if (m_basins.size() + peaks.size() >= kNobody)
        throw Error("The mask has more bodies than can be counted", "Smooth it, or crop it.");
    m_basins.resize(m_basins.size() + peaks.size());
    m_peak.insert(m_peak.end(), peaks.begin(), peaks.end());
    m_voxels.insert(m_voxels.end(), voxels.begin(), voxels.end());
    m_slabs.push_back({ m_epochs.size(), first, static_cast<std::uint32_t>(peaks.size()) });
    return first;
}

void BasinGraph::addSaddles(std::span<const Saddle> saddles)
{
    m_saddles.insert(m_saddles.end(), saddles.begin(), saddles.end());
}

void BasinGraph::endSlab(std::span<std::uint32_t> front)
{
    if (m_basins.size() < 2 * std::uint64_t { m_kept } + m_basinsAtOnce
        && m_saddles.size() < 2 * m_keptSaddles + 2 * m_basinsAtOnce)
        return;
    decide(front);
    const auto became = compact();
    for (std::uint32_t& basin : front)
        basin = basin == kNobody ? kNobody : became[basin];
    endEpoch(became);
    m_kept = static_cast<std::uint32_t>(m_basins.size());
    m_keptSaddles = m_saddles.size();
}

/// A body is uncertain while a later slab may add to it or to a body it may have become one with. Its peak can only grow.
/// So a saddle surely divides when it does with the peaks known now; it surely joins when the lower peak is certain, or
/// when a certain body is too low itself, whatever the other is. Joining early is no harm: an earlier saddle of the other
/// body that is undecided still lies higher, so a peak too low for this one is too low for that one.
void BasinGraph::decide(std::span<const std::uint32_t> front)
{
    m_basins.flatten();
    const std::vector<std::uint32_t>& parent = m_basins.parents();
    for (std::uint32_t i = 0; i < parent.size(); ++i) {
        if (parent[i] == i)
            continue;
        m_peak[parent[i]] = std::max(m_peak[parent[i]], m_peak[i]);
        m_voxels[parent[i]] += m_voxels[i];
    }
    std::vector<std::uint8_t> uncertain(m_basins.size(), 0);
    for (const std::uint32_t basin : front)
        if (basin != kNobody)
            uncertain[parent[basin]] = 1;
    sortByHeight(m_saddles);
    UnionFind reached;
    reached.resize(m_basins.size());
    std::erase_if(m_saddles, [&](const Saddle& saddle) {
        std::uint32_t a = m_basins.root(saddle.a);
        std::uint32_t b = m_basins.root(saddle.b);
        if (reached.root(a) == reached.root(b))
            return true;
        reached.join(a, b);
        if (m_peak[a] > m_peak[b])
            std::swap(a, b); // a is the lower one
        if (!oneBody(m_peak[a], saddle.height))
            return true;
        if (uncertain[a] != 0 && (uncertain[b] != 0 || !oneBody(m_peak[b], saddle.height))) {
            uncertain[b] = 1;
            return false;
        }
        m_basins.join(a, b);
        const std::uint32_t one = std::min(a, b);
        m_peak[one] = std::max(m_peak[a], m_peak[b]);
        m_voxels[one] = m_voxels[a] + m_voxels[b];
        uncertain[one] = uncertain[a] | uncertain[b];
        return true;
    });
}

std::vector<std::uint32_t> BasinGraph::compact()
{
    m_basins.flatten();
    std::vector<std::uint32_t> became = m_basins.parents();
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < became.size(); ++i) {
        if (became[i] != i) {
            became[i] = became[became[i]]; // roots come first
            continue;
        }
        m_peak[next] = m_peak[i];
        m_voxels[next] = m_voxels[i];
        became[i] = next++;
    }
    m_peak.resize(next);
    m_voxels.resize(next);
    m_basins = {};
    m_basins.resize(next);
    for (Saddle& saddle : m_saddles)
        saddle = { saddle.height, became[saddle.a], became[saddle.b] };
    return became;
}

void BasinGraph::endEpoch(std::span<const std::uint32_t> became)
{
    if (!m_became)
        m_became.emplace();
    m_became->write(m_end, std::as_bytes(became));
    m_epochs.push_back({ m_end, static_cast<std::uint32_t>(became.size()), m_kept });
    m_end += became.size_bytes();
}

ComponentsResult BasinGraph::finish()
{
    decide({});
    std::vector<std::uint32_t> became = compact();
    m_saddles = {};
    ComponentsResult result;
    std::vector<std::uint32_t> number(m_basins.size(), 0);
    for (std::uint32_t i = 0; i < number.size(); ++i) {
        if (m_voxels[i] < m_minimumVoxels) {
            ++result.droppedObjects;
            result.droppedVoxels += m_voxels[i];
            continue;
        }
        number[i] = static_cast<std::uint32_t>(++result.objects);
        result.voxels += m_voxels[i];
        result.largestVoxels = std::max(result.largestVoxels, m_voxels[i]);
    }
    endEpoch(became);
    // Backwards: what the numbers of an epoch became is known once that is known of the epoch after.
    for (auto epoch = m_epochs.rbegin(); epoch != m_epochs.rend(); ++epoch) {
        became.resize(epoch->count);
        m_became->read(epoch->at, std::as_writable_bytes(std::span(became)));
        for (std::uint32_t& b : became)
            b = number[b];
        m_became->write(epoch->at, std::as_bytes(std::span(became)));
        number.assign(became.begin(), became.begin() + epoch->before);
    }
    return result;
}

std::vector<std::uint32_t> BasinGraph::numbersOf(std::size_t slab) const
{
    const SlabBasins& basins = m_slabs[slab];
    std::vector<std::uint32_t> numbers(basins.count);
    m_became->read(m_epochs[basins.epoch].at + std::uint64_t { basins.first } * sizeof(std::uint32_t),
        std::as_writable_bytes(std::span(numbers)));
    return numbers;
}

} // namespace interstice::detail
