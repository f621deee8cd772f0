// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

namespace interstice {

/// How far a checkpoint's training is.
struct CheckpointProgress {
    int epoch = 0; ///< last one finished
    bool beyond = false; ///< a part of the next one is done too
};

/// Reads the header alone, quickly, without LibTorch; nothing where there is no checkpoint or it cannot be read.
std::optional<CheckpointProgress> readCheckpointProgress(const std::filesystem::path& checkpoint);

} // namespace interstice
