// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/surface.h"

#include "base/error.h"
#include "base/file.h"
#include "render/slice_geometry.h"
#include "render/vtk_image.h"
#include "volume/slabs.h"

#include <vtkCallbackCommand.h>
#include <vtkCellArray.h>
#include <vtkFlyingEdges3D.h>
#include <vtkImageData.h>
#include <vtkMassProperties.h>
#include <vtkNew.h>
#include <vtkPLYWriter.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkPolyDataNormals.h>
#include <vtkQuadricDecimation.h>
#include <vtkSTLWriter.h>
#include <vtkUnsignedCharArray.h>
#include <vtkWindowedSincPolyDataFilter.h>
#include <vtkXMLPolyDataWriter.h>

#include <algorithm>
#include <cctype>

namespace interstice {

Surface::Surface(vtkPolyData* data)
    : m_data(data)
{
    m_data->Register(nullptr);
}

Surface::~Surface()
{
    m_data->UnRegister(nullptr);
}

std::int64_t Surface::triangles() const
{
    return m_data->GetNumberOfPolys();
}

double Surface::volume() const
{
    vtkNew<vtkMassProperties> mass;
    mass->SetInputData(m_data);
    return mass->GetVolume();
}

double Surface::area() const
{
    vtkNew<vtkMassProperties> mass;
    mass->SetInputData(m_data);
    return mass->GetSurfaceArea();
}

namespace {

/// Progress and stop of a VTK filter.
void watch(vtkAlgorithm* filter, Task& task, const std::string& text)
{
    struct Watcher {
        Task task;
        std::string text;
    };
    vtkNew<vtkCallbackCommand> command;
    command->SetClientData(new Watcher { task, text });
    command->SetClientDataDeleteCallback([](void* data) { delete static_cast<Watcher*>(data); });
    command->SetCallback([](vtkObject* caller, unsigned long, void* data, void*) {
        auto* watcher = static_cast<Watcher*>(data);
        auto* algorithm = static_cast<vtkAlgorithm*>(caller);
        watcher->task.progress(algorithm->GetProgress(), watcher->text);
        if (watcher->task.stopRequested())
            algorithm->AbortExecuteOn();
    });
    filter->AddObserver(vtkCommand::ProgressEvent, command);
}

} // namespace

std::shared_ptr<const Surface> extractSurface(const VolumeSource& labels, const IsosurfaceOptions& options, Task& task)
{
    const Shape shape = labels.shape();
    // One voxel of nothing around it closes the surface.
    const Shape padded = { shape.z + 2, shape.y + 2, shape.x + 2 };
    vtkNew<vtkImageData> image;
    image->SetDimensions(static_cast<int>(padded.x), static_cast<int>(padded.y), static_cast<int>(padded.z));
    const auto spacing = edgesOfVoxel(labels.voxelSize());
    image->SetSpacing(spacing.data());
    image->SetOrigin(-spacing[0], -spacing[1], -spacing[2]);
    vtkNew<vtkUnsignedCharArray> array;
    if (!array->Allocate(padded.voxels()))
        throw Error("There is not enough memory for the surface of " + labels.name(), "Extract it at a lower resolution.");
    array->SetNumberOfTuples(padded.voxels());
    std::fill_n(array->GetPointer(0), padded.voxels(), std::uint8_t { 0 });
    bool any = false;
    Task reading = task.part(0, 0.3);
    forEachSlab(labels, slabDepth(labels), reading, "Reading the mask", [&](const Box& box, std::span<const std::byte>) {
        const auto slab = readAs<std::uint8_t>(labels, box);
        for (std::int64_t z = 0; z < box.size.z; ++z)
            for (std::int64_t y = 0; y < shape.y; ++y) {
                const std::uint8_t* from = slab.data() + (z * shape.y + y) * shape.x;
                std::uint8_t* to = array->GetPointer(((box.start.z + z + 1) * padded.y + y + 1) * padded.x + 1);
                for (std::int64_t x = 0; x < shape.x; ++x) {
                    to[x] = from[x] == options.label ? 1 : 0;
                    any = any || to[x] != 0;
                }
            }
    });
    if (!any)
        throw Error(
            labels.name() + " has no voxel of label " + std::to_string(options.label), "Choose a mask with foreground.");
    image->GetPointData()->SetScalars(array);
    vtkNew<vtkFlyingEdges3D> edges;
    edges->SetInputData(image);
    edges->SetValue(0, 0.5);
    edges->ComputeNormalsOff();
    edges->ComputeGradientsOff();
    edges->ComputeScalarsOff();
    Task finding = task.part(0.3, 0.5);
    watch(edges, finding, "Finding the surface");
    edges->Update();
    task.throwIfStopped();
    vtkSmartPointer<vtkPolyData> data = edges->GetOutput();
    if (options.smoothing > 0) {
        vtkNew<vtkWindowedSincPolyDataFilter> smooth;
        smooth->SetInputData(data);
        smooth->SetNumberOfIterations(options.smoothing);
        smooth->SetPassBand(0.05);
        smooth->BoundarySmoothingOff();
        smooth->FeatureEdgeSmoothingOff();
        smooth->NonManifoldSmoothingOn();
        smooth->NormalizeCoordinatesOn();
        Task part = task.part(0.5, 0.7);
        watch(smooth, part, "Smoothing");
        smooth->Update();
        task.throwIfStopped();
        data = smooth->GetOutput();
    }
    if (options.decimation > 0) {
        vtkNew<vtkQuadricDecimation> decimate;
        decimate->SetInputData(data);
        decimate->SetTargetReduction(std::min(options.decimation, 0.95));
        decimate->VolumePreservationOn();
        Task part = task.part(0.7, 0.9);
        watch(decimate, part, "Leaving out triangles");
        decimate->Update();
        task.throwIfStopped();
        data = decimate->GetOutput();
    }
    vtkNew<vtkPolyDataNormals> normals;
    normals->SetInputData(data);
    normals->SplittingOff();
    normals->ConsistencyOn();
    normals->AutoOrientNormalsOff();
    normals->Update();
    task.progress(1, "Surface");
    return std::make_shared<Surface>(normals->GetOutput());
}

void writeSurface(const Surface& surface, const std::filesystem::path& path)
{
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
    PendingFile file(path);
    const auto write = [&](auto writer) {
        writer->SetFileName(file.path().c_str());
        writer->SetInputData(surface.data());
        if (writer->Write() == 0)
            throw Error("The surface could not be written to " + utf8(path), "Check that the disk has room for it.");
    };
    if (ending == ".stl") {
        vtkNew<vtkSTLWriter> writer;
        writer->SetFileTypeToBinary();
        write(writer.GetPointer());
    } else if (ending == ".ply") {
        vtkNew<vtkPLYWriter> writer;
        writer->SetFileTypeToBinary();
        write(writer.GetPointer());
        // It adds the ending where the name has another.
        std::filesystem::path named = file.path();
        named += ".ply";
        if (std::filesystem::exists(named))
            std::filesystem::rename(named, file.path());
    } else if (ending == ".vtp") {
        vtkNew<vtkXMLPolyDataWriter> writer;
        write(writer.GetPointer());
    } else {
        throw Error(
            "'" + utf8(path.filename()) + "' names no kind of surface file", "Choose a name ending in .stl, .ply or .vtp.");
    }
    file.commit();
}

} // namespace interstice
