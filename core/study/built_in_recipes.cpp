// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/recipe.h"

#include "base/error.h"
#include "study/methods.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace interstice {

namespace {

constexpr const char* kWhere = "https://tomobank.readthedocs.io";

std::string fetchSentence(const std::string& scan, const std::string& file)
{
    return "Download scan " + scan + " from TomoBank (" + kWhere
        + "), reconstruct it with `interstice-cli reconstruct`, and "
          "put the slices as "
        + file + " into the folder given with --data.";
}

/// One of the six scans of glass spheres, at the detector's 0.65 µm binned by four.
DataSet sphereScan(const std::string& scan, int percent, int distance, std::uint64_t seed)
{
    DataSet set;
    set.id = scan;
    set.title = std::to_string(percent) + " % spheres, " + std::to_string(distance) + " mm";
    set.file = scan + ".tif";
    set.fetch = fetchSentence(scan, set.file);
    set.bin = 4;
    set.voxelMicrometres = 0.65;
    set.fraction = percent / 100.0;
    set.distanceMillimetres = distance;
    PhantomRequest phantom;
    phantom.shape = { 512, 512, 512 };
    phantom.fraction = set.fraction;
    phantom.distanceMillimetres = distance;
    phantom.seed = seed;
    set.phantom = phantom;
    return set;
}

DataSet furtherScan(const std::string& id, const std::string& title, const std::string& kind, double voxel, double distance)
{
    DataSet set;
    set.id = id;
    set.title = title;
    set.file = id + ".tif";
    set.fetch = fetchSentence(id, set.file);
    set.bin = 2;
    set.voxelMicrometres = voxel;
    set.additional = true;
    set.distanceMillimetres = distance;
    PhantomRequest phantom;
    phantom.kind = kind;
    phantom.shape = { 256, 512, 512 };
    phantom.voxelMicrometres = 2 * voxel;
    phantom.distanceMillimetres = distance > 0 ? distance : 25;
    set.phantom = phantom;
    return set;
}

Method classical(const std::string& id, const std::string& title, MethodKind kind, const Json& options)
{
    Method method;
    method.id = id;
    method.title = title;
    method.kind = kind;
    method.options = options;
    return method;
}

Json gaussianFirst(double sigma)
{
    return { { "smooth", { { "kind", "gaussian" }, { "sigma", sigma } } } };
}

/// The study's methods with its options, and each of the classical ones once more with options that suit such scans.
std::vector<Method> studyMethods()
{
    std::vector<Method> methods;
    methods.push_back(classical("otsu", "CLAHE + Otsu", MethodKind::ClaheOtsu, Json::object()));
    methods.push_back(classical("otsu-smoothed", "Gaussian + Otsu", MethodKind::ClaheOtsu,
        { { "equalise", false }, { "first", gaussianFirst(1.5) } }));
    methods.push_back(classical("k-means", "K-means", MethodKind::KMeans, { { "clusters", 3 }, { "spatial_weight", 1 } }));
    methods.push_back(classical("k-means-grey", "K-means, smoothed grey", MethodKind::KMeans,
        { { "clusters", 3 }, { "spatial_weight", 0 }, { "threshold", "none" }, { "first", gaussianFirst(1.5) } }));
    methods.push_back(classical("depth-map", "Depth map", MethodKind::DepthMap, { { "window", 0 }, { "sigma", 2 } }));
    methods.push_back(classical("depth-map-window", "Depth map, 9 slices", MethodKind::DepthMap,
        { { "window", 9 }, { "sigma", 1 }, { "minimum_voxels", 100 }, { "first", gaussianFirst(1) } }));
    methods.push_back(classical("u-net", "U-Net", MethodKind::UNet, { { "preset", "quick" } }));
    Method imitating = classical("u-net-otsu", "U-Net from Otsu's mask", MethodKind::UNet, { { "preset", "quick" } });
    imitating.labels = "otsu";
    methods.push_back(imitating);
    return methods;
}

Recipe emptyRecipe(const std::string& id, const std::string& title)
{
    Recipe recipe;
    recipe.id = id;
    recipe.title = title;
    recipe.methods = studyMethods();
    recipe.split = TrainOptions::preset("quick").split;
    recipe.seeds = { 1, 2, 3 };
    return recipe;
}

void addSpheres(Recipe& recipe)
{
    recipe.dataSets.push_back(sphereScan("tomo_00058", 20, 60, 58));
    recipe.dataSets.push_back(sphereScan("tomo_00059", 30, 60, 59));
    recipe.dataSets.push_back(sphereScan("tomo_00060", 30, 25, 60));
    recipe.dataSets.push_back(sphereScan("tomo_00061", 20, 25, 61));
    recipe.dataSets.push_back(sphereScan("tomo_00062", 10, 25, 62));
    recipe.dataSets.push_back(sphereScan("tomo_00063", 5, 25, 63));
    // Part of the study's Table II and one learning rate between, at fewer epochs; the setting grid=study takes all of it.
    recipe.grid = Grid { "tomo_00058", "u-net", { 1e-2, 3e-3, 1e-3, 1e-4 }, { 2, 4, 8 }, { 40 } };
}

void addShale(Recipe& recipe)
{
    recipe.dataSets.push_back(furtherScan("tomo_00002", "Shale N1 (North Sea)", "shale", 0.7, -1));
    recipe.dataSets.push_back(furtherScan("tomo_00001", "Shale B1 (Upper Barnett)", "shale", 0.7, -1));
}

void addWood(Recipe& recipe)
{
    recipe.dataSets.push_back(furtherScan("tomo_00088", "Lorentz wood stick", "wood", 1.725, 500));
}

Recipe sampleRecipe()
{
    Recipe recipe = emptyRecipe("sample", "A small study of glass spheres");
    recipe.seeds = { 1, 2 };
    const auto scan = [&](const std::string& id, int percent, int distance, std::uint64_t seed) {
        DataSet set = sphereScan("tomo", percent, distance, seed);
        set.id = id;
        set.file.clear();
        set.fetch.clear();
        set.bin = 1;
        set.voxelMicrometres = 0;
        set.phantom->shape = { 64, 176, 176 };
        recipe.dataSets.push_back(set);
    };
    scan("spheres-20-60", 20, 60, 58);
    scan("spheres-20-25", 20, 25, 61);
    scan("spheres-10-25", 10, 25, 62);
    for (Method& method : recipe.methods) {
        if (method.kind != MethodKind::UNet)
            continue;
        method.options["epochs"] = 15;
        if (method.labels == "otsu") {
            method.dataSets = { "spheres-20-60" };
            method.repeats = 1;
        }
    }
    recipe.grid = Grid { "spheres-20-60", "u-net", { 1e-2, 3e-3, 1e-3 }, { 2, 4 }, { 5 } };
    return recipe;
}

std::vector<std::string> listOf(const std::string& text)
{
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');)
        if (!part.empty())
            parts.push_back(part);
    return parts;
}

double numberOf(const std::string& key, const std::string& text)
{
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != 0 || !(value > 0) || !std::isfinite(value))
        throw Error("'" + text + "' is no value for " + key, "Write a number above zero.");
    return value;
}

