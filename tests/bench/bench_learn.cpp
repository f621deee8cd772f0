// SPDX-License-Identifier: GPL-3.0-or-later
// bench_learn THREADS: waits for lines "WHAT PRESET D H W" on standard input and answers each with the seconds it took;
// tests/bench/learn.py asks it and PyTorch in turn, so that both meet the same moods of the machine. WHAT: "step" one
// training step, "tile" one predicted tile, "volume" a whole volume predicted from memory, "convolution" one large
// convolution (the machine's peak), "ranks1", "ranks2" … an epoch of training by so many ranks.
#include "base/allocator.h"
#include "learn/checkpoint.h"
#include "learn/devices.h"
#include "learn/folded_unet.h"
#include "learn/losses.h"
#include "learn/network.h"
#include "learn/predict.h"
#include "volume/volume.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>

using namespace interstice;

namespace {

struct Case {
    UNet network { nullptr };
    std::unique_ptr<Adam> adam;
    std::unique_ptr<FoldedUNet> folded;
};

Case& caseFor(const std::string& preset)
{
    static std::map<std::string, Case> cases;
    Case& entry = cases[preset];
    if (!entry.network) {
        entry.network = UNet(ArchitectureSpec::preset(preset));
        entry.network->initialise(1);
        entry.folded = std::make_unique<FoldedUNet>(*entry.network, torch::kCPU);
        toChannelsLast(*entry.network);
        entry.adam = std::make_unique<Adam>(*entry.network, 1e-4);
    }
    return entry;
}

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::shared_ptr<Volume> greys(const Shape& shape)
{
    auto volume = std::make_shared<Volume>(shape, Scalar::U8);
    std::uint32_t random = 7;
    for (auto& voxel : volume->as<std::uint8_t>()) {
        random = random * 1664525U + 1013904223U;
        voxel = static_cast<std::uint8_t>(random >> 24);
    }
    return volume;
}

struct TemporaryFile {
    std::filesystem::path path
        = std::filesystem::temp_directory_path() / ("bench_learn_" + std::to_string(::getpid()) + ".safetensors");
    ~TemporaryFile()
    {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        std::filesystem::remove(checkpointPath(path), ignored);
    }
};

double predictVolume(const std::string& preset, const Shape& shape)
{
    const TemporaryFile file;
    const TrainOptions options = TrainOptions::preset(preset);
    ModelCard card;
    card.architecture = options.architecture;
    card.split.volume = shape;
    card.split.block = { 10, 256, 256 };
    TrainingState state;
    state.best = tensorsOf(*caseFor(preset).network);
    writeModel(file.path, state, card);
    const auto raw = greys(shape);
    Volume mask(shape, Scalar::U8);
    Task task;
    const auto started = std::chrono::steady_clock::now();
    (void)predict(*raw, file.path, mask, nullptr, {}, task);
    return secondsSince(started);
}

double trainEpoch(const std::string& preset, int ranks, const Shape& shape)
{
    const TemporaryFile file;
    const auto raw = greys(shape);
    const auto truth = greys(shape);
    for (auto& voxel : truth->as<std::uint8_t>())
        voxel = voxel > 127 ? 1 : 0;
    TrainOptions options = TrainOptions::preset(preset);
    options.device = "cpu*" + std::to_string(ranks);
    options.split.tile = 64;
    options.split.trainFraction = 0.4;
    options.epochs = 2;
    options.minimumSteps = 8;
    Task task;
    return train(*raw, *truth, options, file.path, task).epochs.back().seconds; // the first epoch warms up
}

} // namespace

int main(int argc, char** argv)
{
    keepLargeBlocks();
    setLearnThreads(argc > 1 ? std::atoi(argv[1]) : 0);
    std::string what;
    std::string preset;
    std::int64_t d = 0;
    std::int64_t h = 0;
    std::int64_t w = 0;
    while (std::cin >> what >> preset >> d >> h >> w) {
        if (what == "volume" || what.starts_with("ranks")) {
            const Shape shape { d, h, w };
            std::printf("%.6f\n",
                what == "volume" ? predictVolume(preset, shape) : trainEpoch(preset, std::atoi(what.c_str() + 5), shape));
            std::fflush(stdout);
            continue;
        }
        if (what == "convolution") {
            const auto x = torch::rand({ 1, 64, d, h, w }).contiguous(torch::MemoryFormat::ChannelsLast3d);
            const auto k = torch::rand({ 64, 64, 3, 3, 3 }).contiguous(torch::MemoryFormat::ChannelsLast3d);
            c10::InferenceMode inference;
            const auto started = std::chrono::steady_clock::now();
            (void)at::conv3d(x, k, {}, 1, 1);
            std::printf("%.6f\n", secondsSince(started));
            std::fflush(stdout);
            continue;
        }
        Case& entry = caseFor(preset);
        const auto input = torch::rand({ 1, 1, d, h, w });
        const auto target = (input > 0.5).to(torch::kFloat32);
        const auto started = std::chrono::steady_clock::now();
        if (what == "step") {
            entry.network->train();
            entry.adam->zeroGradients();
            const auto loss
                = lossOf(entry.network(input.contiguous(torch::MemoryFormat::ChannelsLast3d)), target, Loss::Dice);
            loss.backward();
            entry.adam->step();
        } else {
            c10::InferenceMode inference;
            (void)torch::sigmoid(entry.folded->forward(input)).contiguous();
        }
        std::printf("%.6f\n", secondsSince(started));
        std::fflush(stdout);
    }
    return 0;
}
