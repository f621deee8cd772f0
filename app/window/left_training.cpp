// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/left_training.h"

#include "app/window/session_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "learn/train.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace interstice {

namespace {

constexpr const char* kSuffix = ".training";

fs::path recordOf(fs::path model)
{
    model += kSuffix;
    return model;
}

fs::path logOf(fs::path model)
{
    return model.replace_extension(".jsonl");
}

LeftTraining readRecord(const fs::path& record)
{
    const Json json = readJsonFile(record);
    LeftTraining training;
    training.model = fs::path(record).replace_extension();
    training.raw = json.value("raw", std::string());
    training.truth = json.value("truth", std::string());
    for (const Json& value : json.value("foreground", Json::array()))
        training.rule.foreground.push_back(value.get<std::int64_t>());
    if (json.contains("ignore"))
        training.rule.ignore = json["ignore"].get<std::int64_t>();
    training.options = trainOptionsFromJson(json.at("options"));
    training.reached = readCheckpointProgress(checkpointPath(training.model));
    return training;
}

fs::path real(const fs::path& path)
{
    std::error_code problem;
    const fs::path found = fs::weakly_canonical(path, problem);
    return problem ? path : found;
}

void move(const fs::path& from, const fs::path& to)
{
    std::error_code problem;
    if (!fs::exists(from, problem))
        return;
    fs::rename(from, to, problem);
    if (problem)
        throw Error("The unfinished training " + utf8(from) + " cannot be taken over: " + problem.message(),
            "Train anew, or go on with interstice-cli train --resume.");
}

} // namespace

void writeRecord(const LeftTraining& training)
{
    Json json = { { "raw", utf8(real(training.raw)) }, { "truth", utf8(real(training.truth)) },
        { "foreground", training.rule.foreground }, { "options", toJson(training.options) } };
    if (training.rule.ignore)
        json["ignore"] = *training.rule.ignore;
    writeTextFile(recordOf(training.model), json.dump(1));
}

void forgetRecord(const fs::path& model)
{
    std::error_code ignored;
    fs::remove(recordOf(model), ignored);
}

bool holdsLeftTraining(const fs::path& folder)
{
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(folder, problem)) {
        if (entry.path().extension() == kSuffix
            && fs::exists(checkpointPath(fs::path(entry.path()).replace_extension()), problem))
            return true;
    }
    return false;
}

std::vector<LeftTraining> findLeftTrainings(const fs::path& raw, Task& task)
{
    std::vector<LeftTraining> found;
    const fs::path wanted = real(raw);
    for (const fs::path& folder : SessionFolder::abandoned()) {
        std::error_code problem;
        for (const auto& entry : fs::directory_iterator(folder, problem)) {
            task.throwIfStopped();
            if (entry.path().extension() != kSuffix)
                continue;
            try {
                LeftTraining training = readRecord(entry.path());
                if (training.reached && real(training.raw) == wanted)
                    found.push_back(std::move(training));
            } catch (const Error&) {
                // Half a record of a session that was killed while it wrote says nothing.
            } catch (const Json::exception&) {
            }
        }
    }
    std::ranges::sort(
        found, [](const LeftTraining& a, const LeftTraining& b) { return a.reached->epoch > b.reached->epoch; });
    return found;
}

LeftTraining adopted(const LeftTraining& training, const fs::path& model)
{
    std::error_code problem;
    if (!fs::exists(checkpointPath(training.model), problem))
        throw Error("The checkpoint of " + utf8(training.model) + " is not there any more", "Train anew.");
    LeftTraining mine = training;
    mine.model = model;
    move(training.model, model);
    move(checkpointPath(training.model), checkpointPath(model));
    move(logOf(training.model), logOf(model));
    if (real(training.truth).parent_path() == real(training.model.parent_path())) {
        mine.truth = model.parent_path() / (model.stem().string() + "-truth" + training.truth.extension().string());
        // A copy: another training of that session may have learnt from it as well.
        if (!fs::copy_file(training.truth, mine.truth, fs::copy_options::overwrite_existing, problem))
            throw Error("The ground truth " + utf8(training.truth) + " cannot be copied: " + problem.message(),
                "Make room on the disk and resume again.");
    }
    writeRecord(mine);
    forgetRecord(training.model);
    return mine;
}

void discard(const LeftTraining& training)
{
    forgetRecord(training.model);
    std::error_code ignored;
    for (const fs::path& path : { training.model, checkpointPath(training.model), logOf(training.model) })
        fs::remove(path, ignored);
}

} // namespace interstice
