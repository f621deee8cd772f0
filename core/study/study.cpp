// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/study.h"

#include "base/error.h"
#include "base/file.h"
#include "study/methods.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace fs = std::filesystem;

namespace interstice {

namespace {

/// Seconds that steps are thought to take: the bar of progress moves by them.
std::vector<double> weightsOf(const Plan& plan)
{
    std::vector<double> weights;
    for (const Step& step : plan.steps) {
        // Trainings and predictions state operations; 50 billion a second is what two cores do.
        const double seconds = step.cost.seconds >= 0 ? step.cost.seconds : step.cost.operations / 5e10;
        weights.push_back(std::max(seconds, 0.05));
    }
    return weights;
}

std::uint64_t bytesOf(const Plan& plan, const Step& step)
{
    const PlannedSet* set = plan.find(step.dataSet);
    const auto voxels = static_cast<std::uint64_t>(set ? set->shape.voxels() : 0);
    if (step.kind == "phantom" || step.kind == "prepare")
        return voxels * bytesOf(set ? set->scalar : Scalar::U16) + voxels / 20;
    if (step.kind == "train")
        return step.options.contains("architecture")
            ? 4 * static_cast<std::uint64_t>(architectureFromJson(step.options["architecture"]).parameters())
            : 0;
    return step.kind == "score" ? 0 : voxels / 20; // masks are packed
}

/// Inputs that an unfinished step is still to make.
bool waits(const Step& step, const std::vector<fs::path>& toBeMade)
{
    return std::any_of(step.inputs.begin(), step.inputs.end(),
        [&](const fs::path& input) { return std::find(toBeMade.begin(), toBeMade.end(), input) != toBeMade.end(); });
}

/// Kinds of steps and what people call them.
constexpr std::array<std::pair<const char*, const char*>, 7> kPartsOfCost
    = { { { "phantom", "phantoms" }, { "prepare", "cropping" }, { "mask", "masks" }, { "train", "trainings" },
        { "sweep", "sweep" }, { "predict", "predictions" }, { "score", "scores" } } };

/// Floating-point operations a second of each method's network, measured once where network, device and block are the same.
class SpeedOfLearning {
public:
    double training(const Method& method, const SplitOptions& split, Task& task)
    {
        const TrainOptions options = trainOptionsFor(method, split, 1);
        const Json key = { "train", toJson(options.architecture), toJson(options.split)["tile"],
            toJson(options.split)["context"], options.split.chunk, options.batch, options.device, options.threads };
        // A backward pass costs twice a forward pass.
        return known(key, 3 * options.architecture.flopsPerVoxel(), [&] { return measureTrainingSpeed(options, task); });
    }

    double prediction(const Method& method, const SplitOptions& split, Task& task)
    {
        const ArchitectureSpec architecture = trainOptionsFor(method, split, 1).architecture;
        const PredictOptions options = predictOptionsFor(method);
        const Json key = { "predict", toJson(architecture), options.device, options.threads };
        return known(key, architecture.flopsPerVoxel(), [&] { return measurePredictionSpeed(architecture, options, task); });
    }

private:
    template <class Measure> double known(const Json& key, double operationsPerVoxel, const Measure& voxelsPerSecond)
    {
        const auto [place, isNew] = m_speeds.try_emplace(key.dump(), 0);
        if (isNew)
            place->second = operationsPerVoxel * voxelsPerSecond();
        return place->second;
    }

    std::map<std::string, double> m_speeds;
};

} // namespace

const StepRecord* StudyResult::find(const std::string& stepId) const
{
    const auto found = std::find_if(records.begin(), records.end(), [&](const StepRecord& one) { return one.id == stepId; });
    return found == records.end() ? nullptr : &*found;
}

const PlannedSet* StudyResult::set(const std::string& id) const
{
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const PlannedSet& one) { return one.set.id == id; });
    return found == sets.end() ? nullptr : &*found;
}

StudyResult runStudy(const Recipe& recipe, const StudyPlaces& places, Task& task, const StudyEvents& events)
{
    const auto started = std::chrono::steady_clock::now();
    const Plan plan = makePlan(recipe, places);
    StepRunner runner(places.folder);
    writeJsonFile(places.folder / "recipe.json", toJson(recipe));
    StudyResult result;
    result.recipe = recipe;
    result.sets = plan.sets;
    const std::vector<double> weights = weightsOf(plan);
    double whole = 0;
    for (const double weight : weights)
        whole += weight;
    double done = 0;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const Step& step = plan.steps[i];
        task.throwIfStopped();
        Task part = task.part(done / whole, (done + weights[i]) / whole);
        done += weights[i];
        part.progress(0, step.title);
        auto record = runner.finished(step);
        const bool reused = record.has_value();
        if (!reused) {
            if (events.begun)
                events.begun(step, i + 1, plan.steps.size());
            try {
                record = runner.run(step, part);
            } catch (const Error& problem) {
                throw Error(step.title + " failed: " + problem.happened(), problem.remedy());
            }
            ++result.stepsRun;
        }
        if (events.done)
            events.done(step, *record, reused);
        result.records.push_back(std::move(*record));
    }
    task.progress(1, "Done");
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return result;
}

