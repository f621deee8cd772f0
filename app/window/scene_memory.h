// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/mask_looks.h"
#include "base/json.h"
#include "render/scene_state.h"

#include <filesystem>
#include <optional>

class QSettings;

namespace interstice {

/// What a volume looked like in 3-D when it was last open.
struct SceneLook {
    TransferFunction transfer;
    ClipBox clip;
};

/// Keeps how volumes looked in the program's settings, by the volume's path; the oldest of more than fifty are forgotten.
class SceneMemory {
public:
    explicit SceneMemory(QSettings& settings)
        : m_settings(settings)
    {
    }
    void keep(const std::filesystem::path& volume, const SceneLook& look);
    /// Nothing when it was never kept or cannot be read.
    std::optional<SceneLook> recall(const std::filesystem::path& volume) const;
    void keepMasks(const std::filesystem::path& volume, const MaskLookMap& looks);
    /// Empty when none were kept or they cannot be read.
    MaskLookMap recallMasks(const std::filesystem::path& volume) const;

private:
    /// Null when nothing was kept or it cannot be read.
    Json entry(const std::filesystem::path& volume) const;
    /// Adds to what is kept of a volume, and makes it the latest.
    void merge(const std::filesystem::path& volume, const Json& parts);

    QSettings& m_settings;
};

} // namespace interstice
