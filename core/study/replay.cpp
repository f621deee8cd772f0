// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "study/report.h"
#include "study/study.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace interstice {

namespace {

fs::path recordOf(const fs::path& folder, const std::string& step)
{
    return folder / "steps" / (step + ".json");
}

ReplayedStep compared(const Step& step, const StepRecord& again, const fs::path& recorded)
{
    ReplayedStep replayed { step.id, step.title, false, {} };
    std::error_code ignored;
    if (!fs::exists(recorded, ignored)) {
        replayed.difference = "was never finished";
        return replayed;
    }
    const StepRecord before = stepRecordFromJson(readJsonFile(recorded));
    for (std::size_t i = 0; i < again.outputs.size() && i < before.outputs.size(); ++i)
        if (again.outputs[i].checksum != before.outputs[i].checksum)
            replayed.difference += (replayed.difference.empty() ? "" : ", ") + again.outputs[i].path;
    if (step.kind == "score" && again.result != before.result)
        replayed.difference = "the scores";
    replayed.same = replayed.difference.empty();
    return replayed;
}

/// Whether the recorded study ran on the user's file and not on a phantom.
bool wasFile(const DataSet& set, const Recipe& recipe, const fs::path& folder)
{
    if (const auto recorded = recordedPlaces(folder))
        return std::find(recorded->files.begin(), recorded->files.end(), set.id) != recorded->files.end();
    // Of a study from before places.json: its masks were made, and no phantom for them.
    std::error_code ignored;
    return !set.file.empty() && !fs::exists(recordOf(folder, set.id + ".phantom"), ignored)
        && fs::exists(recordOf(folder, stepId(set.id, referenceMethod(recipe), 0, "mask")), ignored);
}

/// A phantom in the place of a scan that has gone would give other results under the scan's name.
void requireScans(const Recipe& recipe, const fs::path& folder, const StudyPlaces& places)
{
    std::string missing;
    for (const DataSet& set : recipe.dataSets)
        if (wasFile(set, recipe, folder) && !scanIsThere(places, set))
            missing += (missing.empty() ? "" : ", ") + utf8(scanPath(places, set));
    if (!missing.empty())
        throw Error("The study ran on scans that are not there now: " + missing,
            "Put them back, or name with --data the folder that they are in.");
}

/// One after the other takes the place of what has its name.
void takePlace(const fs::path& made, const fs::path& folder)
{
    std::error_code ignored;
    for (const char* part : { "data", "masks", "models", "steps", "tables", "figures", "report.html", "study.json",
             "recipe.json", "places.json" }) {
        if (!fs::exists(made / part, ignored))
            continue;
        if (fs::is_directory(made / part, ignored)) // a file is replaced by the renaming itself
            fs::remove_all(folder / part, ignored);
        fs::rename(made / part, folder / part);
    }
}

} // namespace

std::vector<ReplayedStep> replayStudy(const StudyPlaces& places, bool checkOnly, Task& task)
{
    const fs::path file = places.folder / "recipe.json";
    std::error_code ignored;
    if (!fs::exists(file, ignored))
        throw Error(utf8(places.folder) + " holds no study (there is no recipe.json)",
            "Name the folder that a study was written to with -o.");
    const Recipe recipe = recipeFromJson(readJsonFile(file));
    StudyPlaces scratch { places.folder / "replay", places.data };
    if (scratch.data.empty())
        if (const auto recorded = recordedPlaces(places.folder))
            scratch.data = recorded->data;
    requireScans(recipe, places.folder, scratch);
    fs::remove_all(scratch.folder, ignored);
    std::vector<ReplayedStep> steps;
    try {
        StudyEvents events;
        events.done = [&](const Step& step, const StepRecord& again, bool) {
            steps.push_back(compared(step, again, recordOf(places.folder, step.id)));
        };
        events.failed
            = [&](const FailedStep& step) { steps.push_back({ step.id, step.title, false, "not done: " + step.why }); };
        Task running = task.part(0, checkOnly ? 1 : 0.98);
        const StudyResult result = runStudy(recipe, scratch, running, events);
        if (!checkOnly) {
            if (!result.failed.empty())
                throw Error("The results stay as they were, because " + describeFailures(result)
                        + " (first: " + result.failed.front().title + ")",
                    result.failed.front().why);
            Task writing = task.part(0.98, 1);
            writeReport(result, scratch, writing);
        }
    } catch (...) {
        fs::remove_all(scratch.folder, ignored);
        throw;
    }
    if (!checkOnly)
        takePlace(scratch.folder, places.folder);
    fs::remove_all(scratch.folder, ignored);
    return steps;
}

} // namespace interstice
