// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"

#include <QLockFile>

#include <filesystem>
#include <memory>
#include <vector>

namespace interstice {

/// Where a session keeps masks and models that nobody has saved: <cache>/work-…, removed at the end.
class SessionFolder {
public:
    /// Throws Error when the cache folder cannot be written to.
    SessionFolder();
    ~SessionFolder();
    SessionFolder(const SessionFolder&) = delete;
    SessionFolder& operator=(const SessionFolder&) = delete;

    /// A path that was not given before: "unet-3.tif".
    std::filesystem::path newFile(const std::string& stem, const std::string& suffix);
    const std::filesystem::path& path() const { return m_path; }

    /// Folders with unfinished trainings of sessions that ended without cleaning up. For a job.
    static std::vector<std::filesystem::path> abandoned();
    /// Removes what sessions that ended without cleaning up left more than a day ago; unfinished trainings are kept
    /// for two weeks. For a job.
    static void removeLeftovers(Task& task);

private:
    std::filesystem::path m_path;
    std::unique_ptr<QLockFile> m_lock;
    int m_files = 0;
};

} // namespace interstice
