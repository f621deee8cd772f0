// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "morphology/components.h"

#include <cstdint>
#include <span>
#include <vector>

namespace interstice::detail {

/// Roots of a forest of numbers; the smallest number of a tree is its root.
class UnionFind {
public:
    std::uint32_t add()
    {
        m_parent.push_back(static_cast<std::uint32_t>(m_parent.size()));
        return m_parent.back();
    }
    void resize(std::size_t n);
    std::size_t size() const { return m_parent.size(); }
    std::uint32_t root(std::uint32_t i)
    {
        while (m_parent[i] != i) {
            m_parent[i] = m_parent[m_parent[i]];
            i = m_parent[i];
        }
        return i;
    }
    void join(std::uint32_t a, std::uint32_t b)
    {
        a = root(a);
        b = root(b);
        if (a < b)
            m_parent[b] = a;
        else
            m_parent[a] = b;
    }
    /// Points every number at its root; parents are never larger, so one pass in ascending order does.
    void flatten();
    std::vector<std::uint32_t>& parents() { return m_parent; }

private:
    std::vector<std::uint32_t> m_parent;
};

/// Some whole slices of a mask as runs of foreground along x, and which runs belong together inside the block.
struct RunBlock {
    std::int64_t z = 0; ///< first slice
    std::int64_t slices = 0;
    std::int64_t rows = 0; ///< of one slice
    std::vector<std::uint32_t> firstRun; ///< of each row, and one past the last
    std::vector<std::uint32_t> begin; ///< x of a run's first voxel
    std::vector<std::uint32_t> end; ///< and past its last
    std::vector<std::uint32_t> component; ///< of each run, 0…n−1 in the order of first voxels
    std::vector<std::uint32_t> sizes; ///< voxels of each component

    std::uint64_t bytes() const;
    /// `mask` holds the block's voxels: 1 is foreground.
    static RunBlock of(std::span<const std::uint8_t> mask, std::int64_t z, const Shape& shape, Connectivity connectivity);
};

/// Calls touch(component of a, component of b) for every pair of runs that touch between the last slice of a and the
/// first of b, which follows it.
void forEachContact(const RunBlock& a, const RunBlock& b, Connectivity connectivity,
    const std::function<void(std::uint32_t, std::uint32_t)>& touch);

} // namespace interstice::detail
