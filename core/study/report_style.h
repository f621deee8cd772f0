// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace interstice {

/// The report's style sheet, for the screen and for A4 paper; fonts are the reader's own.
extern const char* const kReportStyle;

} // namespace interstice
