// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/phantom_source.h"

#include "base/error.h"
#include "study/phantom_folder.h"
#include "study/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <set>

namespace interstice {

namespace {

ScannedPhantomOptions optionsFor(const PhantomRequest& request)
{
    ScannedPhantomOptions options;
    options.sample.kind = parseKind(request.kind);
    options.sample.shape = request.shape;
    const double edge = request.voxelMicrometres;
    options.sample.voxel = { edge, edge, edge, LengthUnit::Micrometre, SizeOrigin::User };
    options.sample.fraction = request.fraction;
    options.sample.seed = request.seed;
    options.scan.energyKev = request.energyKiloelectronvolts;
    options.scan.distanceMillimetres = request.distanceMillimetres;
    options.scan.detector.seed = request.seed;
    // A small phantom needs no more than one projection for each of the directions that its columns tell apart.
    const auto columns = static_cast<double>(std::max(request.shape.y, request.shape.x));
    options.scan.projections = std::min(request.projections, static_cast<int>(std::lround(std::numbers::pi / 2 * columns)));
    return options;
}

/// "5, 10 and 20", from small to large; "27.4"
std::string inWords(const std::set<double>& values)
{
    std::string text;
    std::size_t left = values.size();
    for (const double value : values) {
        std::string number = fixed(value, 3);
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.')
            number.pop_back();
        --left;
        text += number + (left > 1 ? ", " : left == 1 ? " and " : "");
    }
    return text;
}

/// What phantoms of one kind are, and how they were scanned.
std::string describeKind(SampleKind kind, const std::vector<PhantomRequest>& requests)
{
    std::set<double> percents;
    std::set<double> projections;
    std::set<double> energies;
    std::set<double> distances;
    for (const PhantomRequest& request : requests) {
        if (parseKind(request.kind) != kind)
            continue;
        percents.insert(std::round(1e5 * request.fraction) / 1e3);
        projections.insert(optionsFor(request).scan.projections);
        energies.insert(request.energyKiloelectronvolts);
        distances.insert(request.distanceMillimetres);
    }
    if (distances.empty())
        return {};
    std::string text;
    switch (kind) {
    case SampleKind::Spheres:
        text = "Phantoms of glass spheres (" + inWords(percents)
            + " % of a pillar of polypropylene, with voids and splinters of glass; the spheres are looked for)";
        break;
    case SampleKind::Shale:
        text = "Phantoms of shale (layers of clay with pores, cracks, kerogen and pyrite; the pyrite is looked for)";
        break;
    case SampleKind::Wood:
        text = "Phantoms of wood (cells, vessels and rays; the walls between them are looked for)";
        break;
    }
    return text + " were scanned with " + inWords(projections) + " projections at " + inWords(energies)
        + " keV, carried over " + inWords(distances) + " mm by wave optics. ";
}

} // namespace

Json toJson(const PhantomRequest& request)
{
    return { { "kind", request.kind }, { "shape", { request.shape.z, request.shape.y, request.shape.x } },
        { "voxel_um", request.voxelMicrometres }, { "fraction", request.fraction },
        { "distance_mm", request.distanceMillimetres }, { "projections", request.projections },
        { "energy_kev", request.energyKiloelectronvolts }, { "seed", request.seed } };
}

PhantomRequest phantomRequestFromJson(const Json& json)
{
    PhantomRequest request;
    request.kind = json.value("kind", request.kind);
    if (request.kind != "spheres" && request.kind != "shale" && request.kind != "wood")
        throw Error("There is no phantom of kind '" + request.kind + "'", "Choose spheres, shale or wood.");
    if (json.contains("shape")) {
        const auto sides = json["shape"].get<std::vector<std::int64_t>>();
        if (sides.size() != 3 || sides[0] < 1 || sides[1] < 1 || sides[2] < 1)
            throw Error("The shape " + json["shape"].dump() + " of a phantom is not three numbers above zero",
                "Write it like [96, 192, 192]: z, y, x.");
        request.shape = { sides[0], sides[1], sides[2] };
    }
    request.voxelMicrometres = json.value("voxel_um", request.voxelMicrometres);
    request.fraction = json.value("fraction", request.fraction);
    request.distanceMillimetres = json.value("distance_mm", request.distanceMillimetres);
    request.projections = json.value("projections", request.projections);
    request.energyKiloelectronvolts = json.value("energy_kev", request.energyKiloelectronvolts);
    request.seed = json.value("seed", request.seed);
    if (!(request.voxelMicrometres > 0) || !(request.distanceMillimetres > 0) || !(request.energyKiloelectronvolts > 0)
        || request.projections < 1)
        throw Error("A phantom's voxel size, distance, energy and projections must be above zero", "Correct the recipe.");
    return request;
}

std::string phantomForeground(const PhantomRequest& request)
{
    return foregroundOf(parseKind(request.kind));
}

std::string phantomNature(const PhantomRequest& request)
{
    char text[256];
    std::snprintf(text, sizeof text,
        "known exactly and scanned by simulation: %d projections at %.1f keV, carried over %.0f mm by wave optics, counted "
        "by "
        "a detector with noise and rings, and reconstructed by filtered back-projection",
        optionsFor(request).scan.projections, request.energyKiloelectronvolts, request.distanceMillimetres);
    return text;
}

std::string describePhantoms(const std::vector<PhantomRequest>& requests)
{
    std::string text;
    for (const auto kind : { SampleKind::Spheres, SampleKind::Shale, SampleKind::Wood })
        text += describeKind(kind, requests);
    if (!text.empty())
        text += "A simulated detector with noise and rings counted all of them, filtered back-projection made the slices. "
                "Their truth is exact: a voxel belongs to what its centre lies in.";
    return text;
}

Json makePhantom(const PhantomRequest& request, const std::filesystem::path& folder, Task& task)
{
    const ScannedPhantomOptions options = optionsFor(request);
    const ScannedPhantomResult result = writeScannedPhantom(folder, options, Scalar::U16, task);
    return { { "nature", phantomNature(request) }, { "options", toJson(options) },
        { "result", toJson(result, options.sample.kind) }, { "findings", toJson(result.findings) } };
}

Cost estimatePhantom(const PhantomRequest& request)
{
    return estimateScannedPhantom(optionsFor(request));
}

} // namespace interstice
