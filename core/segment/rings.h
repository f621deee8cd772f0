// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "volume/volume_source.h"

#include <optional>

namespace interstice {

/// Ring artefacts: circles about the rotation axis, from detector pixels that answer a little differently.
struct RingOptions {
    /// Where the axis meets the slices, in voxels (y, x; 0 is the centre of the first); absent: the slices' middle.
    std::optional<double> centreY;
    std::optional<double> centreX;
    /// Rings up to about half this wide are found, in voxels, 3…101, odd.
    int width = 15;
    /// Arcs that the circle is divided into, 1…36: more for rings that do not go all the way round.
    int arcs = 1;

    bool operator==(const RingOptions&) const = default;
};
Json toJson(const RingOptions& options);

/// The volume with rings reduced slice by slice, F32, computed where it is read. After Sijbers and Postnov (Phys. Med.
/// Biol. 49, 2004): in polar coordinates about the axis a ring is a straight line. From each radial line its running
/// median is taken off; what is left at one radius all along an arc (its median over the angle) is a ring and is
/// subtracted, linearly interpolated between radii and arcs. Edges of the sample that run along a circle about the
/// axis are taken for rings too. NaN stays NaN. Throws Error on options out of range.
SourcePtr withoutRings(SourcePtr source, const RingOptions& options);

} // namespace interstice
