// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/scanned_phantom.h"

#include "base/error.h"
#include "base/parallel.h"
#include "volume/histogram.h"
#include "volume/scratch_volume.h"
#include "volume/slabs.h"
#include "volume/views.h"

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr std::int64_t kSlabVoxels = std::int64_t { 32 } << 20;

void checkSinks(const ScannedPhantomOptions& options, const VolumeSink& raw, const VolumeSink& truth)
{
    const Shape shape = options.sample.shape;
    const auto wrong = [&](const VolumeSink& sink, const std::string& what, const std::string& types) {
        throw Error("The phantom's " + what + " was opened as " + describe(sink.shape()) + " " + scalarName(sink.scalar()),
            "Open it as " + describe(shape) + " " + types + ".");
    };
    if (raw.shape() != shape || (raw.scalar() != Scalar::F32 && raw.scalar() != Scalar::U16))
        wrong(raw, "raw volume", "f32 or u16");
    if (truth.shape() != shape || truth.scalar() != Scalar::U8)
        wrong(truth, "truth", "u8");
}

/// The reconstruction's options in this phantom.
ReconstructOptions ownOptions(const ScannedPhantomOptions& options, const ScanGeometry& geometry)
{
    ReconstructOptions own = options.reconstruct;
    own.axis = geometry.axis + options.axisError;
    own.findAxis = false;
    own.firstSlice = 0;
    own.slices = 0;
    own.height = options.sample.shape.y;
    own.width = options.sample.shape.x;
    return own;
}

void writeTruth(const Sample& sample, VolumeSink& truth, ScannedPhantomResult& result, Task& task)
{
    const Shape shape = sample.options.shape;
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    const std::int64_t depth = std::clamp<std::int64_t>(kSlabVoxels / shape.sliceVoxels(), 1, shape.z);
    std::vector<std::uint8_t> labels(plane * static_cast<std::size_t>(depth));
    for (std::int64_t z = 0; z < shape.z; z += depth) {
        task.progress(static_cast<double>(z) / static_cast<double>(shape.z), "Writing the truth");
        const std::int64_t count = std::min(depth, shape.z - z);
        parallelFor(count, 0, [&](std::int64_t i) {
            task.throwIfStopped();
            sample.paintTruth(z + i, std::span(labels).subspan(static_cast<std::size_t>(i) * plane, plane));
        });
        const auto written = std::span<const std::uint8_t>(labels).first(plane * static_cast<std::size_t>(count));
        for (const std::uint8_t label : written)
            ++result.counts[label];
        truth.write(Box::slices(shape, z, count), std::as_bytes(written));
    }
    truth.finish();
}

} // namespace

double ScannedPhantomResult::fraction(std::uint8_t label) const
{
    return pillarVoxels > 0 ? static_cast<double>(counts[label]) / static_cast<double>(pillarVoxels) : 0;
}

