// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace interstice {

/// Type of one voxel.
enum class Scalar { U8, U16, I16, U32, F32 };

/// "u8", "u16", "i16", "u32", "f32"
const char* scalarName(Scalar scalar);
/// Throws Error on any other word.
Scalar parseScalar(const std::string& name);
std::size_t bytesOf(Scalar scalar);

template <class T> struct TypeTag {
    using type = T;
};

/// The one switch over voxel types: calls `f(TypeTag<T>{})` with the C++ type of `scalar`.
template <class F> decltype(auto) dispatch(Scalar scalar, F&& f)
{
    switch (scalar) {
    case Scalar::U8:
        return f(TypeTag<std::uint8_t> {});
    case Scalar::U16:
        return f(TypeTag<std::uint16_t> {});
    case Scalar::I16:
        return f(TypeTag<std::int16_t> {});
    case Scalar::U32:
        return f(TypeTag<std::uint32_t> {});
    case Scalar::F32:
        break;
    }
    return f(TypeTag<float> {});
}

template <class T> constexpr Scalar scalarOf()
{
    if constexpr (std::is_same_v<T, std::uint8_t>)
        return Scalar::U8;
    else if constexpr (std::is_same_v<T, std::uint16_t>)
        return Scalar::U16;
    else if constexpr (std::is_same_v<T, std::int16_t>)
        return Scalar::I16;
    else if constexpr (std::is_same_v<T, std::uint32_t>)
        return Scalar::U32;
    else {
        static_assert(std::is_same_v<T, float>, "no Scalar for this type");
        return Scalar::F32;
    }
}

/// Rounds to nearest and clamps into the range of T; NaN becomes 0 in integers.
template <class T> T saturate(double value)
{
    if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(value);
    } else {
        if (std::isnan(value))
            return 0;
        if (value <= static_cast<double>(std::numeric_limits<T>::min()))
            return std::numeric_limits<T>::min();
        if (value >= static_cast<double>(std::numeric_limits<T>::max()))
            return std::numeric_limits<T>::max();
        return static_cast<T>(std::nearbyint(value));
    }
}

} // namespace interstice
