// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/train_options.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <numbers>

namespace interstice {

namespace {

constexpr std::array<const char*, 3> kLosses = { "dice", "bce", "dice+bce" };
constexpr std::array<const char*, 4> kSchedules = { "constant", "cosine", "poly", "plateau" };
/// Epochs without a lower validation loss after which "plateau" halves the learning rate.
constexpr int kPlateau = 10;

} // namespace

const char* lossName(Loss loss)
{
    return kLosses[static_cast<std::size_t>(loss)];
}

Loss parseLoss(const std::string& name)
{
    for (std::size_t i = 0; i < kLosses.size(); ++i) {
        if (name == kLosses[i])
            return static_cast<Loss>(i);
    }
    throw Error("'" + name + "' is not a loss", "Choose dice, bce or dice+bce.");
}

const char* scheduleName(Schedule schedule)
{
    return kSchedules[static_cast<std::size_t>(schedule)];
}

Schedule parseSchedule(const std::string& name)
{
    for (std::size_t i = 0; i < kSchedules.size(); ++i) {
        if (name == kSchedules[i])
            return static_cast<Schedule>(i);
    }
    throw Error("'" + name + "' is not a schedule", "Choose constant, cosine, poly or plateau.");
}

TrainOptions TrainOptions::preset(const std::string& name)
{
    TrainOptions options;
    options.architecture = ArchitectureSpec::preset(name);
    if (name == "quick") {
        // Small tiles give many blocks for the same share of the voxels, and diversity decides here.
        options.split.tile = 32;
        options.split.context = { 0, 8, 8 };
        options.epochs = 40;
        options.learningRate = 3e-3;
        options.loss = Loss::DiceBce;
        options.minimumSteps = 16;
        options.augment.flips = options.augment.turns = true;
        options.schedule = Schedule::Cosine;
        options.normalise.mode = NormaliseOptions::Mode::Percentiles;
    } else if (name == "strong") {
        options.split.chunk = 16;
        options.split.tile = 32;
        options.split.context = { 8, 8, 8 };
        options.epochs = 60;
        options.learningRate = 2e-3;
        options.loss = Loss::DiceBce;
        options.minimumSteps = 16;
        options.augment = AugmentOptions::parse("all");
        options.schedule = Schedule::Poly;
        options.clipNorm = 12; // nnU-Net's
        options.normalise.mode = NormaliseOptions::Mode::Percentiles;
    }
    return options;
}

int TrainOptions::repeatsFor(std::size_t blocks) const
{
    const auto wanted = static_cast<std::size_t>(std::max(1, minimumSteps)) * static_cast<std::size_t>(std::max(1, batch));
    return blocks == 0 ? 1 : static_cast<int>(std::max<std::size_t>(1, (wanted + blocks - 1) / blocks));
}

double TrainOptions::learningRateAt(int epoch, const std::vector<EpochMetrics>& before) const
{
    const double gone = static_cast<double>(epoch - 1) / std::max(1, epochs);
    switch (schedule) {
    case Schedule::Constant:
        break;
    case Schedule::Cosine:
        return learningRate * 0.5 * (1 + std::cos(std::numbers::pi * gone));
    case Schedule::Poly:
        return learningRate * std::pow(std::max(0.0, 1 - gone), 0.9);
    case Schedule::Plateau: {
        double rate = learningRate;
        double lowest = std::numeric_limits<double>::infinity();
        int since = 0;
        for (const auto& metrics : before) {
            since = metrics.validationLoss < lowest ? 0 : since + 1;
            lowest = std::min(lowest, metrics.validationLoss);
            if (since == kPlateau) {
                rate /= 2;
                since = 0;
            }
        }
        return rate;
    }
    }
    return learningRate;
}

Json toJson(const TrainOptions& options)
{
    return { { "goal", options.goal == Goal::Segment ? "segment" : "reconstruct" },
        { "start_from", options.startFrom.filename().string() }, { "architecture", toJson(options.architecture) },
        { "split", toJson(options.split) }, { "epochs", options.epochs }, { "batch", options.batch },
        { "accumulate", options.accumulate }, { "learning_rate", options.learningRate },
        { "schedule", scheduleName(options.schedule) }, { "clip_norm", options.clipNorm },
        { "loss", lossName(options.loss) }, { "dice_over_batch", options.diceOverBatch },
        { "class_weights", options.classWeights }, { "minimum_steps", options.minimumSteps },
        { "patience", options.patience }, { "augment", toJson(options.augment) }, { "normalise", toJson(options.normalise) },
        { "seed", options.seed }, { "device", options.device }, { "precision", precisionName(options.precision) },
        { "global_statistics", options.globalStatistics }, { "rank_timeout", options.rankTimeout },
        { "threads", options.threads }, { "checkpoint_seconds", options.checkpointSeconds } };
}

TrainOptions trainOptionsFromJson(const Json& json)
{
    try {
        TrainOptions options;
        options.architecture = architectureFromJson(json.at("architecture"));
        options.split = splitOptionsOf(json.at("split"));
        const auto take = [&json](const char* key, auto& to) { to = json.value(key, to); };
        take("epochs", options.epochs);
        take("batch", options.batch);
        take("accumulate", options.accumulate);
        take("learning_rate", options.learningRate);
        options.schedule = parseSchedule(json.value("schedule", scheduleName(options.schedule)));
        take("clip_norm", options.clipNorm);
        options.loss = parseLoss(json.value("loss", lossName(options.loss)));
        take("dice_over_batch", options.diceOverBatch);
        take("class_weights", options.classWeights);
        take("minimum_steps", options.minimumSteps);
        take("patience", options.patience);
        if (json.contains("augment"))
            options.augment = augmentOptionsFromJson(json["augment"]);
        if (json.contains("normalise"))
            options.normalise = normaliseOptionsFromJson(json["normalise"]);
        take("seed", options.seed);
        take("device", options.device);
        options.precision = parsePrecision(json.value("precision", precisionName(options.precision)));
        take("global_statistics", options.globalStatistics);
        take("rank_timeout", options.rankTimeout);
        take("threads", options.threads);
        take("checkpoint_seconds", options.checkpointSeconds);
        return options;
    } catch (const Json::exception& problem) {
        throw Error(std::string("The options of the training cannot be read (") + problem.what() + ")",
            "Use a file that Interstice wrote.");
    }
}

namespace {

double numberIn(const std::string& name, const std::string& value)
{
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != 0 || !std::isfinite(number))
        throw Error("'" + value + "' is no number for " + name, "Write numbers separated by commas.");
    return number;
}

bool truthIn(const std::string& name, const std::string& value)
{
    if (value != "true" && value != "false")
        throw Error("'" + value + "' is neither true nor false for " + name, "Write true or false.");
    return value == "true";
}

using Setter = void (*)(TrainOptions&, const std::string& name, const std::string& value);

int wholeIn(const std::string& name, const std::string& value)
{
    const double number = numberIn(name, value);
    if (number != std::floor(number) || std::abs(number) > 1e9)
        throw Error("'" + value + "' is no whole number for " + name, "Write whole numbers separated by commas.");
    return static_cast<int>(number);
}

const std::map<std::string, Setter>& setters()
{
    using Options = TrainOptions;
    using Text = const std::string&;
    static const std::map<std::string, Setter> all = {
        { "lr", [](Options& o, Text n, Text v) { o.learningRate = numberIn(n, v); } },
        { "batch", [](Options& o, Text n, Text v) { o.batch = wholeIn(n, v); } },
        { "epochs", [](Options& o, Text n, Text v) { o.epochs = wholeIn(n, v); } },
        { "loss", [](Options& o, Text, Text v) { o.loss = parseLoss(v); } },
        { "schedule", [](Options& o, Text, Text v) { o.schedule = parseSchedule(v); } },
        { "clip", [](Options& o, Text n, Text v) { o.clipNorm = numberIn(n, v); } },
        { "accumulate", [](Options& o, Text n, Text v) { o.accumulate = wholeIn(n, v); } },
        { "chunk", [](Options& o, Text n, Text v) { o.split.chunk = wholeIn(n, v); } },
        { "tile", [](Options& o, Text n, Text v) { o.split.tile = wholeIn(n, v); } },
        { "train-fraction", [](Options& o, Text n, Text v) { o.split.trainFraction = numberIn(n, v); } },
        { "train-slabs", [](Options& o, Text, Text v) { o.split.slabs = parseSliceRanges(v); } },
        { "min-steps", [](Options& o, Text n, Text v) { o.minimumSteps = wholeIn(n, v); } },
        { "patience", [](Options& o, Text n, Text v) { o.patience = wholeIn(n, v); } },
        { "augment", [](Options& o, Text, Text v) { o.augment = AugmentOptions::parse(v); } },
        { "norm", [](Options& o, Text, Text v) { o.architecture.norm = parseNorm(v); } },
        { "upsampling", [](Options& o, Text, Text v) { o.architecture.upsampling = parseUpsampling(v); } },
        { "residual", [](Options& o, Text n, Text v) { o.architecture.residual = truthIn(n, v); } },
        { "deep-supervision", [](Options& o, Text n, Text v) { o.architecture.deepSupervision = truthIn(n, v); } },
        { "precision", [](Options& o, Text, Text v) { o.precision = parsePrecision(v); } },
        { "seed",
            [](Options& o, Text n, Text v) {
                o.seed = o.split.seed = static_cast<std::uint64_t>(std::max(0, wholeIn(n, v)));
            } },
    };
    return all;
}

} // namespace

