// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/shared_options.h"

#include "base/error.h"
#include "base/file.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace interstice {

OpenedVolume openFor(Console& console, const std::string& path)
{
    OpenedVolume opened = openVolume(path);
    console.say(opened.findings);
    return opened;
}

SourcePtr openMaskFor(Console& console, const std::string& path, const std::string& foreground)
{
    const auto rule = foreground.empty() ? std::nullopt : std::optional(parseLabelRule(foreground));
    Task counting; // its progress would be mistaken for that of the work
    return asMask(openFor(console, path).source, rule, counting);
}

namespace {

std::vector<std::string> split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        parts.push_back(part);
    if (!text.empty() && text.back() == separator)
        parts.emplace_back();
    return parts;
}

std::optional<std::int64_t> wholeNumber(const std::string& text)
{
    if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return std::strtoll(text.c_str(), nullptr, 10);
}

} // namespace

namespace {

/// Three whole numbers Z,Y,X from `least`; nothing when the text is something else.
std::optional<std::array<std::int64_t, 3>> threeNumbers(const std::string& text, std::int64_t least)
{
    const auto parts = split(text, ',');
    if (parts.size() != 3)
        return std::nullopt;
    std::array<std::int64_t, 3> numbers {};
    for (std::size_t i = 0; i < 3; ++i) {
        numbers[i] = wholeNumber(parts[i]).value_or(-1);
        if (numbers[i] < least || numbers[i] > 1'000'000)
            return std::nullopt;
    }
    return numbers;
}

} // namespace

Shape parseShape(const std::string& text)
{
    const auto sides = threeNumbers(text, 1);
    if (!sides)
        throw Error("'" + text + "' is not a size", "Write three whole numbers Z,Y,X above zero, like 96,192,192.");
    return { (*sides)[0], (*sides)[1], (*sides)[2] };
}

Extent parseReach(const std::string& text)
{
    const auto reach = threeNumbers(text, 0);
    if (!reach)
        throw Error("'" + text + "' is not a reach in voxels", "Write three whole numbers Z,Y,X, like 0,44,44.");
    return { (*reach)[0], (*reach)[1], (*reach)[2] };
}

Box parseCrop(const std::string& text, const Shape& shape)
{
    const auto refuse = [&] {
        throw Error("'" + text + "' is not a crop of a volume of " + describe(shape),
            "Write z0:z1,y0:y1,x0:x1 with each pair inside the volume, like 0:50,100:300,100:300; an empty side means the "
            "edge.");
    };
    const auto parts = split(text, ',');
    if (parts.size() != 3)
        refuse();
    const std::array<std::int64_t, 3> lengths = { shape.z, shape.y, shape.x };
    std::array<std::int64_t, 3> from {};
    std::array<std::int64_t, 3> to {};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto ends = split(parts[i], ':');
        if (ends.size() != 2)
            refuse();
        const auto first = ends[0].empty() ? std::optional<std::int64_t>(0) : wholeNumber(ends[0]);
        const auto last = ends[1].empty() ? std::optional(lengths[i]) : wholeNumber(ends[1]);
        if (!first || !last || *first >= *last || *last > lengths[i])
            refuse();
        from[i] = *first;
        to[i] = *last;
    }
    return { { from[0], from[1], from[2] }, { to[0] - from[0], to[1] - from[1], to[2] - from[2] } };
}

double parseEnergy(const std::string& text)
{
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    while (*end == ' ')
        ++end;
    const std::string unit = end;
    const bool kev = unit.empty() || unit == "keV" || unit == "kev";
    if (end == text.c_str() || !(kev || unit == "eV") || !(value > 0))
        throw Error("'" + text + "' is not an energy", "Write it like 27.4keV.");
    return kev ? value : value * 1e-3;
}

std::string threeDigits(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
}

Compression parseCompression(const std::string& name)
{
    if (name == "none")
        return Compression::None;
    if (name == "lzw")
        return Compression::Lzw;
    if (name == "deflate")
        return Compression::Deflate;
    if (name == "zstd")
        return Compression::Zstd;
    if (name == "packbits")
        return Compression::PackBits;
    throw Error("'" + name + "' is not a compression", "Choose none, lzw, deflate, zstd or packbits.");
}

void FirstSteps::addTo(CLI::App* command)
{
    command->add_option("--smooth", smooth, "First reduce noise: gaussian:SIGMA, median:RADIUS or nlm:STRENGTH (voxels)")
        ->capture_default_str();
    command->add_flag("--rings", rings, "First reduce ring artefacts (polar filter, slice by slice)");
    command->add_option("--ring-centre", ringCentre, "The rotation axis as Y,X in voxels (default: the slices' middle)");
    command->add_option("--ring-width", ringWidth, "Width of the radial median, odd, in voxels")->capture_default_str();
    command->add_option("--ring-arcs", ringArcs, "Arcs of the circle, more for rings that are not closed")
        ->capture_default_str();
}

PreprocessOptions FirstSteps::options() const
{
    PreprocessOptions options;
    options.smooth = parseSmoothing(smooth);
    options.rings = rings;
    options.ring.width = ringWidth;
    options.ring.arcs = ringArcs;
    if (!ringCentre.empty()) {
        const auto parts = split(ringCentre, ',');
        char* end = nullptr;
        double at[2] = {};
        bool good = parts.size() == 2;
        for (std::size_t i = 0; good && i < 2; ++i) {
            at[i] = std::strtod(parts[i].c_str(), &end);
            good = !parts[i].empty() && *end == 0;
        }
        if (!good)
            throw Error("'" + ringCentre + "' is not a place in a slice", "Write Y,X in voxels, like 511.5,498.");
        options.ring.centreY = at[0];
        options.ring.centreX = at[1];
    }
    return options;
}

void showEstimate(Console& console, const Cost& cost)
{
    console.say("Needs about " + formatBytes(cost.ramBytes) + " of memory"
        + (cost.gpuBytes > 0 ? " and " + formatBytes(cost.gpuBytes) + " on the GPU" : std::string()) + "; "
        + formatBytes(memoryState().available) + " are free."
        + (cost.seconds >= 0 ? " Takes about " + formatDuration(cost.seconds) + "." : std::string()));
    console.print({ { "ram_bytes", cost.ramBytes }, { "gpu_bytes", cost.gpuBytes }, { "operations", cost.operations },
        { "seconds", cost.seconds >= 0 ? Json(cost.seconds) : Json(nullptr) } });
}

Json usageOf(Console& console)
{
    return { { "seconds", console.seconds() }, { "peak_bytes", peakResidentBytes() } };
}

std::string besidePath(const std::string& path, const std::string& suffix)
{
    const std::filesystem::path file(path);
    return (file.parent_path() / (file.stem().string() + suffix + ".tif")).string();
}

void requireWritable(const std::string& path)
{
    const PendingFile probe(path);
}

} // namespace interstice
