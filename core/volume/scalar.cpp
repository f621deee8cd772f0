// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/scalar.h"

#include "base/error.h"

#include <array>

namespace interstice {

namespace {

constexpr std::array<const char*, 5> kNames = { "u8", "u16", "i16", "u32", "f32" };

} // namespace

const char* scalarName(Scalar scalar)
{
    return kNames[static_cast<std::size_t>(scalar)];
}

Scalar parseScalar(const std::string& name)
{
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (name == kNames[i])
            return static_cast<Scalar>(i);
    }
    throw Error("'" + name + "' is not a voxel type", "Choose u8, u16, i16, u32 or f32.");
}

std::size_t bytesOf(Scalar scalar)
{
    return dispatch(scalar, [](auto tag) { return sizeof(typename decltype(tag)::type); });
}

} // namespace interstice
