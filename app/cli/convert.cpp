// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/error.h"
#include "io/side_car.h"
#include "volume/histogram.h"
#include "volume/slabs.h"
#include "volume/views.h"

#include <limits>
#include <memory>

namespace interstice {

namespace {

struct ConvertArguments {
    std::string in;
    std::string out;
    std::string crop;
    int bin = 1;
    bool labels = false;
    std::string type;
    std::string range;
    std::string voxel;
    std::string compression = "none";
};

struct Stretch {
    double low = 0;
    double high = 0;
};

/// Values that fit the new type stay what they are; others, and fractions, are stretched over its range.
Stretch stretchFor(const VolumeSource& source, Scalar to, const ConvertArguments& arguments, Task& task)
{
    if (!arguments.range.empty()) {
        const auto colon = arguments.range.find(':');
        char* end = nullptr;
        const double low = std::strtod(arguments.range.c_str(), &end);
        const bool first = end == arguments.range.c_str() + colon;
        const double high = colon == std::string::npos ? 0 : std::strtod(arguments.range.c_str() + colon + 1, &end);
        if (!first || *end != '\0' || !(low < high))
            throw Error("'" + arguments.range + "' is not a grey range", "Write LOW:HIGH, like 0:65535.");
        return { low, high };
    }
    if (to == Scalar::F32 || to == source.scalar() || arguments.labels)
        return {};
    const Histogram histogram = computeHistogram(source, {}, task);
    const bool fits = dispatch(to, [&](auto tag) {
        using Limits = std::numeric_limits<typename decltype(tag)::type>;
        return histogram.minimum >= static_cast<double>(Limits::lowest())
            && histogram.maximum <= static_cast<double>(Limits::max());
    });
    if (fits && source.scalar() != Scalar::F32)
        return {};
    return { histogram.minimum, histogram.maximum };
}

void runConvert(Console& console, const ConvertArguments& arguments)
{
    const Compression compression = parseCompression(arguments.compression);
    SourcePtr source = openFor(console, arguments.in).source;
    if (!arguments.voxel.empty())
        source = std::make_shared<CalibratedView>(source, parseVoxelSize(arguments.voxel));
    if (!arguments.crop.empty())
        source = std::make_shared<CropView>(source, parseCrop(arguments.crop, source->shape()));
    if (arguments.bin != 1)
        source = std::make_shared<BinView>(
            source, arguments.bin, arguments.labels ? BinView::Mode::Labels : BinView::Mode::Mean);
    const Scalar type = arguments.type.empty() ? source->scalar() : parseScalar(arguments.type);
    requireWritable(arguments.out);
    Task looking = console.task().part(0, 0.3);
    const Stretch stretch = stretchFor(*source, type, arguments, looking);
    if (type != source->scalar())
        source = std::make_shared<CastView>(source, type, stretch.low, stretch.high);
    if (stretch.low != stretch.high)
        console.say("Grey values " + std::to_string(stretch.low) + " to " + std::to_string(stretch.high)
            + " were stretched over " + scalarName(type));

    auto sink = createTiff(arguments.out, source->shape(), type, source->voxelSize(), { compression });
    Task writing = console.task().part(0.3, 1);
    copy(*source, *sink, writing);
    const Json options = { { "crop", arguments.crop }, { "bin", arguments.bin }, { "type", scalarName(type) },
        { "stretched_from", { stretch.low, stretch.high } }, { "compression", arguments.compression } };
    writeSideCar(arguments.out, "convert", options, { arguments.in }, console.seconds(),
        { { "voxel_size", toJson(source->voxelSize()) } });
    const Shape shape = source->shape();
    console.say("Wrote " + arguments.out + ": " + describe(shape) + ", " + scalarName(type));
    console.print({ { "out", arguments.out }, { "shape", { shape.z, shape.y, shape.x } }, { "type", scalarName(type) },
        { "seconds", console.seconds() } });
}

} // namespace

void addConvert(CLI::App& app, Action& action)
{
    auto* command = app.add_subcommand(
        "convert", "Any readable volume to a TIFF stack: crop, bin, change type, set the voxel size; streamed");
    auto a = std::make_shared<ConvertArguments>();
    command->add_option("IN", a->in, "A TIFF file, a folder of slices or a glob")->required();
    command->add_option("OUT", a->out, "The TIFF file to write")->required();
    command->add_option("--crop", a->crop, "z0:z1,y0:y1,x0:x1 (0-based, end excluded)");
    command->add_option("--bin", a->bin, "Mean of N x N x N voxels")->check(CLI::Range(1, 64));
    command->add_flag("--labels", a->labels, "The volume holds labels: bin by picking, never stretch");
    command->add_option(
        "--type", a->type, "u8, u16, i16, u32 or f32; values that do not fit are stretched from the whole range");
    command->add_option("--range", a->range, "LOW:HIGH grey values to stretch over the type's range");
    command->add_option("--voxel", a->voxel, "Voxel size, like 0.65um or 1.3,0.65,0.65um as z,y,x");
    command->add_option("--compression", a->compression, "none, lzw, deflate, zstd or packbits");
    command->callback([a, &action] { action = [a](Console& console) { runConvert(console, *a); }; });
}

} // namespace interstice
