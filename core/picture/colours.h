// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace interstice {

struct Rgb {
    std::uint8_t r = 0;
    std::uint8_t g = 0;
    std::uint8_t b = 0;

    /// 0xffRRGGBB, the pixel of an RgbImage.
    constexpr std::uint32_t packed() const
    {
        return 0xff000000U | (static_cast<std::uint32_t>(r) << 16) | (static_cast<std::uint32_t>(g) << 8) | b;
    }
    bool operator==(const Rgb&) const = default;
};

/// One colour a method in every view, table and plot; from the set of Okabe and Ito ("Color Universal
/// Design", 2008), which stays apart for colour-blind readers.
inline constexpr Rgb kRawColour { 0xbb, 0xbb, 0xbb };
inline constexpr Rgb kTruthColour { 0x00, 0x9e, 0x73 };
inline constexpr Rgb kUNetColour { 0xe6, 0x9f, 0x00 };
inline constexpr Rgb kKMeansColour { 0x56, 0xb4, 0xe9 };
inline constexpr Rgb kDepthMapColour { 0xcc, 0x79, 0xa7 };
inline constexpr Rgb kInitialMaskColour { 0xcf, 0xbd, 0x26 }; // their yellow, darkened to be seen on white

/// The error map: where mask and truth agree, where the mask says too much, where it misses.
inline constexpr Rgb kAgreeColour { 0x9f, 0xc5, 0xe8 };
inline constexpr Rgb kFalsePositiveColour { 0xe0, 0x55, 0x9a };
inline constexpr Rgb kFalseNegativeColour { 0x22, 0xc7, 0xd6 };

/// What voxels are for in a training; the rest tests.
inline constexpr Rgb kTrainingColour { 0x2f, 0x7f, 0xc4 };
inline constexpr Rgb kValidationColour { 0x8d, 0x78, 0xd6 };
inline constexpr Rgb kGuardColour { 0xa8, 0x8c, 0x2c };

} // namespace interstice
