// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "io/tiff_index.h"
#include "volume/volume_source.h"

#include <filesystem>
#include <list>
#include <mutex>

namespace interstice {

/// TIFF pages as one volume: all pages of one file, or one page of each of many files.
class TiffSource : public VolumeSource {
public:
    /// One multi-page file.
    TiffSource(std::filesystem::path path, std::shared_ptr<const TiffFile> file, TiffIndex index, VoxelSize voxelSize);
    /// One page a file; `pages` holds the slice of each. `first` describes all of them.
    TiffSource(std::string name, std::vector<std::filesystem::path> files, TiffPage first, std::vector<TiffSlice> slices,
        VoxelSize voxelSize);
    ~TiffSource() override;

    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return m_scalar; }
    VoxelSize voxelSize() const override { return m_voxelSize; }
    std::string name() const override { return m_name; }
    bool readsRowsAlone() const override;
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    struct Idle {
        std::size_t file;
        std::unique_ptr<TiffHandle> handle;
    };
    std::unique_ptr<TiffHandle> acquire(std::size_t file) const;
    void release(std::size_t file, std::unique_ptr<TiffHandle> handle) const;
    std::size_t fileOf(std::int64_t z) const { return m_files.size() == 1 ? 0 : static_cast<std::size_t>(z); }

    std::string m_name;
    std::vector<std::filesystem::path> m_files;
    /// The one file of a multi-page stack; null for many files, which are opened as they are needed.
    std::shared_ptr<const TiffFile> m_file;
    TiffPage m_first;
    std::vector<TiffSlice> m_slices;
    VoxelSize m_voxelSize;
    Shape m_shape;
    Scalar m_scalar;

    mutable std::mutex m_mutex;
    mutable std::list<Idle> m_idle;
};

} // namespace interstice
