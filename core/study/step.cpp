// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/step.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "io/side_car.h"
#include "learn/devices.h"
#include "learn/model_file.h"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace fs = std::filesystem;

namespace interstice {

namespace {

/// Part of every key: with another number all steps are run again.
constexpr int kFormat = 1;

Json toJson(const StepFile& file)
{
    return { { "path", file.path }, { "checksum", file.checksum }, { "size", file.size }, { "modified", file.modified } };
}

StepFile stepFileFromJson(const Json& json)
{
    return { json.at("path").get<std::string>(), json.at("checksum").get<std::string>(),
        json.at("size").get<std::uint64_t>(), json.at("modified").get<std::int64_t>() };
}

Json listOf(const std::vector<StepFile>& files)
{
    Json list = Json::array();
    for (const auto& file : files)
        list.push_back(toJson(file));
    return list;
}

std::vector<StepFile> filesFrom(const Json& json)
{
    std::vector<StepFile> files;
    for (const auto& one : json)
        files.push_back(stepFileFromJson(one));
    return files;
}

/// A model file also says how long its epochs took, so its weights stand for it.
std::string checksumOfContent(const fs::path& path)
{
    if (path.extension() == ".safetensors")
        return readModelCard(path).checksum;
    return describeInput(path).at("checksum").get<std::string>();
}

std::int64_t modifiedAt(const fs::path& path)
{
    std::error_code ignored;
    return static_cast<std::int64_t>(fs::last_write_time(path, ignored).time_since_epoch().count());
}

bool isPlainFile(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

} // namespace

Json studyVersions()
{
    return { { "interstice", INTERSTICE_VERSION }, { "learning", learnVersion() } };
}

Json toJson(const StepRecord& record)
{
    return { { "step", record.kind }, { "id", record.id }, { "data_set", record.dataSet }, { "method", record.method },
        { "seed", record.seed ? Json(*record.seed) : Json(nullptr) }, { "key", record.key }, { "options", record.options },
        { "inputs", listOf(record.inputs) }, { "outputs", listOf(record.outputs) }, { "result", record.result },
        { "seconds", record.seconds }, { "peak_bytes", record.peakBytes }, { "device", record.device },
        { "versions", record.versions }, { "date", record.date } };
}

StepRecord stepRecordFromJson(const Json& json)
{
    try {
        StepRecord record;
        record.kind = json.at("step").get<std::string>();
        record.id = json.at("id").get<std::string>();
        record.dataSet = json.at("data_set").get<std::string>();
        record.method = json.at("method").get<std::string>();
        if (!json.at("seed").is_null())
            record.seed = json.at("seed").get<std::uint64_t>();
        record.key = json.at("key").get<std::string>();
        record.options = json.at("options");
        record.inputs = filesFrom(json.at("inputs"));
        record.outputs = filesFrom(json.at("outputs"));
        record.result = json.at("result");
        record.seconds = json.at("seconds").get<double>();
        record.peakBytes = json.at("peak_bytes").get<std::uint64_t>();
        record.device = json.at("device").get<std::string>();
        record.versions = json.at("versions");
        record.date = json.at("date").get<std::string>();
        return record;
    } catch (const Json::exception& problem) {
        throw Error(
            std::string("A step's record is damaged (") + problem.what() + ")", "Delete it: the step is then run again.");
    }
}

StepRunner::StepRunner(fs::path folder)
    : m_folder(std::move(folder))
{
    std::error_code problem;
    fs::create_directories(m_folder / "steps", problem);
    if (problem)
        throw Error("Cannot make the folder " + utf8(m_folder) + " (" + problem.message() + ")", "Choose another place.");
}

fs::path StepRunner::recordPath(const std::string& id) const
{
    return m_folder / "steps" / (id + ".json");
}

std::optional<StepRecord> StepRunner::readRecord(const std::string& id) const
{
    if (!isPlainFile(recordPath(id)))
        return std::nullopt;
    try {
        return stepRecordFromJson(readJsonFile(recordPath(id)));
    } catch (const Error& problem) {
        logWarning(problem.what());
        return std::nullopt;
    }
}

StepFile StepRunner::describe(const fs::path& path)
{
    const fs::path inside = path.lexically_relative(m_folder);
    const bool ours = !inside.empty() && *inside.begin() != "..";
    StepFile file { utf8(ours ? inside : path), {}, 0, 0 };
    std::error_code ignored;
    if (isPlainFile(path)) {
        file.size = fs::file_size(path, ignored);
        file.modified = modifiedAt(path);
        const auto known = m_known.find(file.path);
        if (known != m_known.end() && known->second.size == file.size && known->second.modified == file.modified)
            return known->second;
    }
    file.checksum = checksumOfContent(path);
    m_known[file.path] = file;
    return file;
}

std::string StepRunner::keyOf(const Step& step)
{
    Json all = { { "format", kFormat }, { "step", step.kind }, { "options", step.options }, { "inputs", Json::array() } };
    for (const auto& input : step.inputs)
        all["inputs"].push_back(describe(input).checksum);
    const std::string text = all.dump();
    return checksumOfBytes(text.data(), text.size());
}

std::optional<StepRecord> StepRunner::finished(const Step& step)
{
    const auto record = readRecord(step.id);
    if (!record)
        return std::nullopt;
    for (const auto* files : { &record->inputs, &record->outputs })
        for (const auto& file : *files)
            m_known.emplace(file.path, file);
    for (const auto* files : { &step.inputs, &step.outputs })
        for (const auto& file : *files)
            if (utf8(file).starts_with(utf8(m_folder)) && !isPlainFile(file))
                return std::nullopt;
    if (record->outputs.size() != step.outputs.size() || keyOf(step) != record->key)
        return std::nullopt;
    for (std::size_t i = 0; i < step.outputs.size(); ++i)
        if (describe(step.outputs[i]).checksum != record->outputs[i].checksum)
            return std::nullopt;
    return record;
}

StepRecord StepRunner::run(const Step& step, Task& task)
{
    StepRecord record;
    record.id = step.id;
    record.kind = step.kind;
    record.dataSet = step.dataSet;
    record.method = step.method;
    record.seed = step.seed;
    record.options = step.options;
    record.key = keyOf(step);
    // What was begun with other inputs or options is of no use any more; the mark tells it from what is.
    const fs::path mark = recordPath(step.id + ".begun");
    const bool goesOn = isPlainFile(mark) && readTextFile(mark) == record.key;
    std::error_code ignored;
    fs::remove(recordPath(step.id), ignored);
    if (!goesOn && step.forget)
        step.forget();
    for (const auto& output : step.outputs)
        fs::create_directories(output.parent_path(), ignored);
    writeTextFile(mark, record.key);
    resetPeakResidentBytes();
    const auto started = std::chrono::steady_clock::now();
    const StepOutcome outcome = step.run(task);
    task.throwIfStopped();
    record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    record.peakBytes = peakResidentBytes();
    record.result = outcome.result;
    record.device = outcome.device;
    record.versions = studyVersions();
    record.date = utcTime();
    for (const auto& input : step.inputs)
        record.inputs.push_back(describe(input));
    for (const auto& output : step.outputs) {
        m_known.erase(utf8(output.lexically_relative(m_folder)));
        record.outputs.push_back(describe(output));
    }
    writeJsonFile(recordPath(step.id), toJson(record));
    fs::remove(mark, ignored);
    return record;
}

} // namespace interstice
