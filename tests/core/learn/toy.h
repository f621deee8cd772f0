// SPDX-License-Identifier: GPL-3.0-or-later
// A volume that a small network learns in seconds, and the options for it.
#pragma once

#include "learn/train_options.h"
#include "volume/volume.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

namespace interstice {

/// Bright balls in noise, with their truth: enough for a small network to learn in seconds.
struct Toy {
    std::shared_ptr<Volume> raw;
    std::shared_ptr<Volume> truth;
};

inline Toy toy(Scalar scalar = Scalar::U8)
{
    const Shape shape { 40, 48, 52 };
    std::mt19937 random(3);
    std::normal_distribution<float> noise(0, 25);
    std::vector<float> grey;
    Toy result { nullptr, std::make_shared<Volume>(shape, Scalar::U8) };
    auto truth = result.truth->as<std::uint8_t>();
    std::size_t i = 0;
    for (int z = 0; z < shape.z; ++z) {
        for (int y = 0; y < shape.y; ++y) {
            for (int x = 0; x < shape.x; ++x, ++i) {
                const bool inside = std::hypot(z % 13 - 6.0, y % 16 - 8.0, x % 17 - 8.0) < 5;
                truth[i] = inside ? 1 : 0;
                grey.push_back(std::clamp((inside ? 150.0F : 90.0F) + noise(random), 0.0F, 255.0F));
            }
        }
    }
    result.raw = std::make_shared<Volume>(shape, scalar);
    dispatch(scalar, [&](auto tag) {
        using T = typename decltype(tag)::type;
        auto to = result.raw->as<T>();
        for (std::size_t k = 0; k < grey.size(); ++k)
            to[k] = saturate<T>(grey[k]);
    });
    return result;
}

inline TrainOptions tiny(int epochs)
{
    TrainOptions options = TrainOptions::preset("quick");
    options.architecture.filters = { 4, 8 };
    options.architecture.bridge = 8;
    options.split.tile = 16;
    options.epochs = epochs;
    options.minimumSteps = 4;
    options.device = "cpu";
    options.learningRate = 1e-2;
    options.schedule = Schedule::Constant; // so that a shorter training is the beginning of a longer one
    return options;
}

/// Takes the foreground out of the blocks that validate.
inline void emptyValidation(const Toy& data, const TrainOptions& options)
{
    const Shape shape = data.truth->shape();
    const Split split = makeSplit(shape, options.architecture, options.split);
    const Extent reach = split.context;
    auto truth = data.truth->as<std::uint8_t>();
    for (const Index& block : split.validation) {
        for (auto z = std::max<std::int64_t>(0, block.z - reach.z); z < std::min(shape.z, block.z + split.block.z + reach.z);
            ++z)
            for (auto y = std::max<std::int64_t>(0, block.y - reach.y);
                y < std::min(shape.y, block.y + split.block.y + reach.y); ++y)
                for (auto x = std::max<std::int64_t>(0, block.x - reach.x);
                    x < std::min(shape.x, block.x + split.block.x + reach.x); ++x)
                    truth[static_cast<std::size_t>((z * shape.y + y) * shape.x + x)] = 0;
    }
}

} // namespace interstice
