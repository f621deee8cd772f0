// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace interstice {

/// A nameless file in the cache folder for what one computation puts aside; gone with the object or the process. Reads
/// and writes at places that do not overlap may come from several threads at once. All of it throws Error when the
/// disk does not do as it should, with what to do about it.
class ScratchFile {
public:
    ScratchFile();
    ~ScratchFile();
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    /// Makes it `bytes` long, filled up with zeros; refuses, with both numbers, when the disk has not as much room.
    void reserve(std::uint64_t bytes);
    void read(std::uint64_t at, std::span<std::byte> to) const;
    /// Grows the file where needed.
    void write(std::uint64_t at, std::span<const std::byte> from);

private:
    int m_file = -1;
};

} // namespace interstice
