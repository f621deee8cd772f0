// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/phantom_source.h"

#include "base/error.h"
#include "io/tiff_writer.h"
#include "phantom/sphere_phantom.h"

#include <cmath>

namespace interstice {

namespace {

/// How strong the fringes are next to those at 60 mm. Around one 41.5 µm sphere of Pyrex in polypropylene at 27.4 keV the
/// grey values go from 0.942 to 1.095 at 25 mm and from 0.888 to 1.161 at 60 mm (Fresnel propagation, a detector's blur of
/// half a pixel), a span of 0.153 and 0.273; the power joins the two.
double fringeBesideThatAt60(double millimetres)
{
    return std::pow(millimetres / 60, 0.66);
}

SpherePhantomOptions optionsFor(const PhantomRequest& request)
{
    SpherePhantomOptions options;
    options.shape = request.shape;
    const double edge = request.voxelMicrometres;
    options.voxel = { edge, edge, edge, LengthUnit::Micrometre, SizeOrigin::User };
    options.fraction = request.fraction;
    options.rim *= fringeBesideThatAt60(request.distanceMillimetres);
    options.seed = request.seed;
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

std::string whyNoPhantom(const PhantomRequest& request)
{
    if (request.kind == "spheres")
        return {};
    return "This version makes phantoms of glass spheres only; there is none of " + request.kind + " yet.";
}

std::string phantomForeground(const PhantomRequest&)
{
    return std::to_string(kPhantomSphere);
}

std::string phantomNature(const PhantomRequest&)
{
    return "painted: grey values follow from distances to surfaces, with fringes of the strength that the distance gives; "
           "the scan itself is not simulated";
}

Json makePhantom(const PhantomRequest& request, const std::filesystem::path& folder, Task& task)
{
    if (const std::string why = whyNoPhantom(request); !why.empty())
        throw Error(why, "Take this data set out of the recipe, or download the scan.");
    const SpherePhantomOptions options = optionsFor(request);
    const auto raw = createTiff(folder / "raw.tif", options.shape, Scalar::U16, options.voxel);
    const auto truth = createTiff(folder / "truth.tif", options.shape, Scalar::U8, options.voxel, { Compression::Deflate });
    const PhantomResult result = makeSpherePhantom(options, *raw, *truth, task);
    writeObjectsCsv(folder / "objects.csv", result, options);
    return { { "nature", phantomNature(request) }, { "options", toJson(options) }, { "result", toJson(result) },
        { "findings", toJson(result.findings) } };
}

Cost estimatePhantom(const PhantomRequest& request)
{
    Cost cost = estimateSpherePhantom(optionsFor(request));
    cost.seconds = 0.5 + static_cast<double>(request.shape.voxels()) / 10e6;
    return cost;
}

} // namespace interstice
