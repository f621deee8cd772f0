// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/stop_signals.h"

#include <csignal>

#include <pthread.h>

namespace interstice {

namespace {

sigset_t stoppingSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

} // namespace

StopSignals::StopSignals(Task& task)
    : m_task(task)
{
    const sigset_t signals = stoppingSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // A shell's background jobs are born with SIGINT ignored.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    m_waiting = std::thread([this] { wait(); });
}

StopSignals::~StopSignals()
{
    m_ended = true;
    pthread_kill(m_waiting.native_handle(), SIGTERM); // wakes it
    m_waiting.join();
}

void StopSignals::wait()
{
    const sigset_t signals = stoppingSignals();
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && !m_ended) {
        if (m_task.stopRequested()) {
            pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
            std::raise(signal);
        }
        m_task.requestStop();
    }
}

} // namespace interstice
