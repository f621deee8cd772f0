// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "phantom/sample.h"
#include "phantom/scan_simulation.h"
#include "reconstruct/reconstruct.h"

#include <array>
#include <functional>

namespace interstice {

/// A sample that is scanned and reconstructed like a real one, with exact truth.
struct ScannedPhantomOptions {
    SampleOptions sample;
    ScanOptions scan;
    /// Size, axis and slices are the phantom's own matter and not taken from here.
    ReconstructOptions reconstruct;
    /// By how much the reconstruction takes the axis wrongly, in columns.
    double axisError = 0.2;
};
Json toJson(const ScannedPhantomOptions& options);
/// Missing keys keep their defaults.
ScannedPhantomOptions scannedPhantomOptionsFromJson(const Json& json);

struct ScannedPhantomResult {
    std::vector<PhantomObject> objects;
    /// Voxels of each label of the truth.
    std::array<std::uint64_t, 256> counts {};
    std::uint64_t pillarVoxels = 0;
    ScanGeometry geometry;
    ReconstructResult reconstructed;
    /// Grey 0 and the largest grey of a u16 volume, in the unit of `reconstructed`; both 0 for f32.
    double greyLow = 0;
    double greyHigh = 0;
    Findings findings;

    /// Voxels of a label over those of the pillar.
    double fraction(std::uint8_t label) const;
};
Json toJson(const ScannedPhantomResult& result, SampleKind kind);

/// Called with the whole scan before it is reconstructed, to keep it.
using ScanKeeper = std::function<void(const Scan&, Task&)>;

/// Makes the sample, scans and reconstructs it; writes raw (f32: attenuation; u16: the same between the 0.02 and the
/// 99.98 percentile, a twentieth wider on both sides) and truth (u8: a voxel is what holds its centre; outside of the
/// pillar kPhantomOutside), and finishes both. Projections wait in a ScratchVolume. Throws Error when the options
/// cannot be met.
ScannedPhantomResult makeScannedPhantom(
    const ScannedPhantomOptions& options, VolumeSink& raw, VolumeSink& truth, Task& task, const ScanKeeper& keep = {});

Cost estimateScannedPhantom(const ScannedPhantomOptions& options);

} // namespace interstice
