// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/task.h"
#include "phantom/sample.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <vector>

namespace interstice {

/// A made-up sample like the study's glass spheres in polypropylene, with exact truth: a pillar of
/// polymer in air of almost the same grey, spheres with a bright phase-contrast rim and an interior
/// only slightly brighter than the polymer, dark voids, concentric rings and noise. Greys are in
/// levels of the u16 output. The greys are computed from distances to surfaces, not by simulating the
/// scan: seconds instead of minutes, for trying things out. ScannedPhantomOptions simulate it. Same seed and options,
/// same bytes, on any number of threads.
struct PaintedPhantomOptions {
    /// Spheres and voids; shards are not painted.
    SampleOptions sample;
    /// Grey of the polymer; air is `airContrast` darker.
    double matrixGrey = 20000;
    double airContrast = 300;
    /// How much brighter a sphere's interior is, and how much darker a void's.
    double sphereContrast = 2600;
    double voidContrast = 8000;
    /// Height of the bright fringe inside a sphere's surface, and depth of the dark one outside it.
    double rim = 7000;
    /// Standard deviation of the Gaussian blur of every surface, in voxels; above 0.
    double blurVoxels = 0.9;
    /// Standard deviation of the noise of one voxel.
    double noise = 1000;
    /// Standard deviation of the rings at 16 voxels from the axis; falls off with the square root of the distance.
    double rings = 700;
};
Json toJson(const PaintedPhantomOptions& options);
/// Missing keys keep their defaults.
PaintedPhantomOptions paintedPhantomOptionsFromJson(const Json& json);

struct PaintedPhantomResult {
    std::vector<PhantomObject> objects;
    /// Counted in voxels of the truth, over the voxels of the pillar.
    double sphereFraction = 0;
    double voidFraction = 0;
    std::uint64_t pillarVoxels = 0;
    /// "voids-left-out" (warning) when there was no room for all voids, "fraction-missed" as noteFraction has it.
    Findings findings;
};
Json toJson(const PaintedPhantomResult& result);

/// Packs the spheres without overlap and writes raw (u16) and truth (u8: 0 matrix, 1 sphere, 2 void, 4 outside the
/// pillar: a voxel is what holds its centre), slab by slab, and finishes both. Throws
/// Error when the options cannot be met: more than can be packed, spheres larger than the pillar,
/// voxels not cubic, sinks of another shape or type.
PaintedPhantomResult makePaintedPhantom(
    const PaintedPhantomOptions& options, VolumeSink& raw, VolumeSink& truth, Task& task);

Cost estimatePaintedPhantom(const PaintedPhantomOptions& options);

} // namespace interstice