std::int64_t wholeNumberOf(const std::string& key, const std::string& text)
{
    const double value = numberOf(key, text);
    if (value != std::floor(value) || value > 1e9)
        throw Error("'" + text + "' is no value for " + key, "Write a whole number above zero.");
    return static_cast<std::int64_t>(value);
}

template <class T> void keepOnly(std::vector<T>& things, const std::vector<std::string>& ids, const std::string& what)
{
    for (const auto& id : ids)
        if (std::none_of(things.begin(), things.end(), [&](const T& one) { return one.id == id; }))
            throw Error("The recipe has no " + what + " '" + id + "'", "Choose from those in its recipe.json.");
    std::erase_if(things, [&](const T& one) { return std::find(ids.begin(), ids.end(), one.id) == ids.end(); });
}

/// What no longer has all that it refers to is left out.
void forgetTheAbsent(Recipe& recipe)
{
    const auto has = [](const auto& things, const std::string& id) {
        return std::any_of(things.begin(), things.end(), [&](const auto& one) { return one.id == id; });
    };
    for (Method& method : recipe.methods) {
        const bool limited = !method.dataSets.empty();
        std::erase_if(method.dataSets, [&](const auto& id) { return !has(recipe.dataSets, id); });
        if (limited && method.dataSets.empty())
            method.id.clear();
    }
    std::erase_if(recipe.methods, [](const Method& method) { return method.id.empty(); });
    if (recipe.grid && !(has(recipe.dataSets, recipe.grid->dataSet) && has(recipe.methods, recipe.grid->method)))
        recipe.grid.reset();
}

/// All of the study's Table II, on what the recipe's own grid is on, or on its first data set with its first U-Net.
void takeStudysGrid(Recipe& recipe)
{
    if (!recipe.grid) {
        const auto network = std::find_if(recipe.methods.begin(), recipe.methods.end(),
            [](const Method& method) { return method.kind == MethodKind::UNet; });
        if (network == recipe.methods.end() || recipe.dataSets.empty())
            throw Error("The recipe has no U-Net to try a grid with", "Keep one among its methods.");
        recipe.grid = Grid { recipe.dataSets.front().id, network->id, {}, {}, {} };
    }
    recipe.grid->learningRates = { 1e-2, 1e-3, 1e-4, 1e-5 };
    recipe.grid->batches = { 2, 4, 8, 16 };
    recipe.grid->epochs = { 50, 100, 200 };
}

