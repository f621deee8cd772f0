// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/report.h"

#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"
#include "picture/png.h"
#include "study/report_style.h"
#include "study/study_tables.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace interstice {

namespace {

std::string paragraph(const std::string& text)
{
    return "<p>" + escaped(text) + "</p>\n";
}

/// "Data. …" with its first word in bold.
std::string headed(const std::string& text)
{
    const auto dot = text.find('.');
    return "<p><b>" + escaped(text.substr(0, dot + 1)) + "</b>" + escaped(text.substr(dot + 1)) + "</p>\n";
}

std::string card(const std::string& number, const std::string& words)
{
    return "<div class=\"card\"><strong>" + escaped(number) + "</strong><span>" + escaped(words) + "</span></div>";
}

std::string cards(const StudyResult& result)
{
    const std::vector<ScoreRow> rows = scoreRows(result);
    std::vector<double> dice;
    std::vector<double> distance;
    std::vector<double> others;
    for (const PlannedSet& set : result.sets) {
        const ScoreRow* best = bestOf(rows, set.set.id);
        if (!best || best->method->kind != MethodKind::UNet)
            continue;
        dice.push_back(best->ofTruth("dice").mean);
        distance.push_back(best->ofTruth("assd_voxels").mean);
        double other = 0;
        for (const ScoreRow& row : rows)
            if (row.set == best->set && row.method->kind != MethodKind::UNet)
                other = std::max(other, row.ofTruth("dice").mean);
        others.push_back(other);
    }
    double seconds = 0;
    std::string devices;
    for (const StepRecord& record : result.records) {
        seconds += record.seconds;
        if (record.kind == "train" && devices.find(record.device) == std::string::npos)
            devices += (devices.empty() ? "" : ", ") + record.device;
    }
    const std::string over = " over " + std::to_string(dice.size()) + (dice.size() == 1 ? " data set" : " data sets");
    std::string html = "<div class=\"cards\">";
    if (!dice.empty()) {
        html += card(fixed(summarise(dice).mean, 3), "Dice of the U-Net against the exact truth, mean" + over);
        html += card(fixed(summarise(distance).mean, 2) + " vx", "mean distance of its surface from the true one");
        html += card(fixed(summarise(others).mean, 3), "Dice of the best method without training, mean" + over);
    }
    return html + card(formatDuration(seconds), "of computing" + (devices.empty() ? "" : ", trained on " + devices))
        + "</div>\n";
}

std::string section(const std::string& id, const std::string& title)
{
    return "<h2 id=\"" + id + "\">" + escaped(title) + "</h2>\n";
}

std::string plots(const std::vector<CaptionedPlot>& all)
{
    std::string html = "<div class=\"plots\">";
    for (const CaptionedPlot& plot : all)
        html += "<figure>" + plot.svg + "<figcaption>" + escaped(plot.caption) + "</figcaption></figure>";
    return html + "</div>\n";
}

std::string picture(const StudyFigure& figure)
{
    return "<figure class=\"picture\" id=\"" + figure.id + "\">" + toSvg(figure) + "<figcaption class=\"below\"><b>"
        + escaped(figure.title) + ".</b> " + escaped(figure.caption) + "</figcaption></figure>\n";
}

std::string date(const StudyResult& result)
{
    std::string latest;
    for (const StepRecord& record : result.records)
        latest = std::max(latest, record.date);
    return latest.substr(0, 10);
}

Json toJson(const std::map<std::string, Summary>& summaries)
{
    Json json = Json::object();
    for (const auto& [key, summary] : summaries)
        json[key] = { { "n", summary.n }, { "mean", summary.mean }, { "sd", summary.deviation } };
    return json;
}

Json toJson(const StudyResult& result, const std::vector<ScoreRow>& rows)
{
    Json json = { { "recipe", toJson(result.recipe) }, { "versions", studyVersions() }, { "data_sets", Json::array() },
        { "scores", Json::array() } };
    for (const PlannedSet& set : result.sets)
        json["data_sets"].push_back({ { "id", set.set.id }, { "label", set.label() }, { "note", set.note } });
    for (const ScoreRow& row : rows)
        json["scores"].push_back({ { "data_set", row.set->set.id }, { "method", row.method->id }, { "seeds", row.seeds },
            { "truth", toJson(row.truth) }, { "otsu", toJson(row.otsu) } });
    for (const FailedStep& step : result.failed)
        json["failed"].push_back(
            { { "id", step.id }, { "title", step.title }, { "skipped", step.skipped }, { "why", step.why } });
    return json;
}

void makeFolder(const fs::path& folder)
{
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem)
        throw Error("Cannot make the folder " + utf8(folder) + " (" + problem.message() + ")", "Choose another place.");
}

} // namespace

