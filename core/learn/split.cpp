// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/split.h"

#include "base/error.h"
#include "learn/split_use.h"

#include <algorithm>
#include <cmath>
#include <random>

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

namespace {

/// All but the blocks.
Split geometryOf(const Shape& volume, const ArchitectureSpec& architecture, const SplitOptions& options)
{
    if (volume.empty())
        throw Error("The volume is empty", "Open a stack that has voxels.");
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
    const auto narrow = [](std::int64_t asked, std::int64_t reach, std::int64_t most) {
        return asked >= 0 ? asked : std::min(reach / 2, most);
    };
    split.guard = { narrow(options.guard.z, reach.z, split.block.z / 2), narrow(options.guard.y, reach.y, split.block.y / 4),
        narrow(options.guard.x, reach.x, split.block.x / 4) };
    const auto around = [](std::int64_t asked, std::int64_t guard, std::int64_t step) {
        return std::clamp<std::int64_t>(asked, 0, guard) / step * step;
    };
    split.context = { around(options.context.z, split.guard.z, lattice.z),
        around(options.context.y, split.guard.y, lattice.y), around(options.context.x, split.guard.x, lattice.x) };
    return split;
}

/// Share of the volume that the full guard of drawn blocks must leave to test.
constexpr double kLeastTested = 0.25;

/// Where nothing else is asked, the guard reaches as far as the network sees, so that no test voxel sees a block.
void widenGuard(Split& split, const ArchitectureSpec& architecture, const SplitOptions& options)
{
    if (options.narrowGuard)
        return;
    const Extent reach = architecture.receptiveField();
    const Extent narrow = split.guard;
    const auto wide = [](std::int64_t asked, std::int64_t reach) { return asked >= 0 ? asked : reach; };
    split.guard = { wide(options.guard.z, reach.z), wide(options.guard.y, reach.y), wide(options.guard.x, reach.x) };
    // Slabs are chosen by hand: whoever chose them sees what is left and can do something about it.
    if (!options.slabs && sampledTestShare(split) < kLeastTested)
        split.guard = narrow;
}

/// Every tile of a slab, in an order drawn from `random`.
std::vector<Index> tilesOf(const Split& split, std::int64_t z, std::mt19937_64& random)
{
    std::vector<Index> tiles;
    for (const auto y : starts(split.volume.y, split.block.y)) {
        for (const auto x : starts(split.volume.x, split.block.x))
            tiles.push_back({ z, y, x });
    }
    std::shuffle(tiles.begin(), tiles.end(), random);
    return tiles;
}

/// Divides blocks in order of their depth into training and validation, the latter at even steps, so that they too
/// spread over the depth.
void share(Split& split, const std::vector<Index>& chosen, std::int64_t validated, std::mt19937_64& random)
{
    const auto count = static_cast<std::int64_t>(chosen.size());
    const auto phase = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t turned = (i + phase) % count;
        const bool validates = (turned + 1) * validated / count != turned * validated / count;
        (validates ? split.validation : split.training).push_back(chosen[static_cast<std::size_t>(i)]);
    }
}

/// All whole blocks of the chosen slabs.
void pickSlabs(Split& split, const SplitOptions& options)
{
    const std::vector<SliceRange> slabs = mergedRanges(*options.slabs);
    if (slabs.empty())
        throw Error("No slab was chosen to train", "Choose at least one, or let the blocks be drawn.");
    const std::int64_t slices = split.volume.z;
    const std::int64_t depth = std::min(split.block.z, slices);
    std::mt19937_64 random(options.seed);
    std::vector<Index> chosen;
    for (const SliceRange& slab : slabs) {
        if (slab.last >= slices)
            throw Error("Slices " + describe({ slab }) + " were chosen to train, but the volume has slices 0 to "
                    + std::to_string(slices - 1),
                "Choose slabs inside the volume.");
        if (slab.count() < depth)
            throw Error("The slab of slices " + describe({ slab }) + " is thinner than a block of " + std::to_string(depth)
                    + " slices",
                "Choose thicker slabs or a smaller chunk.");
        for (std::int64_t z = slab.first; z + depth <= slab.last + 1; z += depth) {
            const std::vector<Index> tiles = tilesOf(split, z, random);
            chosen.insert(chosen.end(), tiles.begin(), tiles.end());
        }
    }
    const auto count = static_cast<std::int64_t>(chosen.size());
    if (count < 2)
        throw Error("The chosen slab holds one block of " + describe(split.block) + ", which cannot both train and validate",
            "Choose another slab as well, or a smaller tile.");
    const double part = options.validationShare / (1 + options.validationShare);
    const auto validated = std::clamp<std::int64_t>(std::llround(static_cast<double>(count) * part), 1, count - 1);
    share(split, chosen, validated, random);
}

