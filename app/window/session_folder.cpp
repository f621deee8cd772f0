// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/session_folder.h"

#include "base/error.h"
#include "base/file.h"

#include <QCoreApplication>
#include <QRandomGenerator>

#include <chrono>

namespace fs = std::filesystem;

namespace interstice {

namespace {

constexpr auto kLeftoverAge = std::chrono::hours(24);
constexpr const char* kLockName = "lock";

QString nativePath(const fs::path& path)
{
    return QString::fromStdString(utf8(path));
}

} // namespace

SessionFolder::SessionFolder()
{
    const std::string name = "work-" + std::to_string(QCoreApplication::applicationPid()) + "-"
        + QString::number(QRandomGenerator::global()->generate(), 16).toStdString();
    m_path = cacheFolder() / name;
    std::error_code problem;
    fs::create_directories(m_path, problem);
    if (problem)
        throw Error("The working folder " + utf8(m_path) + " cannot be made: " + problem.message(),
            "Free some space there, or set XDG_CACHE_HOME to a folder that can be written to.");
    m_lock = std::make_unique<QLockFile>(nativePath(m_path / kLockName));
    m_lock->setStaleLockTime(0); // only a dead owner makes it stale
    m_lock->tryLock();
}

SessionFolder::~SessionFolder()
{
    m_lock->unlock();
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

fs::path SessionFolder::newFile(const std::string& stem, const std::string& suffix)
{
    return m_path / (stem + "-" + std::to_string(++m_files) + suffix);
}

void SessionFolder::removeLeftovers(Task& task)
{
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(cacheFolder(), problem)) {
        task.throwIfStopped();
        if (!entry.is_directory(problem) || !entry.path().filename().string().starts_with("work-"))
            continue;
        const auto age = fs::file_time_type::clock::now() - entry.last_write_time(problem);
        if (problem || age < kLeftoverAge)
            continue;
        QLockFile lock(nativePath(entry.path() / kLockName));
        lock.setStaleLockTime(0);
        if (!lock.tryLock())
            continue; // that session still runs
        lock.unlock();
        fs::remove_all(entry.path(), problem);
    }
}

} // namespace interstice
