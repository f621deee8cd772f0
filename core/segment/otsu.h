// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/histogram.h"

#include <vector>

namespace interstice {

/// The threshold that maximises the variance between the two classes (Otsu, IEEE Trans. SMC 9, 1979),
/// as skimage.filters.threshold_otsu gives it: the centre of the last bin of the dark class, the
/// lowest of equally good ones; foreground is value > threshold. For exact integer counts that is the
/// number skimage gives for the same integer voxels; for f32 it is, when the histogram has skimage's
/// 256 bins. A constant volume: its value, so that nothing is foreground. No finite voxel: 0.
double otsuThreshold(const Histogram& histogram);

/// The classes − 1 ascending thresholds that maximise the variance between 2 to 5 classes (Liao, Chen and Chung,
/// J. Inf. Sci. Eng. 17, 2001), as skimage.filters.threshold_multiotsu gives them: class i is threshold[i−1] < value
/// ≤ threshold[i]. Found exactly by divide and conquer over the bins, so that all 65536 of a u16 volume count; where
/// two choices are equally good the lower thresholds are taken. Throws Error for other numbers of classes and
/// when fewer than `classes` bins are occupied.
std::vector<double> multiOtsuThresholds(const Histogram& histogram, int classes);

} // namespace interstice
