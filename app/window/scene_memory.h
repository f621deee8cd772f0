// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

/// Keeps looks in the program's settings, by the volume's path; the oldest of more than fifty are forgotten.
class SceneMemory {
public:
    explicit SceneMemory(QSettings& settings)
        : m_settings(settings)
    {
    }
    void keep(const std::filesystem::path& volume, const SceneLook& look);
    /// Nothing when it was never kept or cannot be read.
    std::optional<SceneLook> recall(const std::filesystem::path& volume) const;

private:
    QSettings& m_settings;
};

} // namespace interstice
