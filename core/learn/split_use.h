// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "learn/split.h"

#include <optional>
#include <vector>

namespace interstice {

/// What a voxel is for; each is exactly one of these.
enum class VoxelUse { Test, Guard, Validation, Training };
VoxelUse useOf(const Split& split, const Index& voxel);

/// How many voxels are for what.
struct UseCounts {
    std::int64_t training = 0;
    std::int64_t validation = 0;
    std::int64_t guard = 0;
    std::int64_t test = 0;

    std::int64_t voxels() const { return training + validation + guard + test; }
    UseCounts& operator+=(const UseCounts& other);
    bool operator==(const UseCounts&) const = default;
};
/// Of each slice, exactly, from the blocks alone: time grows with their number, not with the volume.
std::vector<UseCounts> countUses(const Split& split);
UseCounts sumOf(const std::vector<UseCounts>& slices);

/// Whether any voxel is left to test.
bool leavesTest(const Split& split);
/// Share of the voxels that are left to test, on at most 32 slices spread evenly: quickly also for many thousand blocks.
double sampledTestShare(const Split& split);
inline constexpr const char* kNothingToTest
    = "Nothing is left to test: every voxel trains, validates or lies in the gap around those that do.";

/// Where the network sees a part of a training or validation block from a test voxel: a note that scores on test voxels may
/// be flattered, with the distances. Nothing where the guard is as wide as the network sees, or there is no test.
std::optional<Finding> testSeesBlocks(const Split& split, const ArchitectureSpec& architecture);

} // namespace interstice
