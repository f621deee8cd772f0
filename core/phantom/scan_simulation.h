// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/json.h"
#include "base/task.h"
#include "phantom/detector.h"
#include "phantom/projector.h"
#include "phantom/sample.h"
#include "volume/scan.h"

namespace interstice {

/// How a sample is scanned: parallel, monochromatic beam, half a turn.
struct ScanOptions {
    /// 8…100 keV.
    double energyKev = 27.4;
    /// From the sample to the detector, above 0 with phase contrast.
    double distanceMillimetres = 25;
    /// False: absorption alone, as at the sample.
    bool phase = true;
    /// Over 180°, evenly; 0: π/2 for each column of the detector (the sampling that misses nothing), at most 1500.
    int projections = 0;
    /// Points of the wave for each pixel and direction; 0: so fine that three lie within √(λz), at least 2.
    int superSampling = 0;
    /// Standard deviation of the scintillator's and the optics' blur, µm.
    double blurMicrometres = 0.4;
    /// How far the rotation axis is from the detector's middle, in columns.
    double axisOffset = 1.3;
    DetectorOptions detector;
};
Json toJson(const ScanOptions& options);
/// Missing keys keep their defaults.
ScanOptions scanOptionsFromJson(const Json& json);

/// Sizes that follow from sample and options.
struct ScanGeometry {
    /// projections, rows, columns
    Shape shape;
    /// Column of the rotation axis.
    double axis = 0;
    std::int64_t superSampling = 1;
    /// Fine points, their margin on every side, and the plane that is transformed.
    ProjectionGrid grid;
    std::int64_t margin = 0;
    std::int64_t blurMargin = 0;
    std::int64_t planeRows = 0;
    std::int64_t planeColumns = 0;
};
/// Throws Error when the options are out of range.
ScanGeometry scanGeometry(const SampleOptions& sample, const ScanOptions& options);

/// Type of the projections: u16 counts, f32 transmissions of an ideal detector (0 photons).
Scalar projectionScalar(const ScanOptions& options);

/// Scans a sample: the wave behind it, exact at every fine point (Projector), carried to the detector (Fresnel),
/// squared, blurred and averaged over pixels (PixelMean), counted (Detector). Projections go to `to` (of
/// scanGeometry's shape and projectionScalar's type), which is finished. Returns what else belongs to the scan; its
/// `projections` are left empty. One projection a thread at a time; the same bits for any number of threads.
Scan simulateScan(const Sample& sample, const ScanOptions& options, VolumeSink& to, Task& task);

/// The transmissions of one projection at `angle` (radians), without the detector's part but for its blur.
std::vector<float> simulateProjection(const Sample& sample, const ScanOptions& options, double angle);

/// Memory, operations, and seconds after timing a small part of the work on this machine.
Cost estimateScan(const SampleOptions& sample, const ScanOptions& options);

} // namespace interstice
