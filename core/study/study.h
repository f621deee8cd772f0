// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/plan.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// A step that was not done.
struct FailedStep {
    std::string id;
    std::string title;
    /// What went wrong and what to do about it, or which step it waits for.
    std::string why;
    /// It was not tried, because a step that makes what it needs was not done.
    bool skipped = false;
};

/// All that a study's report says.
struct StudyResult {
    Recipe recipe;
    std::vector<PlannedSet> sets;
    /// In the order of the plan.
    std::vector<StepRecord> records;
    /// In the order of the plan; empty when all went well.
    std::vector<FailedStep> failed;
    /// Steps that this run did; the others were done before.
    std::size_t stepsRun = 0;
    /// Of this run, in seconds.
    double seconds = 0;

    const StepRecord* find(const std::string& stepId) const;
    const PlannedSet* set(const std::string& id) const;
};

/// What a study tells on the way, on the thread that runs it.
struct StudyEvents {
    /// Before a step that is not done yet; `number` counts from 1 over all steps of the plan.
    std::function<void(const Step& step, std::size_t number, std::size_t steps)> begun;
    /// After every step, `reused` when it had been done before.
    std::function<void(const Step& step, const StepRecord& record, bool reused)> done;
    /// After every step that could not be done.
    std::function<void(const FailedStep& step)> failed;
};

/// Does what is not done yet, in order, and keeps recipe.json and places.json in the folder. Stopped or killed at any
/// moment, the next run goes on where this one ended; a training goes on from its last epoch. A step that fails costs what
/// needs its outputs and nothing else, and the next run tries it again. Throws Error, naming the step, when the disk is
/// full.
StudyResult runStudy(const Recipe& recipe, const StudyPlaces& places, Task& task, const StudyEvents& events = {});
/// "2 of 30 steps failed, and 5 that need what those make were left out"; empty when none did.
std::string describeFailures(const StudyResult& result);

/// What places.json of a study's folder keeps of the user's scans, which recipe.json does not say.
struct RecordedPlaces {
    /// Where they were looked for; absolute.
    std::filesystem::path data;
    /// Ids of the data sets that were found there.
    std::vector<std::string> files;
};
/// Nothing when the folder has no places.json. Throws Error when it is damaged.
std::optional<RecordedPlaces> recordedPlaces(const std::filesystem::path& folder);
/// Where a recipe's files are when nobody says so: for the recipe.json of a study's folder where that study looked for
/// them, for any other recipe the folder it lies in.
std::filesystem::path dataFolderOf(const std::filesystem::path& recipe);

struct StudyEstimate {
    /// Memory of the hungriest step; seconds of all that are not done.
    Cost cost;
    /// Of the files that will be written.
    std::uint64_t diskBytes = 0;
    std::size_t steps = 0;
    std::size_t finished = 0;
    /// Seconds of what is not done by the kind of step: phantom, prepare, mask, train, predict, score, and sweep for the
    /// trainings of the grid.
    std::map<std::string, double> secondsOf;
};
/// What is left to do and what it needs. The speed of trainings and predictions is measured with a small step or tile.
StudyEstimate estimateStudy(const Recipe& recipe, const StudyPlaces& places, Task& task);
/// The estimate as a sentence or two, with what takes most of the time and what to do when memory does not suffice.
std::string describeStudyCost(const StudyEstimate& estimate);

/// One step done again for comparison.
struct ReplayedStep {
    std::string id;
    std::string title;
    /// Outputs, and results that are no files (scores), are the same.
    bool same = false;
    /// What differs; empty when nothing does.
    std::string difference;
};
/// Runs the recorded study of a folder again from nothing in <folder>/replay and compares every output's checksum and
/// every score with what is recorded. With `checkOnly` what was made is removed afterwards; otherwise it takes the place of
/// what was there, report and tables included. Scans are looked for where the study found them unless `places.data` says
/// otherwise. Throws Error when the folder holds no study, when a scan that it ran on is not there now (no phantom takes
/// its place), and when results that are to take the others' place are not complete.
std::vector<ReplayedStep> replayStudy(const StudyPlaces& places, bool checkOnly, Task& task);

} // namespace interstice
