// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/phantom_source.h"

#include "base/error.h"
#include "study/phantom_folder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

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
