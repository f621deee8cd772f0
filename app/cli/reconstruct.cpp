// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/error.h"
#include "base/file.h"
#include "io/data_exchange.h"
#include "io/hdf5_file.h"
#include "io/side_car.h"
#include "reconstruct/reconstruct.h"
#include "volume/histogram.h"
#include "volume/scratch_volume.h"
#include "volume/slabs.h"
#include "volume/views.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace interstice {

namespace {

struct ReconstructArguments {
    std::string in;
    std::string out;
    std::string axis = "auto";
    std::string filter = "ramp";
    std::string phase;
    std::string slices;
    std::string angles;
    std::string pixel;
    std::string energy;
    std::string type = "f32";
    bool estimate = false;
    ReconstructOptions options;
};

void takeSlices(const std::string& text, const Shape& shape, ReconstructOptions& options)
{
    if (text.empty())
        return;
    const Box box = parseCrop(text + ",:,:", { shape.y, 1, 1 });
    options.firstSlice = box.start.z;
    options.slices = box.size.z;
}

ReconstructOptions optionsOf(const ReconstructArguments& arguments, const Scan& scan)
{
    ReconstructOptions options = arguments.options;
    options.filter = parseFilter(arguments.filter);
    options.findAxis = arguments.axis == "auto";
    if (!options.findAxis && arguments.axis != "file") {
        char* end = nullptr;
        options.axis = std::strtod(arguments.axis.c_str(), &end);
        if (arguments.axis.empty() || *end != 0)
            throw Error(
                "'" + arguments.axis + "' is not a column of the detector", "Write a number like 639.5, auto, or file.");
    }
    if (!arguments.phase.empty())
        options.phase.distanceMillimetres = parseLength(arguments.phase).micrometres() * 1e-3;
    takeSlices(arguments.slices, scan.projections->shape(), options);
    return options;
}

void runReconstruct(Console& console, const ReconstructArguments& arguments)
{
    OpenedScan opened
        = openScan(arguments.in, arguments.angles.empty() ? std::nullopt : std::optional(parseAngles(arguments.angles)));
    Scan& scan = opened.scan;
    if (!arguments.pixel.empty())
        scan.pixelMicrometres = parseLength(arguments.pixel).micrometres();
    if (!arguments.energy.empty())
        scan.energyKev = parseEnergy(arguments.energy);
    const ReconstructOptions options = optionsOf(arguments, scan);
    const Scalar type = parseScalar(arguments.type);
    if (type != Scalar::F32 && type != Scalar::U16)
        throw Error("Slices cannot be written as " + arguments.type, "Choose f32 or u16.");
    console.say(opened.findings);
    if (arguments.estimate) {
        showEstimate(console, estimateReconstruct(scan.projections->shape(), options));
        return;
    }
    requireWritable(arguments.out);
    const Shape shape = reconstructedShape(scan, options);
    VoxelSize voxel;
    if (scan.pixelMicrometres > 0)
        voxel = { scan.pixelMicrometres, scan.pixelMicrometres, scan.pixelMicrometres, LengthUnit::Micrometre,
            SizeOrigin::SideCar };
    auto sink = createTiff(arguments.out, shape, type, voxel);
    ReconstructResult result;
    Json grey = nullptr;
    if (type == Scalar::F32) {
        result = reconstruct(scan, options, *sink, console.task());
    } else {
        const auto slices = std::make_shared<ScratchVolume>(shape, Scalar::F32, usualScratchMemory(), voxel);
        Task first = console.task().part(0, 0.9);
        result = reconstruct(scan, options, *slices, first);
        Task second = console.task().part(0.9, 1);
        const Histogram histogram = computeHistogram(*slices, {}, second);
        const double low = histogram.percentile(0.02);
        const double high = std::max(histogram.percentile(99.98), low + 1e-9);
        grey = { low, high };
        copy(CastView(slices, type, low, high), *sink, second);
    }
    const auto hdf5 = asHdf5(arguments.in);
    Json record = toJson(options);
    record["in"] = arguments.in;
    record["type"] = scalarName(type);
    writeSideCar(arguments.out, "reconstruct", record, { hdf5 ? hdf5->file : std::filesystem::path(arguments.in) },
        console.seconds(), { { "voxel_size", toJson(voxel) }, { "result", toJson(result) }, { "grey_range", grey } });
    console.say(result.findings);
    char axis[96];
    std::snprintf(axis, sizeof axis, "rotation axis at column %.2f%s", result.axis, result.axisFound ? " (found)" : "");
    console.say("Wrote " + arguments.out + ": " + describe(shape) + ", " + scalarName(type) + " in "
        + (type == Scalar::F32 ? result.unit : std::string("grey levels")) + ", " + axis + " ("
        + formatDuration(console.seconds()) + ")");
    Json printed = toJson(result);
    printed["out"] = arguments.out;
    printed["shape"] = { shape.z, shape.y, shape.x };
    printed["type"] = scalarName(type);
    printed["grey_range"] = grey;
    printed["usage"] = usageOf(console);
    printed["scan_findings"] = toJson(opened.findings);
    console.print(printed);
}

} // namespace

void addReconstruct(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand("reconstruct",
        "A raw scan to slices by filtered back-projection: a working tool for parallel beams, not a full reconstruction "
        "suite");
    auto a = std::make_shared<ReconstructArguments>();
    command->add_option("IN", a->in, "A Data Exchange file (.h5), or a folder of TIFF projections with flats and darks")
        ->required();
    command->add_option("-o,--out", a->out, "The TIFF stack to write")->required();
    command->add_option("--axis", a->axis, "Column of the rotation axis; auto: found; file: as the file states it")
        ->capture_default_str();
    command->add_option("--filter", a->filter, "ramp, shepp-logan or hann")->capture_default_str();
    command->add_option("--phase-retrieval", a->phase, "Distance from sample to detector, like 25mm (Paganin's method)");
    command
        ->add_option(
            "--delta-beta", a->options.phase.deltaOverBeta, "For --phase-retrieval: ratio of the materials' differences")
        ->capture_default_str();
    command->add_option("--reduce-rings", a->options.ringWidth, "Median width across sinogram columns, odd; 0: rings stay")
        ->capture_default_str();
    command->add_option("--slices", a->slices, "FIRST:END (0-based, end excluded)");
    command->add_option("--angles", a->angles, "FIRST:LAST in degrees, evenly spaced, instead of what the files say");
    command->add_option("--pixel", a->pixel, "Pixel size, like 0.65um, where the file does not state it");
    command->add_option("--energy", a->energy, "Of the X-rays, like 27.4keV, where the file does not state it");
    command->add_flag("--extend-edges", a->options.extendEdges, "The sample is wider than the field of view");
    command->add_option("--type", a->type, "f32 (attenuation) or u16 (stretched)")->capture_default_str();
    command->add_flag("--estimate", a->estimate, "Say what it takes, do nothing");
    command->callback([a, &action] { action = [a](Console& console) { runReconstruct(console, *a); }; });
}

} // namespace interstice
