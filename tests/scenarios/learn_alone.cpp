// SPDX-License-Identifier: GPL-3.0-or-later
// base, volume and learn with nothing else: trains on a toy in memory, predicts it and says how well.
#include "learn/predict.h"
#include "learn/train.h"
#include "volume/volume.h"

#include <cmath>
#include <cstdio>
#include <filesystem>

int main()
{
    using namespace interstice;
    const Shape shape { 30, 48, 48 };
    const auto raw = std::make_shared<Volume>(shape, Scalar::U8);
    const auto truth = std::make_shared<Volume>(shape, Scalar::U8);
    std::size_t i = 0;
    std::uint32_t random = 1;
    for (int z = 0; z < shape.z; ++z) {
        for (int y = 0; y < shape.y; ++y) {
            for (int x = 0; x < shape.x; ++x, ++i) {
                const bool inside = std::hypot(z % 10 - 5.0, y % 16 - 8.0, x % 16 - 8.0) < 4.5;
                random = random * 1664525U + 1013904223U;
                truth->as<std::uint8_t>()[i] = inside ? 1 : 0;
                raw->as<std::uint8_t>()[i] = static_cast<std::uint8_t>((inside ? 130 : 80) + (random >> 26));
            }
        }
    }
    TrainOptions options = TrainOptions::preset("quick");
    options.split.tile = 16;
    options.epochs = 6;
    options.minimumSteps = 8;
    options.learningRate = 1e-2;
    options.device = "cpu";
    const auto model = std::filesystem::temp_directory_path()
        / ("learn_alone_" + std::to_string(std::hash<std::string>()(__TIME__)) + ".safetensors");
    Task task;
    const auto result = train(*raw, *truth, options, model, task);
    Volume mask(shape, Scalar::U8);
    (void)predict(*raw, model, mask, nullptr, {}, task);
    double both = 0;
    double sum = 0;
    for (std::size_t k = 0; k < i; ++k) {
        both += mask.as<std::uint8_t>()[k] & truth->as<std::uint8_t>()[k];
        sum += mask.as<std::uint8_t>()[k] + truth->as<std::uint8_t>()[k];
    }
    std::filesystem::remove(model);
    std::filesystem::remove(checkpointPath(model));
    std::printf("best epoch %d, Dice %.3f\n", result.bestEpoch, 2 * both / sum);
    return 2 * both / sum > 0.8 ? 0 : 1;
}
