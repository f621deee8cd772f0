// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/histogram.h"

namespace interstice {

/// The threshold that maximises the variance between the two classes (Otsu, IEEE Trans. SMC 9, 1979),
/// as skimage.filters.threshold_otsu gives it: the centre of the last bin of the dark class, the
/// lowest of equally good ones; foreground is value > threshold. For exact integer counts that is the
/// number skimage gives for the same integer voxels; for f32 it is, when the histogram has skimage's
/// 256 bins. A constant volume: its value, so that nothing is foreground. No finite voxel: 0.
double otsuThreshold(const Histogram& histogram);

} // namespace interstice
