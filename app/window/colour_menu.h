// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"

#include <QPoint>

#include <functional>

class QWidget;

namespace interstice {

/// Asks for a colour at a place of the screen: one of those that stay apart for colour-blind readers, the usual one, or any.
/// `chosen` is called once, or not at all; `owner` outlives the question.
void askColour(QWidget* owner, const QPoint& place, Rgb now, Rgb usual, std::function<void(Rgb)> chosen);

} // namespace interstice
