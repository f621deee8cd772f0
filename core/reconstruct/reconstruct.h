// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/task.h"
#include "reconstruct/attenuation.h"
#include "reconstruct/filter.h"
#include "volume/scan.h"

#include <optional>

namespace interstice {

/// A working tool to get from a raw scan to slices: filtered back-projection of parallel beams. It is no rival of full
/// reconstruction suites: no iterative methods, no cone beams, no helical scans, no correction of tilts or drifts.
struct ReconstructOptions {
    /// Column where the rotation axis meets the detector (0 is the centre of the first); absent: what the scan
    /// states, or found from the projections.
    std::optional<double> axis;
    /// Look for the axis even when the scan states one.
    bool findAxis = false;
    ProjectionFilter filter = ProjectionFilter::Ramp;
    /// A distance of 0: no phase retrieval.
    PhaseRetrievalOptions phase;
    /// Running median across sinogram columns that reduces rings, 3…101, odd; 0: none.
    int ringWidth = 0;
    /// For samples wider than the field of view: the projections' edges go on instead of ending in air.
    bool extendEdges = false;
    /// Slices firstSlice … firstSlice + slices; 0 slices: all from the first on.
    std::int64_t firstSlice = 0;
    std::int64_t slices = 0;
    /// Size of the slices in pixels of the detector; 0: its columns. The axis is in their middle.
    std::int64_t height = 0;
    std::int64_t width = 0;
    /// For rows of projections; 0: an eighth of the free memory, at most 1 GiB. Not part of the result.
    std::uint64_t memory = 0;
};
Json toJson(const ReconstructOptions& options);
/// Missing keys keep their defaults.
ReconstructOptions reconstructOptionsFromJson(const Json& json);

struct ReconstructResult {
    double axis = 0;
    bool axisFound = false;
    /// "1/cm" when the pixel size is known, otherwise "1/vx".
    std::string unit;
    /// As of attenuationOf, and "angles-missing" (warning) when a gap between directions is wider than 5 steps.
    Findings findings;
};
Json toJson(const ReconstructResult& result);

/// Shape of the slices that `reconstruct` makes of this scan. Throws Error when there are no such slices.
Shape reconstructedShape(const Scan& scan, const ReconstructOptions& options);

/// Reconstructs slices of linear attenuation into `out` (F32, of `reconstructedShape`), eight at a time, and finishes
/// it. Larger than memory is the normal case: rows of the projections are read slab by slab. The same bits for any
/// number of threads. Throws Error on a scan that does not fit together, options out of range, a sink of another
/// shape.
ReconstructResult reconstruct(const Scan& scan, const ReconstructOptions& options, VolumeSink& out, Task& task);

/// Memory, operations, and seconds after timing a small part of the work on this machine; finding the axis and
/// retrieving the phase come on top.
Cost estimateReconstruct(const Shape& projections, const ReconstructOptions& options);

} // namespace interstice
