// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/score_rows.h"

namespace interstice {

namespace {

using Numbers = std::map<std::string, std::vector<double>>;

void gather(const Json& scores, Numbers& numbers)
{
    if (!scores.is_object())
        return;
    for (const auto& [key, value] : scores.items())
        if (value.is_number())
            numbers[key].push_back(value.get<double>());
}

std::map<std::string, Summary> summarised(const Numbers& numbers)
{
    std::map<std::string, Summary> summaries;
    for (const auto& [key, values] : numbers)
        summaries[key] = summarise(values);
    return summaries;
}

const Summary& lookUp(const std::map<std::string, Summary>& summaries, const std::string& key)
{
    static const Summary none;
    const auto found = summaries.find(key);
    return found == summaries.end() ? none : found->second;
}

} // namespace

const Summary& ScoreRow::ofTruth(const std::string& key) const
{
    return lookUp(truth, key);
}

const Summary& ScoreRow::ofOtsu(const std::string& key) const
{
    return lookUp(otsu, key);
}

std::vector<ScoreRow> scoreRows(const StudyResult& result)
{
    std::vector<ScoreRow> rows;
    const std::string reference = referenceMethod(result.recipe).id;
    for (const PlannedSet& set : result.sets) {
        for (const Method& method : result.recipe.methods) {
            ScoreRow row;
            row.set = &set;
            row.method = &method;
            row.isReference = method.id == reference;
            Numbers truth;
            Numbers otsu;
            for (const std::uint64_t seed : seedsOf(result.recipe, method)) {
                const StepRecord* record = result.find(stepId(set.set.id, method, seed, "score"));
                if (!record)
                    continue;
                row.seeds.push_back(seed);
                gather(record->result.at("truth"), truth);
                gather(record->result.at("otsu"), otsu);
            }
            if (row.seeds.empty())
                continue;
            row.truth = summarised(truth);
            row.otsu = summarised(otsu);
            rows.push_back(row);
        }
    }
    return rows;
}

const ScoreRow* bestOf(const std::vector<ScoreRow>& rows, const std::string& dataSet)
{
    const ScoreRow* best = nullptr;
    for (const ScoreRow& row : rows) {
        const Summary& dice = row.ofTruth("dice");
        if (row.set->set.id == dataSet && dice.n > 0 && (!best || dice.mean > best->ofTruth("dice").mean))
            best = &row;
    }
    return best;
}

Rgb colourOf(MethodKind kind)
{
    switch (kind) {
    case MethodKind::ClaheOtsu:
        return kInitialMaskColour;
    case MethodKind::KMeans:
        return kKMeansColour;
    case MethodKind::DepthMap:
        return kDepthMapColour;
    case MethodKind::UNet:
        break;
    }
    return kUNetColour;
}

bool isVariant(const Recipe& recipe, const Method& method)
{
    for (const Method& other : recipe.methods)
        if (other.kind == method.kind)
            return other.id != method.id;
    return false;
}

std::string listed(const std::vector<std::uint64_t>& seeds)
{
    std::string text;
    for (const std::uint64_t seed : seeds)
        text += (text.empty() ? "" : ", ") + std::to_string(seed);
    return text;
}

} // namespace interstice
