// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/split.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

namespace interstice {

namespace {

Box cutTo(const Shape& volume, Index start, Index end)
{
    start = { std::max<std::int64_t>(start.z, 0), std::max<std::int64_t>(start.y, 0), std::max<std::int64_t>(start.x, 0) };
    end = { std::min(end.z, volume.z), std::min(end.y, volume.y), std::min(end.x, volume.x) };
    return { start, { end.z - start.z, end.y - start.y, end.x - start.x } };
}

/// Starts of as many whole blocks as fit, the rest shared between both ends.
std::vector<std::int64_t> starts(std::int64_t length, std::int64_t block)
{
    const std::int64_t count = std::max<std::int64_t>(1, length / block);
    const std::int64_t first = std::max<std::int64_t>(0, (length - count * block) / 2);
    std::vector<std::int64_t> result;
    for (std::int64_t i = 0; i < count; ++i)
        result.push_back(first + i * block);
    return result;
}

std::int64_t unionVolume(const std::vector<Box>& boxes)
{
    // Coordinate compression along z, then y; intervals along x are merged.
    std::set<std::int64_t> zs;
    for (const auto& box : boxes)
        zs.insert({ box.start.z, box.start.z + box.size.z });
    std::int64_t volume = 0;
    for (auto z = zs.begin(); z != zs.end() && std::next(z) != zs.end(); ++z) {
        std::vector<const Box*> here;
        std::set<std::int64_t> ys;
        for (const auto& box : boxes) {
            if (box.start.z <= *z && *z < box.start.z + box.size.z) {
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
        volume += area * (*std::next(z) - *z);
    }
    return volume;
}

} // namespace

Box Split::boxOf(const Index& start) const
{
    return cutTo(volume, start, { start.z + block.z, start.y + block.y, start.x + block.x });
}

Box Split::guardedBoxOf(const Index& start) const
{
    return cutTo(volume, { start.z - guard.z, start.y - guard.y, start.x - guard.x },
        { start.z + block.z + guard.z, start.y + block.y + guard.y, start.x + block.x + guard.x });
}

std::vector<Box> Split::excluded() const
{
    std::vector<Box> boxes;
    for (const auto* group : { &training, &validation }) {
        for (const auto& start : *group)
            boxes.push_back(guardedBoxOf(start));
    }
    return boxes;
}

double Split::trainedFraction() const
{
    std::int64_t voxels = 0;
    for (const auto& start : training)
        voxels += boxOf(start).size.voxels();
    return static_cast<double>(voxels) / static_cast<double>(volume.voxels());
}

Split makeSplit(const Shape& volume, const ArchitectureSpec& architecture, const SplitOptions& options)
{
    if (volume.empty())
        throw Error("The volume is empty", "Open a stack that has voxels.");
    if (!(options.trainFraction > 0 && options.trainFraction < 1))
        throw Error("A training fraction of " + std::to_string(options.trainFraction)
                + " leaves nothing to train or nothing to test",
            "Choose a fraction between 0 and 1, such as 0.1.");
    if (options.chunk < 1 || options.tile < 1)
        throw Error("Chunk and tile must be at least 1 voxel", "The study's are 10 slices and 256 voxels.");

    Split split;
    split.volume = volume;
    const Extent lattice = architecture.lattice();
    const auto side = [](std::int64_t wanted, std::int64_t length, std::int64_t step) {
        return std::min(roundUp(wanted, step), roundUp(length, step));
    };
    // Chunks need not lie on the lattice along z: the study pools 10 slices to 5, 2 and 1. They need
    // as many slices as the poolings divide by, or nothing is left at the bottom.
    split.block = { std::max(std::min(options.chunk, roundUp(volume.z, lattice.z)), lattice.z),
        side(options.tile, volume.y, lattice.y), side(options.tile, volume.x, lattice.x) };
    const Extent reach = architecture.receptiveField();
    const auto gap = [](std::int64_t asked, std::int64_t reach, std::int64_t most) {
        return asked >= 0 ? asked : std::min(reach / 2, most);
    };
    split.guard = { gap(options.guard.z, reach.z, split.block.z / 2), gap(options.guard.y, reach.y, split.block.y / 4),
        gap(options.guard.x, reach.x, split.block.x / 4) };
    const auto around = [](std::int64_t asked, std::int64_t guard, std::int64_t step) {
        return std::clamp<std::int64_t>(asked, 0, guard) / step * step;
    };
    split.context = { around(options.context.z, split.guard.z, lattice.z),
        around(options.context.y, split.guard.y, lattice.y), around(options.context.x, split.guard.x, lattice.x) };

    const auto zs = starts(volume.z, split.block.z);
    const auto ys = starts(volume.y, split.block.y);
    const auto xs = starts(volume.x, split.block.x);
    const auto places = static_cast<std::int64_t>(zs.size() * ys.size() * xs.size());
    const double blockShare
        = static_cast<double>(split.boxOf({ zs[0], ys[0], xs[0] }).size.voxels()) / static_cast<double>(volume.voxels());
    const auto trained = std::max<std::int64_t>(1, static_cast<std::int64_t>(options.trainFraction / blockShare + 1e-9));
    const auto validated = std::max<std::int64_t>(1, std::llround(static_cast<double>(trained) * options.validationShare));
    const std::int64_t count = trained + validated;
    const auto refuse = [&] {
        throw Error("A volume of " + describe(volume) + " is too small for " + std::to_string(trained) + " training and "
                + std::to_string(validated) + " validation blocks of " + describe(split.block) + " with voxels left to test",
            "Choose a smaller tile or chunk, or a smaller training fraction.");
    };
    if (count > places)
        refuse();

    // One block from each stratum of z in turn, so that the blocks spread over the depth; the tile in
    // the plane is drawn among those of the slab that are still free.
    std::mt19937_64 random(options.seed);
    std::vector<std::vector<Index>> slabs;
    for (const auto z : zs) {
        std::vector<Index> tiles;
        for (const auto y : ys) {
            for (const auto x : xs)
                tiles.push_back({ z, y, x });
        }
        std::shuffle(tiles.begin(), tiles.end(), random);
        slabs.push_back(std::move(tiles));
    }
    std::vector<Index> chosen;
    const auto depth = static_cast<std::int64_t>(slabs.size());
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t from = i * depth / count;
        const std::int64_t until = std::max(from + 1, (i + 1) * depth / count);
        std::int64_t slab = from + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(until - from));
        while (slabs[static_cast<std::size_t>(slab)].empty())
            slab = (slab + 1) % depth;
        auto& tiles = slabs[static_cast<std::size_t>(slab)];
        chosen.push_back(tiles.back());
        tiles.pop_back();
    }
    // Validation blocks at even steps among the chosen, so that they too spread over the depth.
    const auto phase = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t turned = (i + phase) % count;
        const bool validates = (turned + 1) * validated / count != turned * validated / count;
        (validates ? split.validation : split.training).push_back(chosen[static_cast<std::size_t>(i)]);
    }
    const auto boxes = split.excluded();
    std::int64_t sum = 0;
    for (const auto& box : boxes)
        sum += box.size.voxels();
    if (sum >= volume.voxels() && unionVolume(boxes) >= volume.voxels())
        refuse();
    return split;
}

