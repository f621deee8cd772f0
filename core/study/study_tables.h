// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/score_rows.h"
#include "study/table.h"

#include <optional>
#include <vector>

namespace interstice {

/// Of the table of what was not done, which is there only when something was not.
inline constexpr const char* kFailedTable = "failed-steps";

/// Which steps were not done and why; nothing when all were.
std::optional<Table> failedTable(const StudyResult& result);
/// What was segmented: where each data set is from, its size, what it took to make, what is absent and why.
Table dataSetTable(const StudyResult& result);
/// A row a method, a column a data set: Dice against the exact truth, and against Otsu's mask behind a stroke.
Table diceTable(const StudyResult& result, const std::vector<ScoreRow>& rows);
/// Every score of every method on every data set, with its spread.
Table scoreTable(const StudyResult& result, const std::vector<ScoreRow>& rows);
/// The study's own numbers beside ours.
Table besideTable(const StudyResult& result, const std::vector<ScoreRow>& rows);
/// Table I: the network of preset paper-table for its 10 × 256 × 256 chunks, layer by layer as built.
Table layersTable();
/// Table II; nothing when the recipe has no grid.
std::optional<Table> gridTable(const StudyResult& result);
/// Table III: the further data; nothing when none of it was scored.
std::optional<Table> additionalTable(const StudyResult& result, const std::vector<ScoreRow>& rows);
/// Time, memory and device of each step.
Table costTable(const StudyResult& result);
/// Every file that went in or came out, with size and checksum.
Table fileTable(const StudyResult& result);

/// All of them, in the order of the report.
std::vector<Table> allTables(const StudyResult& result, const std::vector<ScoreRow>& rows);

} // namespace interstice
