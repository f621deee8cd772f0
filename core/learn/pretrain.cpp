// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/pretrain.h"

#include <algorithm>

namespace interstice {

namespace {

constexpr double kMostBlocks = 2000;

/// The truth of a stack that has none: every voxel is one to learn from.
class NoLabels : public VolumeSource {
public:
    explicit NoLabels(const VolumeSource& raw)
        : m_shape(raw.shape())
    {
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return Scalar::U8; }
    std::string name() const override { return "no labels"; }
    void read(const Box&, std::span<std::byte> to) const override { std::fill(to.begin(), to.end(), std::byte { 0 }); }

private:
    Shape m_shape;
};

} // namespace

TrainOptions forPretraining(TrainOptions options)
{
    options.goal = Goal::Reconstruct;
    options.architecture.classes = 2;
    options.classWeights.clear();
    options.split.guard = options.split.context;
    options.split.validationShare = 0.1;
    return options;
}

double pretrainingFraction(const Shape& shape, const TrainOptions& options)
{
    const double block = static_cast<double>(options.split.chunk) * static_cast<double>(options.split.tile)
        * static_cast<double>(options.split.tile);
    return std::min(0.5, kMostBlocks * block / static_cast<double>(std::max<std::int64_t>(1, shape.voxels())));
}

TrainResult pretrain(const VolumeSource& raw, const TrainOptions& options, const std::filesystem::path& model, Task& task,
    const EpochHandler& epochFinished, const RankPlace& place)
{
    return train(raw, NoLabels(raw), forPretraining(options), model, task, epochFinished, place);
}

} // namespace interstice
