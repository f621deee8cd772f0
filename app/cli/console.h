// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "base/json.h"
#include "base/task.h"
#include "cli/stop_signals.h"

#include <chrono>
#include <string>

namespace interstice {

/// What every command shares: the task that Ctrl-C stops, progress on standard error, results on
/// standard output as text or as one JSON object.
class Console {
public:
    Console();

    bool json = false;
    bool quiet = false;

    Task& task() { return m_task; }
    double seconds() const;
    /// Ends the progress line, so that what follows starts on a line of its own.
    void endProgress();
    /// A line for people on standard output; nothing with --json.
    void say(const std::string& line);
    /// Findings on standard error for people; with --json they belong into the object.
    void say(const Findings& findings);
    /// With several processes for one work all but the first say nothing.
    void silence(bool silent) { m_silent = silent; }
    /// The object, with --json alone.
    void print(const Json& object);

private:
    void showProgress(double fraction, const std::string& text);

    Task m_task;
    StopSignals m_signals { m_task };
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point m_shown {};
    bool m_silent = false;
    bool m_terminal;
    bool m_lineOpen = false;
    std::string m_lastText;
};

} // namespace interstice
