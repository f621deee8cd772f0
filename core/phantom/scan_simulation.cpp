// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/scan_simulation.h"

#include "base/error.h"
#include "base/parallel.h"
#include "base/vectors.h"
#include "phantom/fresnel.h"
#include "reconstruct/attenuation.h"
#include "volume/volume.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>

namespace interstice {

namespace {

constexpr int kMostProjections = 20000;
constexpr int kMostSuperSampling = 32;

struct WaveRow {
    const double* phase;
    const double* absorption;
    float* wave;
    std::int64_t count;
};

/// exp(−iΦ − A) to 10⁻⁷, without calls, so that it runs in vectors. Only |Φ| < 10⁸ and A < 8 (e⁻¹⁶ of the light).
struct MakeWave {
    static INTERSTICE_KERNEL void run(const WaveRow* row)
    {
        constexpr double turn = 2 * std::numbers::pi;
        constexpr double rounder = 6755399441055744.0; // adding and taking away 1.5 · 2⁵² rounds
        for (std::int64_t i = 0; i < row->count; ++i) {
            const double phase = row->phase[i];
            const double turns = (phase * (1 / turn) + rounder) - rounder;
            // Taylor's series of an eighth of the angle, squared three times.
            const double x = -0.125 * (phase - turns * turn);
            const double q = x * x;
            double sine = x * (1 - q * (1.0 / 6) * (1 - q * (1.0 / 20) * (1 - q * (1.0 / 42) * (1 - q * (1.0 / 72)))));
            double cosine
                = 1 - q * 0.5 * (1 - q * (1.0 / 12) * (1 - q * (1.0 / 30) * (1 - q * (1.0 / 56) * (1 - q * (1.0 / 90)))));
            for (int k = 0; k < 3; ++k) {
                const double twice = 2 * sine * cosine;
                cosine = cosine * cosine - sine * sine;
                sine = twice;
            }
            const double a = -(row->absorption[i] < 8 ? row->absorption[i] : 8) * 0.0625;
            double e = 1
                + a
                    * (1
                        + a * 0.5
                            * (1
                                + a * (1.0 / 3)
                                    * (1
                                        + a * 0.25
                                            * (1 + a * 0.2 * (1 + a * (1.0 / 6) * (1 + a * (1.0 / 7) * (1 + a * 0.125)))))));
            e *= e;
            e *= e;
            e *= e;
            e *= e;
            row->wave[2 * i] = static_cast<float>(e * cosine);
            row->wave[2 * i + 1] = static_cast<float>(e * sine);
        }
    }
};

void checkRanges(const ScanOptions& options)
{
    if (options.phase && !(options.distanceMillimetres > 0 && options.distanceMillimetres <= 1e5))
        throw Error("A scan with phase contrast needs a distance above 0 between sample and detector",
            "Give one, like 25mm, or leave the phase out.");
    if (options.projections < 0 || options.projections == 1 || options.projections > kMostProjections)
        throw Error("A scan cannot have " + std::to_string(options.projections) + " projections",
            "Choose from 2 to " + std::to_string(kMostProjections) + ", or 0 for as many as the size needs.");
    if (options.superSampling < 0 || options.superSampling > kMostSuperSampling)
        throw Error("The wave cannot have " + std::to_string(options.superSampling) + " points for each pixel",
            "Choose from 1 to " + std::to_string(kMostSuperSampling) + ", or 0 for as many as the distance needs.");
    const DetectorOptions& d = options.detector;
    if (!(options.blurMicrometres >= 0 && options.blurMicrometres <= 1000) || !(std::abs(options.axisOffset) <= 1000)
        || !(d.photons >= 0 && d.photons <= 1e9) || !(d.readNoise >= 0 && d.readNoise <= 1e6)
        || !(d.rings >= 0 && d.rings <= 0.3) || !(d.hotPixels >= 0 && d.hotPixels <= 0.1) || d.whiteFields < 1
        || d.darkFields < 1)
        throw Error("The detector's options are out of range",
            "Blur, photons, noise and rings are not below 0, rings at most 0.3, hot pixels at most 0.1, and one white and "
            "one dark field are needed.");
    refractiveIndex(Material::Water, options.energyKev);
}

/// Makes projections of one sample; one for all threads.
class Simulator {
public:
    Simulator(const Sample& sample, const ScanOptions& options)
        : m_options(options)
        , m_geometry(scanGeometry(sample.options, options))
        , m_projector(sample, options.energyKev, m_geometry.grid)
        , m_mean(m_geometry.superSampling, options.blurMicrometres / sample.voxelMicrometres())
        , m_fresnel(m_geometry.planeRows, m_geometry.planeColumns,
              sample.voxelMicrometres() * 1e-6 / static_cast<double>(m_geometry.superSampling),
              wavelengthMetres(options.energyKev), options.distanceMillimetres * 1e-3)
    {
    }

