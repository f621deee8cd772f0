// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/layer_trials.h"

#include "base/log.h"
#include "learn/folded_unet.h"
#include "learn/losses.h"

#include <ATen/autocast_mode.h>

#include <chrono>
#include <functional>
#include <limits>

namespace interstice {

LayerPrecision::LayerPrecision(const torch::Device& device, bool bfloat16)
    : m_on(bfloat16)
    , m_type(device.type())
{
    if (!m_on)
        return;
    m_wasOn = at::autocast::is_autocast_enabled(m_type);
    m_before = at::autocast::get_autocast_dtype(m_type);
    at::autocast::set_autocast_enabled(m_type, true);
    at::autocast::set_autocast_dtype(m_type, at::kBFloat16);
}

LayerPrecision::~LayerPrecision()
{
    if (!m_on)
        return;
    at::autocast::clear_cache(); // of weights in bfloat16, which the next step changes
    at::autocast::set_autocast_dtype(m_type, m_before);
    at::autocast::set_autocast_enabled(m_type, m_wasOn);
}

void tuneGpu(bool exact)
{
    at::globalContext().setBenchmarkCuDNN(!exact);
    at::globalContext().setAllowTF32CuDNN(!exact);
}

namespace {

constexpr int kTimedRuns = 3;

/// Float32 comes first: it is what the others are held against.
std::vector<LayerMode> modesFor(Precision wanted, bool bothOrders)
{
    std::vector<LayerMode> modes;
    for (const bool bfloat16 : { false, true }) {
        if (bfloat16 && wanted == Precision::Float32)
            continue;
        modes.push_back({ bfloat16, true });
        if (bothOrders)
            modes.push_back({ bfloat16, false });
    }
    return modes;
}

/// Runs every way; the first gives the result that the others are compared with.
std::vector<LayerTrial> tryAll(const std::vector<LayerMode>& modes, const torch::Device& device, Task& task,
    const std::function<std::function<torch::Tensor()>(const LayerMode&)>& prepare)
{
    std::vector<LayerTrial> trials;
    torch::Tensor expected;
    for (const LayerMode& mode : modes) {
        LayerTrial trial { mode, std::numeric_limits<double>::infinity(), 0 };
        try {
            const auto run = prepare(mode);
            const torch::Tensor result = run().to(torch::kFloat64); // also the warm-up
            if (expected.defined())
                trial.difference = ((result - expected).norm() / expected.norm()).item<double>();
            else if (mode.bfloat16) // nothing to hold it against
                trial.difference = std::numeric_limits<double>::quiet_NaN();
            else
                expected = result;
            for (int i = 0; i < kTimedRuns; ++i) {
                task.throwIfStopped();
                const auto started = std::chrono::steady_clock::now();
                (void)run();
                if (device.is_cuda())
                    torch::cuda::synchronize(device.index());
                trial.seconds = std::min(
                    trial.seconds, std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
            }
        } catch (const c10::Error& problem) {
            // Some combinations do not exist on some devices; memory may do for one and not for another.
            logInfo("Layers cannot compute in " + describe(mode) + ": " + problem.what_without_backtrace());
        }
        trials.push_back(trial);
    }
    return trials;
}

torch::Tensor randomGrey(const Shape& shape, std::int64_t count)
{
    auto generator = at::detail::createCPUGenerator(1);
    return torch::rand({ count, 1, shape.z, shape.y, shape.x }, generator);
}

std::vector<LayerTrial> trySamples(const ArchitectureSpec& spec, const torch::Device& device, const Shape& patch,
    std::int64_t samples, Precision wanted, Task& task, bool bothOrders)
{
    const auto grey = randomGrey(patch, samples);
    const auto target = (grey > 0.5).to(torch::kFloat32).to(device);
    return tryAll(modesFor(wanted, bothOrders), device, task, [&](const LayerMode& mode) -> std::function<torch::Tensor()> {
        auto network = std::make_shared<UNetImpl>(spec);
        network->initialise(1);
        if (mode.channelsLast)
            toChannelsLast(*network);
        network->to(device);
        const auto input = inOrder(grey.to(device), orderOf(mode));
        return [=, &device] {
            torch::Tensor loss;
            {
                const LayerPrecision precision(device, mode.bfloat16);
                LossContext context;
                context.loss = Loss::DiceBce; // a gradient at every voxel
                loss = lossOfAll(network->allOutputs(input), target, context);
            }
            network->zero_grad();
            loss.backward();
            std::vector<torch::Tensor> gradients;
            for (const auto& parameter : network->parameters())
                gradients.push_back(parameter.grad().flatten());
            return torch::cat(gradients);
        };
    });
}

} // namespace

std::vector<LayerTrial> tryTraining(const ArchitectureSpec& spec, const torch::Device& device, const Shape& patch,
    std::int64_t samples, Precision wanted, Task& task, bool bothOrders)
{
    for (; samples > 1; samples = (samples + 1) / 2) {
        // What does not fit in float32 may fit in bfloat16, but could not be judged.
        auto trials = trySamples(spec, device, patch, samples, wanted, task, bothOrders);
        if (std::isfinite(trials.front().seconds))
            return trials;
    }
    return trySamples(spec, device, patch, samples, wanted, task, bothOrders);
}

std::vector<LayerTrial> tryPrediction(UNetImpl& network, const torch::Device& device, const Shape& tile, std::int64_t count,
    Precision wanted, Task& task, bool bothOrders)
{
    const auto grey = randomGrey(tile, count);
    return tryAll(modesFor(wanted, bothOrders), device, task, [&](const LayerMode& mode) -> std::function<torch::Tensor()> {
        const auto folded = std::make_shared<FoldedUNet>(network, device, orderOf(mode), mode.bfloat16);
        const auto input = grey.to(device);
        return [=] {
            c10::InferenceMode inference;
            return folded->forward(input);
        };
    });
}

} // namespace interstice
