// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_samples.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

namespace interstice {

using Kind = SampleType::Kind;

std::optional<Scalar> scalarFor(const SampleType& type)
{
    const int bits = type.bits;
    switch (type.kind) {
    case Kind::Float:
        if (bits == 16 || bits == 24 || bits == 32 || bits == 64)
            return Scalar::F32;
        return std::nullopt;
    case Kind::Signed:
        if (bits >= 2 && bits <= 16)
            return Scalar::I16;
        if (bits == 24 || bits == 32 || bits == 64)
            return Scalar::F32;
        return std::nullopt;
    case Kind::Unsigned:
        break;
    }
    if (bits >= 1 && bits <= 8)
        return Scalar::U8;
    if (bits <= 16 && bits > 8)
        return Scalar::U16;
    if (bits == 24 || bits == 32)
        return Scalar::U32;
    if (bits == 64)
        return Scalar::F32;
    return std::nullopt;
}

bool isDirect(const SampleType& type)
{
    switch (type.kind) {
    case Kind::Float:
        return type.bits == 32;
    case Kind::Signed:
        return type.bits == 16;
    case Kind::Unsigned:
        break;
    }
    return type.bits == 8 || type.bits == 16 || type.bits == 32;
}

std::string describe(const SampleType& type)
{
    const char* kind = type.kind == Kind::Float ? "-bit floating-point"
        : type.kind == Kind::Signed             ? "-bit signed"
                                                : "-bit unsigned";
    return std::to_string(type.bits) + kind;
}

namespace {

template <class T> T loadAs(const std::byte* at)
{
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <class T> T swapped(T value)
{
    if constexpr (sizeof(T) == 2)
        return __builtin_bswap16(value);
    else if constexpr (sizeof(T) == 4)
        return __builtin_bswap32(value);
    else
        return __builtin_bswap64(value);
}

template <class T> void swapAll(std::span<std::byte> samples)
{
    for (std::size_t i = 0; i + sizeof(T) <= samples.size(); i += sizeof(T)) {
        const T value = swapped(loadAs<T>(samples.data() + i));
        std::memcpy(samples.data() + i, &value, sizeof value);
    }
}

/// Floating-point numbers of 16 bits (5 of exponent) and 24 bits (7 of exponent).
float smallFloat(std::uint32_t raw, int exponentBits, int fractionBits)
{
    const bool negative = raw >> (exponentBits + fractionBits) & 1;
    const std::uint32_t top = (1u << exponentBits) - 1;
    const std::uint32_t exponent = raw >> fractionBits & top;
    const std::uint32_t fraction = raw & ((1u << fractionBits) - 1);
    const int bias = static_cast<int>(top >> 1);
    double value = 0;
    if (exponent == top)
        value = fraction ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    else if (exponent == 0)
        value = std::ldexp(static_cast<double>(fraction), 1 - bias - fractionBits);
    else
        value = std::ldexp(
            static_cast<double>(fraction + (1u << fractionBits)), static_cast<int>(exponent) - bias - fractionBits);
    return static_cast<float>(negative ? -value : value);
}

/// The bits of sample i as an unsigned number.
std::uint64_t rawSample(const std::byte* row, std::uint64_t i, int bits)
{
    switch (bits) {
    case 8:
        return std::to_integer<std::uint8_t>(row[i]);
    case 16:
        return loadAs<std::uint16_t>(row + 2 * i);
    case 32:
        return loadAs<std::uint32_t>(row + 4 * i);
    case 64:
        return loadAs<std::uint64_t>(row + 8 * i);
    default:
        break;
    }
    std::uint64_t value = 0;
    const std::uint64_t start = i * static_cast<std::uint64_t>(bits);
    const std::uint64_t firstByte = start / 8;
    const std::uint64_t lastByte = (start + static_cast<std::uint64_t>(bits) - 1) / 8;
    for (std::uint64_t b = firstByte; b <= lastByte; ++b)
        value = value << 8 | std::to_integer<std::uint64_t>(row[b]);
    const std::uint64_t unused = (lastByte + 1) * 8 - (start + static_cast<std::uint64_t>(bits));
    return value >> unused & ((std::uint64_t { 1 } << bits) - 1);
}

template <class T, class F> void each(std::uint64_t count, std::byte* to, F&& value)
{
    for (std::uint64_t i = 0; i < count; ++i) {
        const T v = static_cast<T>(value(i));
        std::memcpy(to + i * sizeof(T), &v, sizeof v);
    }
}

} // namespace

void swapSamples(std::span<std::byte> samples, int bits)
{
    if (bits == 16) {
        swapAll<std::uint16_t>(samples);
    } else if (bits == 32) {
        swapAll<std::uint32_t>(samples);
    } else if (bits == 64) {
        swapAll<std::uint64_t>(samples);
    }
}

void invertSamples(const SampleType& type, std::span<std::byte> samples)
{
    // For unsigned numbers largest − value is the complement; for signed numbers it is −1 − value.
    if (type.inverted && type.kind != Kind::Float) {
        for (auto& byte : samples)
            byte = ~byte;
    }
}

void convertSamples(const SampleType& type, const std::byte* row, std::uint64_t first, std::uint64_t count, std::byte* to)
{
    const int bits = type.bits;
    if (isDirect(type)) {
        const std::size_t size = static_cast<std::size_t>(bits) / 8;
        std::memcpy(to, row + first * size, count * size);
        invertSamples(type, { to, count * size });
        return;
    }
    if (type.kind == Kind::Float) {
        each<float>(count, to, [&](std::uint64_t i) {
            const std::uint64_t raw = rawSample(row, first + i, bits);
            if (bits == 64)
                return static_cast<float>(std::bit_cast<double>(raw));
            return bits == 16 ? smallFloat(static_cast<std::uint32_t>(raw), 5, 10)
                              : smallFloat(static_cast<std::uint32_t>(raw), 7, 16);
        });
        return;
    }
    const std::uint64_t mask = bits == 64 ? ~std::uint64_t { 0 } : (std::uint64_t { 1 } << bits) - 1;
    const std::uint64_t turn = type.inverted ? mask : 0;
    if (type.kind == Kind::Unsigned) {
        dispatch(*scalarFor(type), [&](auto tag) {
            using T = typename decltype(tag)::type;
            each<T>(count, to, [&](std::uint64_t i) { return rawSample(row, first + i, bits) ^ turn; });
        });
        return;
    }
    const auto signedSample = [&](std::uint64_t i) {
        const std::uint64_t raw = rawSample(row, first + i, bits) ^ turn;
        return static_cast<std::int64_t>(raw << (64 - bits)) >> (64 - bits);
    };
    if (bits <= 16)
        each<std::int16_t>(count, to, signedSample);
    else
        each<float>(count, to, signedSample);
}

} // namespace interstice
