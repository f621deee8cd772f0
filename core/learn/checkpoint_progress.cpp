// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/checkpoint_progress.h"

#include "base/error.h"
#include "base/json.h"
#include "learn/safetensors.h"

namespace interstice {

std::optional<CheckpointProgress> readCheckpointProgress(const std::filesystem::path& checkpoint)
{
    std::error_code ignored;
    if (!std::filesystem::exists(checkpoint, ignored))
        return std::nullopt;
    try {
        const auto metadata = readSafetensorsMetadata(checkpoint);
        const auto found = metadata.find("interstice-checkpoint");
        if (found == metadata.end())
            return std::nullopt;
        const Json json = Json::parse(found->second);
        return CheckpointProgress { json.at("epoch").get<int>(), json.value("blocks_done", 0) > 0 };
    } catch (const Error&) {
        return std::nullopt;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

} // namespace interstice
