// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/console.h"

#include "base/cost.h"

#include <unistd.h>

#include <cstdio>

namespace interstice {

Console::Console()
    : m_task([this](double fraction, const std::string& text) { showProgress(fraction, text); })
    , m_terminal(::isatty(STDERR_FILENO) != 0)
{
}

double Console::seconds() const
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_started).count();
}

void Console::showProgress(double fraction, const std::string& text)
{
    if (quiet || m_silent)
        return;
    const auto now = std::chrono::steady_clock::now();
    const double sinceShown = std::chrono::duration<double>(now - m_shown).count();
    if (sinceShown < (m_terminal ? 0.1 : 5.0))
        return;
    m_shown = now;
    const double elapsed = seconds();
    std::string left;
    if (fraction > 0.02 && elapsed > 2)
        left = ", " + formatDuration(elapsed * (1 - fraction) / fraction) + " left";
    if (m_terminal) {
        const int filled = static_cast<int>(fraction * 24);
        std::string bar;
        for (int i = 0; i < 24; ++i)
            bar += i < filled ? "\u2588" : "\u2591";
        std::fprintf(stderr, "\r\033[K%s %3.0f %%  %s%s", bar.c_str(), fraction * 100, text.c_str(), left.c_str());
        std::fflush(stderr);
        m_lineOpen = true;
    } else if (elapsed > 4) {
        std::fprintf(stderr, "%3.0f %%  %s%s\n", fraction * 100, text.c_str(), left.c_str());
    }
}

void Console::endProgress()
{
    if (m_lineOpen)
        std::fprintf(stderr, "\r\033[K");
    m_lineOpen = false;
}

void Console::say(const std::string& line)
{
    endProgress();
    if (json || m_silent)
        return;
    std::printf("%s\n", line.c_str());
    std::fflush(stdout); // a log file must say how far it was, whoever is killed
}

void Console::say(const Findings& findings)
{
    endProgress();
    for (const auto& finding : findings) {
        if (!json && !quiet && !m_silent)
            std::fprintf(stderr, "%s: %s\n", severityName(finding.severity), finding.text.c_str());
    }
}

void Console::print(const Json& object)
{
    endProgress();
    if (json && !m_silent)
        std::printf("%s\n", object.dump(2).c_str());
}

} // namespace interstice
