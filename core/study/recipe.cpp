// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/recipe.h"

#include "base/error.h"
#include "study/methods.h"

#include <algorithm>
#include <set>

namespace interstice {

namespace {

constexpr const char* kKinds[] = { "clahe-otsu", "k-means", "depth-map", "u-net" };

MethodKind parseMethodKind(const std::string& name, const std::string& where)
{
    for (int i = 0; i < 4; ++i)
        if (name == kKinds[i])
            return static_cast<MethodKind>(i);
    throw Error(
        where + " is of kind '" + name + "', which does not exist", "Choose clahe-otsu, k-means, depth-map or u-net.");
}

Json triple(std::int64_t z, std::int64_t y, std::int64_t x)
{
    return { z, y, x };
}

/// [z, y, x]
std::array<std::int64_t, 3> tripleFrom(const Json& json, const std::string& what)
{
    if (!json.is_array() || json.size() != 3)
        throw Error(what + " is not three numbers", "Write it like [96, 192, 192]: z, y, x.");
    return { json[0].get<std::int64_t>(), json[1].get<std::int64_t>(), json[2].get<std::int64_t>() };
}

DataSet dataSetFromJson(const Json& json)
{
    DataSet set;
    set.id = json.value("id", "");
    const std::string where = "Data set '" + set.id + "'";
    requireKnownKeys(json,
        { "id", "title", "file", "truth", "foreground", "fetch", "crop", "bin", "voxel_um", "phantom", "additional",
            "fraction", "distance_mm" },
        where);
    set.title = json.value("title", set.id);
    set.file = json.value("file", "");
    set.truth = json.value("truth", "");
    set.foreground = json.value("foreground", "");
    set.fetch = json.value("fetch", "");
    if (json.contains("crop")) {
        requireKnownKeys(json["crop"], { "start", "size" }, where + ", crop,");
        const auto start = tripleFrom(json["crop"].value("start", Json { 0, 0, 0 }), where + ": the crop's start");
        const auto size = tripleFrom(json["crop"].value("size", Json()), where + ": the crop's size");
        set.crop = Box { { start[0], start[1], start[2] }, { size[0], size[1], size[2] } };
    }
    set.bin = json.value("bin", set.bin);
    set.voxelMicrometres = json.value("voxel_um", set.voxelMicrometres);
    if (json.contains("phantom")) {
        requireKnownKeys(json["phantom"],
            { "kind", "shape", "voxel_um", "fraction", "distance_mm", "projections", "energy_kev", "seed" },
            where + ", phantom,");
        set.phantom = phantomRequestFromJson(json["phantom"]);
    }
    set.additional = json.value("additional", set.additional);
    set.fraction = json.value("fraction", set.fraction);
    set.distanceMillimetres = json.value("distance_mm", set.distanceMillimetres);
    return set;
}

Json toJson(const DataSet& set)
{
    Json json = { { "id", set.id }, { "title", set.title } };
    const auto text = [&](const char* key, const std::string& value) {
        if (!value.empty())
            json[key] = value;
    };
    text("file", set.file);
    text("truth", set.truth);
    text("foreground", set.foreground);
    text("fetch", set.fetch);
    if (set.crop)
        json["crop"] = { { "start", triple(set.crop->start.z, set.crop->start.y, set.crop->start.x) },
            { "size", triple(set.crop->size.z, set.crop->size.y, set.crop->size.x) } };
    if (set.bin != 1)
        json["bin"] = set.bin;
    if (set.voxelMicrometres > 0)
        json["voxel_um"] = set.voxelMicrometres;
    if (set.phantom)
        json["phantom"] = toJson(*set.phantom);
    if (set.additional)
        json["additional"] = true;
    if (set.fraction >= 0)
        json["fraction"] = set.fraction;
    if (set.distanceMillimetres >= 0)
        json["distance_mm"] = set.distanceMillimetres;
    return json;
}

Method methodFromJson(const Json& json)
{
    Method method;
    method.id = json.value("id", "");
    const std::string where = "Method '" + method.id + "'";
    requireKnownKeys(json, { "id", "title", "kind", "options", "labels", "data_sets", "repeats" }, where);
    method.kind = parseMethodKind(json.value("kind", ""), where);
    method.title = json.value("title", method.id);
    method.options = json.value("options", Json::object());
    method.labels = json.value("labels", method.labels);
    method.dataSets = json.value("data_sets", method.dataSets);
    method.repeats = json.value("repeats", method.repeats);
    return method;
}

Json toJson(const Method& method)
{
    Json json = { { "id", method.id }, { "title", method.title }, { "kind", methodKindName(method.kind) },
        { "options", method.options } };
    if (method.kind == MethodKind::UNet)
        json["labels"] = method.labels;
    if (!method.dataSets.empty())
        json["data_sets"] = method.dataSets;
    if (method.repeats > 0)
        json["repeats"] = method.repeats;
    return json;
}

SplitOptions splitOptionsFromJson(const Json& json)
{
    requireKnownKeys(json, { "chunk", "tile", "train_fraction", "validation_share", "guard", "context" }, "The split");
    SplitOptions split;
    split.chunk = json.value("chunk", split.chunk);
    split.tile = json.value("tile", split.tile);
    split.trainFraction = json.value("train_fraction", split.trainFraction);
    split.validationShare = json.value("validation_share", split.validationShare);
    const auto extent = [&](const char* key, Extent& to) {
        if (json.contains(key)) {
            const auto sides = tripleFrom(json[key], std::string("The split's ") + key);
            to = { sides[0], sides[1], sides[2] };
        }
    };
    extent("guard", split.guard);
    extent("context", split.context);
    return split;
}

Json splitToJson(const SplitOptions& split)
{
    return { { "chunk", split.chunk }, { "tile", split.tile }, { "train_fraction", split.trainFraction },
        { "validation_share", split.validationShare }, { "guard", triple(split.guard.z, split.guard.y, split.guard.x) },
        { "context", triple(split.context.z, split.context.y, split.context.x) } };
}

Grid gridFromJson(const Json& json)
{
    requireKnownKeys(json, { "data_set", "method", "learning_rates", "batches", "epochs" }, "The grid");
    return { json.value("data_set", ""), json.value("method", ""), json.value("learning_rates", std::vector<double>()),
        json.value("batches", std::vector<int>()), json.value("epochs", std::vector<int>()) };
}

Json toJson(const Grid& grid)
{
    return { { "data_set", grid.dataSet }, { "method", grid.method }, { "learning_rates", grid.learningRates },
        { "batches", grid.batches }, { "epochs", grid.epochs } };
}

bool fitForFileNames(const std::string& id)
{
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
            || c == '.';
    };
    return !id.empty() && id.size() <= 60 && id.front() != '.' && std::all_of(id.begin(), id.end(), good);
}

void requireIds(const std::vector<std::string>& ids, const std::string& what)
{
    std::set<std::string> seen;
    for (const auto& id : ids) {
        if (!fitForFileNames(id))
            throw Error("'" + id + "' cannot name a " + what,
                "Use letters, digits, '-', '_' and '.', because files are named after it.");
        if (!seen.insert(id).second)
            throw Error("Two " + what + "s of the recipe are called '" + id + "'", "Give each an id of its own.");
    }
}

void check(const DataSet& set)
{
    const std::string where = "Data set '" + set.id + "'";
    if (set.file.empty() && !set.phantom)
        throw Error(where + " names neither a file nor a phantom", "Give it one of the two.");
    if (!set.truth.empty() && set.file.empty())
        throw Error(where + " has a truth but no file", "Name the stack that the truth belongs to.");
    if (set.bin < 1 || set.bin > 64)
        throw Error(where + " bins " + std::to_string(set.bin) + " voxels into one", "Choose 1 to 64.");
    if (set.crop && (set.crop->size.empty() || set.crop->start.z < 0 || set.crop->start.y < 0 || set.crop->start.x < 0))
        throw Error(where + " has a crop that begins before the volume or has no size", "Correct its start and size.");
}

void check(const Grid& grid, const Recipe& recipe)
{
    const auto set = std::find_if(
        recipe.dataSets.begin(), recipe.dataSets.end(), [&](const auto& one) { return one.id == grid.dataSet; });
    if (set == recipe.dataSets.end())
        throw Error("The grid wants the data set '" + grid.dataSet + "', which the recipe does not have",
            "Name one of its data sets.");
    const auto method = std::find_if(recipe.methods.begin(), recipe.methods.end(),
        [&](const auto& one) { return one.id == grid.method && one.kind == MethodKind::UNet; });
    if (method == recipe.methods.end())
        throw Error("The grid wants the U-Net '" + grid.method + "', which the recipe does not have",
            "Name one of its methods of kind u-net.");
    if (grid.learningRates.empty() || grid.batches.empty() || grid.epochs.empty())
        throw Error("The grid has no learning rate, batch or number of epochs to try", "Give at least one of each.");
    const auto positive
        = [](const auto& values) { return std::all_of(values.begin(), values.end(), [](auto value) { return value > 0; }); };
    if (!positive(grid.learningRates) || !positive(grid.batches) || !positive(grid.epochs))
        throw Error("The grid tries values that are not above zero", "Correct them.");
}

} // namespace

