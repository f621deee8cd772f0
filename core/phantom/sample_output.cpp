// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "phantom/sample.h"
#include "phantom/scan_simulation.h"

namespace interstice {

Json toJson(const SampleOptions& options)
{
    return { { "kind", kindName(options.kind) }, { "size", { options.shape.z, options.shape.y, options.shape.x } },
        { "voxel_size", toJson(options.voxel) }, { "seed", options.seed }, { "fraction", options.fraction },
        { "diameter_low_um", options.diameterLow }, { "diameter_high_um", options.diameterHigh },
        { "void_fraction", options.voidFraction }, { "void_diameter_low_um", options.voidDiameterLow },
        { "void_diameter_high_um", options.voidDiameterHigh }, { "shard_fraction", options.shardFraction },
        { "shard_diameter_low_um", options.shardDiameterLow }, { "shard_diameter_high_um", options.shardDiameterHigh },
        { "pore_fraction", options.poreFraction }, { "crack_fraction", options.crackFraction },
        { "kerogen_fraction", options.kerogenFraction }, { "pyrite_fraction", options.pyriteFraction },
        { "layer_contrast", options.layerContrast }, { "layer_thickness_um", options.layerThickness },
        { "cell_width_um", options.cellWidth }, { "wall_thickness_um", options.wallThickness },
        { "ring_width_um", options.ringWidth }, { "vessel_fraction", options.vesselFraction },
        { "ray_spacing", options.raySpacing } };
}

SampleOptions sampleOptionsFromJson(const Json& json)
{
    SampleOptions options;
    options.kind = parseKind(json.value("kind", kindName(options.kind)));
    if (json.contains("size")) {
        const auto size = json["size"].get<std::vector<std::int64_t>>();
        if (size.size() == 3)
            options.shape = { size[0], size[1], size[2] };
    }
    if (json.contains("voxel_size"))
        options.voxel = voxelSizeFromJson(json["voxel_size"]);
    const auto take = [&json](const char* key, auto& value) { value = json.value(key, value); };
    take("seed", options.seed);
    take("fraction", options.fraction);
    take("diameter_low_um", options.diameterLow);
    take("diameter_high_um", options.diameterHigh);
    take("void_fraction", options.voidFraction);
    take("void_diameter_low_um", options.voidDiameterLow);
    take("void_diameter_high_um", options.voidDiameterHigh);
    take("shard_fraction", options.shardFraction);
    take("shard_diameter_low_um", options.shardDiameterLow);
    take("shard_diameter_high_um", options.shardDiameterHigh);
    take("pore_fraction", options.poreFraction);
    take("crack_fraction", options.crackFraction);
    take("kerogen_fraction", options.kerogenFraction);
    take("pyrite_fraction", options.pyriteFraction);
    take("layer_contrast", options.layerContrast);
    take("layer_thickness_um", options.layerThickness);
    take("cell_width_um", options.cellWidth);
    take("wall_thickness_um", options.wallThickness);
    take("ring_width_um", options.ringWidth);
    take("vessel_fraction", options.vesselFraction);
    take("ray_spacing", options.raySpacing);
    return options;
}

Json toJson(const ScanOptions& options)
{
    const DetectorOptions& d = options.detector;
    return { { "energy_kev", options.energyKev }, { "distance_mm", options.distanceMillimetres }, { "phase", options.phase },
        { "projections", options.projections }, { "super_sampling", options.superSampling },
        { "blur_um", options.blurMicrometres }, { "axis_offset", options.axisOffset }, { "photons", d.photons },
        { "read_noise", d.readNoise }, { "rings", d.rings }, { "hot_pixels", d.hotPixels },
        { "white_fields", d.whiteFields }, { "dark_fields", d.darkFields }, { "seed", d.seed } };
}

ScanOptions scanOptionsFromJson(const Json& json)
{
    ScanOptions options;
    DetectorOptions& d = options.detector;
    const auto take = [&json](const char* key, auto& value) { value = json.value(key, value); };
    take("energy_kev", options.energyKev);
    take("distance_mm", options.distanceMillimetres);
    take("phase", options.phase);
    take("projections", options.projections);
    take("super_sampling", options.superSampling);
    take("blur_um", options.blurMicrometres);
    take("axis_offset", options.axisOffset);
    take("photons", d.photons);
    take("read_noise", d.readNoise);
    take("rings", d.rings);
    take("hot_pixels", d.hotPixels);
    take("white_fields", d.whiteFields);
    take("dark_fields", d.darkFields);
    take("seed", d.seed);
    return options;
}

const char* kindName(PhantomObject::Kind kind)
{
    static constexpr const char* names[]
        = { "sphere", "void", "shard", "pore", "crack", "kerogen", "pyrite", "lumen", "vessel", "ray" };
    return names[static_cast<std::size_t>(kind)];
}

Json labelNames(SampleKind kind)
{
    if (kind == SampleKind::Shale)
        return { { "0", "matrix" }, { "1", "pore" }, { "2", "kerogen" }, { "3", "pyrite" }, { "4", "outside" } };
    if (kind == SampleKind::Wood)
        return { { "0", "lumen" }, { "1", "wall" }, { "2", "vessel" }, { "3", "ray" }, { "4", "outside" } };
    return { { "0", "matrix" }, { "1", "sphere" }, { "2", "void" }, { "3", "shard" }, { "4", "outside" } };
}

void writeObjectsCsv(const std::filesystem::path& path, const std::vector<PhantomObject>& objects, double voxelMicrometres)
{
    const double edge = voxelMicrometres;
    // Json's numbers: the shortest digits that read back the same, with a decimal point in every locale.
    const auto number = [](double value) { return Json(value).dump(); };
    std::string text = "id,kind,z_vx,y_vx,x_vx,z_um,y_um,x_um,diameter_um,volume_um3,cut\n";
    for (const PhantomObject& object : objects) {
        text += std::to_string(object.id) + ',' + kindName(object.kind);
        for (const double value : { object.z, object.y, object.x, object.z * edge, object.y * edge, object.x * edge,
                 object.diameterMicrometres, object.volumeCubicMicrometres })
            text += ',' + number(value);
        text += object.cut ? ",1\n" : ",0\n";
    }
    writeTextFile(path, text);
}

} // namespace interstice
