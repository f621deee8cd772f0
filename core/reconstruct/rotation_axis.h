// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "volume/volume_source.h"

#include <span>

namespace interstice {

struct AxisOptions {
    /// How far from the middle column the axis is looked for, as a part of the columns, 0…0.45.
    double range = 0.2;
    /// Rows that are tried, spread over those given; the median of their axes is taken.
    int rows = 3;
};

/// The column where the rotation axis meets the detector, from the sinograms of a scan over at least 180° (evenly
/// spaced angles in ascending or descending order, degrees; 0 is the centre of the first column). After Vo et al.
/// (Opt. Express 22, 19078, 2014): half a turn and its mirror image make a full turn; when the axis is right, its
/// Fourier transform is empty outside a double wedge. Sought to half a column on sinograms made smaller, then on
/// the whole ones, and between half columns at the vertex of a parabola. `attenuation` is (angle, row, column). Throws Error
/// when the angles do not allow it.
double findAxis(const VolumeSource& attenuation, std::span<const double> degrees, const AxisOptions& options, Task& task);

} // namespace interstice
