// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "volume/volume_source.h"

#include <filesystem>
#include <memory>

class vtkPolyData;

namespace interstice {

struct IsosurfaceOptions {
    int label = 1;
    /// Passes of Taubin's windowed-sinc smoothing ("A signal processing approach to fair surface design", SIGGRAPH
    /// 1995), which keeps the volume; 0 for none, 20 is usual.
    int smoothing = 20;
    /// Share of triangles to leave out, 0…0.95.
    double decimation = 0;
};

/// Triangles around one label, in micrometres (voxels where the size is unknown), x, y, z; the centre of the first
/// voxel is the origin. Normals point outwards.
class Surface {
public:
    explicit Surface(vtkPolyData* data);
    ~Surface();
    Surface(const Surface&) = delete;
    Surface& operator=(const Surface&) = delete;

    std::int64_t triangles() const;
    /// Enclosed volume and area in the units of the axes.
    double volume() const;
    double area() const;
    vtkPolyData* data() const { return m_data; }

private:
    vtkPolyData* m_data;
};

/// Flying edges at half height of the label, closed at the volume's faces; reads the source once, as u8.
/// Throws Error where the label does not occur or memory is short.
std::shared_ptr<const Surface> extractSurface(const VolumeSource& labels, const IsosurfaceOptions& options, Task& task);

/// STL (binary), PLY (binary) or VTP by the name's ending, written beside the target and renamed. Throws Error.
void writeSurface(const Surface& surface, const std::filesystem::path& path);

} // namespace interstice
