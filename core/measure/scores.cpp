// SPDX-License-Identifier: GPL-3.0-or-later
#include "measure/scores.h"

#include "base/error.h"
#include "base/parallel.h"
#include "volume/labels.h"
#include "volume/slabs.h"

#include <algorithm>
#include <limits>

namespace interstice {

namespace {

double ratio(std::uint64_t part, std::uint64_t of, double otherwise)
{
    return of == 0 ? otherwise : static_cast<double>(part) / static_cast<double>(of);
}

} // namespace

double Counts::dice() const
{
    return ratio(2 * tp, 2 * tp + fp + fn, 1);
}

double Counts::iou() const
{
    return ratio(tp, tp + fp + fn, 1);
}

double Counts::precision() const
{
    return ratio(tp, tp + fp, fn == 0 ? 1 : 0);
}

double Counts::recall() const
{
    return ratio(tp, tp + fn, fp == 0 ? 1 : 0);
}

double Counts::volumeError() const
{
    if (tp + fn == 0)
        return fp == 0 ? 0 : std::numeric_limits<double>::infinity();
    return (static_cast<double>(fp) - static_cast<double>(fn)) / static_cast<double>(tp + fn);
}

double Counts::fraction() const
{
    return ratio(tp + fp, voxels(), 0);
}

double Counts::truthFraction() const
{
    return ratio(tp + fn, voxels(), 0);
}

Counts& Counts::operator+=(const Counts& other)
{
    tp += other.tp;
    fp += other.fp;
    fn += other.fn;
    tn += other.tn;
    return *this;
}

namespace {

struct SliceCounts {
    Counts counts;
    std::uint64_t ignored = 0;
    std::uint64_t excluded = 0;
    bool strange = false;
};

/// Counts a run of voxels. Sums are kept in bytes over at most 240 voxels, so that the compiler can
/// use the full width of vector registers.
void countRun(const std::uint8_t* mask, const std::uint8_t* truth, std::size_t n, SliceCounts& to)
{
    constexpr std::size_t kBlock = 240;
    for (std::size_t start = 0; start < n; start += kBlock) {
        const std::size_t length = std::min(kBlock, n - start);
        const std::uint8_t* p = mask + start;
        const std::uint8_t* t = truth + start;
        std::uint8_t tp = 0;
        std::uint8_t fp = 0;
        std::uint8_t fn = 0;
        std::uint8_t tn = 0;
        std::uint8_t ignored = 0;
        for (std::size_t i = 0; i < length; ++i) {
            const std::uint8_t p1 = p[i] == 1;
            const std::uint8_t p0 = p[i] == 0;
            const std::uint8_t t1 = t[i] == 1;
            const std::uint8_t t0 = t[i] == 0;
            tp = static_cast<std::uint8_t>(tp + (p1 & t1));
            fp = static_cast<std::uint8_t>(fp + (p1 & t0));
            fn = static_cast<std::uint8_t>(fn + (p0 & t1));
            tn = static_cast<std::uint8_t>(tn + (p0 & t0));
            const std::uint8_t p255 = p[i] == kIgnoreLabel;
            const std::uint8_t t255 = t[i] == kIgnoreLabel;
            ignored = static_cast<std::uint8_t>(ignored + (((p255 | t255) & (p0 | p1 | p255)) & (t0 | t1 | t255)));
        }
        to.counts += { tp, fp, fn, tn };
        to.ignored += ignored;
        // Whatever was counted in none of these is no mask value.
        to.strange = to.strange || std::size_t { tp } + fp + fn + tn + ignored != length;
    }
}

/// One slice row by row, leaving out the given boxes, which all contain this z.
void countRows(
    const std::uint8_t* mask, const std::uint8_t* truth, const Shape& shape, const std::vector<Box>& boxes, SliceCounts& to)
{
    std::vector<std::pair<std::int64_t, std::int64_t>> gaps;
    for (std::int64_t y = 0; y < shape.y; ++y) {
        gaps.clear();
        for (const Box& box : boxes) {
            if (y >= box.start.y && y < box.start.y + box.size.y)
                gaps.emplace_back(std::max<std::int64_t>(0, box.start.x), std::min(shape.x, box.start.x + box.size.x));
        }
        std::sort(gaps.begin(), gaps.end());
        std::int64_t x = 0;
        const auto count = [&](std::int64_t end) {
            if (end > x)
                countRun(mask + y * shape.x + x, truth + y * shape.x + x, static_cast<std::size_t>(end - x), to);
        };
        for (const auto& [from, until] : gaps) {
            if (until <= std::max(x, from))
                continue;
            count(from);
            to.excluded += static_cast<std::uint64_t>(until - std::max(x, from));
            x = until;
        }
        count(shape.x);
    }
}

void requireMask(const VolumeSource& source)
{
    if (source.scalar() != Scalar::U8)
        throw Error(
            source.name() + " is " + scalarName(source.scalar()) + " and not a mask", "Open it as labels or as a mask.");
}

[[noreturn]] void refuseValues(const VolumeSource& mask, const VolumeSource& truth, std::int64_t z)
{
    throw Error("Slice " + std::to_string(z) + " of " + mask.name() + " or of " + truth.name()
            + " has values other than 0, 1 and 255",
        "Open both as masks and say which labels are foreground.");
}

} // namespace

ScoreResult score(const VolumeSource& mask, const VolumeSource& truth, const ScoreOptions& options, Task& task)
{
    requireSameShape(mask, truth);
    requireMask(mask);
    requireMask(truth);
    const Shape shape = mask.shape();
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    ScoreResult result;
    result.slices.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, shape.z)));
    if (shape.empty())
        return result;
    std::vector<std::uint8_t> truthSlab;
    // Half the usual slab, as there are two volumes.
    const std::int64_t depth = slabDepth(mask, std::uint64_t { 16 } << 20);
    forEachTypedSlab(mask, depth, task, "Comparing with the truth", [&](const Box& box, auto bytes) {
        truthSlab.resize(bytes.size());
        truth.read(box, std::as_writable_bytes(std::span(truthSlab)));
        std::vector<SliceCounts> counted(static_cast<std::size_t>(box.size.z));
        parallelFor(box.size.z, 0, [&](std::int64_t i) {
            const std::int64_t z = box.start.z + i;
            std::vector<Box> boxes;
            for (const Box& excluded : options.exclude) {
                if (z >= excluded.start.z && z < excluded.start.z + excluded.size.z)
                    boxes.push_back(excluded);
            }
            const auto* p = reinterpret_cast<const std::uint8_t*>(bytes.data()) + static_cast<std::size_t>(i) * plane;
            const auto* t = truthSlab.data() + static_cast<std::size_t>(i) * plane;
            SliceCounts& slice = counted[static_cast<std::size_t>(i)];
            if (boxes.empty())
                countRun(p, t, plane, slice);
            else
                countRows(p, t, shape, boxes, slice);
            if (slice.strange)
                refuseValues(mask, truth, z);
        });
        for (std::size_t i = 0; i < counted.size(); ++i) {
            result.slices[static_cast<std::size_t>(box.start.z) + i] = counted[i].counts;
            result.whole += counted[i].counts;
            result.ignored += counted[i].ignored;
            result.excluded += counted[i].excluded;
        }
    });
    return result;
}

} // namespace interstice
