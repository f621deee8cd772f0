// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/error.h"
#include "learn/model_file.h"
#include "learn/split_use.h"
#include "measure/scores.h"
#include "measure/surface_distance.h"
#include "morphology/components.h"

#include <algorithm>
#include <cstdio>
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
    std::string memory;
    bool noSurfaces = false;
    bool estimate = false;
};

struct ScoredMask {
    std::string file;
    ScoreResult overlap;
    SurfaceResult surfaces;
    std::uint64_t objects = 0;
};

/// Overlap, surface distances and the number of objects.
ScoredMask scoreOne(const std::string& file, const VolumeSource& mask, const VolumeSource& truth,
    const ScoreOptions& options, const SurfaceOptions& surfaces, bool withSurfaces, Task& task)
{
    Task overlapping = task.part(0, withSurfaces ? 0.2 : 1);
    ScoredMask scored { file, score(mask, truth, options, overlapping), {}, 0 };
    if (withSurfaces) {
        Task measuring = task.part(0.2, 0.9);
        scored.surfaces = surfaceDistances(mask, truth, surfaces, measuring);
        Task counting = task.part(0.9, 1);
        scored.objects = countComponents(mask, {}, counting).objects;
    }
    return scored;
}

std::string distanceText(const std::optional<double>& distance)
{
    char text[32];
    std::snprintf(text, sizeof text, "%8.2f", distance.value_or(0));
    return distance ? text : "       -";
}

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
    Findings findings;
    SourcePtr truth = openMaskFor(console, arguments.files.back(), arguments.foreground);
    if (!arguments.testOf.empty()) {
        const ModelCard card = readModelCard(arguments.testOf);
        if (card.split.volume != truth->shape())
            throw Error(arguments.testOf + " was trained on a volume of " + describe(card.split.volume) + ", and "
                    + truth->name() + " is " + describe(truth->shape()),
                "Leave --test-of away: on another stack every voxel is a test voxel.");
        if (!leavesTest(card.split))
            throw Error(std::string("There is nothing to score: ") + kNothingToTest,
                "Leave --test-of away to score all voxels, or train on fewer slabs.");
        options.exclude = card.split.excluded();
        if (const auto seen = testSeesBlocks(card.split, card.architecture))
            findings.push_back(*seen);
    }
    Json scores = Json::array();
    SurfaceOptions surfaces;
    surfaces.exclude = options.exclude;
    if (!arguments.memory.empty())
        surfaces.memory = parseBytes(arguments.memory);
    if (arguments.estimate)
        return showEstimate(console, estimateSurfaceDistances(truth->shape(), surfaces));
    std::vector<ScoredMask> rows;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const SourcePtr mask = openMaskFor(console, masks[i], arguments.maskForeground);
        Task step = console.task().part(static_cast<double>(i) / static_cast<double>(masks.size()),
            static_cast<double>(i + 1) / static_cast<double>(masks.size()));
        rows.push_back(scoreOne(masks[i], *mask, *truth, options, surfaces, !arguments.noSurfaces, step));
        Json one = toJson(rows.back().overlap);
        if (!arguments.noSurfaces) {
            one.update(toJson(rows.back().surfaces));
            one["objects"] = rows.back().objects;
        }
        one["mask"] = masks[i];
        one["findings"] = toJson(findings);
        one.update(usageOf(console));
        scores.push_back(one);
    }
    if (!arguments.perSlice.empty())
        writeSliceCsv(arguments.perSlice, rows.front().overlap);

    std::size_t width = 4;
    for (const auto& row : rows)
        width = std::max(width, std::filesystem::path(row.file).filename().string().size());
    const bool um = rows.front().surfaces.micrometres.hd95.has_value();
    const std::string unit = um ? "\u00b5m" : "vx";
    console.say(padded("mask", width) + "   Dice    IoU  precision  recall  volume error"
        + (arguments.noSurfaces ? std::string() : "  HD95 " + unit + "  ASSD " + unit + "  objects"));
    for (const auto& row : rows) {
        const Counts& whole = row.overlap.whole;
        char line[160];
        std::snprintf(line, sizeof line, "  %.3f  %.3f      %.3f   %.3f      %+7.1f %%", whole.dice(), whole.iou(),
            whole.precision(), whole.recall(), 100 * whole.volumeError());
        std::string text = padded(std::filesystem::path(row.file).filename().string(), width) + line;
        if (!arguments.noSurfaces) {
            const SurfaceDistance& distance = um ? row.surfaces.micrometres : row.surfaces.voxels;
            std::snprintf(line, sizeof line, "%9llu", static_cast<unsigned long long>(row.objects));
            text += ' ' + distanceText(distance.hd95) + ' ' + distanceText(distance.assd) + line;
        }
        console.say(text);
    }
    const ScoreResult& first = rows.front().overlap;
    if (first.excluded > 0) {
        char line[96];
        std::snprintf(line, sizeof line, "on the %.1f %% of the voxels that the model was not trained or validated on",
            100.0 * static_cast<double>(first.whole.voxels()) / static_cast<double>(truth->shape().voxels()));
        console.say(line);
    }
    console.say(findings);
    console.print(scores.size() == 1 ? scores.front() : Json { { "scores", scores } });
}

} // namespace

void addScore(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand(
        "score", "Dice, IoU, precision, recall, volume error and surface distances of masks against the truth");
    auto a = std::make_shared<ScoreArguments>();
    command->add_option("FILES", a->files, "MASK TRUTH, or several masks and then the truth")->required();
    command->add_option(
        "--foreground", a->foreground, "Label values of the truth that are foreground, like 1,2 (default: all but 0)");
    command->add_option("--mask-foreground", a->maskForeground, "The same for the masks");
    command->add_option("--per-slice", a->perSlice, "Also write a row a slice as CSV");
    command->add_option(
        "--test-of", a->testOf, "Score only voxels outside this model's training, validation and guard blocks");
    command->add_flag("--no-surfaces", a->noSurfaces, "Leave surface distances and objects out: one pass, no distance maps");
    command->add_option("--memory", a->memory, "Memory for a distance map, like 4GiB; beyond it a scratch file is used");
    command->add_flag("--estimate", a->estimate, "Only say what it will need");
    command->callback([a, &action] { action = [a](Console& console) { runScore(console, *a); }; });
}

} // namespace interstice
