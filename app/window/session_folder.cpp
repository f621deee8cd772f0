// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/session_folder.h"

#include "app/window/left_training.h"
#include "base/error.h"
#include "base/file.h"

#include <QCoreApplication>
#include <QRandomGenerator>

#include <algorithm>
#include <chrono>
#include <optional>

namespace fs = std::filesystem;

namespace interstice {

namespace {

constexpr auto kLeftoverAge = std::chrono::hours(24);
constexpr auto kTrainingAge = std::chrono::hours(24 * 14);
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

namespace {

/// Folders that are wanted and whose session does not run. Asked in this order: looking at the lock changes the time of
/// a folder.
template <class Wanted> std::vector<fs::path> foldersOfNobody(Wanted wanted)
{
    std::vector<fs::path> folders;
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(cacheFolder(), problem)) {
        if (!entry.is_directory(problem) || !entry.path().filename().string().starts_with("work-") || !wanted(entry.path()))
            continue;
        QLockFile lock(nativePath(entry.path() / kLockName));
        lock.setStaleLockTime(0);
        if (!lock.tryLock())
            continue;
        lock.unlock();
        folders.push_back(entry.path());
    }
    return folders;
}

/// When something was last written into a folder, but for the lock.
fs::file_time_type lastWritten(const fs::path& folder)
{
    std::error_code problem;
    std::optional<fs::file_time_type> last;
    for (const auto& entry : fs::directory_iterator(folder, problem)) {
        const auto time = entry.last_write_time(problem);
        if (!problem && entry.path().filename() != kLockName)
            last = std::max(last.value_or(time), time);
    }
    return last ? *last : fs::last_write_time(folder, problem);
}

} // namespace

std::vector<fs::path> SessionFolder::abandoned()
{
    return foldersOfNobody([](const fs::path& path) { return holdsLeftTraining(path); });
}

void SessionFolder::removeLeftovers(Task& task)
{
    std::error_code problem;
    for (const fs::path& folder : foldersOfNobody([&](const fs::path& path) {
             task.throwIfStopped();
             std::error_code unknown;
             const bool training = holdsLeftTraining(path); // whose folder's time changes with every look at the lock
             const auto time = training ? lastWritten(path) : fs::last_write_time(path, unknown);
             return !unknown && fs::file_time_type::clock::now() - time >= (training ? kTrainingAge : kLeftoverAge);
         }))
        fs::remove_all(folder, problem);
}

} // namespace interstice
