// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"
#include "study/statistics.h"
#include "study/study.h"
#include "study/table.h"

#include <map>
#include <string>
#include <vector>

namespace interstice {

/// The repeats of one method on one data set, each number over the seeds.
struct ScoreRow {
    const PlannedSet* set = nullptr;
    const Method* method = nullptr;
    std::vector<std::uint64_t> seeds;
    /// By the keys of the scores ("dice", "assd_voxels", …) against the exact truth; empty without a truth.
    std::map<std::string, Summary> truth;
    /// Against CLAHE + Otsu.
    std::map<std::string, Summary> otsu;
    /// It is the study's reference itself.
    bool isReference = false;

    const Summary& ofTruth(const std::string& key) const;
    const Summary& ofOtsu(const std::string& key) const;
};
/// By data set, then method, in the recipe's order.
std::vector<ScoreRow> scoreRows(const StudyResult& result);

/// The row with the highest Dice against the truth among those of a data set; null without a truth.
const ScoreRow* bestOf(const std::vector<ScoreRow>& rows, const std::string& dataSet);
/// A method's colour everywhere, and whether its line is dashed because another of its kind has that colour.
Rgb colourOf(MethodKind kind);
bool isVariant(const Recipe& recipe, const Method& method);

/// "1, 2, 3"
std::string listed(const std::vector<std::uint64_t>& seeds);

} // namespace interstice
