// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/plan.h"

namespace interstice {

/// The part of the user's stack that a data set is, binned, with its voxel size.
SourcePtr prepared(const SourcePtr& file, const DataSet& set, bool labels = false);

/// The kinds of steps: what each takes, makes and does. None does anything before its `run` is called.
Step phantomStep(const PlannedSet& set, const StudyPlaces& places);
/// Crop and binning of the user's stack, or of its truth.
Step preparationStep(
    const PlannedSet& set, const std::filesystem::path& file, const std::filesystem::path& out, bool labels);
Step maskStep(const PlannedSet& set, const Method& method, std::uint64_t seed, const std::filesystem::path& mask,
    const std::filesystem::path& map);
Step trainingStep(const PlannedSet& set, const Method& method, const SplitOptions& split, std::uint64_t seed,
    const std::filesystem::path& model);
Step predictionStep(const PlannedSet& set, const Method& method, const SplitOptions& split, std::uint64_t seed,
    const std::filesystem::path& model, const std::filesystem::path& mask);
/// Its result has "truth" (overlap, surface distances; null without a truth) and "otsu" (overlap), on the voxels outside
/// `exclude`.
Step scoreStep(const PlannedSet& set, const Method& method, std::uint64_t seed, const std::filesystem::path& mask,
    const std::vector<Box>& exclude);

} // namespace interstice