std::vector<std::string> settableOptions()
{
    std::vector<std::string> names;
    for (const auto& [name, unused] : setters())
        names.push_back(name);
    return names;
}

void setOption(TrainOptions& options, const std::string& name, const std::string& value)
{
    const auto found = setters().find(name);
    if (found == setters().end()) {
        std::string known;
        for (const auto& [other, unused] : setters())
            known += (known.empty() ? "" : ", ") + other;
        throw Error("There is no option '" + name + "' to go over", "Choose of " + known + ".");
    }
    found->second(options, name, value);
}

Json identityOf(const TrainOptions& options)
{
    Json json = toJson(options);
    for (const char* key : { "epochs", "accumulate", "device", "precision", "threads", "rank_timeout", "checkpoint_seconds",
             "patience", "start_from" }) // its weights are in every checkpoint already
        json.erase(key);
    if (options.schedule == Schedule::Cosine || options.schedule == Schedule::Poly) // their curves depend on the end
        json["epochs"] = options.epochs;
    return json;
}

Json upgradedIdentity(const Json& stored)
{
    Json changed = stored;
    changed.erase("accumulate");
    changed.erase("start_from");
    if (changed.contains("cosine")) {
        changed["schedule"] = changed["cosine"].get<bool>() ? "cosine" : "constant";
        changed.erase("cosine");
    }
    if (changed.contains("augment"))
        changed["augment"] = toJson(augmentOptionsFromJson(changed["augment"]));
    // In the order of today's keys, which the comparison minds.
    Json json = identityOf(TrainOptions());
    for (const auto& [key, value] : changed.items()) {
        if (value.is_object() && json.contains(key) && json[key].is_object()) {
            for (const auto& [inner, content] : value.items())
                json[key][inner] = content;
        } else {
            json[key] = value;
        }
    }
    return json;
}

