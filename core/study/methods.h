// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "learn/predict.h"
#include "learn/train.h"
#include "study/recipe.h"

#include <filesystem>
#include <initializer_list>
#include <string>

namespace interstice {

/// Throws Error naming the key and `where` when an object has one that is not listed.
void requireKnownKeys(const Json& json, std::initializer_list<const char*> known, const std::string& where);

/// Throws Error with the method's name on options that are unknown or out of range.
void checkOptions(const Method& method);
/// All options of a method with one seed as JSON, defaults included: what a step's record keeps.
Json completeOptions(const Method& method, std::uint64_t seed);
/// A method whose mask does not depend on the seed is run once.
bool dependsOnSeed(const Method& method);

/// A U-Net's options for one repeat: its own, the recipe's split, and the seed for all that is drawn.
TrainOptions trainOptionsFor(const Method& method, const SplitOptions& split, std::uint64_t seed);
PredictOptions predictOptionsFor(const Method& method);

/// Makes the mask of a method without training: u8, 0 and 1. `map` receives a depth map's values where not empty. The
/// answer is what the method says of its result, and its findings.
Json makeMask(const Method& method, std::uint64_t seed, const std::filesystem::path& raw, const std::filesystem::path& mask,
    const std::filesystem::path& map, Task& task);
/// Memory; seconds as on two cores of a 2020s processor.
Cost estimateMask(const Method& method, const Shape& shape, Scalar scalar);

/// What was done, in words, from the options: "K-means in 3 clusters of grey value and position …".
std::string describeMethod(const Method& method);

} // namespace interstice
