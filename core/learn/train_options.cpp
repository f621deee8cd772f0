// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/train_options.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
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

} // namespace

void setOption(TrainOptions& options, const std::string& name, const std::string& value)
{
    const auto whole = [&] {
        const double number = numberIn(name, value);
        if (number != std::floor(number) || std::abs(number) > 1e9)
            throw Error("'" + value + "' is no whole number for " + name, "Write whole numbers separated by commas.");
        return static_cast<int>(number);
    };
    const std::map<std::string, std::function<void()>> set = {
        { "lr", [&] { options.learningRate = numberIn(name, value); } },
        { "batch", [&] { options.batch = whole(); } },
        { "epochs", [&] { options.epochs = whole(); } },
        { "loss", [&] { options.loss = parseLoss(value); } },
        { "schedule", [&] { options.schedule = parseSchedule(value); } },
        { "clip", [&] { options.clipNorm = numberIn(name, value); } },
        { "accumulate", [&] { options.accumulate = whole(); } },
        { "chunk", [&] { options.split.chunk = whole(); } },
        { "tile", [&] { options.split.tile = whole(); } },
        { "train-fraction", [&] { options.split.trainFraction = numberIn(name, value); } },
        { "min-steps", [&] { options.minimumSteps = whole(); } },
        { "patience", [&] { options.patience = whole(); } },
        { "augment", [&] { options.augment = AugmentOptions::parse(value); } },
        { "norm", [&] { options.architecture.norm = parseNorm(value); } },
        { "upsampling", [&] { options.architecture.upsampling = parseUpsampling(value); } },
        { "residual", [&] { options.architecture.residual = truthIn(name, value); } },
        { "deep-supervision", [&] { options.architecture.deepSupervision = truthIn(name, value); } },
        { "precision", [&] { options.precision = parsePrecision(value); } },
        { "seed", [&] { options.seed = options.split.seed = static_cast<std::uint64_t>(std::max(0, whole())); } },
    };
    const auto found = set.find(name);
    if (found == set.end()) {
        std::string known;
        for (const auto& [other, unused] : set)
            known += (known.empty() ? "" : ", ") + other;
        throw Error("There is no option '" + name + "' to go over", "Choose of " + known + ".");
    }
    found->second();
}

Json identityOf(const TrainOptions& options)
{
    Json json = toJson(options);
    for (const char* key : { "epochs", "device", "precision", "threads", "rank_timeout", "checkpoint_seconds", "patience" })
        json.erase(key);
    if (options.schedule == Schedule::Cosine || options.schedule == Schedule::Poly) // their curves depend on the end
        json["epochs"] = options.epochs;
    return json;
}

Json upgradedIdentity(const Json& stored)
{
    Json changed = stored;
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

Json toJson(const EpochMetrics& metrics)
{
    Json json = { { "epoch", metrics.epoch }, { "train_loss", metrics.trainLoss }, { "train_dice", metrics.trainDice },
        { "val_loss", metrics.validationLoss }, { "val_dice", metrics.validationDice }, { "lr", metrics.learningRate },
        { "seconds", metrics.seconds }, { "voxels_per_s", metrics.voxelsPerSecond } };
    if (std::isnan(metrics.validationDice)) { // JSON has no such number
        json.erase("train_dice");
        json.erase("val_dice");
    }
    if (metrics.validationDicePerClass.size() > 1)
        json["val_dice_per_class"] = metrics.validationDicePerClass;
    return json;
}

EpochMetrics epochMetricsFromJson(const Json& json)
{
    EpochMetrics m;
    m.epoch = json.at("epoch").get<int>();
    m.trainLoss = json.at("train_loss").get<double>();
    m.trainDice = json.value("train_dice", std::numeric_limits<double>::quiet_NaN());
    m.validationLoss = json.at("val_loss").get<double>();
    m.validationDice = json.value("val_dice", std::numeric_limits<double>::quiet_NaN());
    m.learningRate = json.at("lr").get<double>();
    m.seconds = json.at("seconds").get<double>();
    m.voxelsPerSecond = json.at("voxels_per_s").get<double>();
    m.validationDicePerClass = json.value("val_dice_per_class", std::vector<double>());
    return m;
}

} // namespace interstice
