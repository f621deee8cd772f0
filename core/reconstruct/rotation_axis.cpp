// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/rotation_axis.h"

#include "base/error.h"
#include "base/parallel.h"
#include "reconstruct/fft.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace interstice {

namespace {

struct Sinogram {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<float> values;

    float at(std::int64_t y, std::int64_t x) const { return values[static_cast<std::size_t>(y * columns + x)]; }
};

/// Means of `by` columns and `down` angles; what is left over is dropped.
Sinogram binned(const Sinogram& from, std::int64_t down, std::int64_t by)
{
    Sinogram to { from.rows / down, from.columns / by, {} };
    to.values.resize(static_cast<std::size_t>(to.rows * to.columns));
    for (std::int64_t y = 0; y < to.rows * down; ++y) {
        for (std::int64_t x = 0; x < to.columns * by; ++x)
            to.values[static_cast<std::size_t>(y / down * to.columns + x / by)]
                += from.at(y, x) / static_cast<float>(down * by);
    }
    return to;
}

/// How much of the Fourier transform of the full turn lies outside the double wedge, for axes at half columns.
class WedgeTest {
public:
    explicit WedgeTest(const Sinogram& sinogram)
        : m_sinogram(sinogram)
        , m_fft(2 * sinogram.rows, sinogram.columns)
        , m_outside(m_fft.size())
    {
        // Signals of a sample of radius r lie where |frequency along the angle| ≤ 2π r |frequency across|; half of
        // the field of view is taken, as in the paper, and the lines through the origin are left out.
        const std::int64_t rows = m_fft.rows();
        const std::int64_t columns = m_fft.columns();
        const double radius = 0.25 * static_cast<double>(columns);
        const std::int64_t drop
            = std::min<std::int64_t>(20, static_cast<std::int64_t>(std::ceil(0.05 * static_cast<double>(rows))));
        for (std::int64_t y = 0; y < rows; ++y) {
            const double turns = std::abs(frequency(y, rows)) * static_cast<double>(rows);
            const double edge = turns / (2 * std::numbers::pi * radius) * static_cast<double>(columns);
            for (std::int64_t x = 0; x < columns; ++x) {
                const double across = std::abs(frequency(x, columns)) * static_cast<double>(columns);
                m_outside[static_cast<std::size_t>(y * columns + x)]
                    = across <= edge && across > 1 && turns > static_cast<double>(drop) ? 1 : 0;
            }
        }
    }

