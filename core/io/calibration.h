// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "volume/voxel_size.h"

#include <cstdint>
#include <string>

namespace interstice {

/// What the first page of a TIFF file says about sizes.
struct TiffMetadata {
    /// Tag 270, ImageDescription.
    std::string description;
    /// Tags 282 and 283: pixels per unit; 0 when absent.
    double xResolution = 0;
    double yResolution = 0;
    /// Tag 296: 1 none, 2 inch, 3 centimetre; 0 when absent (which by the standard means inch).
    int resolutionUnit = 0;
};

struct Calibration {
    VoxelSize size;
    Findings findings;
};

/// The voxel size by the rules of the field: OME-XML, then ImageJ's description together with the
/// resolution tags, then the resolution tags alone. 72 per inch is "not calibrated"; no `spacing` means
/// that z is not known; a negative spacing counts as its absolute value; ImageJ's own corrections for
/// centimetre tags are followed (FileOpener and TiffDecoder of ImageJ 1.54).
Calibration calibrationOf(const TiffMetadata& metadata);

/// Channels, slices and frames as an OME or ImageJ description states them; 1 where it does not, slices 0.
struct StackAxes {
    std::int64_t channels = 1;
    std::int64_t slices = 0;
    std::int64_t frames = 1;
    /// "OME" or "ImageJ"; empty when there is no such description.
    std::string by;
};
StackAxes stackAxesOf(const TiffMetadata& metadata);

/// Planes that follow one header: ImageJ's `images=N`, or tifffile's {"shape": […], "truncated": true}; 1 otherwise.
std::int64_t planesBehindOneHeader(const TiffMetadata& metadata, std::int64_t width, std::int64_t height);

} // namespace interstice
