// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/detector.h"

#include "phantom/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

constexpr double kDarkCounts = 100;
/// Counts where there is no sample, so that twice as many (fringes, bright spots of the beam) still fit into 16 bits.
constexpr double kWhiteCounts = 30000;
/// Above, a Poisson number is close to a Gaussian one.
constexpr double kManyPhotons = 50;

double poisson(double mean, Random& random)
{
    // Knuth's product of uniform numbers.
    const double limit = std::exp(-mean);
    double product = random.uniform();
    int n = 0;
    while (product > limit) {
        product *= random.uniform();
        ++n;
    }
    return n;
}

} // namespace

PixelMean::PixelMean(std::int64_t by, double blur)
    : m_by(by)
    , m_margin(static_cast<std::int64_t>(std::ceil(4 * blur * static_cast<double>(by))))
{
    // The share of the blurred point that falls onto the pixel.
    const double sigma = blur * static_cast<double>(by);
    const auto edge = [&](double x) {
        if (sigma == 0)
            return x > 0 ? 1.0 : 0.0;
        return 0.5 * std::erfc(-x / (sigma * std::numbers::sqrt2));
    };
    double sum = 0;
    std::vector<double> weights;
    for (std::int64_t i = 0; i < by + 2 * m_margin; ++i) {
        const double x = static_cast<double>(i - m_margin) + 0.5;
        weights.push_back(edge(static_cast<double>(by) - x) - edge(-x));
        sum += weights.back();
    }
    for (const double weight : weights)
        m_weights.push_back(static_cast<float>(weight / sum));
}

void PixelMean::apply(
    const float* fine, std::int64_t stride, std::int64_t rows, std::int64_t columns, std::span<float> pixels) const
{
    const auto taps = static_cast<std::int64_t>(m_weights.size());
    const std::int64_t width = columns * m_by + 2 * m_margin;
    std::vector<float> line(static_cast<std::size_t>(width));
    for (std::int64_t row = 0; row < rows; ++row) {
        std::fill(line.begin(), line.end(), 0.0F);
        for (std::int64_t k = 0; k < taps; ++k) {
            const float weight = m_weights[static_cast<std::size_t>(k)];
            const float* from = fine + (row * m_by + k) * stride;
            for (std::int64_t x = 0; x < width; ++x)
                line[static_cast<std::size_t>(x)] += weight * from[x];
        }
        for (std::int64_t column = 0; column < columns; ++column) {
            float sum = 0;
            for (std::int64_t k = 0; k < taps; ++k)
                sum += m_weights[static_cast<std::size_t>(k)] * line[static_cast<std::size_t>(column * m_by + k)];
            pixels[static_cast<std::size_t>(row * columns + column)] = sum;
        }
    }
}

