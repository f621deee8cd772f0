// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

#include <vector>

namespace interstice {

/// A raw scan with parallel beams: what a detector saw while the sample turned about an axis that is parallel to
/// the detector's columns. The row v of a projection sees the slice z = v, and its column u what lies at
/// u = axis + x cos(angle) + y sin(angle) from the axis, x and y counted from it in the slice.
struct Scan {
    /// (angle, row, column), counts or any unit that `white` has as well.
    SourcePtr projections;
    /// (field, row, column): the beam without the sample, and the detector without the beam. Without white fields
    /// the projections are transmissions (1 where there is no sample); without dark ones the dark is 0.
    SourcePtr white;
    SourcePtr dark;
    /// Degrees, one a projection, in any order.
    std::vector<double> angles;
    /// What is known of the instrument; 0 where nobody said.
    double pixelMicrometres = 0;
    double energyKev = 0;
    double distanceMillimetres = 0;
    /// Column where the axis meets the detector, when the file states it; negative otherwise.
    double axis = -1;
};

/// Throws Error when the parts do not fit each other: sizes of the fields, number of angles.
void requireConsistent(const Scan& scan);

} // namespace interstice
