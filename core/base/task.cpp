// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/task.h"

#include "base/error.h"

#include <algorithm>

namespace interstice {

Task::Task(ProgressHandler handler)
    : m_handler(std::move(handler))
{
}

void Task::progress(double fraction, const std::string& text)
{
    if (m_handler)
        m_handler(std::clamp(fraction, 0.0, 1.0), text);
}

void Task::throwIfStopped() const
{
    if (stopRequested())
        throw Stopped();
}

Task Task::part(double from, double to)
{
    Task step;
    if (m_handler) {
        step.m_handler = [handler = m_handler, from, to](
                             double fraction, const std::string& text) { handler(from + (to - from) * fraction, text); };
    }
    step.m_stop = m_stop;
    return step;
}

} // namespace interstice
