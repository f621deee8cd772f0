// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace interstice {

enum class LogLevel { Debug, Info, Warning, Error };

/// Safe from any thread. Before `startLogging` messages of Warning and above go to standard error.
void logMessage(LogLevel level, const std::string& text);
inline void logDebug(const std::string& text)
{
    logMessage(LogLevel::Debug, text);
}
inline void logInfo(const std::string& text)
{
    logMessage(LogLevel::Info, text);
}
inline void logWarning(const std::string& text)
{
    logMessage(LogLevel::Warning, text);
}
inline void logError(const std::string& text)
{
    logMessage(LogLevel::Error, text);
}

struct LogOptions {
    /// Lowest level that reaches standard error; the file takes everything from Info.
    LogLevel console = LogLevel::Warning;
    /// Rotating file (3 × 2 MB); empty for none. A folder that cannot be written to is no failure.
    std::filesystem::path file;
};
void startLogging(const LogOptions& options);
/// <cache folder>/logs/<program>.log
std::filesystem::path defaultLogFile(const std::string& program);

/// Everything logged is also given to this function (the window's log pane). Empty to end.
void setLogListener(std::function<void(LogLevel, const std::string&)> listener);

} // namespace interstice
