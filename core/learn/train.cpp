// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/train.h"

#include "base/allocator.h"
#include "base/file.h"
#include "learn/devices.h"
#include "learn/torch_border.h"
#include "learn/training.h"

#include <cmath>
#include <thread>

namespace fs = std::filesystem;

namespace interstice {

namespace {

void requireSensible(const TrainOptions& options)
{
    const auto refuse = [](const std::string& what, const std::string& remedy) { throw Error(what, remedy); };
    if (options.epochs < 1)
        refuse("The number of epochs must be at least 1", "The study's is 100.");
    if (options.batch < 1)
        refuse("The batch must be at least 1", "The study's is 4.");
    if (options.accumulate < 1)
        refuse("A step cannot be computed in fewer than 1 part", "Leave --accumulate at 1, or choose more for less memory.");
    if (!(options.learningRate > 0) || !std::isfinite(options.learningRate))
        refuse("The learning rate must be above 0", "The study's is 1e-4.");
    if (!(options.clipNorm >= 0) || options.patience < 0 || !(options.checkpointSeconds >= 0))
        refuse("Clipping, patience and the time between checkpoints cannot be negative", "Choose 0 to do without them.");
    if (!(options.rankTimeout >= 1 && options.rankTimeout <= 86400))
        refuse("The time-out of ranks must be between 1 second and a day", "90 seconds suit most machines.");
    const auto classes = static_cast<std::size_t>(options.architecture.classes);
    bool good = options.classWeights.empty() || options.classWeights.size() == classes;
    for (const double weight : options.classWeights)
        good = good && weight >= 0 && std::isfinite(weight);
    if (!good)
        refuse("There must be one weight of 0 or more for each of the " + std::to_string(classes) + " classes",
            "Write them with commas, background first, or leave them out.");
}

/// Runs one rank to its end and lets the others know when it fails.
TrainResult runRank(const TrainingData& data, const TrainOptions& options, const fs::path& model, const std::string& device,
    const RankPlace& place, Task& task, const EpochHandler& epochFinished, const StepHandler& stepDone)
{
    if (place.alone())
        return Training(data, options, model, device, nullptr, task).run(epochFinished, stepDone);
    RankGroup group(place, device, options.rankTimeout);
    try {
        return Training(data, options, model, device, &group, task).run(epochFinished, stepDone);
    } catch (const RankLost&) {
        throw;
    } catch (const Stopped&) {
        throw; // all agreed to it
    } catch (const Error& error) {
        group.leave(error.happened());
        throw;
    } catch (const std::exception& problem) {
        if (RankGroup::isAboutConnections(problem))
            throw group.whoIsMissing(problem.what());
        group.leave(firstLine(problem.what()));
        throw;
    }
}

int threadsOfRank(int threads, int ranksHere)
{
    const int all = threads > 0 ? threads : usableCores();
    return std::max(1, all / std::max(1, ranksHere));
}

/// Ranks as threads of this process, this one the first.
TrainResult runThreads(const TrainingData& data, const TrainOptions& options, const fs::path& model, int ranks, Task& task,
    const EpochHandler& epochFinished, const StepHandler& stepDone)
{
    RankPlace place;
    place.meeting = RankPlace::Meeting::Threads;
    place.world = place.localWorld = ranks;
    place.threads = makeThreadMeeting();
    const int threads = threadsOfRank(options.threads, ranks);
    std::vector<std::exception_ptr> problems(static_cast<std::size_t>(ranks));
    std::vector<TrainResult> results(static_cast<std::size_t>(ranks));
    const auto work = [&](int rank, Task& own) {
        const auto at = static_cast<std::size_t>(rank);
        RankPlace here = place;
        here.rank = here.localRank = rank;
        setLearnThreads(threads); // counts for new teams of this thread
        try {
            results[at] = runRank(data, options, model, "cpu", here, own, rank == 0 ? epochFinished : EpochHandler(),
                rank == 0 ? stepDone : StepHandler());
        } catch (...) {
            problems[at] = std::current_exception();
        }
    };
    std::vector<Task> silent(static_cast<std::size_t>(ranks));
    std::vector<std::thread> others;
    for (int rank = 1; rank < ranks; ++rank)
        others.emplace_back(work, rank, std::ref(silent[static_cast<std::size_t>(rank)]));
    work(0, task);
    for (auto& thread : others)
        thread.join();
    // The rank that failed of itself tells more than those that lost it.
    std::exception_ptr told;
    for (const auto& problem : problems) {
        if (!problem)
            continue;
        try {
            std::rethrow_exception(problem);
        } catch (const RankLost&) {
            if (!told)
                told = problem;
        } catch (...) {
            std::rethrow_exception(problem);
        }
    }
    if (told)
        std::rethrow_exception(told);
    return results.front();
}

} // namespace

fs::path checkpointPath(const fs::path& model)
{
    fs::path path = model;
    path += ".checkpoint";
    return path;
}

fs::path lastModelPath(const fs::path& model)
{
    return model.parent_path() / (model.stem().string() + "_last" + model.extension().string());
}

TrainResult train(const VolumeSource& raw, const VolumeSource& truth, const TrainOptions& options, const fs::path& model,
    Task& task, const EpochHandler& epochFinished, const RankPlace& place, const StepHandler& stepDone)
{
    requireSameShape(raw, truth);
    requireSensible(options);
    const auto devices = parseDevices(options.device);
    const bool threads = place.alone() && devices.size() > 1;
    if (threads && std::any_of(devices.begin(), devices.end(), [](const auto& name) { return name != "cpu"; }))
        throw Error("Training on " + options.device + " takes a process for each GPU",
            "Start it with interstice-cli train --devices " + options.device + ", or choose one device.");
    const std::string device
        = threads ? "cpu" : resolveDevice(place.alone() ? devices.front() : deviceOfRank(devices, place, gpuCount()));
    // A folder that cannot be written to is said before the first hour, not after it.
    std::optional<PendingFile> probe;
    if (place.rank == 0)
        probe.emplace(model);
    setLearnThreads(threadsOfRank(options.threads, place.localWorld));
    TrainResult result = atTorchBorder("Training", [&] {
        const TrainingData data(raw, truth, options, task);
        if (threads)
            return runThreads(data, options, model, static_cast<int>(devices.size()), task, epochFinished, stepDone);
        return runRank(data, options, model, device, place, task, epochFinished, stepDone);
    });
    if (threads) {
        setLearnThreads(options.threads);
        result.device = options.device;
    }
    returnFreeMemory();
    return result;
}

} // namespace interstice
