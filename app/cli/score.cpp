// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/error.h"
#include "learn/model_file.h"
#include "measure/scores.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

namespace interstice {

namespace {

struct ScoreArguments {
    std::vector<std::string> files;
    std::string foreground;
    std::string maskForeground;
    std::string perSlice;
    std::string testOf;
};

std::string padded(const std::string& text, std::size_t width)
{
    return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

void runScore(Console& console, const ScoreArguments& arguments)
{
    if (arguments.files.size() < 2)
        throw Error("score needs a mask and the truth", "Write: interstice-cli score MASK TRUTH.");
    const std::vector<std::string> masks(arguments.files.begin(), arguments.files.end() - 1);
    if (masks.size() > 1 && !arguments.perSlice.empty())
        throw Error("--per-slice takes one mask at a time", "Score each mask on its own.");
    ScoreOptions options;
    SourcePtr truth = openMaskFor(console, arguments.files.back(), arguments.foreground);
    if (!arguments.testOf.empty()) {
        const ModelCard card = readModelCard(arguments.testOf);
        if (card.split.volume != truth->shape())
            throw Error(arguments.testOf + " was trained on a volume of " + describe(card.split.volume) + ", and "
                    + truth->name() + " is " + describe(truth->shape()),
                "Leave --test-of away: on another stack every voxel is a test voxel.");
        options.exclude = card.split.excluded();
    }
    Json scores = Json::array();
    std::vector<std::pair<std::string, ScoreResult>> rows;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const SourcePtr mask = openMaskFor(console, masks[i], arguments.maskForeground);
        Task step = console.task().part(static_cast<double>(i) / static_cast<double>(masks.size()),
            static_cast<double>(i + 1) / static_cast<double>(masks.size()));
        rows.emplace_back(masks[i], score(*mask, *truth, options, step));
        Json one = toJson(rows.back().second);
        one["mask"] = masks[i];
        scores.push_back(one);
    }
    if (!arguments.perSlice.empty())
        writeSliceCsv(arguments.perSlice, rows.front().second);

    std::size_t width = 4;
    for (const auto& [name, result] : rows)
        width = std::max(width, std::filesystem::path(name).filename().string().size());
    console.say(padded("mask", width) + "   Dice    IoU  precision  recall  volume error");
    for (const auto& [name, result] : rows) {
        const Counts& whole = result.whole;
        char line[128];
        std::snprintf(line, sizeof line, "  %.3f  %.3f      %.3f   %.3f      %+7.1f %%", whole.dice(), whole.iou(),
            whole.precision(), whole.recall(), 100 * whole.volumeError());
        console.say(padded(std::filesystem::path(name).filename().string(), width) + line);
    }
    if (rows.front().second.excluded > 0) {
        char line[96];
        std::snprintf(line, sizeof line, "on the %.1f %% of the voxels that the model was not trained or validated on",
            100.0 * static_cast<double>(rows.front().second.whole.voxels()) / static_cast<double>(truth->shape().voxels()));
        console.say(line);
    }
    console.print(scores.size() == 1 ? scores.front() : Json { { "scores", scores } });
}

} // namespace

void addScore(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("score", "Dice, IoU, precision, recall and volume error of masks against the truth");
    auto a = std::make_shared<ScoreArguments>();
    command->add_option("FILES", a->files, "MASK TRUTH, or several masks and then the truth")->required();
    command->add_option(
        "--foreground", a->foreground, "Label values of the truth that are foreground, like 1,2 (default: all but 0)");
    command->add_option("--mask-foreground", a->maskForeground, "The same for the masks");
    command->add_option("--per-slice", a->perSlice, "Also write a row a slice as CSV");
    command->add_option(
        "--test-of", a->testOf, "Score only voxels outside this model's training, validation and guard blocks");
    command->callback([a, &action] { action = [a](Console& console) { runScore(console, *a); }; });
}

} // namespace interstice
