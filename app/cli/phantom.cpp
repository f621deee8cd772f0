// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/cost.h"
#include "base/error.h"
#include "base/file.h"
#include "phantom/painted_phantom.h"
#include "study/phantom_folder.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace interstice {

namespace {

struct PhantomArguments {
    std::string folder;
    std::string size = "96,192,192";
    std::string kind = "spheres";
    std::string diameter = "38:45um";
    std::string voxel = "2.6um";
    std::string imaging = "scan";
    std::string energy = "27.4keV";
    std::string distance = "25mm";
    std::string detectorBlur = "0.4um";
    std::string type = "u16";
    std::string scanFile;
    bool noPhase = false;
    bool estimate = false;
    int ringWidth = 0;
    /// The painted phantom's own.
    PaintedPhantomOptions painted;
    ScannedPhantomOptions scanned;
};

ScannedPhantomOptions scannedOptions(const PhantomArguments& arguments)
{
    ScannedPhantomOptions options = arguments.scanned;
    SampleOptions& sample = options.sample;
    sample.kind = parseKind(arguments.kind);
    sample.shape = parseShape(arguments.size);
    sample.voxel = parseVoxelSize(arguments.voxel);
    const LengthRange diameter = parseLengthRange(arguments.diameter);
    sample.diameterLow = diameter.low.micrometres();
    sample.diameterHigh = diameter.high.micrometres();
    options.scan.energyKev = parseEnergy(arguments.energy);
    options.scan.distanceMillimetres = parseLength(arguments.distance).micrometres() * 1e-3;
    options.scan.blurMicrometres = parseLength(arguments.detectorBlur).micrometres();
    options.scan.phase = !arguments.noPhase;
    options.scan.detector.seed = sample.seed;
    options.reconstruct.ringWidth = arguments.ringWidth;
    return options;
}

std::string percent(double fraction)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", 100 * fraction);
    return text;
}

/// The last words of both ways. `fractions` are of the pillar, by the names of the truth's labels.
void finish(Console& console, const std::filesystem::path& folder, Json record, std::size_t objects,
    const Findings& findings, const Json& fractions)
{
    std::string parts;
    for (const auto& [name, fraction] : fractions.items())
        parts += (parts.empty() ? "" : ", ") + name + ' ' + percent(fraction.get<double>());
    console.say(findings);
    console.say("Wrote " + utf8(folder) + ": raw.tif, truth.tif, objects.csv, phantom.json (" + std::to_string(objects)
        + " objects; of the pillar " + parts + "; " + formatDuration(console.seconds()) + ")");
    record["out"] = utf8(folder);
    record["findings"] = toJson(findings);
    console.print(record);
}

void paint(Console& console, const PhantomArguments& arguments, const SampleOptions& sample)
{
    const std::filesystem::path folder = arguments.folder;
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem)
        throw Error("Cannot make the folder " + utf8(folder) + " (" + problem.message() + ")", "Choose another place.");
    auto raw = createTiff(folder / "raw.tif", sample.shape, Scalar::U16, sample.voxel);
    auto truth = createTiff(folder / "truth.tif", sample.shape, Scalar::U8, sample.voxel, { Compression::Deflate });
    PaintedPhantomOptions own = arguments.painted;
    own.sample = sample;
    const PaintedPhantomResult result = makePaintedPhantom(own, *raw, *truth, console.task());
    Json record = recordPhantom(
        folder, { sample.kind, "painted", sample.voxel, result.objects, toJson(own), toJson(result), console.seconds() });
    finish(console, folder, std::move(record), result.objects.size(), result.findings,
        Json { { "sphere", result.sphereFraction }, { "void", result.voidFraction } });
}

void runPhantom(Console& console, const PhantomArguments& arguments)
{
    const ScannedPhantomOptions options = scannedOptions(arguments);
    const SampleOptions& sample = options.sample;
    if (arguments.imaging != "scan" && arguments.imaging != "painted")
        throw Error("'" + arguments.imaging + "' is not a way of imaging a phantom", "Choose scan or painted.");
    const bool scanned = arguments.imaging == "scan";
    const Scalar type = parseScalar(arguments.type);
    if (type != Scalar::U16 && (type != Scalar::F32 || !scanned))
        throw Error("The phantom's raw volume cannot be " + arguments.type,
            scanned ? "Choose u16 or f32." : "A painted phantom is u16.");
    if (scanned && (arguments.estimate || !console.quiet)) {
        const Cost cost = estimateScannedPhantom(options);
        if (arguments.estimate) {
            showEstimate(console, cost);
            return;
        }
        console.say("Simulating the scan takes about " + formatDuration(cost.seconds) + " and " + formatBytes(cost.ramBytes)
            + " of memory.");
    }

    if (!arguments.scanFile.empty() && !scanned)
        throw Error("A painted phantom has no scan to keep", "Leave --imaging at scan, or --scan away.");
    if (!scanned) {
        paint(console, arguments, sample);
        return;
    }
    const std::filesystem::path folder = arguments.folder;
    if (!arguments.scanFile.empty()) { // before the minutes of simulation; it may lie in the folder that is made
        std::error_code ignored;
        std::filesystem::create_directories(folder, ignored);
        requireWritable(arguments.scanFile);
    }
    const ScannedPhantomResult result = writeScannedPhantom(folder, options, type, console.task(), arguments.scanFile);
    Json record = readJsonFile(folder / "phantom.json");
    const Json fractions = record.at("result").at("fractions");
    finish(console, folder, std::move(record), result.objects.size(), result.findings, fractions);
}

} // namespace

