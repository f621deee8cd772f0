// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/model_file.h"

#include "base/error.h"
#include "base/file.h"
#include "learn/safetensors.h"

namespace interstice {

Json toJson(const ModelCard& card)
{
    return { { "format", "interstice-model" }, { "format_version", 1 }, { "architecture", toJson(card.architecture) },
        { "input_axes", "N C Z Y X" }, { "classes", { "background", "foreground" } },
        { "purpose", card.pretrained ? "pretraining" : "segmentation" },
        { "output", card.pretrained ? "one standardised grey value a voxel" : "one logit a voxel" },
        { "normalise", toJson(card.normalise) }, { "grey_range", { card.range.low, card.range.high } },
        { "voxel_size", toJson(card.trainedAt) }, { "split", toJson(card.split) }, { "training", card.training },
        { "best_epoch", card.bestEpoch }, { "best_val_dice", card.bestValidationDice }, { "checksum", card.checksum },
        { "log", card.log } };
}

ModelCard modelCardFromJson(const Json& json)
{
    if (json.value("format", "") != "interstice-model")
        throw Error("The file was not written by Interstice", "Choose a model that Interstice trained.");
    if (json.value("format_version", 0) > 1)
        throw Error("The model was written by a newer Interstice", "Update this program to use it.");
    ModelCard card;
    try {
        card.architecture = architectureFromJson(json.at("architecture"));
        card.normalise = normaliseOptionsFromJson(json.at("normalise"));
        card.range = { json.at("grey_range").at(0).get<double>(), json.at("grey_range").at(1).get<double>() };
        card.trainedAt = voxelSizeFromJson(json.at("voxel_size"));
        card.split = splitFromJson(json.at("split"));
        card.training = json.value("training", Json::object());
        card.log = json.value("log", Json::array());
        card.bestEpoch = json.value("best_epoch", 0);
        card.bestValidationDice = json.value("best_val_dice", 0.0);
        card.checksum = json.value("checksum", "");
        card.pretrained = json.value("purpose", "") == "pretraining";
    } catch (const Json::exception& problem) {
        throw Error(std::string("The model's card is incomplete (") + problem.what() + ")", "Train the model again.");
    }
    return card;
}

ModelCard readPredictorCard(const std::filesystem::path& path, const ScriptOptions& options)
{
    if (!isScript(path))
        return readModelCard(path);
    ModelCard card;
    card.script = readScriptCard(path, options);
    card.fileBytes = std::filesystem::file_size(path);
    card.checksum = checksumOfFile(path);
    return card;
}

void requirePredicts(const ModelCard& card, const std::filesystem::path& path)
{
    if (card.pretrained)
        throw Error(utf8(path) + " was only pretrained on grey values and knows no classes yet",
            "Train it on labels first: interstice-cli train RAW TRUTH --start-from " + utf8(path) + " -o MODEL.");
}

ModelCard readModelCard(const std::filesystem::path& path)
{
    if (isScript(path))
        throw Error(utf8(path) + " is a TorchScript archive, which can only predict",
            "Use interstice-cli predict --model " + utf8(path) + ", or choose a model that Interstice trained.");
    const auto metadata = readSafetensorsMetadata(path);
    const auto found = metadata.find("interstice");
    if (found == metadata.end())
        throw Error(utf8(path) + " has no card of Interstice", "Choose a model that Interstice trained.");
    const Json json = Json::parse(found->second, nullptr, false);
    if (!json.is_object())
        throw Error("The card in " + utf8(path) + " is damaged", "Copy the file again or train the model again.");
    try {
        return modelCardFromJson(json);
    } catch (const Error& error) {
        throw Error(utf8(path) + ": " + error.happened(), error.remedy());
    }
}

} // namespace interstice