    const ScanGeometry& geometry() const { return m_geometry; }

    void project(double angle, std::span<float> transmission) const
    {
        const Projector::View view = m_projector.view(angle);
        const ProjectionGrid& grid = m_geometry.grid;
        const auto across = static_cast<std::size_t>(m_geometry.planeColumns);
        Fft<float>::Plane wave(static_cast<std::size_t>(m_geometry.planeRows) * across);
        std::vector<double> phase(across);
        std::vector<double> absorption(across);
        // The plane repeats itself: its last rows and columns lead back to the first, so that no edge sends fringes.
        std::vector<double> ends[4];
        for (std::int64_t y = 0; y < m_geometry.planeRows; ++y) {
            if (y < grid.rows) {
                view.row(y, std::span(phase).first(static_cast<std::size_t>(grid.columns)),
                    std::span(absorption).first(static_cast<std::size_t>(grid.columns)));
                closeRow(phase);
                closeRow(absorption);
                if (y == 0) {
                    ends[0] = phase;
                    ends[1] = absorption;
                }
                if (y == grid.rows - 1) {
                    ends[2] = phase;
                    ends[3] = absorption;
                }
            } else {
                const double t
                    = static_cast<double>(y - grid.rows + 1) / static_cast<double>(m_geometry.planeRows - grid.rows + 1);
                for (std::size_t x = 0; x < across; ++x) {
                    phase[x] = (1 - t) * ends[2][x] + t * ends[0][x];
                    absorption[x] = (1 - t) * ends[3][x] + t * ends[1][x];
                }
            }
            if (!m_options.phase)
                std::fill(phase.begin(), phase.end(), 0.0);
            const WaveRow row { phase.data(), absorption.data(),
                reinterpret_cast<float*>(wave.data() + static_cast<std::size_t>(y) * across),
                static_cast<std::int64_t>(across) };
            vectorised<MakeWave>(&row);
        }
        if (m_options.phase)
            m_fresnel.propagate(wave);
        // Intensities take the first half of the wave's own memory.
        auto* intensity = reinterpret_cast<float*>(wave.data());
        for (std::size_t i = 0; i < wave.size(); ++i) {
            const std::complex<float> value = wave[i];
            intensity[i] = value.real() * value.real() + value.imag() * value.imag();
        }
        const std::int64_t inner = m_geometry.margin - m_geometry.blurMargin;
        m_mean.apply(intensity + inner * m_geometry.planeColumns + inner, m_geometry.planeColumns, m_geometry.shape.y,
            m_geometry.shape.x, transmission);
    }

private:
    void closeRow(std::vector<double>& row) const
    {
        const auto seen = static_cast<std::size_t>(m_geometry.grid.columns);
        const auto rest = static_cast<double>(row.size() - seen + 1);
        for (std::size_t x = seen; x < row.size(); ++x) {
            const double t = static_cast<double>(x - seen + 1) / rest;
            row[x] = (1 - t) * row[seen - 1] + t * row[0];
        }
    }

