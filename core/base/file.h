// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace interstice {

/// The path as UTF-8, for messages and JSON.
std::string utf8(const std::filesystem::path& path);

/// A file that appears under its name only when complete: write to `path()`, then `commit()`.
/// Destroyed without commit, what was written is removed and the old file, if any, is untouched.
class PendingFile {
public:
    /// Throws Error when the folder does not exist or cannot be written to.
    explicit PendingFile(std::filesystem::path target);
    ~PendingFile();
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    const std::filesystem::path& target() const { return m_target; }
    const std::filesystem::path& path() const { return m_temporary; }
    /// Flushes to the disk and renames. Throws Error (disk full, permission).
    void commit();

private:
    std::filesystem::path m_target;
    std::filesystem::path m_temporary;
    bool m_committed = false;
};

/// The whole content at once, through a PendingFile.
void writeTextFile(const std::filesystem::path& path, std::string_view text);
std::string readTextFile(const std::filesystem::path& path);

/// XXH3-128 of the file's content as 32 hexadecimal digits (what `xxh128sum` prints).
std::string checksumOfFile(const std::filesystem::path& path);
std::string checksumOfBytes(const void* data, std::size_t size);

/// Compares so that "slice9" comes before "slice10"; ties are broken by the plain comparison.
bool naturalLess(std::string_view a, std::string_view b);

/// The user's cache folder of this program ($XDG_CACHE_HOME or ~/.cache, then "interstice").
std::filesystem::path cacheFolder();

} // namespace interstice
