// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/split_use.h"

#include <algorithm>
#include <set>

namespace interstice {

namespace {

bool holds(const Box& box, const Index& at)
{
    const auto axis = [](std::int64_t start, std::int64_t size, std::int64_t i) { return start <= i && i < start + size; };
    return axis(box.start.z, box.size.z, at.z) && axis(box.start.y, box.size.y, at.y) && axis(box.start.x, box.size.x, at.x);
}

/// Voxels of slice `z` in any of the boxes: coordinates along y are compressed, intervals along x merged.
std::int64_t areaIn(const std::vector<Box>& boxes, std::int64_t z)
{
    std::vector<const Box*> here;
    std::set<std::int64_t> ys;
    for (const Box& box : boxes) {
        if (box.start.z <= z && z < box.start.z + box.size.z) {
            here.push_back(&box);
            ys.insert({ box.start.y, box.start.y + box.size.y });
        }
    }
    std::int64_t area = 0;
    for (auto y = ys.begin(); y != ys.end() && std::next(y) != ys.end(); ++y) {
        std::vector<std::pair<std::int64_t, std::int64_t>> runs;
        for (const Box* box : here) {
            if (box->start.y <= *y && *y < box->start.y + box->size.y)
                runs.emplace_back(box->start.x, box->start.x + box->size.x);
        }
        std::sort(runs.begin(), runs.end());
        std::int64_t covered = 0;
        std::int64_t end = 0;
        for (const auto& [from, to] : runs) {
            covered += std::max<std::int64_t>(0, to - std::max(from, end));
            end = std::max(end, to);
        }
        area += covered * (*std::next(y) - *y);
    }
    return area;
}

std::vector<Box> boxesOf(const Split& split, const std::vector<Index>& starts)
{
    std::vector<Box> boxes;
    for (const Index& start : starts)
        boxes.push_back(split.boxOf(start));
    return boxes;
}

} // namespace

VoxelUse useOf(const Split& split, const Index& voxel)
{
    const auto within = [&](const std::vector<Index>& starts, auto boxOf) {
        return std::any_of(
            starts.begin(), starts.end(), [&](const Index& start) { return holds((split.*boxOf)(start), voxel); });
    };
    if (within(split.training, &Split::boxOf))
        return VoxelUse::Training;
    if (within(split.validation, &Split::boxOf))
        return VoxelUse::Validation;
    const bool guarded = within(split.training, &Split::guardedBoxOf) || within(split.validation, &Split::guardedBoxOf);
    return guarded ? VoxelUse::Guard : VoxelUse::Test;
}

UseCounts& UseCounts::operator+=(const UseCounts& other)
{
    training += other.training;
    validation += other.validation;
    guard += other.guard;
    test += other.test;
    return *this;
}

std::vector<UseCounts> countUses(const Split& split)
{
    const std::vector<Box> training = boxesOf(split, split.training);
    const std::vector<Box> validation = boxesOf(split, split.validation);
    const std::vector<Box> guarded = split.excluded();
    // Between two of these slices nothing begins or ends.
    std::set<std::int64_t> zs = { 0, split.volume.z };
    for (const auto* boxes : { &training, &validation, &guarded }) {
        for (const Box& box : *boxes)
            zs.insert({ box.start.z, box.start.z + box.size.z });
    }
    std::vector<UseCounts> slices;
    for (auto z = zs.begin(); z != zs.end() && std::next(z) != zs.end(); ++z) {
        UseCounts counts;
        counts.training = areaIn(training, *z);
        counts.validation = areaIn(validation, *z);
        const std::int64_t taken = areaIn(guarded, *z);
        counts.guard = taken - counts.training - counts.validation;
        counts.test = split.volume.sliceVoxels() - taken;
        slices.insert(slices.end(), static_cast<std::size_t>(*std::next(z) - *z), counts);
    }
    return slices;
}

UseCounts sumOf(const std::vector<UseCounts>& slices)
{
    UseCounts sum;
    for (const UseCounts& counts : slices)
        sum += counts;
    return sum;
}

bool leavesTest(const Split& split)
{
    // Most splits take far less than the volume, and need no exact count.
    std::int64_t most = 0;
    for (const Box& box : split.excluded())
        most += box.size.voxels();
    return most < split.volume.voxels() || sumOf(countUses(split)).test > 0;
}

double sampledTestShare(const Split& split)
{
    const std::vector<Box> guarded = split.excluded();
    const std::int64_t slices = std::min<std::int64_t>(split.volume.z, 32);
    std::int64_t taken = 0;
    for (std::int64_t i = 0; i < slices; ++i)
        taken += areaIn(guarded, (2 * i + 1) * split.volume.z / (2 * slices));
    return 1 - static_cast<double>(taken) / static_cast<double>(slices * split.volume.sliceVoxels());
}

std::optional<Finding> testSeesBlocks(const Split& split, const ArchitectureSpec& architecture)
{
    const Extent reach = architecture.receptiveField();
    std::string where;
    const auto look = [&](const char* axis, std::int64_t guard, std::int64_t seen, std::int64_t block, std::int64_t length) {
        if (guard < seen && block < length)
            where += (where.empty() ? "" : ", ") + std::to_string(guard) + " of " + std::to_string(seen) + " along " + axis;
    };
    look("z", split.guard.z, reach.z, split.block.z, split.volume.z);
    look("y", split.guard.y, reach.y, split.block.y, split.volume.y);
    look("x", split.guard.x, reach.x, split.block.x, split.volume.x);
    if (where.empty() || !leavesTest(split))
        return {};
    return Finding { Finding::Severity::Note, "narrow-guard",
        "The gap around the training blocks is narrower than the network sees (" + where
            + " voxels), so test voxels near them may look better than others. Fewer blocks, or chosen slabs, leave room "
              "for the full gap." };
}

} // namespace interstice
