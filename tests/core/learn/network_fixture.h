// SPDX-License-Identifier: GPL-3.0-or-later
// Networks with known weights, models of them, volumes to predict, and the result of the whole at once. Includes
// LibTorch; include Qt's headers after it, with `slots` undefined.
#pragma once

#include "learn/checkpoint.h"
#include "learn/folded_unet.h"
#include "learn/network.h"
#include "learn/predict.h"
#include "learn/tiles.h"
#include "volume/volume.h"

#include <cmath>
#include <filesystem>

namespace interstice {

inline torch::Tensor wave(std::int64_t count, double step, double offset)
{
    return torch::sin(torch::arange(count, torch::kFloat64) * step + offset);
}

inline void fillByFormula(UNetImpl& network)
{
    torch::NoGradGuard noGrad;
    int j = 0;
    for (auto& parameter : network.parameters())
        parameter.copy_((0.3 * wave(parameter.numel(), 0.37, j++)).view(parameter.sizes()));
}

inline constexpr Extent kFixtureContext { 0, 8, 8 };

inline ModelCard cardFor(const ArchitectureSpec& spec, const Shape& volume, const Extent& context = kFixtureContext)
{
    ModelCard card;
    card.architecture = spec;
    card.split.volume = volume;
    card.split.block = { 10, 32, 32 };
    card.split.context = context;
    return card;
}

/// A model file with weights that have seen a batch, so that its running statistics are not trivial.
inline std::filesystem::path modelWith(const ArchitectureSpec& spec, const Shape& volume, const std::filesystem::path& path,
    const Extent& context = kFixtureContext)
{
    UNet network(spec);
    network->initialise(3);
    network->train();
    torch::manual_seed(1);
    torch::NoGradGuard noGrad;
    for (int i = 0; i < 20; ++i)
        network(torch::rand({ 1, 1, 8, 16, 16 }));
    TrainingState state;
    state.best = tensorsOf(*network);
    writeModel(path, state, cardFor(spec, volume, context));
    return path;
}

inline std::shared_ptr<Volume> greyVolume(const Shape& shape)
{
    auto volume = std::make_shared<Volume>(shape, Scalar::U8);
    std::uint32_t random = 7;
    for (auto& voxel : volume->as<std::uint8_t>()) {
        random = random * 1664525U + 1013904223U;
        voxel = static_cast<std::uint8_t>(random >> 24);
    }
    return volume;
}

/// The whole volume through the network at once, as exact prediction promises to equal.
inline std::vector<float> unchunked(const Volume& raw, const std::filesystem::path& path)
{
    LoadedModel model = loadModel(path);
    const Extent lattice = model.card.architecture.lattice();
    const auto up = [](std::int64_t n, std::int64_t step) { return (n + step - 1) / step * step; };
    const Shape shape = raw.shape();
    const Shape padded { up(shape.z, lattice.z), up(shape.y + 16, lattice.y), up(shape.x + 16, lattice.x) };
    TilePlan plan;
    plan.padded = padded;
    plan.front = { 0, 8, 8 };
    const auto grey = readPadded(raw, { 0, 255 }, plan, 0, padded.z);
    c10::InferenceMode inference;
    const FoldedUNet network(*model.network, torch::kCPU, torch::MemoryFormat::Contiguous);
    const auto input = torch::from_blob(const_cast<float*>(grey.data()), { 1, 1, padded.z, padded.y, padded.x });
    const auto all = sigmoidOneByOne(network.forward(input));
    std::vector<float> out;
    for (std::int64_t z = 0; z < shape.z; ++z) {
        for (std::int64_t y = 0; y < shape.y; ++y) {
            const float* row = all.data_ptr<float>() + (z * padded.y + y + 8) * padded.x + 8;
            out.insert(out.end(), row, row + shape.x);
        }
    }
    return out;
}

inline double largestDifference(std::span<const float> a, const std::vector<float>& b)
{
    double largest = 0;
    for (std::size_t i = 0; i < b.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return largest;
}

/// A volume through exact tiles with such cores, and how far that is from the whole volume at once.
struct ExactTiles {
    std::int64_t tiles = 0;
    double apart = 0; ///< the largest difference of a probability
};
inline ExactTiles inExactTiles(const Volume& raw, const std::filesystem::path& model, const Extent& core)
{
    Volume mask(raw.shape(), Scalar::U8);
    Volume probability(raw.shape(), Scalar::F32);
    PredictOptions options;
    options.mode = PredictOptions::Mode::Exact;
    options.device = "cpu";
    options.exactCore = core;
    Task task;
    const std::int64_t tiles = predict(raw, model, mask, &probability, options, task).tiles;
    return { tiles, largestDifference(probability.as<float>(), unchunked(raw, model)) };
}

/// All that a prediction gives.
struct Predicted {
    std::vector<std::uint8_t> mask;
    std::vector<float> probability;
    std::vector<float> entropy;
    PredictResult result;
};
inline Predicted predicted(const Volume& raw, const std::filesystem::path& model, const PredictOptions& options)
{
    Volume mask(raw.shape(), Scalar::U8);
    Volume probability(raw.shape(), Scalar::F32);
    Volume entropy(raw.shape(), Scalar::F32);
    Task task;
    Predicted all;
    all.result = predict(raw, model, mask, &probability, options, task, &entropy);
    const auto m = mask.as<std::uint8_t>();
    const auto p = probability.as<float>();
    const auto e = entropy.as<float>();
    all.mask.assign(m.begin(), m.end());
    all.probability.assign(p.begin(), p.end());
    all.entropy.assign(e.begin(), e.end());
    return all;
}

} // namespace interstice
