// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/packing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace interstice {

namespace {

/// Between the surfaces of two balls, in voxels: the truth then never joins two of them.
constexpr double kGap = 0.5;
/// Wider cells rather than more of them, should tiny balls fill a large volume.
constexpr double kMostCells = 2e6;
constexpr int kAttempts = 20000;
constexpr int kShakes = 30;
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

} // namespace

double volumeInside(const Ball& ball, std::int64_t nz)
{
    const double r = ball.radius;
    const double low = std::clamp(-0.5 - ball.z, -r, r);
    const double high = std::clamp(static_cast<double>(nz) - 0.5 - ball.z, -r, r);
    const auto integral = [r](double t) { return r * r * t - t * t * t / 3; };
    return std::numbers::pi * (integral(high) - integral(low));
}

Packing::Packing(const Shape& shape, const Pillar& pillar, double largestRadius, std::uint64_t seed)
    : m_shape(shape)
    , m_pillar(pillar)
    , m_random(seed ^ 0x7061636b)
    , m_cell(std::max(2 * largestRadius + kGap, std::cbrt(static_cast<double>(shape.voxels()) / kMostCells)))
    , m_originZ(-0.5 - largestRadius)
{
    const auto cells = [this](double length) { return static_cast<std::int64_t>(length / m_cell) + 1; };
    m_cells = { cells(static_cast<double>(shape.z) + 2 * largestRadius), cells(static_cast<double>(shape.y)),
        cells(static_cast<double>(shape.x)) };
    m_grid.resize(static_cast<std::size_t>(m_cells.voxels()));
}

std::int64_t Packing::cellIndex(double position, double origin, std::int64_t count) const
{
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor((position - origin) / m_cell)), 0, count - 1);
}

std::vector<std::uint32_t>& Packing::cellOf(const Ball& ball)
{
    const auto z = cellIndex(ball.z, m_originZ, m_cells.z);
    const auto y = cellIndex(ball.y, 0, m_cells.y);
    const auto x = cellIndex(ball.x, 0, m_cells.x);
    return m_grid[static_cast<std::size_t>((z * m_cells.y + y) * m_cells.x + x)];
}

bool Packing::free(const Ball& ball, std::size_t except) const
{
    // A cell is as wide as the largest ball and the gap, so what could touch is in the next cell at most.
    const auto cz = cellIndex(ball.z, m_originZ, m_cells.z);
    const auto cy = cellIndex(ball.y, 0, m_cells.y);
    const auto cx = cellIndex(ball.x, 0, m_cells.x);
    for (auto z = std::max<std::int64_t>(0, cz - 1); z <= std::min(m_cells.z - 1, cz + 1); ++z) {
        for (auto y = std::max<std::int64_t>(0, cy - 1); y <= std::min(m_cells.y - 1, cy + 1); ++y) {
            for (auto x = std::max<std::int64_t>(0, cx - 1); x <= std::min(m_cells.x - 1, cx + 1); ++x) {
                for (const auto i : m_grid[static_cast<std::size_t>((z * m_cells.y + y) * m_cells.x + x)]) {
                    const Ball& other = m_balls[i];
                    const double reach = ball.radius + other.radius + kGap;
                    const double dz = ball.z - other.z;
                    const double dy = ball.y - other.y;
                    const double dx = ball.x - other.x;
                    if (i != except && dz * dz + dy * dy + dx * dx < reach * reach)
                        return false;
                }
            }
        }
    }
    return m_pillar.holdsDisc(ball.y, ball.x, ball.radius + kGap);
}

void Packing::insert(const Ball& ball)
{
    cellOf(ball).push_back(static_cast<std::uint32_t>(m_balls.size()));
    m_balls.push_back(ball);
}

/// Looks for a free place at random; a z that is set (not NaN) is kept.
bool Packing::placeSomewhere(Ball& ball, int attempts)
{
    const bool keepZ = !std::isnan(ball.z);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        if (!keepZ)
            ball.z = m_random.uniform(-0.5 - ball.radius, static_cast<double>(m_shape.z) - 0.5 + ball.radius);
        ball.y = m_random.uniform(0, static_cast<double>(m_shape.y - 1));
        ball.x = m_random.uniform(0, static_cast<double>(m_shape.x - 1));
        if (free(ball, kNone)) {
            insert(ball);
            return true;
        }
    }
    if (!keepZ)
        ball.z = std::numeric_limits<double>::quiet_NaN();
    return false;
}

/// Moves that collide are undone (Metropolis, for hard spheres).
void Packing::shake(double part)
{
    for (int sweep = 0; sweep < 10; ++sweep) {
        for (std::size_t i = 0; i < m_balls.size(); ++i) {
            Ball moved = m_balls[i];
            const double step = part * moved.radius;
            moved.z += m_random.uniform(-step, step);
            moved.y += m_random.uniform(-step, step);
            moved.x += m_random.uniform(-step, step);
            if (moved.z < -0.5 - moved.radius || moved.z > static_cast<double>(m_shape.z) - 0.5 + moved.radius
                || !free(moved, i))
                continue;
            auto& from = cellOf(m_balls[i]);
            auto& to = cellOf(moved);
            if (&from != &to) {
                std::erase(from, static_cast<std::uint32_t>(i));
                to.push_back(static_cast<std::uint32_t>(i));
            }
            m_balls[i] = moved;
        }
    }
}

