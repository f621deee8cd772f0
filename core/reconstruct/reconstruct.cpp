// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/reconstruct.h"

#include "base/error.h"
#include "base/parallel.h"
#include "reconstruct/back_projection.h"
#include "reconstruct/rotation_axis.h"
#include "reconstruct/stripes.h"
#include "volume/scratch_volume.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

namespace {

/// Angles that a thread takes at once.
constexpr std::int64_t kAngles = 16;

std::uint64_t memoryOf(const ReconstructOptions& options)
{
    return options.memory > 0 ? options.memory : usualScratchMemory();
}

/// Rows of projections that are read together: a multiple of kLanes.
std::int64_t slabRows(const Shape& projections, std::uint64_t memory)
{
    const std::uint64_t row
        = static_cast<std::uint64_t>(projections.z) * static_cast<std::uint64_t>(projections.x) * sizeof(float);
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>(memory / 2 / std::max<std::uint64_t>(1, row)) / kLanes * kLanes, kLanes,
        (projections.y + kLanes - 1) / kLanes * kLanes);
}

/// Sinograms of a few rows, one after another: (row, angle, column).
std::vector<float> readSinograms(const VolumeSource& attenuation, std::int64_t first, std::int64_t rows)
{
    const Shape shape = attenuation.shape();
    std::vector<float> sinograms(static_cast<std::size_t>(rows * shape.z * shape.x));
    parallelFor((shape.z + kAngles - 1) / kAngles, 0, [&](std::int64_t i) {
        const std::int64_t angle = i * kAngles;
        const std::int64_t count = std::min(kAngles, shape.z - angle);
        const auto part = readAs<float>(attenuation, { { angle, first, 0 }, { count, rows, shape.x } });
        for (std::int64_t a = 0; a < count; ++a) {
            for (std::int64_t r = 0; r < rows; ++r)
                std::copy_n(
                    part.data() + (a * rows + r) * shape.x, shape.x, sinograms.data() + (r * shape.z + angle + a) * shape.x);
        }
    });
    return sinograms;
}

void filterSinograms(std::span<const float> sinograms, std::int64_t rows, const Shape& shape, const RowFilter& filter,
    bool extendEdges, LanedProjections& to)
{
    parallelFor((shape.z + kAngles - 1) / kAngles, 0, [&](std::int64_t i) {
        auto scratch = filter.scratch();
        const auto columns = static_cast<std::size_t>(shape.x);
        const std::vector<float> none(columns);
        const std::int64_t end = std::min((i + 1) * kAngles, shape.z);
        for (std::int64_t r = 0; r < rows; ++r) {
            const auto row = [&](std::int64_t angle) {
                return sinograms.subspan(static_cast<std::size_t>((r * shape.z + angle) * shape.x), columns);
            };
            // Two angles of one slice at once, not two slices: a slice does not depend on which others are made.
            for (std::int64_t angle = i * kAngles; angle < end; angle += 2) {
                const bool both = angle + 1 < end;
                filter.apply(row(angle), both ? row(angle + 1) : std::span<const float>(none), extendEdges, scratch);
                to.set(angle, both ? angle + 1 : -1, r, scratch.data());
            }
        }
    });
}

void check(const ReconstructOptions& options)
{
    if (options.ringWidth != 0 && (options.ringWidth < 3 || options.ringWidth > 101 || options.ringWidth % 2 == 0))
        throw Error("Rings cannot be reduced with a width of " + std::to_string(options.ringWidth) + " columns",
            "Choose an odd number from 3 to 101.");
    if (options.axis && !std::isfinite(*options.axis))
        throw Error("The rotation axis is not a number", "Give a column of the detector, like 639.5.");
}

} // namespace

Shape reconstructedShape(const Scan& scan, const ReconstructOptions& options)
{
    requireConsistent(scan);
    const Shape shape = scan.projections->shape();
    const std::int64_t slices = options.slices > 0 ? options.slices : shape.y - options.firstSlice;
    if (options.firstSlice < 0 || options.slices < 0 || slices < 1 || options.firstSlice + slices > shape.y)
        throw Error("Slices " + std::to_string(options.firstSlice) + " to " + std::to_string(options.firstSlice + slices)
                + " are not among the " + std::to_string(shape.y) + " of the scan",
            "Choose slices from 0 to " + std::to_string(shape.y) + ".");
    return { slices, options.height > 0 ? options.height : shape.x, options.width > 0 ? options.width : shape.x };
}

