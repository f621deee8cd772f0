// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "learn/out_of_memory.h"

#include <torch/torch.h>

#include <exception>
#include <new>
#include <string>

namespace interstice {

/// "what() without the stack trace", first line only.
std::string firstLine(const std::string& text);

/// Whether one of LibTorch's texts says that memory ran out; it has no type of its own for that on the processor.
inline bool saysShortage(const std::string& text)
{
    for (const char* part : { "out of memory", "not enough memory", "can't allocate memory" }) {
        if (text.find(part) != std::string::npos)
            return true;
    }
    return false;
}

/// Whether an exception means that memory ran out, on a GPU or of the machine.
inline bool isShortage(const std::exception& problem)
{
    return dynamic_cast<const std::bad_alloc*>(&problem) || dynamic_cast<const c10::OutOfMemoryError*>(&problem)
        || (dynamic_cast<const c10::Error*>(&problem) && saysShortage(problem.what()));
}

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
        if (saysShortage(why))
            throw OutOfMemory(doing + " ran out of memory", "Choose a smaller batch or tile.");
        throw Error(doing + " failed in LibTorch: " + why, "Please report this with the log file.");
    } catch (const std::bad_alloc&) {
        throw OutOfMemory(doing + " ran out of memory", "Choose a smaller batch or tile.");
    }
}

} // namespace interstice
