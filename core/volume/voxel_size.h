// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/length.h"

#include <string>

namespace interstice {

/// Where a voxel size was read from; in order of trust (field conventions for TIFF, most trusted first).
enum class SizeOrigin { User, Ome, ImageJ, ResolutionTag, SideCar, Unknown };
/// "user", "ome", "imagej", "resolution-tag", "side-car", "unknown": as in JSON.
const char* originName(SizeOrigin origin);
SizeOrigin parseOrigin(const std::string& name);
/// "entered by hand", "from the OME header", …
const char* originPhrase(SizeOrigin origin);

/// Edge lengths of one voxel. An axis that nobody stated is 0, never silently 1: plain TIFF has no
/// place for z, so (0, 0.65, 0.65) is common and `known()` is then false.
struct VoxelSize {
    double z = 0;
    double y = 0;
    double x = 0;
    LengthUnit unit = LengthUnit::Micrometre;
    SizeOrigin origin = SizeOrigin::Unknown;

    bool known() const { return z > 0 && y > 0 && x > 0 && unit != LengthUnit::Voxel; }
    bool knownInPlane() const { return y > 0 && x > 0 && unit != LengthUnit::Voxel; }
    /// The same size in micrometres; unknown axes stay 0.
    VoxelSize inMicrometres() const;
    /// `n` voxels binned into one along every axis.
    VoxelSize binned(int n) const;
    bool operator==(const VoxelSize&) const = default;
};

/// "0.65 × 0.65 × 1.3 µm, from the OME header", or "not stated (vx)".
std::string describe(const VoxelSize& size);
/// {"z":…, "y":…, "x":…, "unit":"um", "origin":"ome"}; unknown axes are null, an unknown size has unit "vx".
Json toJson(const VoxelSize& size);
VoxelSize voxelSizeFromJson(const Json& json);
/// "0.65um" for all axes, or "1.3,0.65,0.65um" as z,y,x. Origin is User.
VoxelSize parseVoxelSize(const std::string& text);

} // namespace interstice