const char* methodKindName(MethodKind kind)
{
    return kKinds[static_cast<int>(kind)];
}

Json toJson(const Recipe& recipe)
{
    Json json = { { "id", recipe.id }, { "title", recipe.title }, { "data_sets", Json::array() },
        { "methods", Json::array() }, { "split", splitToJson(recipe.split) }, { "seeds", recipe.seeds } };
    for (const auto& set : recipe.dataSets)
        json["data_sets"].push_back(toJson(set));
    for (const auto& method : recipe.methods)
        json["methods"].push_back(toJson(method));
    if (recipe.grid)
        json["grid"] = toJson(*recipe.grid);
    if (!recipe.reference.empty())
        json["reference"] = recipe.reference;
    return json;
}

Recipe recipeFromJson(const Json& json)
{
    try {
        if (!json.is_object())
            throw Error("The recipe is no JSON object", "Start from one that `study sample -o DIR` writes as recipe.json.");
        requireKnownKeys(
            json, { "id", "title", "data_sets", "methods", "split", "seeds", "grid", "reference" }, "The recipe");
        Recipe recipe;
        recipe.id = json.value("id", "study");
        recipe.title = json.value("title", recipe.id);
        for (const auto& set : json.value("data_sets", Json::array()))
            recipe.dataSets.push_back(dataSetFromJson(set));
        for (const auto& method : json.value("methods", Json::array()))
            recipe.methods.push_back(methodFromJson(method));
        if (json.contains("split"))
            recipe.split = splitOptionsFromJson(json["split"]);
        recipe.seeds = json.value("seeds", recipe.seeds);
        if (json.contains("grid"))
            recipe.grid = gridFromJson(json["grid"]);
        recipe.reference = json.value("reference", recipe.reference);
        check(recipe);
        return recipe;
    } catch (const Json::exception& problem) {
        throw Error(std::string("The recipe has a value of the wrong kind (") + problem.what() + ")",
            "Compare it with one that `study sample -o DIR` writes as recipe.json.");
    }
}

