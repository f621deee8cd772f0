// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/preprocess.h"

#include "volume/scratch_volume.h"
#include "volume/slabs.h"

#include <algorithm>

namespace interstice {

namespace {

/// Slices at a time: enough that the rim around them is not most of the work, little enough for the rim's memory.
std::int64_t depthFor(const Shape& shape, const PreprocessOptions& options)
{
    const std::int64_t rim = options.smooth.kind == Smoothing::Gaussian
        ? static_cast<std::int64_t>(4 * options.smooth.sigma + 0.5)
        : options.smooth.kind == Smoothing::Median ? options.smooth.radius
                                                   : options.smooth.patchRadius + options.smooth.searchRadius;
    const std::int64_t slices = (std::int64_t { 128 } << 20) / std::max<std::int64_t>(1, shape.sliceVoxels() * 4);
    return std::clamp<std::int64_t>(slices - 2 * rim, 1, std::max<std::int64_t>(1, shape.z));
}

} // namespace

Json toJson(const PreprocessOptions& options)
{
    Json json = Json::object();
    if (options.rings)
        json["rings"] = toJson(options.ring);
    if (options.smooth.kind != Smoothing::None)
        json["smooth"] = toJson(options.smooth);
    return json;
}

PreprocessOptions preprocessOptionsFromJson(const Json& json)
{
    PreprocessOptions options;
    if (json.contains("rings")) {
        const Json& rings = json["rings"];
        options.rings = true;
        options.ring.width = rings.value("width", options.ring.width);
        options.ring.arcs = rings.value("arcs", options.ring.arcs);
        if (rings.contains("centre")) {
            options.ring.centreY = rings["centre"].at(0).get<double>();
            options.ring.centreX = rings["centre"].at(1).get<double>();
        }
    }
    if (json.contains("smooth")) {
        const Json& smooth = json["smooth"];
        options.smooth = parseSmoothing(smooth.value("kind", std::string("none")));
        options.smooth.sigma = smooth.value("sigma", options.smooth.sigma);
        options.smooth.radius = smooth.value("radius", options.smooth.radius);
        options.smooth.strength = smooth.value("strength", options.smooth.strength);
        options.smooth.patchRadius = smooth.value("patch_radius", options.smooth.patchRadius);
        options.smooth.searchRadius = smooth.value("search_radius", options.smooth.searchRadius);
        check(options.smooth);
    }
    return options;
}

SourcePtr preprocessedView(const SourcePtr& source, const PreprocessOptions& options)
{
    return smoothed(options.rings ? withoutRings(source, options.ring) : source, options.smooth);
}

SourcePtr preprocess(const SourcePtr& source, const PreprocessOptions& options, Task& task, std::uint64_t memory)
{
    if (!options.any())
        return source;
    const std::uint64_t budget = memory > 0 ? memory : usualScratchMemory();
    const auto once = [&](const SourcePtr& view, Task& part, const std::string& text) {
        const Shape shape = view->shape();
        auto kept = std::make_shared<ScratchVolume>(shape, view->scalar(), budget, view->voxelSize(), view->name());
        const std::int64_t depth = depthFor(shape, options);
        std::vector<std::byte> slab;
        // No reading ahead: the views compute on all cores.
        for (std::int64_t z = 0; z < shape.z; z += depth) {
            part.throwIfStopped();
            part.progress(static_cast<double>(z) / static_cast<double>(shape.z), text);
            const Box box = Box::slices(shape, z, std::min(depth, shape.z - z));
            slab.resize(static_cast<std::size_t>(box.size.voxels()) * bytesOf(view->scalar()));
            view->read(box, slab);
            kept->write(box, slab);
        }
        part.progress(1, text);
        return SourcePtr(kept);
    };
    SourcePtr result = source;
    const bool both = options.rings && options.smooth.kind != Smoothing::None;
    if (options.rings) {
        Task part = task.part(0, both ? 0.5 : 1);
        result = once(withoutRings(result, options.ring), part, "Reducing rings");
    }
    if (options.smooth.kind != Smoothing::None) {
        Task part = task.part(both ? 0.5 : 0, 1);
        result = once(smoothed(result, options.smooth), part, "Smoothing");
    }
    return result;
}

Cost estimatePreprocess(const Shape& shape, const PreprocessOptions& options)
{
    Cost cost;
    if (!options.any())
        return cost;
    const auto all = static_cast<std::uint64_t>(shape.voxels()) * 4;
    const auto slab
        = static_cast<std::uint64_t>(depthFor(shape, options) + 16) * static_cast<std::uint64_t>(shape.sliceVoxels()) * 4;
    cost.ramBytes = std::min(all, usualScratchMemory()) * (options.rings ? 2 : 1) + 3 * slab;
    const double side = 2.0 * options.smooth.radius + 1;
    const double patch = 2.0 * options.smooth.patchRadius + 1;
    const double search = 2.0 * options.smooth.searchRadius + 1;
    const double each = options.smooth.kind == Smoothing::Gaussian ? 3 * 2 * (8 * options.smooth.sigma + 1)
        : options.smooth.kind == Smoothing::Median                 ? side * side * side * side * side * side / 2
        : options.smooth.kind == Smoothing::NonLocalMeans ? search * search * search * (3 * patch * patch + patch + 20)
                                                          : 0;
    cost.operations = static_cast<double>(shape.voxels()) * each;
    return cost;
}

} // namespace interstice
