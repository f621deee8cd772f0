// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/json.h"
#include "base/task.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// What a step says when it is done.
struct StepOutcome {
    Json result = Json::object();
    /// "cpu", "cuda:0"
    std::string device = "cpu";
};

/// One piece of work of a study: what goes in, how, and what comes out.
struct Step {
    /// Names its record; letters, digits, '-', '_' and '.'.
    std::string id;
    /// "phantom", "prepare", "mask", "train", "predict", "score"
    std::string kind;
    std::string dataSet;
    std::string method;
    std::optional<std::uint64_t> seed;
    /// For people: "U-Net on 20 % spheres, seed 1: training".
    std::string title;
    /// All that decides the outputs besides the inputs.
    Json options = Json::object();
    std::vector<std::filesystem::path> inputs;
    std::vector<std::filesystem::path> outputs;
    Cost cost;
    /// Begun and not finished, it may go on from what it left when inputs and options are the same.
    std::function<StepOutcome(Task&)> run;
    /// Removes what an attempt with other inputs or options left behind; may be empty.
    std::function<void()> forget;
};

struct StepFile {
    /// Relative to the study's folder when it lies in there.
    std::string path;
    std::string checksum;
    std::uint64_t size = 0;
    /// Last change in the file system's own count, to tell an untouched file without reading it.
    std::int64_t modified = 0;
};

/// A finished step, as steps/<id>.json keeps it.
struct StepRecord {
    std::string id;
    std::string kind;
    std::string dataSet;
    std::string method;
    std::optional<std::uint64_t> seed;
    /// XXH3-128 of kind, options and the inputs' checksums: with another key the step is run again.
    std::string key;
    Json options;
    std::vector<StepFile> inputs;
    std::vector<StepFile> outputs;
    Json result;
    double seconds = 0;
    std::uint64_t peakBytes = 0;
    std::string device;
    Json versions;
    std::string date;
};
Json toJson(const StepRecord& record);
/// Throws Error when it is not the record of a step.
StepRecord stepRecordFromJson(const Json& json);

/// Runs steps once and remembers them in a folder.
class StepRunner {
public:
    /// Makes <folder>/steps. Throws Error when it cannot.
    explicit StepRunner(std::filesystem::path folder);

    const std::filesystem::path& folder() const { return m_folder; }
    /// The record of a step that was done with these inputs and options and whose outputs are as it left them.
    std::optional<StepRecord> finished(const Step& step);
    /// Does the step and records it: time, peak memory of the process, checksums. A stop or a kill leaves no record.
    StepRecord run(const Step& step, Task& task);

private:
    std::string keyOf(const Step& step);
    StepFile describe(const std::filesystem::path& path);
    std::filesystem::path recordPath(const std::string& id) const;
    std::optional<StepRecord> readRecord(const std::string& id) const;

    std::filesystem::path m_folder;
    /// Files of this folder that records speak of, by path.
    std::map<std::string, StepFile> m_known;
};

/// Versions of what computes: Interstice, LibTorch.
Json studyVersions();

} // namespace interstice