ReconstructResult reconstruct(const Scan& scan, const ReconstructOptions& options, VolumeSink& out, Task& task)
{
    check(options);
    const Shape slices = reconstructedShape(scan, options);
    if (out.shape() != slices || out.scalar() != Scalar::F32)
        throw Error("The slices were opened as " + describe(out.shape()) + " " + scalarName(out.scalar()),
            "Open them as " + describe(slices) + " f32.");
    ReconstructResult result;
    SourcePtr attenuation = attenuationOf(scan, result.findings);
    double gap = 0;
    std::vector<float> weights = angleWeights(scan.angles, gap);
    if (gap > 5 * 180.0 / static_cast<double>(scan.angles.size()))
        result.findings.push_back({ Finding::Severity::Warning, "angles-missing",
            "Directions over " + std::to_string(std::lround(gap))
                + "° of the half turn are missing: edges along them blur." });

    Task finding = task.part(0, 0.05);
    result.axis = options.axis.value_or(scan.axis);
    if (!options.axis && (scan.axis < 0 || options.findAxis)) {
        result.axis = interstice::findAxis(*attenuation, scan.angles, {}, finding);
        result.axisFound = true;
    }
    std::int64_t first = options.firstSlice;
    const std::uint64_t memory = memoryOf(options);
    double begun = 0.05;
    if (options.phase.distanceMillimetres != 0) {
        Task retrieving = task.part(begun, 0.4);
        attenuation = retrievePhase(scan, attenuation, options.phase, first, slices.z, memory, retrieving);
        first = 0;
        begun = 0.4;
    }

    const Shape shape = attenuation->shape();
    // Attenuation of one voxel becomes attenuation of a length.
    const double perLength = scan.pixelMicrometres > 0 ? 1e4 / scan.pixelMicrometres : 1;
    result.unit = scan.pixelMicrometres > 0 ? "1/cm" : "1/vx";
    for (float& weight : weights)
        weight *= static_cast<float>(perLength);
    std::vector<double> radians;
    for (const double angle : scan.angles)
        radians.push_back(angle * std::numbers::pi / 180);
    SliceGrid grid { slices.y, slices.x, 0.5 * static_cast<double>(slices.y - 1), 0.5 * static_cast<double>(slices.x - 1),
        result.axis };
    // As far beyond the detector as the slices' corners are seen.
    const double corner = std::hypot(grid.axisY, grid.axisX);
    const double beyond = std::max(corner - result.axis, result.axis + corner - static_cast<double>(shape.x - 1));
    const auto margin = std::clamp<std::int64_t>(std::llround(std::ceil(beyond)), 0, shape.x);
    grid.axisColumn += static_cast<double>(margin);
    const RowFilter filter(options.filter, shape.x, margin);
    LanedProjections lanes(shape.z, filter.filteredColumns());
    const auto plane = static_cast<std::size_t>(slices.sliceVoxels());
    std::vector<float> voxels(plane * static_cast<std::size_t>(std::min(kLanes, slices.z)));
    const std::int64_t depth = slabRows({ shape.z, slices.z, shape.x }, memory);
    const auto sinogram = static_cast<std::size_t>(shape.z * shape.x);
    for (std::int64_t z = 0; z < slices.z; z += depth) {
        const std::int64_t rows = std::min(depth, slices.z - z);
        std::vector<float> sinograms = readSinograms(*attenuation, first + z, rows);
        task.throwIfStopped();
        for (std::int64_t r = 0; r < rows; r += kLanes) {
            task.throwIfStopped();
            task.progress(
                begun + (1 - begun) * static_cast<double>(z + r) / static_cast<double>(slices.z), "Reconstructing slices");
            const std::int64_t count = std::min(kLanes, rows - r);
            const auto part = std::span(sinograms).subspan(
                static_cast<std::size_t>(r) * sinogram, static_cast<std::size_t>(count) * sinogram);
            if (options.ringWidth > 0) {
                parallelFor(count, 0, [&](std::int64_t i) {
                    reduceStripes(
                        part.subspan(static_cast<std::size_t>(i) * sinogram, sinogram), shape.z, shape.x, options.ringWidth);
                });
            }
            filterSinograms(part, count, shape, filter, options.extendEdges, lanes);
            backProject(lanes, radians, weights, grid, count, voxels, 0);
            out.write(Box::slices(slices, z + r, count),
                std::as_bytes(std::span<const float>(voxels).first(plane * static_cast<std::size_t>(count))));
        }
    }
    out.finish();
    task.progress(1, "Reconstructing slices");
    return result;
}

Cost estimateReconstruct(const Shape& projections, const ReconstructOptions& options)
{
    const auto count = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    const std::int64_t height = options.height > 0 ? options.height : projections.x;
    const std::int64_t width = options.width > 0 ? options.width : projections.x;
    const std::int64_t slices = options.slices > 0 ? options.slices : projections.y - options.firstSlice;
    const std::uint64_t memory = memoryOf(options);
    Cost cost;
    cost.ramBytes = sizeof(float)
        * (count(slabRows({ projections.z, slices, projections.x }, memory)) * count(projections.z) * count(projections.x)
            + count(kLanes)
                * (count(projections.z) * count(projections.x + projections.x / 2) + count(height) * count(width))
            + 3 * count(projections.y) * count(projections.x));
    if (options.phase.distanceMillimetres > 0)
        cost.ramBytes += std::min(memory, sizeof(float) * count(projections.z) * count(slices) * count(projections.x))
            + count(usableCores()) * 16 * count(projections.y) * count(projections.x);
    // Two multiplications and two additions an angle and voxel.
    cost.operations = 4.0 * static_cast<double>(projections.z) * static_cast<double>(height) * static_cast<double>(width)
        * static_cast<double>(slices);
    // Eight slices take as long as one. Reading and filtering are about a quarter more.
    const auto full = static_cast<double>((slices + kLanes - 1) / kLanes * kLanes);
    cost.seconds = 1.25 * cost.operations / 4 / static_cast<double>(slices) * full / backProjectionRate() / usableCores();
    return cost;
}

} // namespace interstice
