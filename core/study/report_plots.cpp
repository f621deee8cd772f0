// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/plot.h"
#include "study/report.h"

#include <algorithm>
#include <functional>
#include <set>

namespace interstice {

namespace {

struct Score {
    std::string key;
    std::string label;
    bool isDice = false;
};
const std::vector<Score>& plottedScores()
{
    static const std::vector<Score> scores
        = { { "dice", "Dice against the exact truth", true }, { "assd_voxels", "Mean surface distance (voxels)", false } };
    return scores;
}

using Place = std::function<double(const DataSet&)>;

double percentOf(const DataSet& set)
{
    return set.fraction < 0 ? -1 : 100 * set.fraction;
}

double distanceOf(const DataSet& set)
{
    return set.distanceMillimetres;
}

/// Whether a row has a point in a plot along `along` of what has one value at `held`.
bool isOn(const ScoreRow& row, const Score& score, const Place& along, const Place& held, double value)
{
    return !row.set->set.additional && row.ofTruth(score.key).n > 0 && along(row.set->set) >= 0
        && held(row.set->set) == value;
}

/// One line a method through the data sets where `held` has one value, along `along`.
Plot lines(const StudyResult& result, const std::vector<ScoreRow>& rows, const Score& score, const Place& along,
    const Place& held, double heldValue)
{
    Plot plot;
    plot.yLabel = score.label;
    for (const Method& method : result.recipe.methods) {
        PlotSeries series { method.title, colourOf(method.kind), isVariant(result.recipe, method), true, {} };
        for (const ScoreRow& row : rows) {
            if (row.method->id != method.id || !isOn(row, score, along, held, heldValue))
                continue;
            const Summary& value = row.ofTruth(score.key);
            series.points.push_back({ along(row.set->set), value.mean, value.deviation });
        }
        std::sort(series.points.begin(), series.points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
        // A method that ran on one of them says nothing of a trend.
        if (series.points.size() > 1)
            plot.series.push_back(std::move(series));
    }
    if (score.isDice) {
        plot.level = 0.934;
        plot.levelName = "the study: 0.934";
    }
    return plot;
}

/// The data sets that such a plot shows, in the recipe's order.
std::vector<const PlannedSet*> setsOn(
    const std::vector<ScoreRow>& rows, const Score& score, const Place& along, const Place& held, double value)
{
    std::vector<const PlannedSet*> sets;
    for (const ScoreRow& row : rows)
        if (isOn(row, score, along, held, value) && (sets.empty() || sets.back() != row.set))
            sets.push_back(row.set);
    return sets;
}

/// What a plot's title adds where not all was scanned that it shows.
std::string inPlaceWords(const std::vector<const PlannedSet*>& sets)
{
    const auto inPlace = static_cast<std::size_t>(std::count_if(
        sets.begin(), sets.end(), [](const PlannedSet* set) { return set->origin == PlannedSet::Origin::PhantomInPlace; }));
    if (inPlace == 0)
        return {};
    if (inPlace == sets.size())
        return ", phantoms in place of scans";
    return ", " + std::to_string(inPlace) + " of " + std::to_string(sets.size()) + " phantoms in place of scans";
}

std::string labelsOf(const std::vector<const PlannedSet*>& sets)
{
    std::string text;
    for (const PlannedSet* set : sets)
        text += (text.empty() ? "" : "; ") + set->label();
    return text;
}

std::set<double> valuesOf(const StudyResult& result, const Place& place)
{
    std::set<double> values;
    for (const PlannedSet& set : result.sets)
        if (set.usable() && !set.set.additional && place(set.set) >= 0)
            values.insert(place(set.set));
    return values;
}

std::string percentWords(double percent)
{
    return fixed(percent, 0) + " % spheres";
}

std::string distanceWords(double millimetres)
{
    return fixed(millimetres, 0) + " mm";
}

} // namespace

std::vector<CaptionedPlot> robustnessPlots(const StudyResult& result)
{
    const std::vector<ScoreRow> rows = scoreRows(result);
    std::vector<CaptionedPlot> plots;
    const auto addAll = [&](const Place& along, const Place& held, const std::string& xLabel, const auto& heldWords,
                            const std::string& what) {
        for (const double value : valuesOf(result, held)) {
            for (const Score& score : plottedScores()) {
                Plot plot = lines(result, rows, score, along, held, value);
                const auto sets = setsOn(rows, score, along, held, value);
                plot.title = heldWords(value) + inPlaceWords(sets);
                plot.xLabel = xLabel;
                const std::string svg = toSvg(plot);
                if (!svg.empty())
                    plots.push_back(
                        { svg, score.label + " over " + what + " at " + heldWords(value) + ": " + labelsOf(sets) + "." });
            }
        }
    };
    addAll(percentOf, distanceOf, "Volume fraction of spheres (%)", distanceWords, "the volume fraction");
    addAll(distanceOf, percentOf, "Distance from sample to detector (mm)", percentWords, "the distance");
    return plots;
}

std::vector<CaptionedPlot> learningCurves(const StudyResult& result)
{
    static const std::vector<Rgb> colours
        = { kUNetColour, kKMeansColour, kTruthColour, kDepthMapColour, Rgb { 0x00, 0x72, 0xb2 }, Rgb { 0xd5, 0x5e, 0x00 },
              Rgb { 0x55, 0x55, 0x55 }, kInitialMaskColour, Rgb { 0x8a, 0x63, 0xc8 } };
    std::vector<CaptionedPlot> plots;
    for (const Method& method : result.recipe.methods) {
        Plot plot;
        plot.title = method.title;
        plot.xLabel = "Epoch";
        plot.yLabel = "Validation Dice";
        std::size_t colour = 0;
        for (const PlannedSet& set : result.sets) {
            bool first = true;
            for (const std::uint64_t seed : seedsOf(result.recipe, method)) {
                const StepRecord* record = result.find(stepId(set.set.id, method, seed, "train"));
                if (!record)
                    continue;
                PlotSeries series { set.label() + ", seed " + std::to_string(seed), colours[colour % colours.size()], !first,
                    false, {} };
                for (const auto& epoch : record->result.at("epochs"))
                    series.points.push_back({ epoch.at(0).get<double>(), epoch.at(4).get<double>(), 0 });
                plot.series.push_back(std::move(series));
                first = false;
            }
            colour += first ? 0 : 1;
        }
        const std::string svg = toSvg(plot);
        if (!svg.empty())
            plots.push_back({ svg,
                "Dice over the validation blocks at the threshold 0.5 after each epoch, of what the network learned "
                "from." });
    }
    return plots;
}

} // namespace interstice
