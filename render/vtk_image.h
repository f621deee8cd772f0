// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume.h"

#include <vtkSmartPointer.h>

#include <array>

class vtkImageData;

namespace interstice {

/// A volume as VTK sees it, without a copy where its type allows: the result keeps `volume` alive. Voxels that are no
/// numbers become the lowest one. `first` is the place of the first voxel's centre.
vtkSmartPointer<vtkImageData> toVtk(const std::shared_ptr<const Volume>& volume, const std::array<double, 3>& first);

} // namespace interstice
