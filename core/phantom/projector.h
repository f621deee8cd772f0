// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "phantom/sample.h"

#include <span>
#include <vector>

namespace interstice {

/// Points of a projection: finer than the detector's pixels, and beyond its edges. In voxels of the sample, which are
/// as large as the pixels; u is counted from the rotation axis, v is z.
struct ProjectionGrid {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    /// Of the first point.
    double v0 = 0;
    double u0 = 0;
    double step = 1;

    double v(std::int64_t row) const { return v0 + static_cast<double>(row) * step; }
    double u(std::int64_t column) const { return u0 + static_cast<double>(column) * step; }
};

/// What parallel X-rays see of a sample, exactly: chords of the pillar's outline (a polygon of 8192 corners) and of
/// each body, no voxels. The slices' middle is the rotation axis.
class Projector {
public:
    Projector(const Sample& sample, double kev, const ProjectionGrid& grid);

    /// The sample turned by `angle` (radians): u = x cos + y sin. Keep it for the rows of one projection.
    class View {
    public:
        /// Phase shift Φ = k Σ δ T (radians) and absorption A = k Σ β T of the wave exp(−iΦ − A), for one row of
        /// points. Any number of threads at once.
        void row(std::int64_t row, std::span<double> phase, std::span<double> absorption) const;
        /// Thickness of the pillar at each column, in voxels.
        const std::vector<double>& pillar() const { return m_pillar; }

    private:
        friend class Projector;
        const Projector* m_projector = nullptr;
        std::vector<double> m_pillar;
        std::vector<BodyView> m_bodies;
        /// Where the centres are seen.
        std::vector<double> m_u;
    };
    View view(double angle) const;

    const ProjectionGrid& grid() const { return m_grid; }

private:
    const Sample& m_sample;
    ProjectionGrid m_grid;
    std::vector<Pillar::Point> m_outline;
    /// k × voxel edge × (δ, β) of the matrix and of each body.
    RefractiveIndex m_matrix;
    std::vector<RefractiveIndex> m_bodies;
    /// Numbers of the bodies that each row sees.
    std::vector<std::vector<std::uint32_t>> m_byRow;
};

} // namespace interstice
