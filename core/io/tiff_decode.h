// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "io/tiff_index.h"

#include <span>

namespace interstice {

/// Part of one slice.
struct PlanePart {
    std::uint64_t y = 0;
    std::uint64_t x = 0;
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;
};

/// Reads part of a slice in scalarFor(stack.sample), rows one after another, touching only the strips
/// or tiles that hold it. `where` names the slice ("Slice 7 of raw.tif"). Throws Error.
void readPlane(TiffHandle& handle, const TiffPage& stack, const TiffSlice& slice, const PlanePart& part,
    const std::string& where, std::span<std::byte> to);

} // namespace interstice