StudyEstimate estimateStudy(const Recipe& recipe, const StudyPlaces& places, Task& task)
{
    const Plan plan = makePlan(recipe, places);
    // An estimate makes no folder: without one nothing is done yet.
    std::error_code ignored;
    std::optional<StepRunner> runner;
    if (fs::exists(places.folder / "steps", ignored))
        runner.emplace(places.folder);
    StudyEstimate estimate;
    estimate.cost.seconds = 0;
    SpeedOfLearning speed;
    std::vector<fs::path> toBeMade;
    for (const Step& step : plan.steps) {
        task.throwIfStopped();
        ++estimate.steps;
        if (runner && !waits(step, toBeMade) && runner->finished(step)) {
            ++estimate.finished;
            continue;
        }
        toBeMade.insert(toBeMade.end(), step.outputs.begin(), step.outputs.end());
        estimate.cost.ramBytes = std::max(estimate.cost.ramBytes, step.cost.ramBytes);
        estimate.cost.gpuBytes = std::max(estimate.cost.gpuBytes, step.cost.gpuBytes);
        estimate.cost.operations += step.cost.operations;
        estimate.diskBytes += bytesOf(plan, step);
        double seconds = std::max(step.cost.seconds, 0.0);
        if (step.kind == "train" || step.kind == "predict") {
            const auto method = std::find_if(
                recipe.methods.begin(), recipe.methods.end(), [&](const Method& one) { return one.id == step.method; });
            seconds = step.cost.operations
                / (step.kind == "train" ? speed.training(*method, recipe.split, task)
                                        : speed.prediction(*method, recipe.split, task));
        }
        estimate.cost.seconds += seconds;
        estimate.secondsOf[step.id.starts_with(kGridStep) ? "sweep" : step.kind] += seconds;
    }
    return estimate;
}

std::string describeStudyCost(const StudyEstimate& estimate)
{
    if (estimate.finished == estimate.steps)
        return "All " + std::to_string(estimate.steps) + " steps are done already; running makes the report again.";
    std::string text = std::to_string(estimate.steps - estimate.finished) + " of " + std::to_string(estimate.steps)
        + " steps to do: about " + formatDuration(estimate.cost.seconds);
    std::string parts;
    for (const auto& [kind, word] : kPartsOfCost) {
        const auto part = estimate.secondsOf.find(kind);
        if (part != estimate.secondsOf.end() && part->second > 0.05 * estimate.cost.seconds)
            parts += (parts.empty() ? "" : ", ") + std::string(word) + ' ' + formatDuration(part->second);
    }
    if (!parts.empty())
        text += " (" + parts + ")";
    text += "; " + formatBytes(estimate.cost.ramBytes) + " of memory (" + formatBytes(memoryState().available)
        + " are free), "
        + (estimate.cost.gpuBytes > 0 ? formatBytes(estimate.cost.gpuBytes) + " on the GPU, " : std::string())
        + formatBytes(estimate.diskBytes) + " of disk.";
    if (estimate.cost.ramBytes > memoryState().available)
        text += " That does not fit: choose a smaller preset or size.";
    return text;
}

namespace {

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

} // namespace

std::vector<ReplayedStep> replayStudy(const StudyPlaces& places, bool checkOnly, Task& task)
{
    const fs::path file = places.folder / "recipe.json";
    std::error_code ignored;
    if (!fs::exists(file, ignored))
        throw Error(utf8(places.folder) + " holds no study (there is no recipe.json)",
            "Name the folder that a study was written to with -o.");
    const Recipe recipe = recipeFromJson(readJsonFile(file));
    const fs::path scratch = places.folder / "replay";
    fs::remove_all(scratch, ignored);
    std::vector<ReplayedStep> steps;
    try {
        StudyEvents events;
        events.done = [&](const Step& step, const StepRecord& again, bool) {
            steps.push_back(compared(step, again, places.folder / "steps" / (step.id + ".json")));
        };
        runStudy(recipe, { scratch, places.data }, task, events);
    } catch (...) {
        fs::remove_all(scratch, ignored);
        throw;
    }
    if (!checkOnly) {
        for (const char* part : { "data", "masks", "models", "steps" }) {
            if (!fs::exists(scratch / part, ignored))
                continue;
            fs::remove_all(places.folder / part, ignored);
            fs::rename(scratch / part, places.folder / part);
        }
    }
    fs::remove_all(scratch, ignored);
    return steps;
}

} // namespace interstice
