// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "learn/split.h"
#include "study/phantom_source.h"
#include "volume/shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// One stack of a study: the user's file where it is there, otherwise a phantom of the same kind.
struct DataSet {
    /// Short and fit for file names: letters, digits, '-', '_' and '.'.
    std::string id;
    /// For people: "20 % spheres, 60 mm".
    std::string title;
    /// Stack to look for, relative to the data folder (or to the recipe's); empty: a phantom is what is meant.
    std::string file;
    /// Labels of the file, from a person or another program; empty: none are known.
    std::string truth;
    /// Label values of the truth that are foreground, like "1,2"; empty: all but 0.
    std::string foreground;
    /// What to download and where to put it, a sentence.
    std::string fetch;
    /// Part of the file that is used, before binning; none: all of it.
    std::optional<Box> crop;
    /// Voxels of the file along each axis that become one.
    int bin = 1;
    /// Edge of a cubic voxel of the file in µm where its header does not say; 0: as the header says.
    double voxelMicrometres = 0;
    /// Takes the file's place when it is absent.
    std::optional<PhantomRequest> phantom;
    /// Of the study's further data (Table III) instead of its glass spheres.
    bool additional = false;
    /// Volume fraction (0…1) and distance from sample to detector (mm), for the plots of robustness; negative: not stated.
    double fraction = -1;
    double distanceMillimetres = -1;
};

enum class MethodKind { ClaheOtsu, KMeans, DepthMap, UNet };
/// "clahe-otsu", "k-means", "depth-map", "u-net"
const char* methodKindName(MethodKind kind);

struct Method {
    std::string id;
    std::string title;
    MethodKind kind = MethodKind::ClaheOtsu;
    /// As the method's own options in JSON, with "first" for smoothing and ring reduction. For a U-Net: preset, epochs,
    /// batch, learning_rate, loss, minimum_steps, augment (names, or true), schedule, devices, threads, mode and overlap.
    Json options = Json::object();
    /// What a U-Net learns from: "truth" (the reference of the data set) or "otsu" (the recipe's reference:
    /// CLAHE + Otsu, as in the study, unless it names another).
    std::string labels = "truth";
    /// Data sets that it runs on; empty: all.
    std::vector<std::string> dataSets;
    /// Only the first so many seeds; 0: all.
    int repeats = 0;
};

/// A small search over a U-Net's options on one data set (the study's Table II), by validation Dice.
struct Grid {
    std::string dataSet;
    /// Whose other options count.
    std::string method;
    std::vector<double> learningRates;
    std::vector<int> batches;
    std::vector<int> epochs;
};

/// What a study runs and reports.
struct Recipe {
    std::string id;
    std::string title;
    std::vector<DataSet> dataSets;
    std::vector<Method> methods;
    /// The split of every U-Net in it; its seed is each repeat's. Voxels that any of them saw are scored for none.
    SplitOptions split;
    /// One repeat of everything each.
    std::vector<std::uint64_t> seeds { 1 };
    std::optional<Grid> grid;
    /// Id of the method whose mask everything is compared with beside the truth, and that networks with `labels` "otsu"
    /// learn from: one that depends on no seed and runs on all data sets. Empty: CLAHE + Otsu, as in the study.
    std::string reference;
};

Json toJson(const Recipe& recipe);
/// Missing keys keep their defaults. Throws Error with a sentence on what is wrong, unknown keys too.
Recipe recipeFromJson(const Json& json);
/// Throws Error on a recipe that cannot be run: no data set, two of one name, a method that does not exist, …
void check(const Recipe& recipe);

/// "sample", "spheres", "round-robin", "lorentz", "all"
const std::vector<std::string>& builtInRecipeNames();
/// One sentence for people.
std::string builtInRecipeDescription(const std::string& name);
Recipe builtInRecipe(const std::string& name);

/// Changes one thing of a recipe by "key=value". Keys: seeds (1,2,3), data (ids), methods (ids), and for all U-Nets preset,
/// epochs, batch, lr, devices, threads; size (Z,Y,X of every phantom), projections (of every phantom), grid ("none": no
/// sweep; "study": all 48 settings of the study's Table II). Throws Error.
void applySetting(Recipe& recipe, const std::string& setting);

} // namespace interstice
