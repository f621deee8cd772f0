// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace interstice {

/// Progress and stop of one slow function. Passed by reference; every method may be called from any
/// thread. The caller that owns the task calls `requestStop`; the function calls `throwIfStopped`
/// often enough to answer within a second.
class Task {
public:
    /// fraction in [0, 1] of the whole task; text says what is being done now.
    using ProgressHandler = std::function<void(double fraction, const std::string& text)>;

    Task() = default;
    explicit Task(ProgressHandler handler);

    void progress(double fraction, const std::string& text = {});
    bool stopRequested() const { return m_stop->load(std::memory_order_relaxed); }
    void requestStop() { m_stop->store(true, std::memory_order_relaxed); }
    /// Throws `Stopped` once a stop was requested.
    void throwIfStopped() const;

    /// A task for one step of this one: its 0…1 appears as from…to here, and it shares the stop.
    Task part(double from, double to);

private:
    ProgressHandler m_handler;
    std::shared_ptr<std::atomic<bool>> m_stop = std::make_shared<std::atomic<bool>>(false);
};

} // namespace interstice
