// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/recipe.h"
#include "study/step.h"
#include "volume/volume_source.h"

#include <filesystem>
#include <string>
#include <vector>

namespace interstice {

struct StudyPlaces {
    /// Everything that a study makes lies in here.
    std::filesystem::path folder;
    /// Where the user's scans are; relative names of a recipe's files start here.
    std::filesystem::path data;
};

/// A data set as it will be used.
struct PlannedSet {
    DataSet set;
    enum class Origin {
        File, ///< the user's
        Phantom, ///< what the recipe asks for
        PhantomInPlace, ///< because the file is not there
        Absent ///< neither file nor a phantom of its kind
    };
    Origin origin = Origin::Phantom;
    /// Why it is absent, or what its phantom is; a sentence.
    std::string note;
    Shape shape;
    Scalar scalar = Scalar::U16;
    std::filesystem::path raw;
    /// Empty where there is none.
    std::filesystem::path truth;
    /// Of the recipe's reference method: CLAHE + Otsu, as in the study, unless it names another.
    std::filesystem::path reference;

    bool usable() const { return origin != Origin::Absent; }
    bool hasTruth() const { return !truth.empty(); }
    /// "20 % spheres, 60 mm (phantom)": as every table labels it.
    std::string label() const;
};

/// Steps in an order in which they can be done.
struct Plan {
    std::vector<PlannedSet> sets;
    std::vector<Step> steps;

    const PlannedSet* find(const std::string& dataSet) const;
};

/// What a recipe comes to in these places. Opens the user's files, makes nothing. Throws Error when a data set cannot be
/// divided as the recipe wants, or when no data set can be used.
Plan makePlan(const Recipe& recipe, const StudyPlaces& places);

/// Where a data set's file is looked for.
std::filesystem::path scanPath(const StudyPlaces& places, const DataSet& set);
bool scanIsThere(const StudyPlaces& places, const DataSet& set);

/// The recipe's CLAHE + Otsu method; with the study's options when it has none.
Method referenceMethod(const Recipe& recipe);
/// Seeds with which a method is repeated.
std::vector<std::uint64_t> seedsOf(const Recipe& recipe, const Method& method);
bool runsOn(const Method& method, const DataSet& set);
/// Boxes that no method is scored on in the repeat with this seed: all that any U-Net of the recipe saw of this data set.
std::vector<Box> excludedBoxes(const Recipe& recipe, const PlannedSet& set, std::uint64_t seed);

/// Where a study's files lie.
std::filesystem::path maskPath(const StudyPlaces& places, const std::string& set, const Method& method, std::uint64_t seed);
std::filesystem::path mapPath(const StudyPlaces& places, const std::string& set, const Method& method);
std::filesystem::path modelPath(const StudyPlaces& places, const std::string& set, const Method& method, std::uint64_t seed);
/// Of the record of a step.
std::string stepId(const std::string& set, const Method& method, std::uint64_t seed, const std::string& kind);
/// How the ids of the trainings of Table II begin.
inline constexpr const char* kGridStep = "grid.lr";
std::string gridStepId(double learningRate, int batch, int epochs);

} // namespace interstice