    const ScanOptions& m_options;
    ScanGeometry m_geometry;
    Projector m_projector;
    PixelMean m_mean;
    Fresnel<float> m_fresnel;
};

} // namespace

ScanGeometry scanGeometry(const SampleOptions& sample, const ScanOptions& options)
{
    check(sample);
    checkRanges(options);
    const double pixel = sample.voxel.inMicrometres().x;
    ScanGeometry geometry;
    double reach = 0;
    for (const auto& corner : Pillar(sample.shape.y, sample.shape.x, sample.seed).outline(512))
        reach = std::max(reach, std::hypot(corner.y, corner.x));
    geometry.shape.y = sample.shape.z;
    geometry.shape.x = std::max({ sample.shape.x, sample.shape.y,
        2 * static_cast<std::int64_t>(std::ceil(reach + 3 + std::abs(options.axisOffset))) });
    geometry.axis = 0.5 * static_cast<double>(geometry.shape.x - 1) + options.axisOffset;
    geometry.shape.z = options.projections > 0
        ? options.projections
        : std::min<std::int64_t>(1500, std::llround(0.5 * std::numbers::pi * static_cast<double>(geometry.shape.x)));

    // √(λz) in µm: the width of the first fringe.
    const double area = options.phase ? wavelengthMetres(options.energyKev) * options.distanceMillimetres * 1e9 : 0;
    const double fringe = std::sqrt(area);
    geometry.superSampling = options.superSampling > 0
        ? options.superSampling
        : std::clamp<std::int64_t>(
              fringe > 0 ? static_cast<std::int64_t>(std::ceil(3 * pixel / fringe)) : 2, 2, kMostSuperSampling);
    const double step = pixel / static_cast<double>(geometry.superSampling);
    geometry.blurMargin = PixelMean(geometry.superSampling, options.blurMicrometres / pixel).margin();
    // How far the highest frequency of the points travels sideways, and a few fringes more.
    geometry.margin = geometry.blurMargin
        + (options.phase ? static_cast<std::int64_t>(std::ceil((0.5 * area / step + 4 * fringe) / step)) : 0);
    const auto points = [&](std::int64_t pixels) { return pixels * geometry.superSampling + 2 * geometry.margin; };
    geometry.grid.rows = points(geometry.shape.y);
    geometry.grid.columns = points(geometry.shape.x);
    geometry.grid.step = 1 / static_cast<double>(geometry.superSampling);
    geometry.grid.v0 = (0.5 - static_cast<double>(geometry.margin)) * geometry.grid.step - 0.5;
    geometry.grid.u0 = geometry.grid.v0 - geometry.axis;
    geometry.planeRows
        = options.phase ? fastLength(geometry.grid.rows + std::max<std::int64_t>(16, geometry.margin)) : geometry.grid.rows;
    geometry.planeColumns = options.phase ? fastLength(geometry.grid.columns + std::max<std::int64_t>(16, geometry.margin))
                                          : geometry.grid.columns;
    return geometry;
}

Scalar projectionScalar(const ScanOptions& options)
{
    return options.detector.photons > 0 ? Scalar::U16 : Scalar::F32;
}

std::vector<float> simulateProjection(const Sample& sample, const ScanOptions& options, double angle)
{
    const Simulator simulator(sample, options);
    std::vector<float> transmission(static_cast<std::size_t>(simulator.geometry().shape.sliceVoxels()));
    simulator.project(angle, transmission);
    return transmission;
}

Scan simulateScan(const Sample& sample, const ScanOptions& options, VolumeSink& to, Task& task)
{
    const Simulator simulator(sample, options);
    const Shape shape = simulator.geometry().shape;
    const Scalar scalar = projectionScalar(options);
    if (to.shape() != shape || to.scalar() != scalar)
        throw Error("The projections were opened as " + describe(to.shape()) + " " + scalarName(to.scalar()),
            "Open them as " + describe(shape) + " " + scalarName(scalar) + ".");
    const bool counted = scalar == Scalar::U16;
    const Detector detector(options.detector, shape.y, shape.x, shape.z);
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    const auto together = static_cast<std::int64_t>(usableCores());
    std::vector<std::vector<float>> seen(static_cast<std::size_t>(together), std::vector<float>(plane));
    std::vector<std::vector<std::uint16_t>> counts(
        static_cast<std::size_t>(counted ? together : 0), std::vector<std::uint16_t>(plane));
    Scan scan;
    for (std::int64_t z = 0; z < shape.z; z += together) {
        task.throwIfStopped();
        task.progress(static_cast<double>(z) / static_cast<double>(shape.z), "Scanning");
        const std::int64_t n = std::min(together, shape.z - z);
        parallelFor(n, 0, [&](std::int64_t i) {
            const auto at = static_cast<std::size_t>(i);
            simulator.project(std::numbers::pi * static_cast<double>(z + i) / static_cast<double>(shape.z), seen[at]);
            if (counted)
                detector.expose(z + i, seen[at], counts[at]);
        });
        for (std::int64_t i = 0; i < n; ++i) {
            const auto at = static_cast<std::size_t>(i);
            scan.angles.push_back(180 * static_cast<double>(z + i) / static_cast<double>(shape.z));
            to.write(Box::slices(shape, z + i, 1),
                counted ? std::as_bytes(std::span<const std::uint16_t>(counts[at]))
                        : std::as_bytes(std::span<const float>(seen[at])));
        }
    }
    to.finish();
    scan.pixelMicrometres = sample.voxelMicrometres();
    scan.energyKev = options.energyKev;
    scan.distanceMillimetres = options.distanceMillimetres;
    scan.axis = simulator.geometry().axis;
    if (counted) {
        const auto fields = [&](int n, const char* name, auto&& expose) {
            const auto volume = std::make_shared<Volume>(Shape { n, shape.y, shape.x }, Scalar::U16, VoxelSize {}, name);
            for (int i = 0; i < n; ++i)
                expose(i, volume->template as<std::uint16_t>().subspan(static_cast<std::size_t>(i) * plane, plane));
            return volume;
        };
        scan.white = fields(options.detector.whiteFields, "white fields", [&](int i, auto to_) { detector.white(i, to_); });
        scan.dark = fields(options.detector.darkFields, "dark fields", [&](int i, auto to_) { detector.dark(i, to_); });
    }
    return scan;
}

Cost estimateScan(const SampleOptions& sample, const ScanOptions& options)
{
    const ScanGeometry geometry = scanGeometry(sample, options);
    const auto points = static_cast<double>(geometry.planeRows) * static_cast<double>(geometry.planeColumns);
    const auto threads = std::min<double>(usableCores(), static_cast<double>(geometry.shape.z));
    Cost cost;
    cost.ramBytes
        = static_cast<std::uint64_t>(threads * (points * 8 + 6 * static_cast<double>(geometry.shape.sliceVoxels())));
    // Two transforms (5 N log₂ N) and about 120 operations to make the wave of a point.
    cost.operations = static_cast<double>(geometry.shape.z) * points * (options.phase ? 10 * std::log2(points) + 120 : 120);
    // A small sample of the same kind of work tells how fast this machine is.
    ScanOptions small = options;
    small.superSampling = static_cast<int>(geometry.superSampling);
    small.projections = 2;
    SampleOptions piece = sample;
    const std::int64_t side = std::clamp<std::int64_t>(256 / geometry.superSampling, 16, 256);
    piece.kind = SampleKind::Spheres;
    piece.shape = { side, side, side };
    piece.fraction = piece.voidFraction = piece.shardFraction = 0;
    Task task;
    const Sample empty = makeSample(piece, task);
    const Simulator simulator(empty, small);
    const ScanGeometry& tried = simulator.geometry();
    std::vector<float> transmission(static_cast<std::size_t>(tried.shape.sliceVoxels()));
    // The shortest of three: the others waited for something else.
    double seconds = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 3; ++i) {
        const auto started = std::chrono::steady_clock::now();
        simulator.project(0.3, transmission);
        seconds = std::min(seconds, std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    }
    cost.seconds = seconds / (static_cast<double>(tried.planeRows) * static_cast<double>(tried.planeColumns)) * points
        * static_cast<double>(geometry.shape.z) / threads;
    return cost;
}

} // namespace interstice
