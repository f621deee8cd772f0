// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "volume/grey_range.h"
#include "volume/scalar.h"

#include <cstdint>
#include <span>
#include <vector>

namespace interstice {

/// Contrast-limited adaptive histogram equalisation of one slice (Zuiderveld, Graphics Gems IV, 1994).
struct ClaheOptions {
    /// Largest share of a tile's pixels that one of the 256 grey levels may count; higher: more
    /// contrast and more noise. 0…1, at 1 nothing is clipped. Default as in scikit-image.
    double clipLimit = 0.01;
    /// Tiles along y and along x, 1…64: a tile has 1/tiles of the slice's side; scikit-image's default
    /// kernel is 1/8 of it.
    int tiles = 8;
};
Json toJson(const ClaheOptions& options);
/// Missing keys keep their defaults.
ClaheOptions claheOptionsFromJson(const Json& json);

/// Equalises slices of one volume; its tables hold for one voxel type and grey range. The numbers are those of
/// skimage.exposure.equalize_adapthist (0.25): 2¹⁴ grey levels in bins of 65, tiles of floor(side / tiles) pixels
/// from the first pixel on, the far side mirrored to whole tiles, counts above the limit given to the bins below
/// it in the same order, mappings rounded down to whole levels and interpolated bilinearly between tile centres.
///
/// Differences from it, all of them:
/// - the slice is scaled by the grey range given here, which is the volume's, and not stretched to its own minimum
///   and maximum, neither before nor after, so that slices stay comparable: a constant slice stays constant;
/// - a tile is never smaller than 8 pixels a side (skimage goes down to one, which is noise);
/// - NaN counts as the darkest grey (skimage refuses it);
/// - interpolated levels keep their fraction (skimage rounds them down to whole levels of 2¹⁴), and bytes come out
///   rounded to 256 levels where bytes are asked for.
/// On a slice whose own range is the given one, the floats stretched to 0…1 are skimage's to that one level, 7 × 10⁻⁵
/// (tst_clahe).
class SliceEqualiser {
public:
    /// Throws Error on options out of range.
    SliceEqualiser(Scalar scalar, const GreyRange& range, const ClaheOptions& options);

    /// A slice of ny × nx voxels of the volume's own type, x fastest, to 0…1. May be called from several threads
    /// at once.
    void equalise(std::span<const std::byte> slice, std::int64_t ny, std::int64_t nx, std::span<float> out) const;
    /// The same, times 255 and rounded.
    void equalise(std::span<const std::byte> slice, std::int64_t ny, std::int64_t nx, std::span<std::uint8_t> out) const;

private:
    template <class Out>
    void run(std::span<const std::byte> slice, std::int64_t ny, std::int64_t nx, std::span<Out> out) const;
    void toBins(std::span<const std::byte> slice, std::span<std::uint8_t> bins) const;

    Scalar m_scalar;
    GreyRange m_range;
    ClaheOptions m_options;
    /// Bin of each value of a type of 8 or 16 bits, by its bits; empty for others.
    std::vector<std::uint8_t> m_binOf;
};

} // namespace interstice