void addPhantom(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand(
        "phantom", "Make a sample like the study's with exact truth: packed, scanned and reconstructed by physics");
    auto a = std::make_shared<PhantomArguments>();
    SampleOptions& sample = a->scanned.sample;
    ScanOptions& scan = a->scanned.scan;
    command->add_option("OUTDIR", a->folder, "Folder for raw.tif, truth.tif, objects.csv, phantom.json")->required();
    command->add_option("--size", a->size, "Z,Y,X in voxels")->capture_default_str();
    command->add_option("--kind", a->kind, "spheres, shale or wood")->capture_default_str();
    command->add_option("--fraction", sample.fraction, "Volume of the spheres over the pillar's")->capture_default_str();
    command->add_option("--diameter", a->diameter, "Range, like 38:45um")->capture_default_str();
    command->add_option("--voids", sample.voidFraction, "Volume of the voids over the pillar's")->capture_default_str();
    command->add_option("--shards", sample.shardFraction, "Volume of the shards over the pillar's")->capture_default_str();
    command->add_option("--voxel", a->voxel, "Voxel size")->capture_default_str();
    command->add_option("--seed", sample.seed, "Same seed and options, same bytes")->capture_default_str();
    command->add_option("--imaging", a->imaging, "scan: simulated; painted: greys from distances to surfaces, in seconds")
        ->capture_default_str();
    command->add_option("--energy", a->energy, "Of the X-rays, 8 to 100 keV")->capture_default_str();
    command->add_option("--distance", a->distance, "From sample to detector")->capture_default_str();
    command->add_option("--projections", scan.projections, "Over 180 degrees; 0: as many as the size needs, at most 1500")
        ->capture_default_str();
    command->add_flag("--no-phase", a->noPhase, "Absorption contrast alone");
    command->add_option("--super-sampling", scan.superSampling, "Points of the wave a pixel; 0: as the distance needs")
        ->capture_default_str();
    command->add_option("--photons", scan.detector.photons, "A pixel and projection; 0: an ideal detector")
        ->capture_default_str();
    command->add_option("--ring-strength", scan.detector.rings, "How much the pixels' gains differ, over the gain")
        ->capture_default_str();
    command->add_option("--detector-blur", a->detectorBlur, "Standard deviation of the scintillator's blur")
        ->capture_default_str();
    command->add_option("--axis-error", a->scanned.axisError, "By how many columns the axis is taken wrongly")
        ->capture_default_str();
    command->add_option("--reduce-rings", a->ringWidth, "Median width across sinogram columns, odd; 0: rings stay")
        ->capture_default_str();
    command->add_option("--scan", a->scanFile, "Keep the raw scan too, as a Data Exchange file (.h5)");
    command->add_option("--type", a->type, "Of raw.tif: u16 (scaled) or f32 (attenuation in 1/cm)")->capture_default_str();
    command->add_flag("--estimate", a->estimate, "Say what it takes, do nothing");
    const auto only = [&](const char* name, double& value, const char* what) {
        command->add_option(name, value, what)->capture_default_str();
    };
    only("--pores", sample.poreFraction, "Shale: volume of pores over the pillar's");
    only("--cracks", sample.crackFraction, "Shale: of cracks");
    only("--kerogen", sample.kerogenFraction, "Shale: of kerogen");
    only("--pyrite", sample.pyriteFraction, "Shale: of pyrite");
    only("--layer-contrast", sample.layerContrast, "Shale: standard deviation of the layers' density over its mean");
    only("--cell-width", sample.cellWidth, "Wood: width of a cell, um");
    only("--wall", sample.wallThickness, "Wood: thickness of the walls, um");
    only("--growth-ring", sample.ringWidth, "Wood: width of a growth ring, um");
    only("--vessels", sample.vesselFraction, "Wood: part of the cross-section that vessels take");
    command->add_option("--noise", a->painted.noise, "Painted: standard deviation of the noise in grey levels of 65535")
        ->capture_default_str();
    command->add_option("--blur", a->painted.blurVoxels, "Painted: standard deviation of the blur in voxels")
        ->capture_default_str();
    command->callback([a, &action] { action = [a](Console& console) { runPhantom(console, *a); }; });
}

} // namespace interstice
