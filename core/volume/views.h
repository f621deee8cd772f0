// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

namespace interstice {

/// A box of another source, as a volume of its own. Reads through.
class CropView : public VolumeSource {
public:
    CropView(SourcePtr source, Box box);

    Shape shape() const override { return m_box.size; }
    Scalar scalar() const override { return m_source->scalar(); }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }
    bool readsRowsAlone() const override { return m_source->readsRowsAlone(); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_source;
    Box m_box;
};

/// Mean of n × n × n voxels; what is left over at the far ends is dropped, as binning detectors do.
/// For labels, every n-th voxel instead (the mean of labels means nothing).
class BinView : public VolumeSource {
public:
    enum class Mode { Mean, Labels };
    BinView(SourcePtr source, int n, Mode mode);

    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return m_source->scalar(); }
    VoxelSize voxelSize() const override { return m_source->voxelSize().binned(m_n); }
    std::string name() const override { return m_source->name(); }
    bool readsRowsAlone() const override { return m_source->readsRowsAlone(); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_source;
    int m_n;
    Mode m_mode;
    Shape m_shape;
};

/// The same voxels in another type. To an integer type the range [low, high] is stretched over the
/// whole of it; with low = high = 0 values are only rounded and clamped.
class CastView : public VolumeSource {
public:
    CastView(SourcePtr source, Scalar scalar, double low = 0, double high = 0);

    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return m_scalar; }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }
    bool readsRowsAlone() const override { return m_source->readsRowsAlone(); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_source;
    Scalar m_scalar;
    double m_low;
    double m_high;
};

/// A single slice over and over, `depth` times. Reads through.
class RepeatView : public VolumeSource {
public:
    /// Throws Error when the source has more than one slice.
    RepeatView(SourcePtr slice, std::int64_t depth);

    Shape shape() const override { return { m_depth, m_slice->shape().y, m_slice->shape().x }; }
    Scalar scalar() const override { return m_slice->scalar(); }
    VoxelSize voxelSize() const override { return m_slice->voxelSize(); }
    std::string name() const override { return m_slice->name(); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_slice;
    std::int64_t m_depth;
};

/// The same voxels with another voxel size (entered by hand).
class CalibratedView : public VolumeSource {
public:
    CalibratedView(SourcePtr source, VoxelSize size);

    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return m_source->scalar(); }
    VoxelSize voxelSize() const override { return m_size; }
    std::string name() const override { return m_source->name(); }
    bool readsRowsAlone() const override { return m_source->readsRowsAlone(); }
    void read(const Box& box, std::span<std::byte> to) const override { m_source->read(box, to); }
    std::span<const std::byte> inMemory(const Box& box) const override { return m_source->inMemory(box); }

private:
    SourcePtr m_source;
    VoxelSize m_size;
};

} // namespace interstice