bool Packing::addOne(double radius)
{
    Ball ball { std::numeric_limits<double>::quiet_NaN(), 0, 0, radius };
    return placeSomewhere(ball, kAttempts);
}

void Packing::rebuildGrid()
{
    for (auto& cell : m_grid)
        cell.clear();
    for (std::size_t i = 0; i < m_balls.size(); ++i)
        cellOf(m_balls[i]).push_back(static_cast<std::uint32_t>(i));
}

/// Grows the balls from `first` on to the radii that are wanted, between random moves; false when some find no room.
bool Packing::grow(std::size_t first, const std::vector<double>& wanted, Task& task)
{
    constexpr int kRounds = 1500;
    constexpr double kGrowth = 1.02;
    for (int round = 0; round < kRounds; ++round) {
        task.throwIfStopped();
        std::size_t small = 0;
        for (std::size_t i = first; i < m_balls.size(); ++i) {
            const double full = wanted[i - first];
            while (m_balls[i].radius < full) {
                Ball grown = m_balls[i];
                grown.radius = std::min(full, grown.radius * kGrowth);
                if (!free(grown, i))
                    break;
                m_balls[i] = grown;
            }
            small += m_balls[i].radius < full ? 1 : 0;
        }
        if (small == 0)
            return true;
        // Short steps find the narrow ways that are left late.
        shake(round < 100 ? 0.2 : 0.05);
    }
    return false;
}

double Packing::volumeFrom(std::size_t first) const
{
    double sum = 0;
    for (std::size_t i = first; i < m_balls.size(); ++i)
        sum += volumeInside(m_balls[i], m_shape.z);
    return sum;
}

double Packing::addDense(double target, const std::function<double(Random&)>& draw, Task& task)
{
    constexpr double kStart = 0.7;
    const std::size_t first = m_balls.size();
    std::vector<double> wanted;
    // How much of a ball is inside is known only where it ends up: what is missing is added in turns.
    double reached = 0;
    for (double missing = target; missing > 0; missing = target - reached) {
        task.progress(reached / target, "Packing");
        bool placed = false;
        for (double added = 0; added < missing;) {
            const double radius = draw(m_random);
            const double whole = 4.0 / 3 * std::numbers::pi * radius * radius * radius;
            if (added + 0.5 * whole > missing)
                break;
            placed = addOne(kStart * radius);
            for (int i = 0; !placed && i < kShakes; ++i) {
                task.throwIfStopped();
                shake(0.3);
                placed = addOne(kStart * radius);
            }
            if (!placed)
                break;
            wanted.push_back(radius);
            added += whole;
        }
        const bool grown = grow(first, wanted, task);
        reached = volumeFrom(first);
        if (!placed || !grown)
            break;
    }
    // Balls that stayed small are no balls of this kind.
    std::vector<Ball> kept(m_balls.begin(), m_balls.begin() + static_cast<std::ptrdiff_t>(first));
    for (std::size_t i = first; i < m_balls.size(); ++i) {
        if (m_balls[i].radius == wanted[i - first])
            kept.push_back(m_balls[i]);
    }
    m_balls = std::move(kept);
    removeSurplus(first, target);
    return volumeFrom(first);
}

void Packing::removeSurplus(std::size_t first, double target)
{
    // Those that a face cuts come in all sizes.
    for (double surplus = volumeFrom(first) - target; surplus > 0; surplus = volumeFrom(first) - target) {
        const auto miss = [&](const Ball& ball) { return std::abs(volumeInside(ball, m_shape.z) - surplus); };
        const auto best = std::min_element(m_balls.begin() + static_cast<std::ptrdiff_t>(first), m_balls.end(),
            [&](const Ball& a, const Ball& b) { return miss(a) < miss(b); });
        if (best == m_balls.end() || miss(*best) >= surplus)
            break;
        m_balls.erase(best);
    }
    rebuildGrid();
}

double Packing::add(double target, bool mayMove, const std::function<double(Random&)>& draw, Task& task)
{
    const std::size_t first = m_balls.size();
    double reached = 0;
    // Moving balls in z changes how much of them is inside, so another last ball may be needed.
    while (reached < target * (1 - 1e-4)) {
        task.throwIfStopped();
        task.progress(reached / target, "Packing");
        Ball ball { std::numeric_limits<double>::quiet_NaN(), 0, 0, draw(m_random) };
        const double missing = target - reached;
        // Less than a ball missing: sink it into the first slice's outer face until only that much is inside.
        Ball middle = ball;
        middle.z = 0.5 * static_cast<double>(m_shape.z - 1);
        const bool last = missing < volumeInside(middle, m_shape.z);
        if (last) {
            double outside = -0.5 - ball.radius;
            double inside = middle.z;
            for (int i = 0; i < 60; ++i) {
                ball.z = 0.5 * (outside + inside);
                (volumeInside(ball, m_shape.z) < missing ? outside : inside) = ball.z;
            }
        }
        bool placed = placeSomewhere(ball, kAttempts);
        if (placed)
            reached += volumeInside(ball, m_shape.z);
        for (int i = 0; !placed && mayMove && i < kShakes; ++i) {
            task.throwIfStopped();
            shake(0.3);
            placed = placeSomewhere(ball, kAttempts);
            reached = volumeFrom(first);
        }
        if (!placed)
            break;
    }
    return reached;
}

} // namespace interstice
