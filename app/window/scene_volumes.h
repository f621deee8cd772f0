// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_state.h"
#include "volume/label_choice.h"
#include "volume/pyramid.h"

#include <vector>

namespace interstice {

/// A volume with its reduced copies, where there are any, to be made small enough for a graphics card.
struct Reducible {
    SourcePtr source;
    std::shared_ptr<const Pyramid> pyramid;
    ReduceMode mode = ReduceMode::Labels;

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
/// Voxels of what is shown until something finer is there.
inline constexpr std::int64_t kRoughVoxels = std::int64_t { 1 } << 21;
/// As fine as the limits allow.
SceneDetail wholeDetail(const Shape& shape, std::int64_t mostVoxels, std::int64_t longestEdge);
/// The voxels inside the clip box alone, as fine as the limits allow for so much less.
SceneDetail detailWithin(const ClipBox& clip, const Shape& shape, std::int64_t mostVoxels, std::int64_t longestEdge);

/// One mask of a scene.
struct SceneMask {
    Reducible mask;
    Reducible labels {}; ///< what it was made of; without a source where all of it is shown alike
    LabelChoice shown; ///< of the labels
    bool eachLabel = false; ///< in a colour of its own; of one mask of a scene

    /// What is shown of it, reduced: 0, 1, 255.
    std::shared_ptr<Volume> by(const Box& part, const Reduction& reduction, Task& task) const;
};

/// Masks one over the other: 1 for the first, 2 for the second, …; where they overlap the last one wins. One whose labels
/// have colours of their own takes as many numbers as there are of those, and the others come behind.
std::shared_ptr<const Volume> labelsOf(const std::vector<SceneMask>& masks, const SceneDetail& detail, Task& task);
/// The looks of those numbers, with the opacity of a layer; of each mask its colour and how opaque somebody wants it, 0…1.
std::vector<LabelLook> looksOf(const std::vector<SceneMask>& masks, const std::vector<LabelLook>& looks);

} // namespace interstice
