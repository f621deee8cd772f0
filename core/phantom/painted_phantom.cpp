// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/painted_phantom.h"

#include "base/error.h"
#include "base/parallel.h"
#include "phantom/painter.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace interstice {

namespace {

/// A slab of both volumes together is then about 32 MB.
constexpr std::int64_t kSlabVoxels = std::int64_t { 10 } << 20;

void check(const PaintedPhantomOptions& options, const VolumeSink& raw, const VolumeSink& truth)
{
    check(options.sample);
    if (options.sample.kind != SampleKind::Spheres)
        throw Error(std::string("Only spheres can be painted, not ") + kindName(options.sample.kind),
            "Simulate the scan instead (--imaging scan).");
    const bool greysFinite = std::isfinite(options.matrixGrey + options.airContrast + options.sphereContrast
        + options.voidContrast + options.rim + options.noise + options.rings);
    if (!(options.blurVoxels > 0 && options.blurVoxels <= 100) || !greysFinite || options.noise < 0 || options.rings < 0)
        throw Error("The phantom's greys are out of range", "The blur must be above 0, noise and rings not below 0.");
    const auto checkSink = [&](const VolumeSink& sink, Scalar scalar, const char* what) {
        if (sink.shape() != options.sample.shape || sink.scalar() != scalar)
            throw Error(std::string("The phantom's ") + what + " was opened as " + describe(sink.shape()) + " "
                    + scalarName(sink.scalar()),
                "Open it as " + describe(options.sample.shape) + " " + scalarName(scalar) + ".");
    };
    checkSink(raw, Scalar::U16, "raw volume");
    checkSink(truth, Scalar::U8, "truth");
}

} // namespace

PaintedPhantomResult makePaintedPhantom(const PaintedPhantomOptions& options, VolumeSink& raw, VolumeSink& truth, Task& task)
{
    check(options, raw, truth);
    Task packing = task.part(0, 0.3);
    SampleOptions whole = options.sample;
    whole.shardFraction = 0;
    const Sample sample = makeSample(whole, packing);
    const Shape shape = whole.shape;
    PaintedPhantomResult result;
    result.pillarVoxels = sample.sectionVoxels() * static_cast<std::uint64_t>(shape.z);
    result.objects = sample.objects;
    result.findings = sample.findings;

    const Painter painter(options, sample);
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    const std::int64_t depth = std::clamp<std::int64_t>(kSlabVoxels / shape.sliceVoxels(), 1, shape.z);
    std::vector<std::uint16_t> greys(plane * static_cast<std::size_t>(depth));
    std::vector<std::uint8_t> labels(greys.size());
    std::atomic<std::uint64_t> spheres { 0 };
    std::atomic<std::uint64_t> voids { 0 };
    for (std::int64_t z = 0; z < shape.z; z += depth) {
        task.progress(0.3 + 0.7 * static_cast<double>(z) / static_cast<double>(shape.z), "Writing the phantom");
        const Box box = Box::slices(shape, z, std::min(depth, shape.z - z));
        const auto voxels = static_cast<std::size_t>(box.size.voxels());
        parallelFor(box.size.z, 0, [&](std::int64_t i) {
            task.throwIfStopped();
            const auto at = static_cast<std::size_t>(i) * plane;
            const auto slice = std::span(labels).subspan(at, plane);
            painter.paint(z + i, std::span(greys).subspan(at, plane));
            sample.paintTruth(z + i, slice);
            spheres += static_cast<std::uint64_t>(std::count(slice.begin(), slice.end(), kPhantomSphere));
            voids += static_cast<std::uint64_t>(std::count(slice.begin(), slice.end(), kPhantomVoid));
        });
        raw.write(box, std::as_bytes(std::span<const std::uint16_t>(greys).first(voxels)));
        truth.write(box, std::as_bytes(std::span<const std::uint8_t>(labels).first(voxels)));
    }
    raw.finish();
    truth.finish();
    const auto share = [&](std::uint64_t n) {
        return result.pillarVoxels > 0 ? static_cast<double>(n) / static_cast<double>(result.pillarVoxels) : 0;
    };
    result.sphereFraction = share(spheres);
    result.voidFraction = share(voids);
    noteFraction(options.sample, result.sphereFraction, result.findings);
    task.progress(1, "Writing the phantom");
    return result;
}

Cost estimatePaintedPhantom(const PaintedPhantomOptions& options)
{
    const auto plane = static_cast<std::uint64_t>(options.sample.shape.sliceVoxels());
    Cost cost;
    // A slab of both volumes, the pillar's distances and greys, and a slice of greys for each thread.
    cost.ramBytes = 3 * std::max(static_cast<std::uint64_t>(kSlabVoxels), plane)
        + (8 + 4 * static_cast<std::uint64_t>(usableCores())) * plane;
    return cost;
}

} // namespace interstice
