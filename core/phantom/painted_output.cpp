// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/painted_phantom.h"

namespace interstice {

Json toJson(const PaintedPhantomOptions& options)
{
    return { { "sample", toJson(options.sample) }, { "matrix_grey", options.matrixGrey },
        { "air_contrast", options.airContrast }, { "sphere_contrast", options.sphereContrast },
        { "void_contrast", options.voidContrast }, { "rim", options.rim }, { "blur_voxels", options.blurVoxels },
        { "noise", options.noise }, { "rings", options.rings } };
}

PaintedPhantomOptions paintedPhantomOptionsFromJson(const Json& json)
{
    PaintedPhantomOptions options;
    if (json.contains("sample"))
        options.sample = sampleOptionsFromJson(json["sample"]);
    const auto take = [&json](const char* key, auto& value) { value = json.value(key, value); };
    take("matrix_grey", options.matrixGrey);
    take("air_contrast", options.airContrast);
    take("sphere_contrast", options.sphereContrast);
    take("void_contrast", options.voidContrast);
    take("rim", options.rim);
    take("blur_voxels", options.blurVoxels);
    take("noise", options.noise);
    take("rings", options.rings);
    return options;
}

Json toJson(const PaintedPhantomResult& result)
{
    std::size_t spheres = 0;
    for (const PhantomObject& object : result.objects)
        spheres += object.kind == PhantomObject::Kind::Sphere ? 1 : 0;
    return { { "spheres", spheres }, { "voids", result.objects.size() - spheres },
        { "sphere_fraction", result.sphereFraction }, { "void_fraction", result.voidFraction },
        { "pillar_voxels", result.pillarVoxels }, { "findings", toJson(result.findings) } };
}

} // namespace interstice
