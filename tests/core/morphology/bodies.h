// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/volume/known_numbers.h"
#include "volume/volume.h"

#include <array>
#include <vector>

namespace interstice::test {

/// Each voxel foreground with so many percent, as reference_morphology.py makes it.
inline std::shared_ptr<Volume> noiseMask(const Shape& shape, std::uint32_t seed, std::uint32_t percent)
{
    KnownNumbers numbers(seed);
    std::vector<std::uint8_t> voxels;
    for (std::int64_t i = 0; i < shape.voxels(); ++i)
        voxels.push_back(numbers.below(100) < percent ? 1 : 0);
    return Volume::from<std::uint8_t>(shape, voxels);
}

/// z, y, x, radius
using Ball = std::array<int, 4>;

inline std::vector<std::uint8_t> ballVoxels(const std::vector<Ball>& balls, const Shape& shape)
{
    std::vector<std::uint8_t> voxels;
    for (int z = 0; z < shape.z; ++z) {
        for (int y = 0; y < shape.y; ++y) {
            for (int x = 0; x < shape.x; ++x) {
                bool inside = false;
                for (const Ball& b : balls)
                    inside = inside
                        || (z - b[0]) * (z - b[0]) + (y - b[1]) * (y - b[1]) + (x - b[2]) * (x - b[2]) < b[3] * b[3];
                voxels.push_back(inside ? 1 : 0);
            }
        }
    }
    return voxels;
}

inline std::shared_ptr<Volume> ballMask(const std::vector<Ball>& balls, const Shape& shape, VoxelSize size = {})
{
    return Volume::from<std::uint8_t>(shape, ballVoxels(balls, shape), size);
}

/// A sink in memory whose voxels can be looked at afterwards, whatever its type.
struct LabelTaker {
    std::shared_ptr<Volume> volume;

    auto maker(const Shape& shape)
    {
        return [this, shape](Scalar scalar) -> std::unique_ptr<VolumeSink> {
            struct Forward : VolumeSink {
                std::shared_ptr<Volume> to;
                Shape shape() const override { return to->shape(); }
                Scalar scalar() const override { return to->scalar(); }
                void write(const Box& box, std::span<const std::byte> from) override { to->write(box, from); }
                void finish() override { }
            };
            volume = std::make_shared<Volume>(shape, scalar);
            auto forward = std::make_unique<Forward>();
            forward->to = volume;
            return forward;
        };
    }
    std::vector<std::uint32_t> labels() const { return readAs<std::uint32_t>(*volume, Box::whole(volume->shape())); }
};

} // namespace interstice::test
