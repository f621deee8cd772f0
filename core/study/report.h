// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/figures.h"
#include "study/score_rows.h"
#include "study/table.h"

#include <filesystem>

namespace interstice {

/// Writes into the study's folder: report.html (one file that opens offline, pictures inside, fit for printing),
/// tables/*.csv, figures/*.png and study.json (recipe, scores, versions). Returns the report's path.
std::filesystem::path writeReport(const StudyResult& result, const StudyPlaces& places, Task& task);

/// The report's text, from what is to be in it.
std::string reportHtml(const StudyResult& result, const std::vector<Table>& tables, const std::vector<StudyFigure>& figures);

/// What was done, as for a paper's methods section: paragraphs from the recipe's options.
std::vector<std::string> methodsParagraphs(const StudyResult& result);
/// The result in a few sentences.
std::vector<std::string> summarySentences(const StudyResult& result);

/// Dice and mean surface distance over volume fraction and over distance, and the learning curves; SVG elements with
/// their captions. Those that the data cannot fill are left out.
struct CaptionedPlot {
    std::string svg;
    std::string caption;
};
std::vector<CaptionedPlot> robustnessPlots(const StudyResult& result);
std::vector<CaptionedPlot> learningCurves(const StudyResult& result);

} // namespace interstice
