// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "learn/out_of_memory.h"

#include <torch/torch.h>

#include <string>

namespace interstice {

/// "what() without the stack trace", first line only.
std::string firstLine(const std::string& text);

/// Runs f and translates what LibTorch throws into Error: OutOfMemory with advice, anything else with
/// its first line.
template <class F> auto atTorchBorder(const std::string& doing, F&& f)
{
    try {
        return f();
    } catch (const c10::OutOfMemoryError& problem) {
        throw OutOfMemory(doing + " ran out of memory on the GPU", "Choose a smaller batch or tile, or another device.");
    } catch (const c10::Error& problem) {
        const std::string why = firstLine(problem.what_without_backtrace());
        if (why.find("not enough memory") != std::string::npos || why.find("can't allocate memory") != std::string::npos)
            throw OutOfMemory(doing + " ran out of memory", "Choose a smaller batch or tile.");
        throw Error(doing + " failed in LibTorch: " + why, "Please report this with the log file.");
    } catch (const std::bad_alloc&) {
        throw OutOfMemory(doing + " ran out of memory", "Choose a smaller batch or tile.");
    }
}

} // namespace interstice
