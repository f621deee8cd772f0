// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "base/json.h"
#include "base/task.h"
#include "phantom/body.h"
#include "phantom/pillar.h"
#include "volume/shape.h"
#include "volume/voxel_size.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace interstice {

/// Values of the truth volume. In all kinds 4 lies outside of the sample.
inline constexpr std::uint8_t kPhantomMatrix = 0;
inline constexpr std::uint8_t kPhantomOutside = 4;
/// Spheres in polypropylene.
inline constexpr std::uint8_t kPhantomSphere = 1;
inline constexpr std::uint8_t kPhantomVoid = 2;
inline constexpr std::uint8_t kPhantomShard = 3;
/// Shale: pores and cracks, kerogen and pyrite in a matrix of clay.
inline constexpr std::uint8_t kShalePore = 1;
inline constexpr std::uint8_t kShaleKerogen = 2;
inline constexpr std::uint8_t kShalePyrite = 3;
/// Wood: the matrix is the cells' walls; all else is air, the inside of cells, of vessels and of the cells of rays.
inline constexpr std::uint8_t kWoodLumen = 0;
inline constexpr std::uint8_t kWoodWall = 1;
inline constexpr std::uint8_t kWoodVessel = 2;
inline constexpr std::uint8_t kWoodRay = 3;

/// How far the spheres' part of the pillar may be from the fraction that was asked for: 0.2 points.
inline constexpr double kFractionWithin = 0.002;

enum class SampleKind { Spheres, Shale, Wood };
/// "spheres", "shale", "wood"
const char* kindName(SampleKind kind);
/// Throws Error on any other word.
SampleKind parseKind(const std::string& name);

/// What a phantom is made of. Fractions are of the pillar's volume.
struct SampleOptions {
    SampleKind kind = SampleKind::Spheres;
    Shape shape { 96, 192, 192 };
    /// Cubic and known. The default is the study's 0.65 µm binned by four.
    VoxelSize voxel { 2.6, 2.6, 2.6, LengthUnit::Micrometre, SizeOrigin::User };
    /// Same seed and options, same sample.
    std::uint64_t seed = 1;

    /// Spheres: their fraction, 0…0.5. Up to 0.36 they are added one by one at random places, beyond they are grown
    /// between random moves; they keep off the pillar's wall, so less fits into narrow ones, and an Error says so. Met
    /// within kFractionWithin, but for samples so small that half a sphere is more.
    double fraction = 0.2;
    /// µm; Gaussian about the middle, cut off at both (standard deviation a quarter of the range).
    double diameterLow = 38;
    double diameterHigh = 45;
    /// 0…0.1; diameters in µm, uniform.
    double voidFraction = 0.01;
    double voidDiameterLow = 13;
    double voidDiameterHigh = 26;
    /// Splinters of glass, 0…0.05; the balls that they are cut from, µm, uniform.
    double shardFraction = 0.002;
    double shardDiameterLow = 20;
    double shardDiameterHigh = 50;

    /// Shale: pores (flat ellipsoids of 8 to 24 µm) and cracks along the layers, kerogen (lenses of 16 to 60 µm),
    /// clusters of pyrite grains; 0…0.1, 0…0.02, 0…0.2 and 0…0.05.
    double poreFraction = 0.02;
    double crackFraction = 0.004;
    double kerogenFraction = 0.06;
    double pyriteFraction = 0.01;
    /// How much the density of the layers varies (standard deviation over the mean, 0…0.2), and how thick they are, µm.
    double layerContrast = 0.02;
    double layerThickness = 40;

    /// Wood: width of a cell across the growth rings and of its walls, width of a growth ring, µm.
    double cellWidth = 30;
    double wallThickness = 4;
    double ringWidth = 400;
    /// Part of the cross-section that vessels (60 to 110 µm) take, 0…0.2, and cells between two rays (0: no rays).
    double vesselFraction = 0.05;
    int raySpacing = 7;
};
Json toJson(const SampleOptions& options);
/// Missing keys keep their defaults.
SampleOptions sampleOptionsFromJson(const Json& json);
/// Throws Error when the options cannot be met by any sample.
void check(const SampleOptions& options);

struct PhantomObject {
    enum class Kind { Sphere, Void, Shard, Pore, Crack, Kerogen, Pyrite, Lumen, Vessel, Ray };
    /// 1-based, sorted by kind and z.
    std::int64_t id = 0;
    Kind kind = Kind::Sphere;
    /// Centre in voxels; 0 is the centre of the first voxel. May lie outside in z.
    double z = 0;
    double y = 0;
    double x = 0;
    /// Of the ball of the same volume.
    double diameterMicrometres = 0;
    /// µm³ of the whole body, also where the volume's first or last slice cuts it.
    double volumeCubicMicrometres = 0;
    /// Cut by the first or last slice.
    bool cut = false;
};
/// "sphere", "void", "shard", "pore", …
const char* kindName(PhantomObject::Kind kind);
/// One row an object: id, kind, z_vx, y_vx, x_vx, z_um, y_um, x_um, diameter_um, volume_um3, cut.
void writeObjectsCsv(const std::filesystem::path& path, const std::vector<PhantomObject>& objects, double voxelMicrometres);

/// A sample that is known exactly: bodies in a pillar of one material, the same outline in every slice. Bodies do
/// not overlap; the pillar goes on beyond the first and last slice.
struct Sample {
    SampleOptions options;
    Pillar pillar;
    /// Distance of each voxel of a slice from the pillar's wall (voxels, negative inside).
    std::vector<float> wall;
    Material matrix = Material::Polypropylene;
    std::uint8_t matrixLabel = kPhantomMatrix;
    /// Waves of density along z that make layers: amplitude over the mean, radians a voxel, phase.
    struct Wave {
        double amplitude = 0;
        double frequency = 0;
        double phase = 0;
    };
    std::vector<Wave> layers;
    std::vector<Body> bodies;
    /// One for each body.
    std::vector<PhantomObject> objects;
    Findings findings;

    double voxelMicrometres() const { return options.voxel.inMicrometres().x; }
    std::uint64_t sectionVoxels() const;
    double pillarVoxels() const { return static_cast<double>(sectionVoxels()) * static_cast<double>(options.shape.z); }
    /// Of the matrix at z, over its mean.
    double density(double z) const;
    /// Labels of slice z: a voxel belongs to what holds its centre.
    void paintTruth(std::int64_t z, std::span<std::uint8_t> labels) const;
};

/// Packs the bodies, none touching another. Throws Error when the options cannot be met: more than can be packed, a
/// fraction that is not met, spheres larger than the pillar, voxels not cubic. Findings: "voids-left-out",
/// "shards-left-out", and so on for what a shale has (warnings).
Sample makeSample(const SampleOptions& options, Task& task);

/// Adds the finding "fraction-missed" (warning) where the spheres that were counted in a truth miss the fraction by more
/// than kFractionWithin. Only small samples do: they have too few spheres, or too few voxels of each.
void noteFraction(const SampleOptions& options, double counted, Findings& findings);

/// Name of each label of the truth of this kind: {"0": "matrix", …}.
Json labelNames(SampleKind kind);

} // namespace interstice
