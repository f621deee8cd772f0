// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/vtk_image.h"

#include "render/slice_geometry.h"

#include <vtkCallbackCommand.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkShortArray.h>
#include <vtkUnsignedCharArray.h>
#include <vtkUnsignedShortArray.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

namespace {

template <class Array, class T>
vtkSmartPointer<vtkDataArray> wrap(const std::shared_ptr<const Volume>& volume, std::span<const T> voxels)
{
    vtkNew<Array> array;
    // VTK only reads from it.
    array->SetArray(const_cast<T*>(voxels.data()), static_cast<vtkIdType>(voxels.size()), 1);
    vtkNew<vtkCallbackCommand> keep; // goes with the array, and the volume with it
    keep->SetClientData(new std::shared_ptr<const Volume>(volume));
    keep->SetClientDataDeleteCallback([](void* data) { delete static_cast<std::shared_ptr<const Volume>*>(data); });
    array->AddObserver(vtkCommand::UserEvent, keep);
    return array.GetPointer();
}

template <class T> vtkSmartPointer<vtkDataArray> asFloats(std::span<const T> voxels)
{
    vtkNew<vtkFloatArray> array;
    array->SetNumberOfTuples(static_cast<vtkIdType>(voxels.size()));
    float* to = array->GetPointer(0);
    float lowest = std::numeric_limits<float>::max();
    for (std::size_t i = 0; i < voxels.size(); ++i) {
        to[i] = static_cast<float>(voxels[i]);
        if (std::isfinite(to[i]))
            lowest = std::min(lowest, to[i]);
    }
    if (lowest == std::numeric_limits<float>::max())
        lowest = 0;
    std::replace_if(to, to + voxels.size(), [](float v) { return !std::isfinite(v); }, lowest);
    return array.GetPointer();
}

} // namespace

vtkSmartPointer<vtkImageData> toVtk(const std::shared_ptr<const Volume>& volume, const std::array<double, 3>& first)
{
    vtkNew<vtkImageData> image;
    const Shape shape = volume->shape();
    image->SetDimensions(static_cast<int>(shape.x), static_cast<int>(shape.y), static_cast<int>(shape.z));
    image->SetSpacing(edgesOfVoxel(volume->voxelSize()).data());
    image->SetOrigin(first.data());
    vtkSmartPointer<vtkDataArray> array;
    switch (volume->scalar()) {
    case Scalar::U8:
        array = wrap<vtkUnsignedCharArray>(volume, volume->as<std::uint8_t>());
        break;
    case Scalar::U16:
        array = wrap<vtkUnsignedShortArray>(volume, volume->as<std::uint16_t>());
        break;
    case Scalar::I16:
        array = wrap<vtkShortArray>(volume, volume->as<std::int16_t>());
        break;
    case Scalar::U32:
        array = asFloats(volume->as<std::uint32_t>());
        break;
    case Scalar::F32:
        array = asFloats(volume->as<float>());
        break;
    }
    image->GetPointData()->SetScalars(array);
    return image.GetPointer();
}

} // namespace interstice
