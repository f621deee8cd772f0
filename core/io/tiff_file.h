// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

typedef struct tiff TIFF;

namespace interstice {

/// "…cannot be decoded (Read error at scanline 4)", with what to do about damaged files.
Error unreadable(const std::string& happened, std::string message);

/// A TIFF file open for reading, shared by any number of libtiff handles: all reading is positioned.
class TiffFile {
public:
    /// Throws Error when it is missing, unreadable, a folder, empty or does not begin as a TIFF does.
    explicit TiffFile(const std::filesystem::path& path);
    ~TiffFile();
    TiffFile(const TiffFile&) = delete;
    TiffFile& operator=(const TiffFile&) = delete;

    const std::string& name() const { return m_name; }
    std::uint64_t size() const { return m_size; }
    /// Numbers in the file are in the other byte order than this machine's.
    bool swapped() const { return m_swapped; }
    bool bigTiff() const { return m_bigTiff; }

    /// Bytes read; fewer than asked for only at the end of the file. Throws Error when the disk fails.
    std::size_t readSome(std::uint64_t offset, std::span<std::byte> to) const;
    /// Throws Error when the file ends before.
    void readAll(std::uint64_t offset, std::span<std::byte> to) const;

private:
    std::string m_name;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
    bool m_swapped = false;
    bool m_bigTiff = false;
};

/// One libtiff handle on a TiffFile; belongs to one thread at a time.
class TiffHandle {
public:
    explicit TiffHandle(std::shared_ptr<const TiffFile> file);
    ~TiffHandle();
    TiffHandle(const TiffHandle&) = delete;
    TiffHandle& operator=(const TiffHandle&) = delete;

    const TiffFile& file() const { return *m_file; }
    /// Opened at first use, so that reading uncompressed data needs no libtiff. Throws Error.
    TIFF* tiff();
    /// Makes the directory at this offset the current one. Throws Error.
    void goTo(std::uint64_t directory);

    /// The first error that libtiff reported since the last call; empty when there was none.
    std::string takeMessage();
    /// Throws Error "Slice 7 of raw.tif cannot be decoded (Read error at scanline 4)".
    [[noreturn]] void fail(const std::string& happened);

    /// What the callbacks of libtiff see.
    struct Context {
        const TiffFile* file = nullptr;
        std::uint64_t position = 0;
        std::string message;
    };

private:
    std::shared_ptr<const TiffFile> m_file;
    Context m_context;
    TIFF* m_tiff = nullptr;
    std::uint64_t m_directory = 0;
};

} // namespace interstice
