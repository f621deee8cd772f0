// SPDX-License-Identifier: GPL-3.0-or-later
#include "morphology/run_block.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

namespace interstice::detail {

void UnionFind::resize(std::size_t n)
{
    for (std::size_t i = m_parent.size(); i < n; ++i)
        m_parent.push_back(static_cast<std::uint32_t>(i));
}

void UnionFind::flatten()
{
    for (std::size_t i = 0; i < m_parent.size(); ++i)
        m_parent[i] = m_parent[m_parent[i]];
}

namespace {

/// Bit i of the word says whether voxel i of 64 is 1.
std::uint64_t wordOf(const std::uint8_t* voxels, std::int64_t n)
{
#if defined(__SSE2__)
    if (n >= 64) {
        const __m128i one = _mm_set1_epi8(1);
        std::uint64_t word = 0;
        for (int i = 0; i < 4; ++i) {
            const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(voxels + 16 * i));
            word |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, one)))) << (16 * i);
        }
        return word;
    }
#endif
    std::uint64_t word = 0;
    for (std::int64_t i = 0; i < (n < 64 ? n : 64); ++i)
        word |= std::uint64_t { voxels[i] == 1 } << i;
    return word;
}

void addRunsOfRow(const std::uint8_t* row, std::int64_t n, RunBlock& block)
{
    std::uint64_t before = 0; // the last voxel of the word before, as its lowest bit
    for (std::int64_t x = 0; x < n; x += 64) {
        const std::uint64_t word = wordOf(row + x, n - x);
        // Bits where foreground begins or ends.
        std::uint64_t changes = word ^ ((word << 1) | before);
        while (changes != 0) {
            const auto at = static_cast<std::uint32_t>(x + std::countr_zero(changes));
            if (block.begin.size() == block.end.size())
                block.begin.push_back(at);
            else
                block.end.push_back(at);
            changes &= changes - 1;
        }
        before = word >> 63;
    }
    if (block.begin.size() > block.end.size())
        block.end.push_back(static_cast<std::uint32_t>(n));
}

/// How far apart in x runs of two neighbouring rows may begin and end and still touch: −1 not at all.
int reach(Connectivity connectivity, bool sameSlice, int dy)
{
    if (sameSlice || dy == 0)
        return connectivity == Connectivity::Faces ? 0 : 1;
    return connectivity == Connectivity::Faces ? -1 : connectivity == Connectivity::Edges ? 0 : 1;
}

/// Calls touch(run of a's row, run of b's row) for all that overlap, or are `apart` or less from it.
template <class F>
void forEachOverlap(const RunBlock& a, std::size_t rowA, const RunBlock& b, std::size_t rowB, std::uint32_t apart, F&& touch)
{
    std::uint32_t i = a.firstRun[rowA];
    std::uint32_t j = b.firstRun[rowB];
    const std::uint32_t endI = a.firstRun[rowA + 1];
    const std::uint32_t endJ = b.firstRun[rowB + 1];
    while (i < endI && j < endJ) {
        if (a.begin[i] < b.end[j] + apart && b.begin[j] < a.end[i] + apart)
            touch(i, j);
        if (a.end[i] < b.end[j])
            ++i;
        else
            ++j;
    }
}

} // namespace

std::uint64_t RunBlock::bytes() const
{
    return 4 * (firstRun.size() + begin.size() + end.size() + component.size() + sizes.size());
}

RunBlock RunBlock::of(std::span<const std::uint8_t> mask, std::int64_t z, const Shape& shape, Connectivity connectivity)
{
    RunBlock block;
    block.z = z;
    block.rows = shape.y;
    block.slices = static_cast<std::int64_t>(mask.size()) / shape.sliceVoxels();
    const std::int64_t allRows = block.slices * shape.y;
    block.firstRun.reserve(static_cast<std::size_t>(allRows) + 1);
    UnionFind sets;
    for (std::int64_t row = 0; row < allRows; ++row) {
        block.firstRun.push_back(static_cast<std::uint32_t>(block.begin.size()));
        addRunsOfRow(mask.data() + row * shape.x, shape.x, block);
    }
    block.firstRun.push_back(static_cast<std::uint32_t>(block.begin.size()));
    sets.resize(block.begin.size());
    const auto join = [&](std::int64_t row, std::int64_t other, int apart) {
        forEachOverlap(block, static_cast<std::size_t>(other), block, static_cast<std::size_t>(row),
            static_cast<std::uint32_t>(apart), [&](std::uint32_t i, std::uint32_t j) { sets.join(i, j); });
    };
    for (std::int64_t s = 0; s < block.slices; ++s) {
        for (std::int64_t y = 0; y < shape.y; ++y) {
            const std::int64_t row = s * shape.y + y;
            if (block.firstRun[static_cast<std::size_t>(row)] == block.firstRun[static_cast<std::size_t>(row) + 1])
                continue;
            if (y > 0)
                join(row, row - 1, reach(connectivity, true, 1));
            if (s == 0)
                continue;
            for (int dy = -1; dy <= 1; ++dy) {
                const int apart = reach(connectivity, false, dy);
                if (apart >= 0 && y + dy >= 0 && y + dy < shape.y)
                    join(row, row - shape.y + dy, apart);
            }
        }
    }
    sets.flatten();
    // Roots are first runs, so numbering them as they come orders components by their first voxel.
    block.component.resize(block.begin.size());
    for (std::size_t i = 0; i < block.begin.size(); ++i) {
        const std::uint32_t root = sets.parents()[i];
        if (root == i) {
            block.component[i] = static_cast<std::uint32_t>(block.sizes.size());
            block.sizes.push_back(0);
        } else {
            block.component[i] = block.component[root];
        }
        block.sizes[block.component[i]] += block.end[i] - block.begin[i];
    }
    return block;
}

void forEachContact(const RunBlock& a, const RunBlock& b, Connectivity connectivity,
    const std::function<void(std::uint32_t, std::uint32_t)>& touch)
{
    const auto last = static_cast<std::size_t>((a.slices - 1) * a.rows);
    for (std::int64_t y = 0; y < a.rows; ++y) {
        for (int dy = -1; dy <= 1; ++dy) {
            const int apart = reach(connectivity, false, dy);
            if (apart < 0 || y + dy < 0 || y + dy >= a.rows)
                continue;
            forEachOverlap(a, last + static_cast<std::size_t>(y), b, static_cast<std::size_t>(y + dy),
                static_cast<std::uint32_t>(apart),
                [&](std::uint32_t i, std::uint32_t j) { touch(a.component[i], b.component[j]); });
        }
    }
}

} // namespace interstice::detail
