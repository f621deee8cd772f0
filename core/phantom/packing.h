// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "phantom/pillar.h"
#include "phantom/random.h"
#include "volume/shape.h"

#include <functional>
#include <vector>

namespace interstice {

struct Ball {
    double z = 0;
    double y = 0;
    double x = 0;
    double radius = 0;
};

/// Volume of the part of a ball between the outer faces of the first and last slice, in voxels.
double volumeInside(const Ball& ball, std::int64_t nz);

/// Balls in a pillar, none touching another (at least half a voxel between surfaces). They may be cut
/// by the first and last slice, never by the pillar's wall. All lengths in voxels.
class Packing {
public:
    Packing(const Shape& shape, const Pillar& pillar, double largestRadius, std::uint64_t seed);

    /// Random sequential addition of balls whose radii `draw` gives, until their volume inside the
    /// volume is `target` voxels; when no place is found, the balls already there are moved a little
    /// at random and it is tried again. The last ball is cut by the first slice so as to hit the
    /// target. Returns the volume reached, which is less when there was no more room.
    double add(double target, bool mayMove, const std::function<double(Random&)>& draw, Task& task);

    /// For more than random addition reaches: as many balls as `target` takes are added at a part of their size and
    /// grown between random moves, each as long as it touches nothing, until all have their radius (after Jodrey and
    /// Tory, Phys. Rev. A 32, 2347, 1985, with Metropolis moves in place of theirs). Those that found no room are
    /// taken out again; returns the volume reached, which differs from the target by up to half a ball when all did.
    double addDense(double target, const std::function<double(Random&)>& draw, Task& task);

    /// Adds one ball of this radius anywhere; false when no place is found.
    bool addOne(double radius);

    /// Takes balls from `first` on out again while that brings their volume inside the volume closer to `target` from
    /// above: the one that comes closest to the surplus each time.
    void removeSurplus(std::size_t first, double target);

    const std::vector<Ball>& balls() const { return m_balls; }
    /// Of the balls from this one on, inside the volume.
    double volumeFrom(std::size_t first) const;

private:
    bool free(const Ball& ball, std::size_t except) const;
    bool placeSomewhere(Ball& ball, int attempts);
    void insert(const Ball& ball);
    /// Ten random moves of each ball by up to `step` radii.
    void shake(double step);
    bool grow(std::size_t first, const std::vector<double>& wanted, Task& task);
    void rebuildGrid();
    std::vector<std::uint32_t>& cellOf(const Ball& ball);
    std::int64_t cellIndex(double position, double origin, std::int64_t count) const;

    Shape m_shape;
    const Pillar& m_pillar;
    Random m_random;
    double m_cell;
    double m_originZ;
    Shape m_cells;
    std::vector<std::vector<std::uint32_t>> m_grid;
    std::vector<Ball> m_balls;
};

} // namespace interstice
