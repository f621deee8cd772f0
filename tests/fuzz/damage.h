// SPDX-License-Identifier: GPL-3.0-or-later
// Ways to damage a file, and what a reader must do with it: read it or refuse it with a sentence.
#pragma once

#include "base/error.h"
#include "io/open_volume.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace interstice {

/// Not through writeTextFile, which waits for the disk; and a new file, as some file systems wait when an
/// old one is written over.
inline void put(const std::filesystem::path& path, std::string_view bytes)
{
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Reads every page as far as it goes: true when all of it could be read.
inline bool readAll(const std::filesystem::path& path)
{
    try {
        const OpenedVolume opened = openVolume(path);
        const Shape shape = opened.source->shape();
        std::vector<std::byte> plane(static_cast<std::size_t>(shape.sliceVoxels()) * bytesOf(opened.source->scalar()));
        bool whole = true;
        for (std::int64_t z = 0; z < shape.z; ++z) {
            try {
                opened.source->read(Box::slices(shape, z, 1), plane);
            } catch (const Error&) {
                whole = false; // other pages may be whole
            }
        }
        return whole;
    } catch (const Error& problem) {
        if (problem.happened().empty() || problem.remedy().empty())
            throw std::logic_error("an error that says nothing");
        return false;
    }
}

/// One to four changes: bytes, bits, numbers at the edges of their ranges (on even offsets, where numbers lie), pieces
/// copied over others, offsets that point elsewhere.
inline std::string mutated(std::string bytes, std::mt19937& random)
{
    static constexpr std::array<std::uint32_t, 12> values { 0, 1, 2, 3, 255, 256, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
        0x80000000, 0xffffffff };
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    const std::size_t changes = 1 + below(4);
    for (std::size_t c = 0; c < changes; ++c) {
        const std::size_t where = below(bytes.size());
        switch (below(5)) {
        case 0: // any byte
            bytes[where] = static_cast<char>(random());
            break;
        case 1: // a bit
            bytes[where] = static_cast<char>(bytes[where] ^ (1 << below(8)));
            break;
        case 2: { // a number at the edge of its range, where numbers lie in TIFF: on even offsets
            const std::uint32_t value = values[below(values.size())];
            for (std::size_t i = 0; i < 4 && (where & ~std::size_t { 1 }) + i < bytes.size(); ++i)
                bytes[(where & ~std::size_t { 1 }) + i] = static_cast<char>(value >> (8 * i));
            break;
        }
        case 3: // a piece of the file copied over another
            for (std::size_t i = 0, from = below(bytes.size());
                i < 12 && from + i < bytes.size() && where + i < bytes.size(); ++i)
                bytes[where + i] = bytes[from + i];
            break;
        default: // a directory offset that points into the file
            if (where + 4 < bytes.size())
                bytes[where] = static_cast<char>(below(bytes.size()));
            break;
        }
    }
    return bytes;
}

} // namespace interstice