namespace {

Json asJson(const std::vector<Index>& places)
{
    Json list = Json::array();
    for (const auto& place : places)
        list.push_back({ place.z, place.y, place.x });
    return list;
}

std::vector<Index> indicesFrom(const Json& list)
{
    std::vector<Index> places;
    for (const auto& place : list)
        places.push_back(
            { place.at(0).get<std::int64_t>(), place.at(1).get<std::int64_t>(), place.at(2).get<std::int64_t>() });
    return places;
}

Shape shapeFrom(const Json& json)
{
    return { json.at(0).get<std::int64_t>(), json.at(1).get<std::int64_t>(), json.at(2).get<std::int64_t>() };
}

} // namespace

Json toJson(const SplitOptions& options)
{
    return { { "chunk", options.chunk }, { "tile", options.tile }, { "train_fraction", options.trainFraction },
        { "validation_share", options.validationShare }, { "guard", { options.guard.z, options.guard.y, options.guard.x } },
        { "context", { options.context.z, options.context.y, options.context.x } }, { "seed", options.seed } };
}

Json toJson(const Split& split)
{
    return { { "volume", { split.volume.z, split.volume.y, split.volume.x } },
        { "block", { split.block.z, split.block.y, split.block.x } },
        { "guard", { split.guard.z, split.guard.y, split.guard.x } },
        { "context", { split.context.z, split.context.y, split.context.x } }, { "training", asJson(split.training) },
        { "validation", asJson(split.validation) } };
}

Split splitFromJson(const Json& json)
{
    try {
        Split split;
        split.volume = shapeFrom(json.at("volume"));
        split.block = shapeFrom(json.at("block"));
        const Shape guard = shapeFrom(json.at("guard"));
        split.guard = { guard.z, guard.y, guard.x };
        const Shape context = shapeFrom(json.at("context"));
        split.context = { context.z, context.y, context.x };
        split.training = indicesFrom(json.at("training"));
        split.validation = indicesFrom(json.at("validation"));
        return split;
    } catch (const Json::exception& problem) {
        throw Error(std::string("The model's record of its training blocks cannot be read (") + problem.what() + ")",
            "Use a model file that Interstice wrote.");
    }
}

} // namespace interstice
