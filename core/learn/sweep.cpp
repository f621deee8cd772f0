// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/sweep.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "learn/model_file.h"
#include "learn/ranks.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

namespace fs = std::filesystem;

namespace interstice {

const char* stateName(SweepRow::State state)
{
    switch (state) {
    case SweepRow::State::Waiting:
        return "waiting";
    case SweepRow::State::Running:
        return "running";
    case SweepRow::State::Done:
        return "done";
    case SweepRow::State::Dropped:
        return "dropped";
    case SweepRow::State::Failed:
        break;
    }
    return "failed";
}

fs::path bestModelPath(const fs::path& table)
{
    return table.parent_path() / (table.stem().string() + "_best.safetensors");
}

std::vector<int> halvingRounds(std::size_t settings, int epochs)
{
    std::vector<int> rounds = { epochs };
    for (std::size_t left = settings; left > 1 && rounds.front() > 1; left = (left + 1) / 2)
        rounds.insert(rounds.begin(), (rounds.front() + 1) / 2);
    return rounds;
}

Json toJson(const SweepOptions& options)
{
    Json axes = Json::object();
    for (const auto& axis : options.axes)
        axes[axis.name] = axis.values;
    return { { "base", toJson(options.base) }, { "axes", axes }, { "halving", options.halving } };
}

SweepAxis sweepAxis(const std::string& name, const std::string& values)
{
    const bool hasCommas = name == "augment" || name == "train-slabs";
    const char separator = values.find('|') != std::string::npos || hasCommas ? '|' : ',';
    SweepAxis axis { name, {} };
    std::istringstream in(values);
    for (std::string value; std::getline(in, value, separator);) {
        value.erase(0, value.find_first_not_of(" \t"));
        value.erase(value.find_last_not_of(" \t") + 1);
        if (!value.empty())
            axis.values.push_back(value);
    }
    if (name.empty() || axis.values.empty())
        throw Error("'" + name + '=' + values + "' names no option and values", "Write it like loss=dice|dice+bce.");
    return axis;
}

TrainOptions optionsOf(const SweepOptions& options, const SweepRow& row)
{
    TrainOptions own = options.base;
    for (std::size_t i = 0; i < options.axes.size(); ++i)
        setOption(own, options.axes[i].name, row.values.at(i));
    return own;
}

std::string sweepTable(const std::vector<SweepAxis>& axes, const std::vector<SweepRow>& rows)
{
    std::string text;
    for (const auto& axis : axes)
        text += axis.name + ',';
    text += "val_dice,best_epoch,epochs_trained,seconds,state,best\n";
    for (const auto& row : rows) {
        for (const auto& value : row.values) // lists of names have commas of their own
            text += (value.find(',') != std::string::npos ? '"' + value + '"' : value) + ',';
        char numbers[96];
        std::snprintf(numbers, sizeof numbers, "%.4f,%d,%d,%.1f,%s,%s\n", row.validationDice, row.bestEpoch, row.epochs,
            row.seconds, stateName(row.state), row.best ? "*" : "");
        text += numbers;
    }
    return text;
}

namespace {

/// One training, and the rows it serves: several when they differ in the number of epochs alone.
struct Setting {
    TrainOptions options;
    std::vector<std::size_t> rows;
    std::vector<int> epochsOfRow;
    double quality = -1; ///< of its best row
    bool dropped = false;
    bool failed = false;
};

/// All rows, and the trainings that make them.
struct Plan {
    std::vector<SweepRow> rows;
    std::vector<Setting> settings;
};

fs::path folderOf(const fs::path& table)
{
    fs::path folder = table;
    folder += ".runs";
    return folder;
}

/// A search is many trainings in one process, which several GPUs cannot share.
void requireOneGpu(const std::string& devices)
{
    const auto names = parseDevices(devices);
    if (names.size() > 1 && std::any_of(names.begin(), names.end(), [](const auto& name) { return name != "cpu"; }))
        throw Error("A search trains its settings one after the other on one GPU, not on " + devices,
            "Choose one, like " + names.front() + "; the others can go over other values, into tables of their own.");
}

Plan planOf(const SweepOptions& options, const fs::path& table)
{
    requireOneGpu(options.base.device);
    std::size_t count = 1;
    for (const auto& axis : options.axes) {
        if (axis.values.empty())
            throw Error("The option '" + axis.name + "' has no values to go over", "Write them with commas.");
        count *= axis.values.size();
        if (count > 10'000)
            throw Error("The sweep has more than 10 000 settings", "Give fewer values.");
    }
    Plan plan;
    std::map<std::string, std::size_t> known;
    for (std::size_t number = 0; number < count; ++number) {
        SweepRow row;
        std::size_t rest = number;
        for (std::size_t i = options.axes.size(); i-- > 0;) { // the last axis goes fastest, as in a table
            const auto& axis = options.axes[i];
            row.values.insert(row.values.begin(), axis.values[rest % axis.values.size()]);
            rest /= axis.values.size();
        }
        const TrainOptions own = optionsOf(options, row);
        Json identity = identityOf(own);
        identity["precision"] = precisionName(own.precision); // no other training, but another time
        identity["accumulate"] = own.accumulate; // a checkpoint goes on with another one, but the curve shows it
        identity["patience"] = own.patience;
        if (!own.startFrom.empty())
            identity["start_from"] = readModelCard(own.startFrom).checksum;
        const std::string key = identity.dump();
        const auto [found, isNew] = known.try_emplace(key, plan.settings.size());
        if (isNew) {
            Setting setting;
            setting.options = own;
            setting.options.resume = true;
            plan.settings.push_back(std::move(setting));
        }
        Setting& setting = plan.settings[found->second];
        setting.rows.push_back(plan.rows.size());
        setting.epochsOfRow.push_back(own.epochs);
        setting.options.epochs = std::max(setting.options.epochs, own.epochs);
        // Named by what it is, so that another order or more values find it again.
        row.model = folderOf(table) / (checksumOfBytes(key.data(), key.size()).substr(0, 16) + ".safetensors");
        plan.rows.push_back(std::move(row));
    }
    return plan;
}

/// Epochs after which each round ends.
std::vector<int> roundsOf(const Plan& plan, bool halving)
{
    int longest = 0;
    for (const auto& setting : plan.settings)
        longest = std::max(longest, setting.options.epochs);
    return halving ? halvingRounds(plan.settings.size(), longest) : std::vector<int> { longest };
}

/// Epochs of all trainings together when each goes as far as its round.
double epochsOf(const std::vector<int>& rounds, std::size_t settings)
{
    double all = 0;
    int before = 0;
    for (const int round : rounds) {
        all += static_cast<double>(settings) * (round - before);
        settings = (settings + 1) / 2;
        before = round;
    }
    return all;
}

class Sweep {
public:
    Sweep(const VolumeSource& raw, const VolumeSource& truth, const SweepOptions& options, fs::path table, Task& task,
        const SweepHandler& rowChanged);
    std::vector<SweepRow> run();

private:
    void train(Setting& setting, int until, double from, double to);
    void take(Setting& setting, const std::vector<EpochMetrics>& epochs, int until);
    void changed();
    void keepBest() const;

    const VolumeSource& m_raw;
    const VolumeSource& m_truth;
    SweepOptions m_options;
    fs::path m_table;
    Task& m_task;
    const SweepHandler& m_rowChanged;
    Plan m_plan;
    std::vector<SweepRow>& m_rows;
    std::vector<Setting>& m_settings;
};

Sweep::Sweep(const VolumeSource& raw, const VolumeSource& truth, const SweepOptions& options, fs::path table, Task& task,
    const SweepHandler& rowChanged)
    : m_raw(raw)
    , m_truth(truth)
    , m_options(options)
    , m_table(std::move(table))
    , m_task(task)
    , m_rowChanged(rowChanged)
    , m_plan(planOf(m_options, m_table))
    , m_rows(m_plan.rows)
    , m_settings(m_plan.settings)
{
}

void Sweep::changed()
{
    SweepRow* best = nullptr;
    for (auto& row : m_rows) {
        row.best = false;
        if (row.bestEpoch > 0
            && (!best || row.quality > best->quality || (row.quality == best->quality && row.epochs < best->epochs)))
            best = &row;
    }
    if (best)
        best->best = true;
    writeTextFile(m_table, sweepTable(m_options.axes, m_rows));
    if (m_rowChanged)
        m_rowChanged(m_rows);
}

void Sweep::take(Setting& setting, const std::vector<EpochMetrics>& epochs, int until)
{
    setting.quality = -1;
    for (std::size_t i = 0; i < setting.rows.size(); ++i) {
        SweepRow& row = m_rows[setting.rows[i]];
        const int end = std::min(setting.epochsOfRow[i], until);
        row.validationDice = row.quality = 0;
        row.bestEpoch = row.epochs = 0;
        row.seconds = 0;
        for (const auto& metrics : epochs) {
            if (metrics.epoch > end)
                break;
            row.epochs = metrics.epoch;
            row.seconds += metrics.seconds;
            if (row.bestEpoch == 0 || metrics.quality() > row.quality) {
                row.quality = metrics.quality();
                row.validationDice = metrics.validationDice;
                row.bestEpoch = metrics.epoch;
            }
        }
        setting.quality = std::max(setting.quality, row.quality);
        if (row.state != SweepRow::State::Failed)
            row.state = row.epochs >= setting.epochsOfRow[i] ? SweepRow::State::Done : SweepRow::State::Running;
    }
}

void Sweep::train(Setting& setting, int until, double from, double to)
{
    std::vector<EpochMetrics> epochs;
    TrainOptions options = setting.options;
    options.untilEpoch = until;
    const fs::path model = m_rows[setting.rows.front()].model;
    options.log = fs::path(model).replace_extension(".jsonl");
    Task part = m_task.part(from, to);
    try {
        const auto result = interstice::train(m_raw, m_truth, options, model, part, [&](const EpochMetrics& metrics) {
            epochs.push_back(metrics);
            take(setting, epochs, until);
            changed();
        });
        if (result.stopped)
            throw Stopped();
        const auto empty = std::find_if(result.findings.begin(), result.findings.end(),
            [](const Finding& finding) { return finding.code == "validation-empty"; });
        if (empty != result.findings.end()) {
            for (const auto row : setting.rows)
                m_rows[row].problem = empty->text;
        }
        if (result.early) {
            for (const auto row : setting.rows)
                m_rows[row].state = SweepRow::State::Done;
        }
    } catch (const Error& error) {
        logWarning("A setting failed: " + std::string(error.what()));
        setting.failed = true;
        for (const auto row : setting.rows) {
            if (m_rows[row].state == SweepRow::State::Done)
                continue; // what its first epochs gave stands
            m_rows[row].state = SweepRow::State::Failed;
            m_rows[row].problem = error.happened();
        }
    }
    changed();
}

void Sweep::keepBest() const
{
    for (const auto& row : m_rows) {
        if (!row.best)
            continue;
        PendingFile pending(bestModelPath(m_table));
        fs::copy_file(row.model, pending.path(), fs::copy_options::overwrite_existing);
        pending.commit();
    }
}

std::vector<SweepRow> Sweep::run()
{
    changed();
    const auto rounds = roundsOf(m_plan, m_options.halving);
    std::vector<Setting*> running;
    for (auto& setting : m_settings)
        running.push_back(&setting);
    double done = 0;
    const double all = epochsOf(rounds, running.size());
    int before = 0;
    for (const int round : rounds) {
        for (Setting* setting : running) {
            const double next = std::min(all, done + (round - before));
            train(*setting, std::min(round, setting->options.epochs), done / all, next / all);
            done = next;
        }
        before = round;
        std::erase_if(running, [](const Setting* setting) { return setting->failed; });
        if (round == rounds.back())
            break;
        std::stable_sort(
            running.begin(), running.end(), [](const Setting* a, const Setting* b) { return a->quality > b->quality; });
        const std::size_t keep = (running.size() + 1) / 2;
        for (std::size_t i = keep; i < running.size(); ++i) {
            for (const auto row : running[i]->rows) {
                if (m_rows[row].state == SweepRow::State::Running)
                    m_rows[row].state = SweepRow::State::Dropped;
            }
        }
        running.resize(keep);
        changed();
    }
    keepBest();
    return m_rows;
}

/// Of the shape and of some slices, evenly spaced: enough to tell one volume from another, wherever it lies.
std::string checksumOfSlices(const VolumeSource& source, std::int64_t most)
{
    const Shape shape = source.shape();
    const std::int64_t slices = std::min(shape.z, most);
    std::string sums = describe(shape) + scalarName(source.scalar());
    std::vector<std::byte> slice(static_cast<std::size_t>(shape.y * shape.x) * bytesOf(source.scalar()));
    for (std::int64_t i = 0; i < slices; ++i) {
        source.read(Box::slices(shape, (2 * i + 1) * shape.z / (2 * slices), 1), slice);
        sums += checksumOfBytes(slice.data(), slice.size());
    }
    return checksumOfBytes(sums.data(), sums.size());
}

/// The trainings kept beside a table are found again by their options: they must be of the same data too.
void requireSameData(const VolumeSource& raw, const VolumeSource& truth, const fs::path& table)
{
    const fs::path file = folderOf(table) / "data.json";
    // Of a truth a few slices may be painted, and painted again: all of them count.
    const Json data = { { "raw", checksumOfSlices(raw, 16) }, { "truth", checksumOfSlices(truth, truth.shape().z) } };
    std::error_code ignored;
    if (fs::exists(file, ignored) && Json::parse(readTextFile(file), nullptr, false) != data)
        throw Error("The trainings kept in '" + utf8(folderOf(table)) + "' are of another volume or another ground truth",
            "Give the table another name, or delete that folder.");
    fs::create_directories(folderOf(table));
    writeTextFile(file, data.dump(2) + "\n");
}

} // namespace

SweepEstimate estimateSweep(const Shape& shape, const SweepOptions& options, const fs::path& table, double voxelsPerSecond)
{
    const Plan plan = planOf(options, table);
    SweepEstimate estimate;
    estimate.settings = plan.rows.size();
    estimate.trainings = plan.settings.size();
    double secondsOfEpochs = 0;
    double epochs = 0;
    for (const Setting& setting : plan.settings) {
        const fs::path& model = plan.rows[setting.rows.front()].model;
        std::error_code ignored;
        estimate.begun += fs::exists(model, ignored) || fs::exists(checkpointPath(model), ignored);
        const Cost own = estimateTraining(shape, setting.options, voxelsPerSecond);
        estimate.cost.ramBytes = std::max(estimate.cost.ramBytes, own.ramBytes);
        estimate.cost.gpuBytes = std::max(estimate.cost.gpuBytes, own.gpuBytes);
        secondsOfEpochs += own.seconds;
        epochs += setting.options.epochs;
    }
    if (voxelsPerSecond > 0) {
        // Halving gives up whole settings, which cost what a setting costs on the average.
        const double trained = options.halving ? epochsOf(roundsOf(plan, true), plan.settings.size()) : epochs;
        estimate.cost.seconds = secondsOfEpochs / epochs * trained;
    }
    return estimate;
}

std::vector<SweepRow> sweep(const VolumeSource& raw, const VolumeSource& truth, const SweepOptions& options,
    const fs::path& table, Task& task, const SweepHandler& rowChanged)
{
    requireSameShape(raw, truth);
    const PendingFile probe(table);
    requireSameData(raw, truth, table);
    return Sweep(raw, truth, options, table, task, rowChanged).run();
}

} // namespace interstice
