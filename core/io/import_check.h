// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "volume/volume_source.h"

namespace interstice {

/// What a look at up to five slices, evenly spaced, says of the voxels: constant, not finite, labels
/// 0/255, a slice that cannot be read; and whether the voxel size is known. Takes a fraction of a second whatever
/// the size: of large slices only some rows are read. Throws Error when a volume of one slice cannot be read.
Findings checkVolume(const VolumeSource& source);

} // namespace interstice
