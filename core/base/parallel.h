// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>

namespace interstice {

/// Calls body(i) for every i in [0, count) on up to `threads` threads (0: all usable cores). The
/// first exception ends the loop and is thrown here. For slices, tiles and pages: work large enough
/// that starting threads does not matter.
void parallelFor(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body);

} // namespace interstice
