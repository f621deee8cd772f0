// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_state.h"
#include "volume/pyramid.h"

#include <vector>

namespace interstice {

/// A volume with its reduced copies, where there are any, to be made small enough for a graphics card.
struct Reducible {
    SourcePtr source;
    std::shared_ptr<const Pyramid> pyramid;
    ReduceMode mode;

    std::shared_ptr<Volume> by(const Reduction& reduction, Task& task) const;
    /// The same of a part, whose start is a multiple of the reduction.
    std::shared_ptr<Volume> by(const Box& part, const Reduction& reduction, Task& task) const;
};

/// What part of a volume a scene shows, and how much reduced.
struct SceneDetail {
    Box part;
    Reduction reduction;
    bool operator==(const SceneDetail&) const = default;
};
/// As fine as the limits allow.
SceneDetail wholeDetail(const Shape& shape, std::int64_t mostVoxels, std::int64_t longestEdge);
/// The voxels inside the clip box alone, as fine as the limits allow for so much less.
SceneDetail detailWithin(const ClipBox& clip, const Shape& shape, std::int64_t mostVoxels, std::int64_t longestEdge);

/// Masks one over the other: 1 for the first, 2 for the second, …; where they overlap the last one wins.
std::shared_ptr<const Volume> labelsOf(const std::vector<Reducible>& masks, const SceneDetail& detail, Task& task);

} // namespace interstice