void setForUNets(Recipe& recipe, const std::string& key, const Json& value)
{
    for (Method& method : recipe.methods)
        if (method.kind == MethodKind::UNet)
            method.options[key] = value;
}

} // namespace

const std::vector<std::string>& builtInRecipeNames()
{
    static const std::vector<std::string> names = { "sample", "spheres", "round-robin", "lorentz", "all" };
    return names;
}

std::string builtInRecipeDescription(const std::string& name)
{
    if (name == "sample")
        return "Three small phantoms of glass spheres, minutes on two cores.";
    if (name == "spheres")
        return "The study's six scans of glass spheres at 512³ each, or phantoms in their place.";
    if (name == "round-robin")
        return "The study's shales, N1 and B1.";
    if (name == "lorentz")
        return "The study's stick of wood.";
    return "All of them: spheres, shales and wood.";
}

Recipe builtInRecipe(const std::string& name)
{
    Recipe recipe;
    if (name == "sample") {
        recipe = sampleRecipe();
    } else if (name == "spheres") {
        recipe = emptyRecipe(name, "The study's glass spheres");
        addSpheres(recipe);
    } else if (name == "round-robin") {
        recipe = emptyRecipe(name, "The study's round-robin shales");
        addShale(recipe);
    } else if (name == "lorentz") {
        recipe = emptyRecipe(name, "The study's wood");
        addWood(recipe);
    } else if (name == "all") {
        recipe = emptyRecipe(name, "The study: glass spheres, shales and wood");
        addSpheres(recipe);
        addShale(recipe);
        addWood(recipe);
    } else {
        throw Error("There is no recipe called '" + name + "'",
            "Choose sample, spheres, round-robin, lorentz or all, or name a JSON file.");
    }
    check(recipe);
    return recipe;
}

void applySetting(Recipe& recipe, const std::string& setting)
{
    const auto equals = setting.find('=');
    const std::string key = setting.substr(0, equals);
    const std::string value = equals == std::string::npos ? std::string() : setting.substr(equals + 1);
    if (key == "seeds") {
        recipe.seeds.clear();
        for (const auto& one : listOf(value))
            recipe.seeds.push_back(static_cast<std::uint64_t>(wholeNumberOf(key, one)));
    } else if (key == "data") {
        keepOnly(recipe.dataSets, listOf(value), "data set");
    } else if (key == "methods") {
        keepOnly(recipe.methods, listOf(value), "method");
    } else if (key == "preset") {
        setForUNets(recipe, "preset", value);
        const SplitOptions geometry = TrainOptions::preset(value).split;
        recipe.split.chunk = geometry.chunk;
        recipe.split.tile = geometry.tile;
        recipe.split.context = geometry.context;
    } else if (key == "epochs" || key == "batch" || key == "threads") {
        setForUNets(recipe, key, wholeNumberOf(key, value));
    } else if (key == "lr") {
        setForUNets(recipe, "learning_rate", numberOf(key, value));
    } else if (key == "devices") {
        setForUNets(recipe, key, value);
    } else if (key == "size" || key == "projections") {
        const auto parts = listOf(value);
        if (parts.size() != (key == "size" ? 3 : 1))
            throw Error("'" + value + "' is no value for " + key,
                key == "size" ? "Write Z,Y,X like 96,192,192." : "Write a whole number above zero.");
        for (DataSet& set : recipe.dataSets) {
            if (set.phantom && key == "size")
                set.phantom->shape
                    = { wholeNumberOf(key, parts[0]), wholeNumberOf(key, parts[1]), wholeNumberOf(key, parts[2]) };
            else if (set.phantom)
                set.phantom->projections = static_cast<int>(wholeNumberOf(key, parts[0]));
        }
    } else if (key == "grid") {
        if (value == "none")
            recipe.grid.reset();
        else if (value == "study")
            takeStudysGrid(recipe);
        else
            throw Error("'" + value + "' is no value for grid",
                "Write grid=none or grid=study, or a grid into a recipe of your own.");
    } else {
        throw Error("'" + setting + "' sets nothing",
            "Write KEY=VALUE with one of seeds, data, methods, preset, epochs, batch, lr, devices, threads, size, "
            "projections and grid.");
    }
    forgetTheAbsent(recipe);
    check(recipe);
}

} // namespace interstice
