// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "learn/architecture.h"
#include "volume/grey_range.h"

#include <filesystem>
#include <optional>
#include <string>

namespace interstice {

/// What the caller knows of a TorchScript archive; what is left out comes from the JSON file beside it, or is assumed.
struct ScriptOptions {
    std::optional<Shape> tile;
    std::optional<Extent> lattice;
    std::optional<Extent> reach;
    std::optional<int> channels;
    std::optional<std::string> output;
    std::optional<std::string> grey;
};

/// What a TorchScript archive, which says nothing of itself, is taken to be: a network from (N, channels, Z, Y, X) to
/// (N, K, Z, Y, X).
struct ScriptCard {
    /// Size of the inputs in paper mode, kept as it is.
    Shape tile { 32, 128, 128 };
    /// Sides of other inputs must be multiples of these.
    Extent lattice { 16, 16, 16 };
    /// How far an input voxel can change an output voxel, each way; unknown: no exact mode.
    std::optional<Extent> reach;
    /// Times that the grey values are repeated.
    int channels = 1;
    /// Channels of the output; 0 until the network has been tried.
    int outputs = 0;
    /// Outputs are probabilities already. Otherwise one is a logit and several are a softmax's.
    bool probabilities = false;
    /// "minmax" and "percentiles" (to 0…1, as for our own networks), "standard" (minus the mean, over the standard
    /// deviation), "none", or "LOW:HIGH", the grey values that become 0 and 1.
    std::string grey = "percentiles";
    /// What was neither said nor written beside the file, in a sentence; empty when all was.
    std::string assumed;
};

/// Whether a file is a ZIP archive, as TorchScript's are.
bool isScript(const std::filesystem::path& path);
/// MODEL.json beside MODEL.pt: tile, lattice and receptive_field as [z, y, x], channels, output ("logits" or
/// "probabilities"), grey. What `options` say goes before it. Throws Error on a value that makes no sense and on a key that
/// is none of these.
ScriptCard readScriptCard(const std::filesystem::path& path, const ScriptOptions& options);
/// The grey values that become 0 and 1 for such a network.
GreyRange findScriptRange(const VolumeSource& raw, const std::string& grey, Task& task);

} // namespace interstice
