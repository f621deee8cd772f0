// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/task.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <vector>

namespace interstice {

/// Depth maps as in the study: where grey values change along z, something begins or ends.
struct DepthMapOptions {
    /// Standard deviation of the Gaussian over the map, in voxels of the slice; 0: none. 0…20
    double sigma = 2;
    /// Slices of the moving sum, odd after rounding up: every slice gets a map and mask of its own. 0: one map of the
    /// whole depth, as in the study's Figure 3.
    int window = 0;
    enum class Threshold { Otsu, Value };
    Threshold threshold = Threshold::Otsu;
    /// In the map's unit: grey values.
    double thresholdValue = 0;
    /// Objects of fewer voxels are dropped; for one map of the whole depth, of fewer pixels of the map.
    std::uint64_t minimumVoxels = 1;
};
Json toJson(const DepthMapOptions& options);
/// Missing keys keep their defaults. Throws Error on a threshold that is none.
DepthMapOptions depthMapOptionsFromJson(const Json& json);
/// "otsu" or a value in grey values. Throws Error on anything else.
void parseThreshold(const std::string& text, DepthMapOptions& options);
/// Throws Error on values out of range.
void check(const DepthMapOptions& options);

/// The map as a volume, computed where it is read: Σ over the window of |∂I/∂z|, where ∂I/∂z per slice is
/// (I(z+1) − I(z−1)) / 2, one-sided at both ends (numpy.gradient), then a Gaussian over each slice of the map
/// (scipy.ndimage.gaussian_filter, mode "reflect", truncate 4). As the differences are per slice, the sum is the change
/// of grey value along the depth: its unit is the volume's grey value, whatever the voxel size. At the ends of the
/// volume, windows hold fewer slices, and their sum is scaled up to a full one. F32; NaN and infinities count as 0. With
/// window 0 its shape is 1 × y × x, and making it reads the volume once; a one-slice stack has no depth: Error.
SourcePtr depthMap(const SourcePtr& raw, const DepthMapOptions& options, Task& task);

struct DepthMapResult {
    double threshold = 0;
    double minimum = 0;
    double maximum = 0;
    double foregroundFraction = 0;
    std::uint64_t objects = 0;
    /// "constant-map" (warning): nothing changes along z. "threshold-outside" (warning): nothing, or everything, is above
    /// it.
    Findings findings;
};
Json toJson(const DepthMapResult& result);

/// Makes the mask from a map of `depthMap`: above the threshold (Otsu's of 256 bins, as skimage's), then connected
/// components (8 neighbours in a map of the whole depth, 26 otherwise) of minimumVoxels and more. The mask has the
/// volume's shape, u8, 0 and 1; with window 0 every slice is the same. Finishes the sinks; `mapOut` may be null and
/// otherwise has the map's shape and type F32.
DepthMapResult makeDepthMask(const SourcePtr& map, const Shape& volume, VolumeSink& mask, VolumeSink* mapOut,
    const DepthMapOptions& options, Task& task);

Cost estimateDepthMap(const Shape& shape, Scalar scalar, const DepthMapOptions& options);

} // namespace interstice
