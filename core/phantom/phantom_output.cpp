// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/sphere_phantom.h"

namespace interstice {

Json toJson(const SpherePhantomOptions& options)
{
    return { { "size", { options.shape.z, options.shape.y, options.shape.x } }, { "voxel_size", toJson(options.voxel) },
        { "fraction", options.fraction }, { "diameter_low_um", options.diameterLow },
        { "diameter_high_um", options.diameterHigh }, { "void_fraction", options.voidFraction },
        { "void_diameter_low_um", options.voidDiameterLow }, { "void_diameter_high_um", options.voidDiameterHigh },
        { "matrix_grey", options.matrixGrey }, { "air_contrast", options.airContrast },
        { "sphere_contrast", options.sphereContrast }, { "void_contrast", options.voidContrast }, { "rim", options.rim },
        { "blur_voxels", options.blurVoxels }, { "noise", options.noise }, { "rings", options.rings },
        { "seed", options.seed } };
}

SpherePhantomOptions spherePhantomOptionsFromJson(const Json& json)
{
    SpherePhantomOptions options;
    if (json.contains("size")) {
        const auto size = json["size"].get<std::vector<std::int64_t>>();
        if (size.size() == 3)
            options.shape = { size[0], size[1], size[2] };
    }
    if (json.contains("voxel_size"))
        options.voxel = voxelSizeFromJson(json["voxel_size"]);
    const auto take = [&json](const char* key, auto& value) { value = json.value(key, value); };
    take("fraction", options.fraction);
    take("diameter_low_um", options.diameterLow);
    take("diameter_high_um", options.diameterHigh);
    take("void_fraction", options.voidFraction);
    take("void_diameter_low_um", options.voidDiameterLow);
    take("void_diameter_high_um", options.voidDiameterHigh);
    take("matrix_grey", options.matrixGrey);
    take("air_contrast", options.airContrast);
    take("sphere_contrast", options.sphereContrast);
    take("void_contrast", options.voidContrast);
    take("rim", options.rim);
    take("blur_voxels", options.blurVoxels);
    take("noise", options.noise);
    take("rings", options.rings);
    take("seed", options.seed);
    return options;
}

Json toJson(const PhantomResult& result)
{
    std::size_t spheres = 0;
    for (const PhantomObject& object : result.objects)
        spheres += object.kind == PhantomObject::Kind::Sphere ? 1 : 0;
    return { { "spheres", spheres }, { "voids", result.objects.size() - spheres },
        { "sphere_fraction", result.sphereFraction }, { "void_fraction", result.voidFraction },
        { "pillar_voxels", result.pillarVoxels }, { "findings", toJson(result.findings) } };
}

} // namespace interstice