double EpochMetrics::quality() const
{
    if (!byLoss)
        return validationDice;
    return std::isfinite(validationLoss) ? 1 / (1 + validationLoss) : 0;
}

Json toJson(const EpochMetrics& metrics)
{
    Json json = { { "epoch", metrics.epoch }, { "train_loss", metrics.trainLoss }, { "train_dice", metrics.trainDice },
        { "val_loss", metrics.validationLoss }, { "val_dice", metrics.validationDice }, { "lr", metrics.learningRate },
        { "seconds", metrics.seconds }, { "voxels_per_s", metrics.voxelsPerSecond } };
    if (std::isnan(metrics.validationDice)) { // JSON has no such number
        json.erase("train_dice");
        json.erase("val_dice");
    }
    if (metrics.byLoss)
        json["by_loss"] = true;
    if (metrics.validationDicePerClass.size() > 1)
        json["val_dice_per_class"] = metrics.validationDicePerClass;
    return json;
}

int markBest(std::vector<EpochMetrics>& epochs)
{
    double best = -1;
    int number = 0;
    for (EpochMetrics& metrics : epochs) {
        metrics.best = metrics.quality() > best;
        if (!metrics.best)
            continue;
        best = metrics.quality();
        number = metrics.epoch;
    }
    return number;
}

EpochMetrics epochMetricsFromJson(const Json& json)
{
    EpochMetrics m;
    m.epoch = json.at("epoch").get<int>();
    const auto loss = [&json](const char* key) {
        return json.at(key).is_null() ? std::numeric_limits<double>::quiet_NaN() : json.at(key).get<double>();
    };
    m.trainLoss = loss("train_loss");
    m.trainDice = json.value("train_dice", std::numeric_limits<double>::quiet_NaN());
    m.validationLoss = loss("val_loss");
    m.validationDice = json.value("val_dice", std::numeric_limits<double>::quiet_NaN());
    m.learningRate = json.at("lr").get<double>();
    m.seconds = json.at("seconds").get<double>();
    m.voxelsPerSecond = json.at("voxels_per_s").get<double>();
    m.byLoss = json.value("by_loss", false);
    m.validationDicePerClass = json.value("val_dice_per_class", std::vector<double>());
    return m;
}

} // namespace interstice
