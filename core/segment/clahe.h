// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <span>

namespace interstice {

/// Contrast-limited adaptive histogram equalisation of one slice (Zuiderveld, Graphics Gems IV, 1994).
struct ClaheOptions {
    /// Largest share of a tile's pixels that one of the 256 grey levels may count; higher: more
    /// contrast and more noise. 0…1, at 1 nothing is clipped. Default as in scikit-image.
    double clipLimit = 0.01;
    /// Tiles along y and along x, 1…64; scikit-image's default kernel is 1/8 of the slice.
    int tiles = 8;
};
Json toJson(const ClaheOptions& options);
/// Missing keys keep their defaults.
ClaheOptions claheOptionsFromJson(const Json& json);

/// Equalises a slice of ny × nx bytes (x fastest) from 8 bits to 8 bits; `out` may be `grey`. May be
/// called from several threads at once. Throws Error on options out of range.
///
/// Differences from skimage.exposure.equalize_adapthist with the same two numbers:
/// - the slice comes scaled by the range of the whole volume and is not stretched to its own minimum
///   and maximum, neither before nor after, so that slices stay comparable: a constant slice stays
///   constant (skimage stretches both times);
/// - 256 input and output levels (skimage: 16384 levels in 253 bins);
/// - a tile's counts above the limit are spread once over all bins, those at the limit too (OpenCV),
///   not repeatedly over those below it: up to 1 / (256 × limit) more contrast, and noise, at the same
///   limit (with 0.01, up to 40 %); what does not divide by 256 goes to the darker bins first, which
///   shifts the greys of small tiles upwards: by a level or two at 128 × 128 pixels a tile, by as much as
///   70 at 12 × 12;
/// - the slice is mirrored at its far ends to a multiple of the tiles (OpenCV), not padded on both sides;
/// - an axis has no more tiles than fit at 8 pixels a tile; skimage goes down to tiles of one pixel.
/// On a noisy picture of 256 × 256, both stretched to 0…1, the mean difference is 0.06 and the largest
/// 0.12 (tst_clahe.cpp).
void claheSlice(std::span<const std::uint8_t> grey, std::int64_t ny, std::int64_t nx, const ClaheOptions& options,
    std::span<std::uint8_t> out);
/// The same from values in [0, 1] (clamped; NaN → 0), rounded to 8 bits first.
void claheSlice(std::span<const float> normalised, std::int64_t ny, std::int64_t nx, const ClaheOptions& options,
    std::span<std::uint8_t> out);

} // namespace interstice