/// Blocks of the asked share of the volume, drawn from the seed.
void drawBlocks(Split& split, const ArchitectureSpec& architecture, const SplitOptions& options)
{
    const Shape& volume = split.volume;
    if (!(options.trainFraction > 0 && options.trainFraction < 1))
        throw Error("A training fraction of " + std::to_string(options.trainFraction)
                + " leaves nothing to train or nothing to test",
            "Choose a fraction between 0 and 1, such as 0.1.");
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
    for (const auto z : zs)
        slabs.push_back(tilesOf(split, z, random));
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
    share(split, chosen, validated, random);
    widenGuard(split, architecture, options);
    if (!leavesTest(split))
        refuse();
}

} // namespace

Split makeSplit(const Shape& volume, const ArchitectureSpec& architecture, const SplitOptions& options)
{
    Split split = geometryOf(volume, architecture, options);
    if (!options.slabs) {
        drawBlocks(split, architecture, options);
        return split;
    }
    pickSlabs(split, options);
    widenGuard(split, architecture, options);
    return split;
}

std::vector<SliceRange> slabGrid(const Shape& volume, const ArchitectureSpec& architecture, const SplitOptions& options)
{
    const Split split = geometryOf(volume, architecture, options);
    std::vector<SliceRange> grid;
    for (const auto z : starts(volume.z, split.block.z))
        grid.push_back({ z, std::min(z + split.block.z, volume.z) - 1 });
    return grid;
}

std::vector<SliceRange> spreadSlabs(const std::vector<SliceRange>& grid, const SplitOptions& options)
{
    const auto all = static_cast<std::int64_t>(grid.size());
    const double wanted = options.trainFraction * (1 + options.validationShare) * static_cast<double>(all);
    const std::int64_t count = std::clamp<std::int64_t>(std::llround(wanted), std::min<std::int64_t>(1, all), all);
    std::vector<SliceRange> slabs;
    for (std::int64_t i = 0; i < count; ++i)
        slabs.push_back(grid[static_cast<std::size_t>((2 * i + 1) * all / (2 * count))]);
    return mergedRanges(std::move(slabs));
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
    Json json = { { "chunk", options.chunk }, { "tile", options.tile }, { "train_fraction", options.trainFraction },
        { "validation_share", options.validationShare }, { "guard", { options.guard.z, options.guard.y, options.guard.x } },
        { "context", { options.context.z, options.context.y, options.context.x } }, { "seed", options.seed } };
    // Only where there are any: what was kept without them is the same as ever.
    if (options.slabs)
        json["train_slabs"] = toJson(*options.slabs);
    if (options.slabs || options.narrowGuard)
        json["narrow_guard"] = options.narrowGuard;
    return json;
}

SplitOptions splitOptionsOf(const Json& json)
{
    try {
        SplitOptions options;
        options.chunk = json.value("chunk", options.chunk);
        options.tile = json.value("tile", options.tile);
        options.trainFraction = json.value("train_fraction", options.trainFraction);
        options.validationShare = json.value("validation_share", options.validationShare);
        const auto extent = [&json](const char* key, Extent& to) {
            if (json.contains(key)) {
                const Shape sides = shapeFrom(json[key]);
                to = { sides.z, sides.y, sides.x };
            }
        };
        extent("guard", options.guard);
        extent("context", options.context);
        options.seed = json.value("seed", options.seed);
        if (json.contains("train_slabs"))
            options.slabs = sliceRangesFromJson(json["train_slabs"]);
        options.narrowGuard = json.value("narrow_guard", false);
        return options;
    } catch (const Json::exception& problem) {
        throw Error(std::string("The record of how the volume was divided cannot be read (") + problem.what() + ")",
            "Use a file that Interstice wrote.");
    }
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
