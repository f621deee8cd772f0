// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <algorithm>
#include <ctime>

namespace interstice::test {

/// How long the event loop was kept from turning: the longest gap between two turns, in milliseconds that the thread
/// worked in it, or all of a gap that is much longer than other work on the machine explains.
class Watchdog : public QObject {
public:
    Watchdog()
    {
        m_wall.start();
        m_cpu = cpuMilliseconds();
        connect(&m_timer, &QTimer::timeout, this, [this] {
            const double wall = double(m_wall.nsecsElapsed()) / 1e6;
            const double cpu = cpuMilliseconds();
            const double gap = wall > kUnexplained ? wall : std::min(wall, cpu - m_cpu);
            m_longest = std::max(m_longest, gap);
            m_wall.start();
            m_cpu = cpu;
        });
        m_timer.start(2);
    }
    double longest() const { return m_longest; }

private:
    static constexpr double kUnexplained = 600;
    static double cpuMilliseconds()
    {
        timespec now {};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
    }

    QTimer m_timer;
    QElapsedTimer m_wall;
    double m_cpu = 0;
    double m_longest = 0;
};

} // namespace interstice::test