std::string reportHtml(const StudyResult& result, const std::vector<Table>& tables, const std::vector<StudyFigure>& figures)
{
    const auto table = [&](const std::string& id) {
        const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table& one) { return one.id == id; });
        return found == tables.end() ? std::string() : toHtml(*found);
    };
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                       "content=\"width=device-width, initial-scale=1\">\n<title>"
        + escaped(result.recipe.title) + "</title>\n<style>" + kReportStyle + "</style>\n</head>\n<body>\n";
    html += "<header><div class=\"kind\">Segmentation of tomography stacks, compared</div><h1>"
        + escaped(result.recipe.title) + "</h1><p>Recipe “" + escaped(result.recipe.id) + "” · "
        + std::to_string(result.recipe.dataSets.size()) + (result.recipe.dataSets.size() == 1 ? " data set" : " data sets")
        + " · " + std::to_string(result.recipe.methods.size())
        + (result.recipe.seeds.size() == 1 ? " methods · seed " : " methods · seeds ") + listed(result.recipe.seeds) + " · "
        + date(result) + " · Interstice " + studyVersions()["interstice"].get<std::string>() + "</p></header>\n";
    html += table(kFailedTable) + cards(result);
    for (const std::string& text : summarySentences(result))
        html += paragraph(text);
    const std::vector<CaptionedPlot> robustness = robustnessPlots(result);
    const std::vector<CaptionedPlot> curves = learningCurves(result);
    html += "<nav><a href=\"#scores\">Scores</a><a href=\"#figures\">Figures</a>"
        + std::string(robustness.empty() ? "" : "<a href=\"#robustness\">Robustness</a>")
        + "<a href=\"#network\">Network and options</a><a href=\"#data\">Data</a><a href=\"#methods\">Methods</a><a "
          "href=\"#cost\">Cost</a><a href=\"#provenance\">Provenance</a></nav>\n";

    html += section("scores", "Scores") + table("dice") + table("scores") + table("beside-the-study")
        + table("table-3-further-data");
    html += section("figures", "Figures");
    for (const StudyFigure& figure : figures)
        html += picture(figure);
    if (!robustness.empty())
        html += section("robustness", "Robustness over volume fraction and distance") + plots(robustness);
    html += section("network", "Network and options") + table("table-1-layers");
    if (const std::string grid = table("table-2-options"); !grid.empty())
        html += grid;
    else
        html += paragraph(
            "Table II (learning rate, batch, epochs) is no part of this recipe: give it a \"grid\", or make the "
            "table with interstice-cli sweep.");
    if (!curves.empty())
        html += plots(curves);
    html += section("data", "Data") + table("data-sets");
    html += section("methods", "Methods");
    for (const std::string& text : methodsParagraphs(result))
        html += headed(text);
    html += section("cost", "Cost") + table("steps");
    html += section("provenance", "Provenance")
        + "<p>Every step has a record in <span class=\"mono\">steps/</span>: options, versions, checksums of what went in "
          "and "
          "came out, seconds, memory, device. <span class=\"mono\">interstice-cli study recipe.json -o FOLDER</span> makes "
          "all "
          "of this anew; <span class=\"mono\">interstice-cli replay FOLDER --check</span> runs it again and compares.</p>\n"
        + table("files");
    return html + "<footer>Made by Interstice " + escaped(studyVersions()["interstice"].get<std::string>()) + " ("
        + escaped(studyVersions()["learning"].get<std::string>())
        + "). The tables are beside this file as CSV in tables/, the pictures as PNG in "
          "figures/.</footer>\n</body>\n</html>\n";
}

fs::path writeReport(const StudyResult& result, const StudyPlaces& places, Task& task)
{
    const std::vector<ScoreRow> rows = scoreRows(result);
    const std::vector<Table> tables = allTables(result, rows);
    const std::vector<StudyFigure> figures = makeFigures(result, places, task);
    makeFolder(places.folder / "tables");
    makeFolder(places.folder / "figures");
    std::error_code ignored;
    fs::remove(places.folder / "tables" / (std::string(kFailedTable) + ".csv"), ignored); // of a run before this one
    for (const Table& table : tables)
        writeTextFile(places.folder / "tables" / (table.id + ".csv"), toCsv(table));
    for (const StudyFigure& figure : figures)
        writePng(places.folder / "figures" / (figure.id + ".png"), joined(figure));
    writeJsonFile(places.folder / "study.json", toJson(result, rows));
    const fs::path report = places.folder / "report.html";
    writeTextFile(report, reportHtml(result, tables, figures));
    return report;
}

} // namespace interstice
