// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/devices.h"
#include "render/graphics.h"

#include <optional>
#include <string>
#include <vector>

class QWidget;

namespace interstice {

/// Versions and devices, with a button that copies them: what a bug report needs.
void showAbout(QWidget* parent, const std::string& learnVersion, const std::vector<Device>& devices,
    const std::optional<GraphicsInfo>& graphics);
void showShortcuts(QWidget* parent);

} // namespace interstice
