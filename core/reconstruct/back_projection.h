// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "reconstruct/fft.h"

#include <cstdint>
#include <span>
#include <vector>

namespace interstice {

/// Slices that are smeared back together: places and weights are worked out once for all of them, and their values
/// lie side by side in memory, so that the processor's vectors need no gathering.
inline constexpr std::int64_t kLanes = 8;

/// Where the slices lie: `height` × `width` voxels as large as the detector's pixels.
struct SliceGrid {
    std::int64_t height = 0;
    std::int64_t width = 0;
    /// The rotation axis in the slice (voxels; 0 is the centre of the first) and on the detector (columns).
    double axisY = 0;
    double axisX = 0;
    double axisColumn = 0;
};

/// Filtered projections of kLanes slices.
class LanedProjections {
public:
    LanedProjections(std::int64_t angles, std::int64_t columns);

    std::int64_t columns() const { return m_columns; }
    std::int64_t angles() const { return m_angles; }
    /// Rows of two angles, the real and the imaginary parts; the second is left out when `second` is negative.
    void set(std::int64_t first, std::int64_t second, std::int64_t lane, const std::complex<float>* rows);
    /// Column −1 of an angle; columns −1 and `columns` and the one after are 0.
    const float* row(std::int64_t angle) const { return m_values.data() + angle * (m_columns + 3) * kLanes; }

private:
    std::int64_t m_angles;
    std::int64_t m_columns;
    AlignedVector<float> m_values;
};

/// out[lane][y][x] = Σ over angles of weight × projection at axisColumn + x cos + y sin, linearly interpolated between
/// columns and 0 beyond them. `angles` in radians. `slices` (≤ kLanes) planes are written to `out`, one after
/// another. The same for any number of threads.
void backProject(const LanedProjections& projections, std::span<const double> angles, std::span<const float> weights,
    const SliceGrid& grid, std::int64_t slices, std::span<float> out, int threads);

/// Voxels × angles × slices that one thread of this machine adds up in a second, from some milliseconds of doing it.
double backProjectionRate();

/// The weight of each angle (degrees) in the integral over half a turn, in radians: half of the way to each of its
/// neighbours, directions that differ by half a turn being the same. Their sum is π. `largestGap` in degrees.
std::vector<float> angleWeights(std::span<const double> degrees, double& largestGap);

} // namespace interstice