void check(const Recipe& recipe)
{
    if (recipe.dataSets.empty())
        throw Error("The recipe names no data set", "Add one under \"data_sets\".");
    if (recipe.methods.empty())
        throw Error("The recipe names no method", "Add one under \"methods\".");
    if (recipe.seeds.empty())
        throw Error("The recipe has no seed, so there is no repeat to run", "Write \"seeds\": [1].");
    if (std::set(recipe.seeds.begin(), recipe.seeds.end()).size() != recipe.seeds.size())
        throw Error("The recipe has a seed twice", "Repeats with the same seed are the same: give each its own.");
    std::vector<std::string> sets;
    std::vector<std::string> methods;
    for (const auto& set : recipe.dataSets) {
        sets.push_back(set.id);
        check(set);
    }
    for (const auto& method : recipe.methods)
        methods.push_back(method.id);
    requireIds({ recipe.id }, "recipe");
    requireIds(sets, "data set");
    requireIds(methods, "method");
    for (const auto& method : recipe.methods) {
        for (const auto& set : method.dataSets)
            if (std::find(sets.begin(), sets.end(), set) == sets.end())
                throw Error("Method '" + method.id + "' runs on the data set '" + set + "', which the recipe does not have",
                    "Name one of its data sets.");
        if (method.labels != "truth" && method.labels != "otsu")
            throw Error("Method '" + method.id + "' learns from '" + method.labels + "'", "Choose truth or otsu.");
        if (method.repeats < 0)
            throw Error("Method '" + method.id + "' has fewer than no repeats", "Choose 0 for all seeds.");
        checkOptions(method);
    }
    if (recipe.grid)
        check(*recipe.grid, recipe);
    if (recipe.reference.empty())
        return;
    const auto reference = std::ranges::find(recipe.methods, recipe.reference, &Method::id);
    if (reference == recipe.methods.end())
        throw Error("The reference '" + recipe.reference + "' is no method of the recipe", "Name one of its methods.");
    if (dependsOnSeed(*reference) || !reference->dataSets.empty())
        throw Error("'" + recipe.reference + "' cannot be the reference: it "
                + (dependsOnSeed(*reference) ? "comes out otherwise with each seed" : "does not run on all data sets"),
            "Name a mask by thresholds or a depth map that all data sets have.");
}

} // namespace interstice