    double operator()(double axis) const
    {
        const std::int64_t rows = m_sinogram.rows;
        const std::int64_t columns = m_sinogram.columns;
        Fft<float>::Plane plane(m_fft.size());
        for (std::int64_t y = 0; y < rows; ++y) {
            for (std::int64_t x = 0; x < columns; ++x)
                plane[static_cast<std::size_t>(y * columns + x)] = m_sinogram.at(y, x);
        }
        for (std::int64_t x = 0; x < columns; ++x) {
            const double from = 2 * axis - static_cast<double>(x);
            const auto i = static_cast<std::int64_t>(std::llround(from));
            const bool seen = i >= 0 && i < columns;
            for (std::int64_t y = 0; y < rows; ++y) {
                // Beyond the edge the mirror image is unknown; the turn upside down keeps the seams small there.
                plane[static_cast<std::size_t>((rows + y) * columns + x)]
                    = seen ? m_sinogram.at(y, i) : m_sinogram.at(rows - 1 - y, x);
            }
        }
        m_fft.forward(plane);
        double sum = 0;
        for (std::size_t i = 0; i < plane.size(); ++i)
            sum += m_outside[i] != 0 ? std::abs(plane[i]) : 0;
        return sum;
    }

private:
    const Sinogram& m_sinogram;
    Fft<float> m_fft;
    std::vector<std::uint8_t> m_outside;
};

double best(const Sinogram& sinogram, double from, double to, double step, Task& task)
{
    const WedgeTest test(sinogram);
    const auto n = static_cast<std::int64_t>(std::floor((to - from) / step + 1e-9)) + 1;
    std::vector<double> outside(static_cast<std::size_t>(n));
    parallelFor(n, 0, [&](std::int64_t i) {
        task.throwIfStopped();
        outside[static_cast<std::size_t>(i)] = test(from + static_cast<double>(i) * step);
    });
    return from + static_cast<double>(std::min_element(outside.begin(), outside.end()) - outside.begin()) * step;
}

double axisOfRow(const Sinogram& whole, const AxisOptions& options, Task& task)
{
    // About 400 columns and angles are enough to find the half column of the smaller sinogram.
    const std::int64_t by = std::max<std::int64_t>(1, whole.columns / 400);
    const std::int64_t down = std::max<std::int64_t>(1, whole.rows / 400);
    const Sinogram small = binned(whole, down, by);
    const double middle = 0.5 * static_cast<double>(small.columns - 1);
    const double range = std::floor(options.range * static_cast<double>(small.columns));
    const double coarse = best(small, middle - range, middle + range, 0.5, task);
    const double at = (coarse + 0.5) * static_cast<double>(by) - 0.5;
    const auto reach = static_cast<double>(by) + 1;
    const Sinogram fine = binned(whole, down, 1);
    // Half columns mirror onto columns, so nothing is interpolated; between them lies the vertex of a parabola.
    const double half = best(fine, std::round(2 * (at - reach)) / 2, at + reach, 0.5, task);
    const WedgeTest test(fine);
    std::array<double, 5> outside {};
    parallelFor(
        5, 0, [&](std::int64_t i) { outside[static_cast<std::size_t>(i)] = test(half + 0.5 * static_cast<double>(i - 2)); });
    const auto& v = outside;
    const double slope = (-2 * v[0] - v[1] + v[3] + 2 * v[4]) / 10;
    const double bend = (2 * v[0] - v[1] - 2 * v[2] - v[3] + 2 * v[4]) / 14;
    return bend > 0 ? half - 0.5 * std::clamp(slope / (2 * bend), -1.0, 1.0) : half;
}

} // namespace

double findAxis(const VolumeSource& attenuation, std::span<const double> degrees, const AxisOptions& options, Task& task)
{
    const Shape shape = attenuation.shape();
    const char* remedy = "Give the axis instead, like --axis 639.5.";
    if (shape.z < 16 || shape.x < 16)
        throw Error("The rotation axis cannot be found from " + std::to_string(shape.z) + " projections of "
                + std::to_string(shape.x) + " columns",
            remedy);
    const double step = (degrees[static_cast<std::size_t>(shape.z - 1)] - degrees[0]) / static_cast<double>(shape.z - 1);
    for (std::size_t i = 1; i < degrees.size(); ++i) {
        if (!(std::abs(degrees[i] - degrees[0] - static_cast<double>(i) * step) <= 0.5 * std::abs(step)) || step == 0)
            throw Error("The rotation axis can be found from evenly spaced angles only, and these are not", remedy);
    }
    // Half a turn, the far end not counted twice.
    const auto half = static_cast<std::int64_t>(std::llround(180 / std::abs(step)));
    if (half > shape.z + 1)
        throw Error("The rotation axis cannot be found from less than half a turn (" + std::to_string(shape.z)
                + " projections, " + std::to_string(std::lround(std::abs(step) * static_cast<double>(shape.z))) + "°)",
            remedy);
    std::vector<double> found;
    const int rows = static_cast<int>(std::clamp<std::int64_t>(options.rows, 1, shape.y));
    for (int i = 0; i < rows; ++i) {
        const std::int64_t row = (2 * i + 1) * shape.y / (2 * rows);
        Sinogram sinogram { std::min(half, shape.z), shape.x, {} };
        sinogram.values = readAs<float>(attenuation, { { 0, row, 0 }, { sinogram.rows, 1, shape.x } });
        task.progress(static_cast<double>(i) / rows, "Looking for the rotation axis");
        found.push_back(axisOfRow(sinogram, options, task));
    }
    std::sort(found.begin(), found.end());
    return found[found.size() / 2];
}

} // namespace interstice
