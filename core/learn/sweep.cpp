// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/sweep.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

#include <algorithm>
#include <cstdio>
#include <map>

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
    double dice = -1;
    bool dropped = false;
    bool failed = false;
};

class Sweep {
public:
    Sweep(const VolumeSource& raw, const VolumeSource& truth, const SweepOptions& options, fs::path table, Task& task,
        const SweepHandler& rowChanged);
    std::vector<SweepRow> run();

private:
    void makeSettings();
    void train(Setting& setting, int until, double from, double to);
    void take(Setting& setting, const std::vector<EpochMetrics>& epochs, int until);
    void changed();
    void keepBest() const;

    const VolumeSource& m_raw;
    const VolumeSource& m_truth;
    SweepOptions m_options;
    fs::path m_table;
    fs::path m_folder;
    Task& m_task;
    const SweepHandler& m_rowChanged;
    std::vector<SweepRow> m_rows;
    std::vector<Setting> m_settings;
};

Sweep::Sweep(const VolumeSource& raw, const VolumeSource& truth, const SweepOptions& options, fs::path table, Task& task,
    const SweepHandler& rowChanged)
    : m_raw(raw)
    , m_truth(truth)
    , m_options(options)
    , m_table(std::move(table))
    , m_folder(m_table.string() + ".runs")
    , m_task(task)
    , m_rowChanged(rowChanged)
{
    makeSettings();
}

void Sweep::makeSettings()
{
    std::size_t count = 1;
    for (const auto& axis : m_options.axes) {
        if (axis.values.empty())
            throw Error("The option '" + axis.name + "' has no values to go over", "Write them with commas.");
        count *= axis.values.size();
        if (count > 10'000)
            throw Error("The sweep has more than 10 000 settings", "Give fewer values.");
    }
    std::map<std::string, std::size_t> known;
    for (std::size_t number = 0; number < count; ++number) {
        SweepRow row;
        TrainOptions options = m_options.base;
        std::size_t rest = number;
        for (std::size_t i = m_options.axes.size(); i-- > 0;) { // the last axis goes fastest, as in a table
            const auto& axis = m_options.axes[i];
            row.values.insert(row.values.begin(), axis.values[rest % axis.values.size()]);
            rest /= axis.values.size();
            setOption(options, axis.name, row.values.front());
        }
        Json identity = identityOf(options);
        identity["precision"] = precisionName(options.precision); // no other training, but another time
        const std::string key = identity.dump();
        const auto [found, isNew] = known.try_emplace(key, m_settings.size());
        if (isNew) {
            Setting setting;
            setting.options = options;
            setting.options.resume = true;
            m_settings.push_back(std::move(setting));
        }
        Setting& setting = m_settings[found->second];
        setting.rows.push_back(m_rows.size());
        setting.epochsOfRow.push_back(options.epochs);
        setting.options.epochs = std::max(setting.options.epochs, options.epochs);
        // Named by what it is, so that another order or more values find it again.
        row.model = m_folder / (checksumOfBytes(key.data(), key.size()).substr(0, 16) + ".safetensors");
        m_rows.push_back(std::move(row));
    }
}

void Sweep::changed()
{
    SweepRow* best = nullptr;
    for (auto& row : m_rows) {
        row.best = false;
        if (row.bestEpoch > 0
            && (!best || row.validationDice > best->validationDice
                || (row.validationDice == best->validationDice && row.epochs < best->epochs)))
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
    for (std::size_t i = 0; i < setting.rows.size(); ++i) {
        SweepRow& row = m_rows[setting.rows[i]];
        const int end = std::min(setting.epochsOfRow[i], until);
        row.validationDice = 0;
        row.bestEpoch = row.epochs = 0;
        row.seconds = 0;
        for (const auto& metrics : epochs) {
            if (metrics.epoch > end)
                break;
            row.epochs = metrics.epoch;
            row.seconds += metrics.seconds;
            if (row.bestEpoch == 0 || metrics.validationDice > row.validationDice) {
                row.validationDice = metrics.validationDice;
                row.bestEpoch = metrics.epoch;
            }
        }
        setting.dice = std::max(setting.dice, row.validationDice);
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
    fs::create_directories(m_folder);
    changed();
    int longest = 0;
    for (const auto& setting : m_settings)
        longest = std::max(longest, setting.options.epochs);
    const auto rounds = m_options.halving ? halvingRounds(m_settings.size(), longest) : std::vector<int> { longest };
    std::vector<Setting*> running;
    for (auto& setting : m_settings)
        running.push_back(&setting);
    double done = 0;
    double all = 0;
    std::size_t left = running.size();
    int before = 0;
    for (const int round : rounds) {
        all += static_cast<double>(left) * (round - before);
        left = (left + 1) / 2;
        before = round;
    }
    before = 0;
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
            running.begin(), running.end(), [](const Setting* a, const Setting* b) { return a->dice > b->dice; });
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

} // namespace

std::vector<SweepRow> sweep(const VolumeSource& raw, const VolumeSource& truth, const SweepOptions& options,
    const fs::path& table, Task& task, const SweepHandler& rowChanged)
{
    requireSameShape(raw, truth);
    const PendingFile probe(table);
    return Sweep(raw, truth, options, table, task, rowChanged).run();
}

} // namespace interstice
