// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/error.h"
#include "base/file.h"
#include "study/report.h"
#include "study/study_tables.h"

#include <filesystem>
#include <memory>

namespace fs = std::filesystem;

namespace interstice {

namespace {

struct StudyArguments {
    std::string recipe;
    std::string folder;
    std::string data;
    std::vector<std::string> settings;
    bool estimate = false;
};

Recipe openRecipe(const std::string& name)
{
    for (const auto& builtIn : builtInRecipeNames())
        if (name == builtIn)
            return builtInRecipe(name);
    std::error_code ignored;
    if (!fs::exists(name, ignored))
        throw Error("There is no recipe " + name,
            "Choose sample, spheres, round-robin, lorentz or all, or name a JSON file that exists.");
    return recipeFromJson(readJsonFile(name));
}

/// What --data says; empty when it says nothing.
fs::path namedFolder(const std::string& data)
{
    std::error_code ignored;
    if (!data.empty() && !fs::is_directory(data, ignored))
        throw Error("There is no folder " + data, "Name the folder that holds the scans with --data.");
    return data;
}

fs::path dataFolder(const StudyArguments& arguments)
{
    std::error_code ignored;
    const fs::path named = namedFolder(arguments.data);
    return named.empty() && fs::exists(arguments.recipe, ignored) ? dataFolderOf(arguments.recipe) : named;
}

Json toJson(const StudyEstimate& estimate)
{
    return { { "ram_bytes", estimate.cost.ramBytes }, { "gpu_bytes", estimate.cost.gpuBytes },
        { "operations", estimate.cost.operations }, { "seconds", estimate.cost.seconds },
        { "disk_bytes", estimate.diskBytes }, { "steps", estimate.steps }, { "finished", estimate.finished },
        { "seconds_of", estimate.secondsOf } };
}

void sayAbsent(Console& console, const std::vector<PlannedSet>& sets)
{
    for (const PlannedSet& set : sets)
        if (set.origin == PlannedSet::Origin::Absent || set.origin == PlannedSet::Origin::PhantomInPlace)
            console.say(set.set.title + ": " + set.note);
}

void runStudyCommand(Console& console, const StudyArguments& arguments)
{
    Recipe recipe = openRecipe(arguments.recipe);
    for (const auto& setting : arguments.settings)
        applySetting(recipe, setting);
    const StudyPlaces places { fs::absolute(arguments.folder).lexically_normal(), dataFolder(arguments) };
    Task measuring = console.task().part(0, 0);
    const StudyEstimate estimate = estimateStudy(recipe, places, measuring);
    sayAbsent(console, makePlan(recipe, places).sets);
    console.say(describeStudyCost(estimate));
    if (arguments.estimate)
        return console.print(toJson(estimate));
    std::size_t reused = 0;
    StudyEvents events;
    events.begun = [&](const Step& step, std::size_t number, std::size_t steps) {
        console.say("[" + std::to_string(number) + "/" + std::to_string(steps) + "] " + step.title);
    };
    events.done = [&](const Step&, const StepRecord&, bool again) { reused += again ? 1 : 0; };
    events.failed = [&](const FailedStep& step) {
        if (!step.skipped)
            console.say("Failed: " + step.title + ". " + step.why);
    };
    const StudyResult result = runStudy(recipe, places, console.task(), events);
    if (reused > 0)
        console.say(std::to_string(reused) + " steps were done before.");
    const fs::path report = writeReport(result, places, console.task());
    const auto rows = scoreRows(result);
    console.say("");
    if (const auto failed = failedTable(result)) {
        console.say(failed->title + ":");
        console.say(toText(*failed));
    }
    console.say(toText(diceTable(result, rows)));
    console.say(toText(scoreTable(result, rows)));
    for (const std::string& sentence : summarySentences(result))
        console.say(sentence);
    console.say("Wrote " + utf8(report) + " (" + formatDuration(console.seconds()) + ")");
    Json object = readJsonFile(places.folder / "study.json");
    object["report"] = utf8(report);
    object["estimate"] = toJson(estimate);
    object["steps_run"] = result.stepsRun;
    object["seconds"] = console.seconds();
    console.print(object);
    if (!result.failed.empty())
        throw Error(
            describeFailures(result), "The output and " + utf8(report) + " say why; the same command tries them again.");
}

struct ReplayArguments {
    std::string folder;
    std::string data;
    bool check = false;
};

void runReplay(Console& console, const ReplayArguments& arguments)
{
    const StudyPlaces places { fs::absolute(arguments.folder).lexically_normal(), namedFolder(arguments.data) };
    const auto steps = replayStudy(places, arguments.check, console.task());
    std::size_t different = 0;
    Json list = Json::array();
    for (const ReplayedStep& step : steps) {
        different += step.same ? 0 : 1;
        if (!step.same)
            console.say("Differs: " + step.title + " (" + step.difference + ")");
        list.push_back({ { "id", step.id }, { "same", step.same }, { "difference", step.difference } });
    }
    console.say(std::to_string(steps.size()) + " steps run again, "
        + (different == 0 ? "all with the same result." : std::to_string(different) + " with another result."));
    if (!arguments.check)
        console.say("Wrote " + utf8(places.folder / "report.html") + ", its tables and study.json anew.");
    console.print({ { "steps", list }, { "different", different } });
    if (arguments.check && different > 0)
        throw Error(std::to_string(different) + " of " + std::to_string(steps.size()) + " steps gave another result",
            "Compare versions, device and number of threads with those in steps/*.json.");
}

} // namespace

void addStudy(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("study",
        "Run every method on every data set of a recipe: score tables, figures, report.html; resumes where it ended");
    auto a = std::make_shared<StudyArguments>();
    command->add_option("RECIPE", a->recipe, "sample, spheres, round-robin, lorentz, all, or a JSON file")->required();
    command->add_option("-o,--out", a->folder, "Folder for everything")->required();
    command->add_option("--data", a->data, "Folder with the scans (default: the recipe's, or where its study found them)");
    command->add_option("--set", a->settings,
        "KEY=VALUE, several times: seeds, data, methods, preset, epochs, batch, lr, devices, threads, size, projections, "
        "grid (none; study: all of its Table II)");
    command->add_flag("--estimate", a->estimate, "Only say what is left to do and what it will need");
    command->callback([a, &action] { action = [a](Console& console) { runStudyCommand(console, *a); }; });
}

void addReplay(CLI::App& app, Action& action)
{
    auto* command
        = app.add_subcommand("replay", "Run a study's recorded steps again, and put the results in the place of the old");
    auto a = std::make_shared<ReplayArguments>();
    command->add_option("PROJECT", a->folder, "The folder of a study")->required();
    command->add_option("--data", a->data, "Folder with the scans (default: where the study found them)");
    command->add_flag("--check", a->check, "Only compare: run in a folder of its own, and fail when anything differs");
    command->callback([a, &action] { action = [a](Console& console) { runReplay(console, *a); }; });
}

} // namespace interstice
