// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/process_training.h"

#include "base/error.h"
#include "base/file.h"
#include "learn/out_of_memory.h"
#include "learn/rank_processes.h"

#include <QCoreApplication>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace fs = std::filesystem;

namespace interstice {

namespace {

constexpr std::chrono::milliseconds kLook { 300 };

std::string number(double value)
{
    return Json(value).dump();
}

/// Of a switch: what it is on the command line.
std::string truth(bool on)
{
    return on ? "true" : "false";
}

std::vector<std::string> commandOf(const ProcessTraining& t, const fs::path& log)
{
    const TrainOptions& o = t.options;
    const Json network = toJson(o.architecture);
    std::vector<std::string> command { utf8(t.program), "--quiet", "train", utf8(t.raw), utf8(t.truth), "-o", utf8(t.model),
        "--preset", o.architecture.name, "--epochs", std::to_string(o.epochs), "--batch", std::to_string(o.batch), "--lr",
        number(o.learningRate), "--loss", lossName(o.loss), "--schedule", scheduleName(o.schedule), "--patience",
        std::to_string(o.patience), "--augment", describe(o.augment), "--seed", std::to_string(o.seed), "--devices",
        o.device, "--ranks", "processes", "--log", utf8(log), "--precision", precisionName(o.precision), "--accumulate",
        std::to_string(o.accumulate), "--clip", number(o.clipNorm), "--chunk", std::to_string(o.split.chunk), "--tile",
        std::to_string(o.split.tile), "--min-steps", std::to_string(o.minimumSteps), "--norm",
        network.at("norm").get<std::string>(), "--upsampling", network.at("upsampling").get<std::string>(), "--residual",
        truth(o.architecture.residual), "--deep-supervision", truth(o.architecture.deepSupervision) };
    if (o.split.slabs)
        command.insert(command.end(), { "--train-slabs", describe(*o.split.slabs) });
    else
        command.insert(command.end(), { "--train-fraction", number(o.split.trainFraction) });
    if (o.split.narrowGuard)
        command.emplace_back("--narrow-guard");
    if (o.resume)
        command.emplace_back("--resume");
    if (o.architecture.classes > 2)
        command.insert(command.end(), { "--classes", std::to_string(o.architecture.classes) });
    if (!o.classWeights.empty()) {
        command.emplace_back("--class-weights");
        for (const double weight : o.classWeights)
            command.push_back(number(weight));
    }
    if (o.architecture.classes <= 2 && !t.rule.foreground.empty()) {
        std::string values;
        for (const auto value : t.rule.foreground)
            values += (values.empty() ? "" : ",") + std::to_string(value);
        command.insert(command.end(), { "--foreground", values });
    }
    return command;
}

/// Hands on the lines that a log has got, from a thread of its own, until it goes.
class LogReader {
public:
    LogReader(fs::path log, int epochs, Task& task, const EpochHandler& handler)
        : m_log(std::move(log))
        , m_epochs(epochs)
        , m_task(task)
        , m_handler(handler)
        , m_thread([this] {
            while (!m_end) {
                std::this_thread::sleep_for(kLook);
                read();
            }
        })
    {
    }
    ~LogReader()
    {
        m_end = true;
        m_thread.join();
        read();
    }

private:
    void read()
    {
        std::ifstream file(m_log); // rewritten whole after every epoch
        std::size_t line = 0;
        for (std::string text; std::getline(file, text); ++line) {
            if (line < m_read)
                continue;
            const Json json = Json::parse(text, nullptr, false);
            if (!json.is_object())
                break; // half a line; the rest of it comes
            const EpochMetrics metrics = epochMetricsFromJson(json);
            m_task.progress(double(metrics.epoch) / m_epochs,
                "Epoch " + std::to_string(metrics.epoch) + " of " + std::to_string(m_epochs));
            m_handler(metrics);
            ++m_read;
        }
    }

    fs::path m_log;
    int m_epochs;
    Task& m_task;
    const EpochHandler& m_handler;
    std::size_t m_read = 0;
    std::atomic<bool> m_end = false;
    std::thread m_thread;
};

} // namespace

bool needsProcesses(const TrainOptions& options)
{
    const auto devices = parseDevices(options.device);
    if (devices.size() < 2)
        return false;
    const char* wanted = std::getenv("INTERSTICE_RANKS");
    return (wanted && std::string(wanted) == "processes")
        || std::ranges::any_of(devices, [](const std::string& device) { return device != "cpu"; });
}

fs::path commandLineProgram()
{
    const fs::path here = QCoreApplication::applicationDirPath().toStdU16String();
    std::error_code ignored;
    for (const fs::path& at :
        { here / "interstice-cli", here / "../cli/interstice-cli", here / "../app/cli/interstice-cli" })
        if (fs::exists(at, ignored))
            return fs::weakly_canonical(at, ignored);
    throw Error("interstice-cli, which trains on several devices, is not beside the window's program",
        "Install both, or choose one device.");
}

TrainResult trainInProcesses(const ProcessTraining& training, Task& task, const EpochHandler& epochFinished)
{
    const auto started = std::chrono::steady_clock::now();
    fs::path log = training.model;
    log.replace_extension(".jsonl");
    RankProcesses processes;
    processes.command = commandOf(training, log);
    processes.world = static_cast<int>(parseDevices(training.options.device).size());
    TrainResult result;
    {
        const LogReader reader(log, training.options.epochs, task, epochFinished);
        try {
            result.stopped = !runRankProcesses(processes, task);
        } catch (const Error& error) {
            // What failed there comes as a sentence.
            if (error.happened().find("out of memory") != std::string::npos
                || error.happened().find("lack of memory") != std::string::npos)
                throw OutOfMemory(error.happened(), "The last checkpoint stands. Choose a smaller batch or tile.");
            throw;
        }
    }
    std::error_code ignored;
    if (!fs::exists(training.model, ignored))
        throw Stopped();
    const ModelCard card = readModelCard(training.model);
    for (const auto& line : card.log)
        result.epochs.push_back(epochMetricsFromJson(line));
    result.bestEpoch = markBest(result.epochs);
    for (const EpochMetrics& metrics : result.epochs)
        if (metrics.epoch == result.bestEpoch)
            result.validationDice = metrics.validationDice;
    result.parameters = card.architecture.parameters();
    result.split = card.split;
    result.ranks = processes.world;
    result.device = training.options.device;
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return result;
}

} // namespace interstice
