// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.h"

#include "base/file.h"

#include <cstdio>
#include <memory>
#include <mutex>

#if INTERSTICE_WITH_SPDLOG
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#endif

namespace interstice {

namespace {

/// Logging is the one thing that every layer reaches without being handed it.
struct LogState {
    std::mutex mutex;
    std::function<void(LogLevel, const std::string&)> listener;
#if INTERSTICE_WITH_SPDLOG
    std::shared_ptr<spdlog::logger> logger;
#endif
};

LogState& state()
{
    static LogState log;
    return log;
}

#if INTERSTICE_WITH_SPDLOG
spdlog::level::level_enum spdLevel(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return spdlog::level::debug;
    case LogLevel::Info:
        return spdlog::level::info;
    case LogLevel::Warning:
        return spdlog::level::warn;
    case LogLevel::Error:
        break;
    }
    return spdlog::level::err;
}
#endif

} // namespace

void logMessage(LogLevel level, const std::string& text)
{
    std::function<void(LogLevel, const std::string&)> listener;
    {
        LogState& log = state();
        const std::lock_guard lock(log.mutex);
        listener = log.listener;
#if INTERSTICE_WITH_SPDLOG
        if (log.logger)
            log.logger->log(spdLevel(level), text);
        else
#endif
            if (level >= LogLevel::Warning)
            std::fprintf(stderr, "%s\n", text.c_str());
    }
    if (listener)
        listener(level, text);
}

void startLogging(const LogOptions& options)
{
    LogState& log = state();
    const std::lock_guard lock(log.mutex);
#if INTERSTICE_WITH_SPDLOG
    std::vector<spdlog::sink_ptr> sinks;
    auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    console->set_level(spdLevel(options.console));
    console->set_pattern("%^%l%$: %v");
    sinks.push_back(console);
    if (!options.file.empty()) {
        std::error_code ignored;
        std::filesystem::create_directories(options.file.parent_path(), ignored);
        try {
            auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(utf8(options.file), 2 << 20, 3);
            file->set_level(spdlog::level::info);
            file->set_pattern("%Y-%m-%d %H:%M:%S.%e [%t] %l: %v");
            sinks.push_back(file);
        } catch (const spdlog::spdlog_ex&) {
            // A read-only home must not keep the program from working; the console still has it all.
        }
    }
    log.logger = std::make_shared<spdlog::logger>("interstice", sinks.begin(), sinks.end());
    log.logger->set_level(spdlog::level::debug);
    log.logger->flush_on(spdlog::level::info);
#else
    (void)options;
#endif
}

std::filesystem::path defaultLogFile(const std::string& program)
{
    return cacheFolder() / "logs" / (program + ".log");
}

void setLogListener(std::function<void(LogLevel, const std::string&)> listener)
{
    LogState& log = state();
    const std::lock_guard lock(log.mutex);
    log.listener = std::move(listener);
}

} // namespace interstice
