// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace interstice {

/// Call first thing in main: large blocks stay with the process between uses. Networks take and free
/// tensors of many megabytes hundreds of times a second, and with the C library's defaults each comes
/// fresh from the system, a page fault every 4 kB (a fifth of a training step).
void keepLargeBlocks();
/// Gives back what is free, after such work is done.
void returnFreeMemory();

} // namespace interstice
