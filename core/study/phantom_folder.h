// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "phantom/scanned_phantom.h"
#include "volume/scalar.h"

#include <filesystem>
#include <string>

namespace interstice {

/// Label values of a truth that are foreground, like "1,2": the bright phases, which is what the methods look for
/// (spheres; pyrite in shale; the walls of wood, whose other labels are air).
std::string foregroundOf(SampleKind kind);

/// What phantom.json says of a phantom in a folder.
struct PhantomRecord {
    SampleKind kind = SampleKind::Spheres;
    std::string imaging = "scan"; ///< or "painted"
    VoxelSize voxel;
    std::vector<PhantomObject> objects;
    Json options;
    Json result;
    double seconds = 0;
};
/// Writes objects.csv and phantom.json (with checksums of raw.tif and truth.tif, which are there already) and returns
/// the latter.
Json recordPhantom(const std::filesystem::path& folder, const PhantomRecord& record);

/// Makes the folder, simulates and reconstructs a scan, and writes raw.tif (u16 or f32), truth.tif, objects.csv and
/// phantom.json; with `scanFile` also the raw scan, as a Data Exchange file. All of them appear when all are complete.
/// Throws Error when the options cannot be met or the folder not be made.
ScannedPhantomResult writeScannedPhantom(const std::filesystem::path& folder, const ScannedPhantomOptions& options,
    Scalar type, Task& task, const std::filesystem::path& scanFile = {});

} // namespace interstice
