// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "volume/shape.h"
#include "volume/voxel_size.h"

#include <cstdint>
#include <string>
#include <vector>

namespace interstice {

/// Pooling window (and stride) of one level, or any other three whole numbers along z, y, x.
struct Extent {
    std::int64_t z = 1;
    std::int64_t y = 1;
    std::int64_t x = 1;
    bool operator==(const Extent&) const = default;
};

/// Smallest multiple of `step` that is not below `value`.
constexpr std::int64_t roundUp(std::int64_t value, std::int64_t step)
{
    return (value + step - 1) / step * step;
}

/// What one U-Net is built from (Çiçek et al., "3D U-Net", MICCAI 2016, as the study modified it):
/// levels of two 3×3×3 convolutions with normalisation and ReLU, max pooling between them, a bridge,
/// up-sampling to the skip's size, concatenation, a final 1×1×1 convolution to one logit a voxel, or to one
/// a class when there are more than two.
struct ArchitectureSpec {
    /// Only batch normalisation, whose statistics are fixed after training, lets tiles equal the whole.
    enum class Norm { Batch, Instance, Group };
    enum class Upsampling { Nearest, Transposed };

    std::string name;
    /// Filters of each level from the top, without the bridge.
    std::vector<int> filters;
    /// Pooling after each level; as many as filters.
    std::vector<Extent> pooling;
    /// Filters of the bottom.
    int bridge = 0;
    /// Convolutions carry a bias although batch normalisation follows, as in Keras.
    bool convolutionBias = true;
    /// Share of the new batch in the running statistics: 0.01 is Keras' momentum 0.99.
    double batchNormMomentum = 0.01;
    double batchNormEpsilon = 1e-3;
    Norm norm = Norm::Batch;
    /// Groups of group normalisation, fewer where they do not divide the channels.
    int groups = 8;
    /// Each pair of the encoder and the bridge adds its input to its output before the last ReLU, through a
    /// 1×1×1 convolution (He et al. 2016; nnU-Net's residual encoder, Isensee et al. 2024).
    bool residual = false;
    /// Nearest neighbour, or a transposed convolution of the pooling's size to the level's filters.
    Upsampling upsampling = Upsampling::Nearest;
    /// In training every decoder level has an output of its own, halved in weight at each step down (Lee et al.
    /// 2015). Prediction uses the top one alone.
    bool deepSupervision = false;
    /// Background included; 2 is one logit a voxel with a sigmoid, more are a softmax.
    int classes = 2;

    /// "paper" (the study's text), "paper-table" (its Table I), "quick" (for a CPU), "strong". Throws Error on
    /// any other name.
    static ArchitectureSpec preset(const std::string& name);
    static const std::vector<std::string>& presetNames();
    /// One sentence for people: what the preset is and for which machine.
    static std::string presetDescription(const std::string& name);

    std::size_t levels() const { return filters.size(); }
    /// Numbers that the network gives a voxel.
    int outputs() const { return classes > 2 ? classes : 1; }
    /// Channels that enter the decoder of a level from below.
    int channelsFromBelow(std::size_t level) const;
    /// Product of all poolings: inputs whose sides are multiples of it pool without remainder.
    Extent lattice() const;
    /// How far, in voxels each way, an input voxel can change an output voxel, at the worst phase of
    /// the pooling: 4·Σ s_l + 2·s_bottom + (s_bottom − 1) with s_l the down-sampling of level l.
    Extent receptiveField() const;
    /// Trainable numbers: kernels, biases, batch-norm scales and shifts.
    std::int64_t parameters() const;
    /// Multiply–add operations × 2 of one forward pass, per input voxel (poolings without remainder).
    double flopsPerVoxel() const;
    /// Bytes kept for the backward pass, per input voxel, in float32.
    double trainingBytesPerVoxel() const;
    /// Bytes alive at once in a forward pass without gradients, per input voxel, in float32. `joins`: with channels last,
    /// where levels are joined in one pass (learn/joined_levels.h).
    double predictionBytesPerVoxel(bool joins) const;
    /// What a convolution's copies of its input and output hold more, per voxel in float32, where oneDNN computes so many
    /// channels at once and fills up the last ones: of the top decoder's first, the widest.
    double fillBytesPerVoxel(std::int64_t channelsAtOnce) const;
};

/// Poolings for patches of this size, as nnU-Net plans them (Isensee et al. 2021): at every level each axis whose
/// voxels are then less than twice as long as the shortest and that keeps at least 4 voxels is halved; unknown
/// voxels count as cubes.
std::vector<Extent> poolingFor(const VoxelSize& voxel, const Shape& patch, std::size_t levels);

/// "batch", "instance", "group"
ArchitectureSpec::Norm parseNorm(const std::string& name);
/// "nearest", "transposed"
ArchitectureSpec::Upsampling parseUpsampling(const std::string& name);

Json toJson(const ArchitectureSpec& spec);
/// Throws Error when the description is incomplete or absurd.
ArchitectureSpec architectureFromJson(const Json& json);

/// One convolution stage as built: where it is, the size of its output for an input of `input`, and its
/// filters. For the study's Table I and for tests.
struct LayerRow {
    std::string stage;
    Shape output;
    std::vector<int> filters;
};
std::vector<LayerRow> layerTable(const ArchitectureSpec& spec, const Shape& input);

} // namespace interstice
