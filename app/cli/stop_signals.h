// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"

#include <atomic>
#include <thread>

namespace interstice {

/// Turns SIGINT (Ctrl-C) and SIGTERM into a stop of the task; a second one ends the process at once.
///
/// The signals are blocked in the thread that makes this and so in all that it starts, and one thread alone waits for
/// them: a handler must never run on a thread that computes. oneDNN's kernels for the backward pass of convolutions
/// keep data further below the stack pointer than the 128 bytes that the System V ABI (x86-64, 3.2.2) leaves to a
/// function, where a handler's frame overwrites them; the heap is damaged and the training ends in an abort. Make it
/// before any other thread.
class StopSignals {
public:
    explicit StopSignals(Task& task);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

private:
    void wait();

    Task& m_task;
    std::atomic<bool> m_ended = false;
    std::thread m_waiting;
};

} // namespace interstice
