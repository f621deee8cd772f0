// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "render/graphics.h"

#include <QString>

namespace interstice {

/// The argument with which the program prints what `probeGraphics` finds, as JSON, and ends.
inline constexpr const char* kProbeArgument = "--probe-graphics";

/// Asks a process of its own, so that a broken driver takes that one down. Waits; for a worker thread.
GraphicsInfo probeInChild(const QString& program, Task& task);

} // namespace interstice
