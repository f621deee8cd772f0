// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/plan.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace interstice {

/// All that a study's report says.
struct StudyResult {
    Recipe recipe;
    std::vector<PlannedSet> sets;
    /// In the order of the plan.
    std::vector<StepRecord> records;
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
};

/// Does what is not done yet, in order, and keeps recipe.json in the folder. Stopped or killed at any moment, the next run
/// goes on where this one ended; a training goes on from its last epoch. Throws Error, naming the step that failed.
StudyResult runStudy(const Recipe& recipe, const StudyPlaces& places, Task& task, const StudyEvents& events = {});

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
/// what was there. Throws Error when the folder holds no study.
std::vector<ReplayedStep> replayStudy(const StudyPlaces& places, bool checkOnly, Task& task);

} // namespace interstice
