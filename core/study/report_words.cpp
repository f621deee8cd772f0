// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/cost.h"
#include "learn/architecture.h"
#include "study/methods.h"
#include "study/report.h"

#include <algorithm>

namespace interstice {

namespace {

std::string number(double value)
{
    return Json(value).dump();
}

std::string range(double low, double high, int decimals)
{
    const std::string from = fixed(low, decimals);
    const std::string to = fixed(high, decimals);
    return from == to ? from : from + " to " + to;
}

std::string sentence(std::string text)
{
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text + ".";
}

/// Data sets where some U-Net, and where some other method, has a Dice against the truth.
struct Contest {
    int sets = 0;
    int won = 0;
    double lowDice = 1;
    double highDice = 0;
    double lowDistance = 1e9;
    double highDistance = 0;
    double lowOther = 1;
    double highOther = 0;
    std::string winner;
};

Contest contestOf(const StudyResult& result, const std::vector<ScoreRow>& rows)
{
    Contest contest;
    for (const PlannedSet& set : result.sets) {
        const ScoreRow* network = nullptr;
        const ScoreRow* other = nullptr;
        for (const ScoreRow& row : rows) {
            if (row.set->set.id != set.set.id || row.ofTruth("dice").n == 0)
                continue;
            const ScoreRow*& best = row.method->kind == MethodKind::UNet ? network : other;
            if (!best || row.ofTruth("dice").mean > best->ofTruth("dice").mean)
                best = &row;
        }
        if (!network || !other)
            continue;
        const double dice = network->ofTruth("dice").mean;
        const double distance = network->ofTruth("assd_voxels").mean;
        const double rival = other->ofTruth("dice").mean;
        ++contest.sets;
        contest.won += dice > rival ? 1 : 0;
        contest.winner = network->method->title;
        contest.lowDice = std::min(contest.lowDice, dice);
        contest.highDice = std::max(contest.highDice, dice);
        contest.lowDistance = std::min(contest.lowDistance, distance);
        contest.highDistance = std::max(contest.highDistance, distance);
        contest.lowOther = std::min(contest.lowOther, rival);
        contest.highOther = std::max(contest.highOther, rival);
    }
    return contest;
}

std::string imitationSentence(const Recipe& recipe, const std::vector<ScoreRow>& rows)
{
    for (const ScoreRow& row : rows) {
        if (row.method->kind != MethodKind::UNet || row.method->labels != "otsu" || row.ofTruth("dice").n == 0)
            continue;
        return "A U-Net that learned from the " + referenceMethod(recipe).title
            + (recipe.reference.empty() ? " mask, as the study's did," : " mask") + " agrees with such a mask to a Dice of "
            + shown(row.ofOtsu("dice"), 3) + " and with the exact truth to " + shown(row.ofTruth("dice"), 3) + " ("
            + row.set->label() + "): a network is as good as what it learns from.";
    }
    return {};
}

} // namespace

std::vector<std::string> summarySentences(const StudyResult& result)
{
    const std::vector<ScoreRow> rows = scoreRows(result);
    std::vector<std::string> sentences;
    if (!result.failed.empty())
        sentences.push_back(describeFailures(result) + ": what follows is from the others.");
    const Contest contest = contestOf(result, rows);
    if (contest.sets > 0)
        sentences.push_back("Against the exact truth the U-Net has the highest Dice on " + std::to_string(contest.won)
            + " of " + std::to_string(contest.sets) + (contest.sets == 1 ? " data set" : " data sets") + ": "
            + range(contest.lowDice, contest.highDice, 3) + ", its surface "
            + range(contest.lowDistance, contest.highDistance, 2)
            + " voxels off on average; the best method without training reaches "
            + range(contest.lowOther, contest.highOther, 3) + ".");
    if (const std::string imitation = imitationSentence(result.recipe, rows); !imitation.empty())
        sentences.push_back(imitation);
    int absent = 0;
    int inPlace = 0;
    for (const PlannedSet& set : result.sets) {
        absent += set.origin == PlannedSet::Origin::Absent ? 1 : 0;
        inPlace += set.origin == PlannedSet::Origin::PhantomInPlace ? 1 : 0;
    }
    if (inPlace > 0)
        sentences.push_back(std::to_string(inPlace) + (inPlace == 1 ? " scan was" : " scans were")
            + " not there: phantoms of the same kind ran in their place and are labelled so.");
    if (absent > 0)
        sentences.push_back(std::to_string(absent) + (absent == 1 ? " data set is" : " data sets are")
            + " not available and appear in the list of data sets alone.");
    double seconds = 0;
    std::uint64_t peak = 0;
    for (const StepRecord& record : result.records) {
        seconds += record.seconds;
        peak = std::max(peak, record.peakBytes);
    }
    sentences.push_back(std::to_string(result.records.size()) + " steps took " + formatDuration(seconds)
        + " of computing and at most " + formatBytes(peak) + " of memory.");
    return sentences;
}

std::vector<std::string> methodsParagraphs(const StudyResult& result)
{
    std::vector<std::string> paragraphs;
    std::string data = "Data. ";
    for (const PlannedSet& set : result.sets) {
        if (!set.usable())
            continue;
        data += set.label() + ": " + std::to_string(set.shape.x) + " × " + std::to_string(set.shape.y) + " × "
            + std::to_string(set.shape.z) + " voxels (X × Y × Z)";
        if (set.origin != PlannedSet::Origin::File)
            data
                += " of " + number(set.set.phantom->voxelMicrometres) + " µm, seed " + std::to_string(set.set.phantom->seed);
        data += "; ";
    }
    data.replace(data.size() - 2, 2, ". ");
    std::vector<PhantomRequest> phantoms;
    for (const PlannedSet& set : result.sets)
        if (set.usable() && set.origin != PlannedSet::Origin::File)
            phantoms.push_back(*set.set.phantom);
    paragraphs.push_back(data + describePhantoms(phantoms));

    std::string reference = "References. Masks are scored against the exact truth where there is one, and against "
        + std::string(result.recipe.reference.empty() ? "the study's reference: " : "this recipe's reference: ")
        + describeMethod(referenceMethod(result.recipe)) + ".";
    paragraphs.push_back(reference);

    std::string methods = "Methods. ";
    for (const Method& method : result.recipe.methods)
        methods += method.title + ": " + describeMethod(method) + (method.dataSets.empty() ? "" : " (not on all data sets)")
            + (&method == &result.recipe.methods.back() ? ". " : "; ");
    paragraphs.push_back(methods);

    const SplitOptions& split = result.recipe.split;
    std::string guard = "half of how far the network sees, at most half a block's depth and a quarter of its side";
    if (split.guard.z >= 0)
        guard = std::to_string(split.guard.z) + ", " + std::to_string(split.guard.y) + " and "
            + std::to_string(split.guard.x) + " voxels (z, y, x)";
    std::string splitting = "Split. " + number(100 * split.trainFraction) + " % of a volume train, as whole blocks of "
        + std::to_string(split.chunk) + " slices of " + std::to_string(split.tile) + " × " + std::to_string(split.tile)
        + " voxels, drawn with the repeat's seed and spread over z; " + number(split.validationShare)
        + " validation blocks for each training block choose the best epoch. Around both lies a guard of " + guard
        + ". All other voxels are test voxels; every method is scored on them and on no others. Seeds: "
        + listed(result.recipe.seeds)
        + "; blocks, weights, the order of blocks, turns and K-means' starts follow from them.";
    paragraphs.push_back(splitting);

    paragraphs.push_back("Scores. Dice 2|P∩T| / (|P| + |T|), IoU, precision and recall count voxels. Surface distances are "
                         "Euclidean, from exact distance maps: from each surface voxel of one mask to the nearest of the "
                         "other, both ways; their mean over both directions, and the larger of the two 95th percentiles "
                         "(HD95). Spread is the standard deviation over repeats (n − 1).");
    std::string versions = "Software. ";
    std::vector<std::string> seen;
    for (const StepRecord& record : result.records) {
        std::string text;
        for (const auto& [name, version] : record.versions.items())
            text += (text.empty() ? "" : ", ") + (name == "interstice" ? "Interstice " : std::string())
                + version.get<std::string>();
        if (std::find(seen.begin(), seen.end(), text) == seen.end())
            seen.push_back(text);
    }
    for (const auto& text : seen)
        versions += (&text == &seen.front() ? "" : "; ") + text;
    if (!seen.empty())
        paragraphs.push_back(sentence(versions));
    return paragraphs;
}

} // namespace interstice