ScannedPhantomResult makeScannedPhantom(
    const ScannedPhantomOptions& options, VolumeSink& raw, VolumeSink& truth, Task& task, const ScanKeeper& keep)
{
    check(options.sample);
    checkSinks(options, raw, truth);
    ScannedPhantomResult result;
    result.geometry = scanGeometry(options.sample, options.scan);
    Task packing = task.part(0, 0.05);
    Sample sample = makeSample(options.sample, packing);
    result.objects = sample.objects;
    result.findings = sample.findings;
    result.pillarVoxels = sample.sectionVoxels() * static_cast<std::uint64_t>(options.sample.shape.z);
    Task labelling = task.part(0.05, 0.1);
    writeTruth(sample, truth, result, labelling);
    noteFraction(options.sample, result.fraction(kPhantomSphere), result.findings);

    const std::uint64_t memory = usualScratchMemory();
    const auto projections = std::make_shared<ScratchVolume>(
        result.geometry.shape, projectionScalar(options.scan), memory, VoxelSize {}, "projections of the phantom");
    Task scanning = task.part(0.1, 0.7);
    Scan scan = simulateScan(sample, options.scan, *projections, scanning);
    scan.projections = projections;
    if (keep) {
        Task keeping = task.part(0.7, 0.72);
        keep(scan, keeping);
    }

    const ReconstructOptions reconstructing = ownOptions(options, result.geometry);
    Task back = task.part(0.72, 0.95);
    if (raw.scalar() == Scalar::F32) {
        result.reconstructed = reconstruct(scan, reconstructing, raw, back);
    } else {
        const auto slices = std::make_shared<ScratchVolume>(options.sample.shape, Scalar::F32, memory);
        result.reconstructed = reconstruct(scan, reconstructing, *slices, back);
        Task writing = task.part(0.95, 1);
        const Histogram histogram = computeHistogram(*slices, {}, writing);
        const double low = histogram.percentile(0.02);
        const double high = histogram.percentile(99.98);
        const double wider = std::max(0.05 * (high - low), 1e-6);
        result.greyLow = low - wider;
        result.greyHigh = high + wider;
        copy(CastView(slices, Scalar::U16, result.greyLow, result.greyHigh), raw, writing, "Writing the slices");
    }
    result.findings.insert(
        result.findings.end(), result.reconstructed.findings.begin(), result.reconstructed.findings.end());
    task.progress(1, "Writing the slices");
    return result;
}

Cost estimateScannedPhantom(const ScannedPhantomOptions& options)
{
    const ScanGeometry geometry = scanGeometry(options.sample, options.scan);
    const Cost scanning = estimateScan(options.sample, options.scan);
    const Cost back = estimateReconstruct(geometry.shape, ownOptions(options, geometry));
    const std::uint64_t projections
        = static_cast<std::uint64_t>(geometry.shape.voxels()) * bytesOf(projectionScalar(options.scan));
    const std::uint64_t slices = static_cast<std::uint64_t>(options.sample.shape.voxels()) * sizeof(float);
    Cost cost;
    // What does not fit into the scratch memory goes to disk.
    cost.ramBytes = std::max(scanning.ramBytes, back.ramBytes) + std::min(usualScratchMemory(), projections)
        + std::min(usualScratchMemory(), slices);
    cost.operations = scanning.operations + back.operations;
    cost.seconds = scanning.seconds + std::max(0.0, back.seconds);
    return cost;
}

Json toJson(const ScannedPhantomOptions& options)
{
    return { { "imaging", "scan" }, { "sample", toJson(options.sample) }, { "scan", toJson(options.scan) },
        { "reconstruct", toJson(options.reconstruct) }, { "axis_error", options.axisError } };
}

ScannedPhantomOptions scannedPhantomOptionsFromJson(const Json& json)
{
    ScannedPhantomOptions options;
    if (json.contains("sample"))
        options.sample = sampleOptionsFromJson(json["sample"]);
    if (json.contains("scan"))
        options.scan = scanOptionsFromJson(json["scan"]);
    if (json.contains("reconstruct"))
        options.reconstruct = reconstructOptionsFromJson(json["reconstruct"]);
    options.axisError = json.value("axis_error", options.axisError);
    return options;
}

Json toJson(const ScannedPhantomResult& result, SampleKind kind)
{
    Json fractions = Json::object();
    const Json names = labelNames(kind);
    for (const auto& [label, name] : names.items())
        if (const auto number = static_cast<std::uint8_t>(std::stoi(label)); number != kPhantomOutside)
            fractions[name.get<std::string>()] = result.fraction(number);
    return { { "objects", result.objects.size() }, { "fractions", fractions }, { "pillar_voxels", result.pillarVoxels },
        { "projections", result.geometry.shape.z }, { "detector", { result.geometry.shape.y, result.geometry.shape.x } },
        { "axis", result.geometry.axis }, { "super_sampling", result.geometry.superSampling },
        { "reconstructed", toJson(result.reconstructed) }, { "grey_unit", result.reconstructed.unit },
        { "grey_low", result.greyLow }, { "grey_high", result.greyHigh }, { "findings", toJson(result.findings) } };
}

} // namespace interstice
