// SPDX-License-Identifier: GPL-3.0-or-later
// Bright balls in noise with their truth, on the disk: what the window's tests open and train on.
#pragma once

#include "io/tiff_writer.h"
#include "volume/volume.h"

#include <filesystem>
#include <random>
#include <vector>

namespace interstice::test {

inline constexpr Shape kBallStack { 40, 64, 64 };

/// Writes both files, u8 with voxels of 2 µm. The balls are label 1; `beside` labels a strip at the end of x that is
/// nothing in the grey values.
inline void writeBallStack(const std::filesystem::path& raw, const std::filesystem::path& truth, std::uint8_t beside = 0)
{
    std::mt19937 random(7);
    std::normal_distribution<float> noise(0, 12);
    std::vector<std::uint8_t> grey;
    std::vector<std::uint8_t> labels;
    for (int z = 0; z < kBallStack.z; ++z) {
        for (int y = 0; y < kBallStack.y; ++y) {
            for (int x = 0; x < kBallStack.x; ++x) {
                const auto off = [](int v) { return v % 20 - 10; };
                const bool inside = off(z) * off(z) + off(y) * off(y) + off(x) * off(x) < 49;
                grey.push_back(saturate<std::uint8_t>((inside ? 170 : 70) + noise(random)));
                labels.push_back(inside ? 1 : x > 60 ? beside : 0);
            }
        }
    }
    const VoxelSize size { 2, 2, 2, LengthUnit::Micrometre, SizeOrigin::User };
    const auto write = [&size](const std::filesystem::path& path, const std::vector<std::uint8_t>& voxels) {
        const auto sink = createTiff(path, kBallStack, Scalar::U8, size);
        sink->write(Box::whole(kBallStack), std::as_bytes(std::span(voxels)));
        sink->finish();
    };
    write(raw, grey);
    write(truth, labels);
}

} // namespace interstice::test
