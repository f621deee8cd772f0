// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/study.h"

#include "base/error.h"
#include "base/file.h"
#include "base/write_error.h"
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

/// Files that are not made, each with the title of the step that is to blame.
using Unmade = std::map<fs::path, std::string>;

/// The step to blame for an input that is not made; null when all are there.
const std::string* missingFor(const Step& step, const Unmade& unmade)
{
    for (const fs::path& input : step.inputs)
        if (const auto found = unmade.find(input); found != unmade.end())
            return &found->second;
    return nullptr;
}

void addOutputs(Unmade& unmade, const Step& step, const std::string& toBlame)
{
    for (const fs::path& output : step.outputs)
        unmade.emplace(output, toBlame);
}

/// The disk itself is asked too, for what writes by a library. Going on would only make every step fail.
bool isDiskFull(const Error& problem, const fs::path& folder)
{
    constexpr std::uint64_t kLeast = 20'000'000;
    std::error_code unknown;
    const fs::space_info space = fs::space(folder, unknown);
    const auto* writing = dynamic_cast<const WriteError*>(&problem);
    return (writing && writing->diskFull()) || (!unknown && space.available < kLeast);
}

fs::path placesPath(const fs::path& folder)
{
    return folder / "places.json";
}

void recordPlaces(const Plan& plan, const StudyPlaces& places)
{
    Json files = Json::array();
    for (const PlannedSet& set : plan.sets)
        if (set.origin == PlannedSet::Origin::File)
            files.push_back(set.set.id);
    // Without a data folder names count from the working directory.
    const fs::path data = fs::absolute(places.data.empty() ? fs::current_path() : places.data).lexically_normal();
    writeJsonFile(placesPath(places.folder), Json { { "data", utf8(data) }, { "files", files } });
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
    recordPlaces(plan, places);
    StudyResult result;
    result.recipe = recipe;
    result.sets = plan.sets;
    const std::vector<double> weights = weightsOf(plan);
    double whole = 0;
    for (const double weight : weights)
        whole += weight;
    double done = 0;
    Unmade unmade;
    const auto leaveOut = [&](const Step& step, const FailedStep& failed, const std::string& toBlame) {
        addOutputs(unmade, step, toBlame);
        result.failed.push_back(failed);
        if (events.failed)
            events.failed(failed);
    };
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const Step& step = plan.steps[i];
        task.throwIfStopped();
        Task part = task.part(done / whole, (done + weights[i]) / whole);
        done += weights[i];
        part.progress(0, step.title);
        if (const std::string* toBlame = missingFor(step, unmade)) {
            leaveOut(step, { step.id, step.title, "It needs what “" + *toBlame + "” was to make.", true }, *toBlame);
            continue;
        }
        std::optional<StepRecord> record;
        bool reused = false;
        try {
            record = runner.finished(step);
            reused = record.has_value();
            if (!reused) {
                if (events.begun)
                    events.begun(step, i + 1, plan.steps.size());
                record = runner.run(step, part);
                ++result.stepsRun;
            }
        } catch (const Error& problem) {
            if (isDiskFull(problem, places.folder))
                throw Error(step.title + " failed: " + problem.happened(), problem.remedy());
            leaveOut(step, { step.id, step.title, problem.what(), false }, step.title);
            continue;
        }
        if (events.done)
            events.done(step, *record, reused);
        result.records.push_back(std::move(*record));
    }
    task.progress(1, "Done");
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return result;
}

std::string describeFailures(const StudyResult& result)
{
    if (result.failed.empty())
        return {};
    const auto skipped
        = std::count_if(result.failed.begin(), result.failed.end(), [](const FailedStep& step) { return step.skipped; });
    const std::size_t tried = result.failed.size() - static_cast<std::size_t>(skipped);
    std::string text
        = std::to_string(tried) + " of " + std::to_string(result.records.size() + result.failed.size()) + " steps failed";
    if (skipped > 0)
        text += ", and " + std::to_string(skipped)
            + (skipped == 1 ? " that needs what those make was left out" : " that need what those make were left out");
    return text;
}

std::optional<RecordedPlaces> recordedPlaces(const fs::path& folder)
{
    std::error_code ignored;
    if (!fs::exists(placesPath(folder), ignored))
        return std::nullopt;
    const Json json = readJsonFile(placesPath(folder));
    try {
        return RecordedPlaces { json.at("data").get<std::string>(), json.at("files").get<std::vector<std::string>>() };
    } catch (const Json::exception& problem) {
        throw Error(utf8(placesPath(folder)) + " is damaged (" + problem.what() + ")",
            "Delete it, and say with --data where the scans are.");
    }
}

fs::path dataFolderOf(const fs::path& recipe)
{
    const fs::path folder = fs::absolute(recipe).parent_path();
    if (recipe.filename() == "recipe.json")
        if (const auto recorded = recordedPlaces(folder))
            return recorded->data;
    return folder;
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
    Unmade toBeMade;
    for (const Step& step : plan.steps) {
        task.throwIfStopped();
        ++estimate.steps;
        if (runner && !missingFor(step, toBeMade) && runner->finished(step)) {
            ++estimate.finished;
            continue;
        }
        addOutputs(toBeMade, step, step.title);
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

} // namespace interstice