Detector::Detector(const DetectorOptions& options, std::int64_t rows, std::int64_t columns, std::int64_t projections)
    : m_options(options)
    , m_columns(columns)
    , m_projections(projections)
    , m_countsPerPhoton(kWhiteCounts / std::max(1.0, options.photons))
    , m_flat(static_cast<std::size_t>(rows * columns))
    , m_drift(m_flat.size())
    , m_hot(m_flat.size())
{
    const std::uint64_t seed = mixBits(options.seed ^ 0x6465746563746f72);
    const auto pixelNoise = [&](std::uint64_t kind, std::int64_t row, std::int64_t column) {
        return gaussianAt(
            mixBits(seed + kind), (static_cast<std::uint64_t>(row) << 32) + static_cast<std::uint64_t>(column));
    };
    // Dust and scratches last over several rows, so rings change slowly with z.
    constexpr std::int64_t kRows = 8;
    constexpr std::int64_t kWide = 5;
    const std::int64_t broad = std::max<std::int64_t>(2 * kWide, columns / 25);
    const auto slow = [&](std::uint64_t kind, std::int64_t row, std::int64_t column) {
        const float t = static_cast<float>(row % kRows) / kRows;
        return (1 - t) * pixelNoise(kind, row / kRows, column) + t * pixelNoise(kind, row / kRows + 1, column);
    };
    Random random(seed);
    const double bands = random.uniform(0, 2 * std::numbers::pi);
    for (std::int64_t y = 0; y < rows; ++y) {
        for (std::int64_t x = 0; x < columns; ++x) {
            const auto i = static_cast<std::size_t>(y * columns + x);
            const double u = (static_cast<double>(x) + 0.5) / static_cast<double>(columns) - 0.5;
            const double v = (static_cast<double>(y) + 0.5) / static_cast<double>(rows) - 0.5;
            // A beam that falls off to its sides, with the bands of a multilayer monochromator.
            const double beam = (1 - 0.3 * u * u - 0.4 * v * v) * (1 + 0.05 * std::cos(25 * v + bands));
            m_flat[i] = static_cast<float>(beam) * (1 + 0.01F * pixelNoise(1, y, x));
            const auto between = [&](std::uint64_t kind, std::int64_t width) {
                const float t = static_cast<float>(x % width) / static_cast<float>(width);
                return (1 - t) * slow(kind, y, x / width) + t * slow(kind, y, x / width + 1);
            };
            // Dust, single pixels, and a beam that has moved a little since the white fields were taken, which back-
            // projection weakens by as much as it is wider.
            m_drift[i] = 1
                + static_cast<float>(options.rings)
                    * (0.9F * between(2, kWide) + 0.5F * slow(3, y, x) + 8.0F * between(4, broad));
        }
    }
    const auto hot = static_cast<std::int64_t>(std::llround(options.hotPixels * static_cast<double>(m_flat.size())));
    for (std::int64_t i = 0; i < hot; ++i)
        m_hot[random.next() % m_hot.size()] = static_cast<std::uint16_t>(random.uniform(40000, 65535));
    const std::int64_t arcs = options.rings > 0 ? std::max<std::int64_t>(1, rows * columns / 4000) : 0;
    const auto below = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(std::max<std::int64_t>(1, n)));
    };
    for (std::int64_t i = 0; i < arcs; ++i) {
        Arc arc { below(columns), 1 + below(4), below(rows), 2 + below(kRows), below(projections), 0, 1 };
        arc.last = arc.first + projections / 8 + below(projections / 2);
        arc.gain += static_cast<float>(3 * options.rings * random.gaussian());
        m_arcs.push_back(arc);
    }
}

void Detector::count(std::uint64_t frame, std::size_t pixel, double photons, std::uint16_t& to) const
{
    const std::uint64_t seed = mixBits(m_options.seed ^ (frame * 0x9e3779b97f4a7c15));
    double counted = photons;
    if (photons > kManyPhotons) {
        counted += std::sqrt(photons) * static_cast<double>(gaussianAt(seed, pixel));
    } else {
        Random random(seed ^ mixBits(pixel));
        counted = poisson(photons, random);
    }
    counted += m_options.readNoise * static_cast<double>(gaussianAt(seed + 1, pixel));
    to = static_cast<std::uint16_t>(std::clamp(kDarkCounts + counted * m_countsPerPhoton, 0.0, 65535.0) + 0.5);
    if (m_hot[pixel] != 0)
        to = m_hot[pixel];
}

void Detector::expose(std::int64_t projection, std::span<const float> transmission, std::span<std::uint16_t> counts) const
{
    std::vector<float> gains = m_drift;
    for (const Arc& arc : m_arcs) {
        if (projection < arc.first || projection > arc.last)
            continue;
        const auto rows = static_cast<std::int64_t>(gains.size()) / m_columns;
        for (std::int64_t y = arc.row; y < std::min(arc.row + arc.rows, rows); ++y) {
            for (std::int64_t x = arc.column; x < std::min(arc.column + arc.width, m_columns); ++x)
                gains[static_cast<std::size_t>(y * m_columns + x)] *= arc.gain;
        }
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
        count(static_cast<std::uint64_t>(projection), i,
            m_options.photons * static_cast<double>(m_flat[i] * gains[i] * transmission[i]), counts[i]);
}

void Detector::white(std::int64_t field, std::span<std::uint16_t> counts) const
{
    for (std::size_t i = 0; i < counts.size(); ++i)
        count(static_cast<std::uint64_t>(m_projections + field), i, m_options.photons * static_cast<double>(m_flat[i]),
            counts[i]);
}

void Detector::dark(std::int64_t field, std::span<std::uint16_t> counts) const
{
    for (std::size_t i = 0; i < counts.size(); ++i)
        count(static_cast<std::uint64_t>(m_projections + m_options.whiteFields + field), i, 0, counts[i]);
}

} // namespace interstice
