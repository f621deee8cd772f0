// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/scene_volumes.h"

#include "picture/colour_maps.h"
#include "volume/views.h"

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

/// The same part in the voxels of a reduced copy.
Box reducedBox(const Box& part, const Reduction& by, const Shape& small)
{
    Box box;
    box.start = { part.start.z / by.z, part.start.y / by.y, part.start.x / by.x };
    const auto end = [](std::int64_t start, std::int64_t size, std::int64_t factor, std::int64_t limit) {
        return std::min(limit, (start + size + factor - 1) / factor);
    };
    box.size = { end(part.start.z, part.size.z, by.z, small.z) - box.start.z,
        end(part.start.y, part.size.y, by.y, small.y) - box.start.y,
        end(part.start.x, part.size.x, by.x, small.x) - box.start.x };
    return box;
}

} // namespace

std::shared_ptr<Volume> Reducible::by(const Reduction& reduction, Task& task) const
{
    return by(Box::whole(source->shape()), reduction, task);
}

std::shared_ptr<Volume> Reducible::by(const Box& part, const Reduction& reduction, Task& task) const
{
    const Pyramid::Level* level = pyramid ? pyramid->within(reduction) : nullptr;
    const Reduction done = level ? level->reduction : Reduction {};
    const SourcePtr from = level ? level->source : source;
    const Reduction rest { reduction.z / done.z, reduction.y / done.y, reduction.x / done.x };
    const Box box = reducedBox(part, done, from->shape());
    if (box == Box::whole(from->shape()))
        return reduced(*from, rest, mode, task);
    return reduced(CropView(from, box), rest, mode, task);
}

SceneDetail wholeDetail(const Shape& shape, std::int64_t mostVoxels, std::int64_t longestEdge)
{
    return { Box::whole(shape), reductionFor(shape, mostVoxels, longestEdge) };
}

SceneDetail detailWithin(const ClipBox& clip, const Shape& shape, std::int64_t mostVoxels, std::int64_t longestEdge)
{
    const std::array<std::int64_t, 3> sizes { shape.x, shape.y, shape.z };
    std::array<std::int64_t, 3> low;
    std::array<std::int64_t, 3> high;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto n = static_cast<double>(sizes[axis]);
        low[axis] = std::clamp<std::int64_t>(std::llround(std::floor(clip.low[axis] * n)), 0, sizes[axis] - 1);
        high[axis] = std::clamp<std::int64_t>(std::llround(std::ceil(clip.high[axis] * n)), low[axis] + 1, sizes[axis]);
    }
    SceneDetail detail;
    detail.reduction = reductionFor({ high[2] - low[2], high[1] - low[1], high[0] - low[0] }, mostVoxels, longestEdge);
    const auto down = [](std::int64_t place, std::int64_t factor) { return place / factor * factor; };
    detail.part.start
        = { down(low[2], detail.reduction.z), down(low[1], detail.reduction.y), down(low[0], detail.reduction.x) };
    detail.part.size = { high[2] - detail.part.start.z, high[1] - detail.part.start.y, high[0] - detail.part.start.x };
    return detail;
}

std::shared_ptr<Volume> SceneMask::by(const Box& part, const Reduction& reduction, Task& task) const
{
    auto small = mask.by(part, reduction, task);
    if (!labels.source || shown.all())
        return small;
    // Of masks and labels the same voxel stands for those that become one, so they still belong together.
    const auto kinds = labels.by(part, reduction, task);
    const auto values = readAs<std::uint32_t>(*kinds, Box::whole(kinds->shape()));
    removeHidden<std::uint32_t>(small->as<std::uint8_t>(), values, shown);
    return small;
}

namespace {

std::size_t numberOf(const std::vector<SceneMask>& masks, std::size_t i)
{
    const bool each = std::ranges::any_of(masks, &SceneMask::eachLabel);
    return each ? kLabelColours + 1 + i : i + 1;
}

/// Each label's own number.
void putLabels(const SceneMask& mask, const SceneDetail& detail, std::span<std::uint8_t> to, Task& task)
{
    const auto kinds = mask.labels.by(detail.part, detail.reduction, task);
    const auto values = readAs<std::uint32_t>(*kinds, Box::whole(kinds->shape()));
    for (std::size_t v = 0; v < to.size(); ++v)
        if (values[v] > 0 && mask.shown.shows(values[v]))
            to[v] = static_cast<std::uint8_t>(labelOfColour(values[v]));
}

} // namespace

std::shared_ptr<const Volume> labelsOf(const std::vector<SceneMask>& masks, const SceneDetail& detail, Task& task)
{
    std::shared_ptr<Volume> all;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        Task part = task.part(double(i) / double(masks.size()), double(i + 1) / double(masks.size()));
        const auto one = masks[i].by(detail.part, detail.reduction, part);
        const auto from = one->as<std::uint8_t>();
        if (!all)
            all = std::make_shared<Volume>(one->shape(), Scalar::U8, one->voxelSize(), "masks");
        const auto to = all->as<std::uint8_t>();
        if (masks[i].eachLabel) {
            putLabels(masks[i], detail, to, part);
            continue;
        }
        const auto number = static_cast<std::uint8_t>(numberOf(masks, i));
        for (std::size_t v = 0; v < to.size(); ++v)
            if (from[v] == 1)
                to[v] = number;
    }
    return all;
}

std::vector<LabelLook> looksOf(const std::vector<SceneMask>& masks, const std::vector<LabelLook>& looks)
{
    // Squared, so that the middle of 0…1 looks half.
    const auto ofLayer = [](double opacity) { return opacity * opacity; };
    std::vector<LabelLook> all;
    if (const auto each = std::ranges::find_if(masks, &SceneMask::eachLabel); each != masks.end()) {
        const double opacity = ofLayer(looks[std::size_t(each - masks.begin())].opacity);
        for (std::uint32_t label = 1; label <= kLabelColours; ++label)
            all.push_back({ labelColour(label), opacity });
    }
    for (std::size_t i = 0; i < masks.size(); ++i)
        all.push_back({ looks[i].colour, ofLayer(looks[i].opacity) });
    return all;
}

} // namespace interstice
