// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "base/cost.h"
#include "volume/histogram.h"

#include <memory>

namespace interstice {

namespace {

std::string grey(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

void runInfo(Console& console, const std::string& path)
{
    const OpenedVolume opened = openVolume(path);
    const VolumeSource& source = *opened.source;
    const Histogram histogram = computeHistogram(source, {}, console.task());
    const Shape shape = source.shape();
    const auto bytes = static_cast<std::uint64_t>(shape.voxels()) * bytesOf(source.scalar());

    Json percentiles;
    for (const auto& [name, percent] : { std::pair { "0.5", 0.5 }, { "5", 5.0 }, { "25", 25.0 }, { "50", 50.0 },
             { "75", 75.0 }, { "95", 95.0 }, { "99.5", 99.5 } })
        percentiles[name] = histogram.percentile(percent);
    console.print({ { "path", path }, { "shape", { shape.z, shape.y, shape.x } }, { "type", scalarName(source.scalar()) },
        { "bytes", bytes }, { "voxel_size", toJson(source.voxelSize()) }, { "min", histogram.minimum },
        { "max", histogram.maximum }, { "mean", histogram.mean }, { "percentiles", percentiles },
        { "not_finite", histogram.notFinite }, { "findings", toJson(opened.findings) } });

    console.say(path);
    console.say("  size        " + describe(shape) + ", " + scalarName(source.scalar()) + ", " + formatBytes(bytes));
    console.say("  voxel size  " + describe(source.voxelSize()));
    console.say("  grey        " + grey(histogram.minimum) + " to " + grey(histogram.maximum) + ", mean "
        + grey(histogram.mean) + "; 0.5 % below " + grey(histogram.percentile(0.5)) + ", 99.5 % below "
        + grey(histogram.percentile(99.5)));
    for (const auto& finding : opened.findings)
        console.say(std::string("  ") + severityName(finding.severity)
            + (finding.severity == Finding::Severity::Warning ? "     " : "        ") + finding.text);
}

} // namespace

void addInfo(CLI::App& app, Action& action)
{
    auto* command
        = app.add_subcommand("info", "Shape, type, voxel size and its origin, grey values, what the import check found");
    auto path = std::make_shared<std::string>();
    command->add_option("PATH", *path, "A TIFF file, a folder of slices or a glob")->required();
    command->callback([path, &action] { action = [path](Console& console) { runInfo(console, *path); }; });
}

} // namespace interstice
