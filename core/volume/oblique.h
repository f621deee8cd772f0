// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/reduce.h"
#include "volume/volume_source.h"

#include <array>
#include <functional>
#include <vector>

namespace interstice {

/// The pixels of a slice at any angle: where each lies in the volume, in voxels (x, y, z), the centre of the first voxel
/// being 0, 0, 0.
struct ObliqueGrid {
    using Place = std::array<double, 3>;
    Place origin {}; ///< the centre of the first pixel
    Place across {}; ///< from a pixel to the next one in its row
    Place down {}; ///< from a pixel to the one below it
    int width = 0;
    int height = 0;

    Place at(double column, double row) const
    {
        Place place;
        for (std::size_t i = 0; i < 3; ++i)
            place[i] = origin[i] + column * across[i] + row * down[i];
        return place;
    }
    auto operator<=>(const ObliqueGrid&) const = default;
};

/// Whether a place lies in a voxel of the volume: half a voxel around the centres belongs to it.
bool inVolume(const ObliqueGrid::Place& place, const Shape& shape);

/// Every `step`-th pixel, in the middle of those it stands for, in the voxels of a reduced copy.
ObliqueGrid coarser(const ObliqueGrid& grid, const Reduction& reduction, int step);

/// Values between voxels are linear in their neighbours along each axis; the outermost half voxels have the value of the
/// outermost centres. `outside` where there is no volume. Reads what the plane goes through in bricks of a few MB, each
/// once; `between` is called before each of them and may throw to give up.
std::vector<float> readOblique(
    const VolumeSource& source, const ObliqueGrid& grid, float outside, const std::function<void()>& between = {});
/// The same with the nearest voxel's value, for labels and masks. T is float or std::uint8_t.
template <class T>
std::vector<T> readObliqueNearest(
    const VolumeSource& source, const ObliqueGrid& grid, T outside, const std::function<void()>& between = {});

} // namespace interstice
