// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/scalar.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace interstice {

/// How one sample lies in a TIFF file.
struct SampleType {
    enum class Kind { Unsigned, Signed, Float };
    Kind kind = Kind::Unsigned;
    int bits = 8;
    /// MinIsWhite: integer values are turned round (largest − value) so that more is brighter.
    bool inverted = false;

    bool operator==(const SampleType&) const = default;
};

/// The voxel type that a sample type is read as; nothing when it cannot be read.
std::optional<Scalar> scalarFor(const SampleType& type);
/// No conversion but perhaps the inversion: file and memory have the same bits.
bool isDirect(const SampleType& type);
/// "12-bit unsigned", "64-bit floating-point"
std::string describe(const SampleType& type);

/// Bytes of a row of `width` samples; rows begin on whole bytes.
inline std::uint64_t rowBytes(const SampleType& type, std::uint64_t width)
{
    return (width * static_cast<std::uint64_t>(type.bits) + 7) / 8;
}

/// Turns the byte order of 16-, 32- and 64-bit samples round, in place; nothing for others.
void swapSamples(std::span<std::byte> samples, int bits);
/// Converts samples first … first + count of a row (16, 32 and 64 bits in this machine's byte order;
/// all others packed from the highest bit, 24 bits too, whatever the byte order of the file) into scalarFor(type) at `to`.
void convertSamples(const SampleType& type, const std::byte* row, std::uint64_t first, std::uint64_t count, std::byte* to);
/// The inversion of directly readable samples, in place.
void invertSamples(const SampleType& type, std::span<std::byte> samples);

} // namespace interstice
