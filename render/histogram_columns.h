// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/contrast.h"

#include <vector>

namespace interstice {

/// The grey values that a plot of the histogram spans: all but the outermost voxels, as a few hot ones would squeeze the
/// rest into a line, and `room` (a share of it) on either side. Never empty.
GreyWindow plotRange(const Histogram& histogram, double room);

/// Voxels in each of `columns` equal parts of the range; a bin wider than a column is spread over all that it covers.
std::vector<double> columnCounts(const Histogram& histogram, GreyWindow range, int columns);

} // namespace interstice
