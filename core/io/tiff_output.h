// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "io/tiff_writer.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace interstice {

/// The file that a TIFF sink writes: pending until commit, with the first thing that went wrong.
class TiffOutput {
public:
    /// Throws Error when the folder cannot be written to.
    explicit TiffOutput(const std::filesystem::path& target);
    ~TiffOutput();

    std::string name() const { return utf8(m_file.target()); }
    int descriptor() const { return m_descriptor; }
    /// False when the disk is full or broken; why is kept for fail().
    bool writeAt(std::uint64_t offset, std::span<const std::byte> bytes);
    /// Keeps the first message of libtiff.
    void note(const std::string& message);
    bool failed() const { return m_error != 0; }
    /// Throws Error "Cannot write scan.tif. The disk is full: …"
    [[noreturn]] void fail();
    void commit();

private:
    PendingFile m_file;
    int m_descriptor = -1;
    int m_error = 0;
    std::string m_message;
};

/// What is to be written; the voxel size in a unit that ImageJ shows well.
struct TiffPlan {
    Shape shape;
    Scalar scalar = Scalar::U8;
    VoxelSize voxelSize;
    TiffWriteOptions options;
    bool big = false;

    std::uint64_t sliceBytes() const { return static_cast<std::uint64_t>(shape.sliceVoxels()) * bytesOf(scalar); }
    /// TIFF's word for the type: 1 unsigned, 2 signed, 3 floating-point.
    int sampleFormat() const { return scalar == Scalar::F32 ? 3 : scalar == Scalar::I16 ? 2 : 1; }
    /// ImageJ's description of the stack (tag 270).
    std::string description() const;
};

/// Takes whole slices in order and counts them; what a slice becomes is the sinks' matter.
class TiffSink : public VolumeSink {
public:
    TiffSink(const std::filesystem::path& path, const TiffPlan& plan);

    Shape shape() const override { return m_plan.shape; }
    Scalar scalar() const override { return m_plan.scalar; }
    void write(const Box& box, std::span<const std::byte> from) final;
    void finish() final;

protected:
    /// `slices` whole slices from slice `first` on.
    virtual void writeSlices(std::int64_t first, std::int64_t slices, std::span<const std::byte> from) = 0;
    /// What comes after the last slice.
    virtual void complete() = 0;

    TiffPlan m_plan;
    TiffOutput m_output;

private:
    std::int64_t m_next = 0;
    bool m_finished = false;
};

/// Without compression; written by hand, because ImageJ wants all planes side by side and libtiff puts
/// a directory between them.
std::unique_ptr<VolumeSink> createPlainTiff(const std::filesystem::path& path, const TiffPlan& plan);
/// With compression, through libtiff.
std::unique_ptr<VolumeSink> createEncodedTiff(const std::filesystem::path& path, const TiffPlan& plan);

} // namespace interstice
