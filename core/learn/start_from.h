// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "base/finding.h"
#include "learn/model_file.h"
#include "learn/network.h"
#include "learn/train_options.h"

#include <filesystem>

namespace interstice {

/// Copies from a model into a network what has the same name and shape; heads are left as they
/// are where the model gives out another quantity than this training wants (grey values, classes). The findings say what was
/// taken over and what is new, and what of the model's grey values was prepared in another way. Throws Error when the file
/// is no model or nothing in it fits.
Findings takeOver(UNetImpl& network, const NormaliseOptions& normalise, const std::filesystem::path& model, Goal goal);

} // namespace interstice
