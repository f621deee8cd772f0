// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/architecture.h"
#include "learn/script_card.h"
#include "learn/split.h"
#include "volume/grey_range.h"
#include "volume/voxel_size.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace interstice {

/// What a model file says of itself, as JSON in the safetensors metadata (key "interstice"). The file
/// executes nothing and opens in Python: `safetensors.numpy.load_file(path)`.
struct ModelCard {
    ArchitectureSpec architecture;
    NormaliseOptions normalise;
    /// Grey values of the training volume that became 0 and 1.
    GreyRange range;
    VoxelSize trainedAt;
    Split split;
    /// Options the training ran with.
    Json training = Json::object();
    /// One entry an epoch, as in the log file.
    Json log = Json::array();
    int bestEpoch = 0;
    double bestValidationDice = 0;
    /// XXH3-128 of the tensors' bytes; checked on reading.
    std::string checksum;
    /// Learned from grey values alone: a start for a training, not a model that predicts.
    bool pretrained = false;
    /// A TorchScript archive, of which only the fields below and `checksum` (of the file) mean anything.
    std::optional<ScriptCard> script;
    std::uint64_t fileBytes = 0;
};

Json toJson(const ModelCard& card);
ModelCard modelCardFromJson(const Json& json);

/// Reads the card alone, quickly, without LibTorch. Throws Error when the file is missing, is not a
/// safetensors file, is damaged, or was not written by Interstice.
ModelCard readModelCard(const std::filesystem::path& path);
/// The card of what `predict` takes: a model of Interstice, or what a TorchScript archive is taken to be.
ModelCard readPredictorCard(const std::filesystem::path& path, const ScriptOptions& options);
/// Throws Error when the model was only pretrained.
void requirePredicts(const ModelCard& card, const std::filesystem::path& path);

} // namespace interstice
