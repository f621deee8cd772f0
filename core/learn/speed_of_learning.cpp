// SPDX-License-Identifier: GPL-3.0-or-later
// How fast this machine trains and predicts, from a step or tile of random numbers.
#include "learn/devices.h"
#include "learn/folded_unet.h"
#include "learn/losses.h"
#include "learn/predict.h"
#include "learn/torch_border.h"
#include "learn/train.h"
#include "learn/training.h"

#include <algorithm>

namespace interstice {

namespace {

/// Seconds of a pass that nothing disturbed: the first also builds kernels, of the others the fastest counts.
template <class Pass> double secondsOf(Task& task, const Pass& pass)
{
    double seconds = 0;
    for (int i = 0; i < 6; ++i) {
        task.throwIfStopped();
        if (i > 1 && seconds > 1)
            break;
        const auto started = Clock::now();
        pass();
        const double taken = secondsSince(started);
        seconds = i <= 1 ? taken : std::min(seconds, taken);
    }
    return seconds;
}

Shape onLattice(const Shape& wanted, const Extent& lattice)
{
    const auto side = [](std::int64_t length, std::int64_t step) { return std::max(step, length / step * step); };
    return { side(wanted.z, lattice.z), side(wanted.y, lattice.y), side(wanted.x, lattice.x) };
}

} // namespace

double measureTrainingSpeed(const TrainOptions& options, Task& task)
{
    setLearnThreads(options.threads);
    return atTorchBorder("Measuring the speed of training", [&] {
        const torch::Device device(resolveDevice(parseDevices(options.device).front()));
        UNet network(options.architecture);
        network->initialise(1);
        toChannelsLast(*network);
        network->to(device);
        network->betweenStages = [&task] { task.throwIfStopped(); };
        Adam adam(*network, 1e-6);
        const std::int64_t tile = std::min<std::int64_t>(options.split.tile + 2 * options.split.context.x, 64);
        const Shape block = onLattice({ options.split.chunk, tile, tile }, options.architecture.lattice());
        const int batch = std::clamp(options.batch, 1, 4);
        const auto grey
            = inOrder(torch::rand({ batch, 1, block.z, block.y, block.x }).to(device), torch::MemoryFormat::ChannelsLast3d);
        const auto target = (grey > 0.5).to(torch::kFloat32);
        LossContext context;
        context.loss = options.loss;
        const double seconds = secondsOf(task, [&] {
            adam.zeroGradients();
            const auto loss = lossOfAll(network->allOutputs(grey), target, context);
            loss.backward();
            adam.step();
            (void)loss.item<double>();
        });
        return static_cast<double>(batch * block.voxels()) / seconds;
    });
}

double measurePredictionSpeed(const ArchitectureSpec& architecture, const PredictOptions& options, Task& task)
{
    setLearnThreads(options.threads);
    return atTorchBorder("Measuring the speed of prediction", [&] {
        const torch::Device device(resolveDevice(parseDevices(options.device).front()));
        const auto stop = [&task] { task.throwIfStopped(); };
        UNet network(architecture);
        network->initialise(1);
        network->eval();
        const FoldedUNet folded(*network, device);
        const Shape tile = onLattice({ 16, 128, 128 }, architecture.lattice());
        const c10::InferenceMode inference;
        const auto grey
            = inOrder(torch::rand({ 1, 1, tile.z, tile.y, tile.x }).to(device), torch::MemoryFormat::ChannelsLast3d);
        const double seconds = secondsOf(task, [&] { (void)folded.forward(grey, stop).sum().item<float>(); });
        return static_cast<double>(tile.voxels()) / seconds;
    });
}

} // namespace interstice
