// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/tile_runner.h"

#include "base/error.h"
#include "base/log.h"
#include "learn/devices.h"
#include "learn/folded_unet.h"
#include "learn/layer_trials.h"
#include "learn/script_network.h"
#include "learn/torch_border.h"

#include <optional>
#include <set>

namespace interstice {

namespace {

std::unique_ptr<TileNetwork> networkOn(LoadedModel& model, const torch::Device& device, const LayerMode& mode)
{
    if (model.card.script)
        return std::make_unique<ScriptNetwork>(model.file, *model.card.script, device);
    return std::make_unique<FoldedUNet>(*model.network, device, orderOf(mode), mode.bfloat16);
}

} // namespace

TileRunner::TileRunner(LoadedModel& model, const torch::Device& device, const PredictOptions& options, const LayerMode& mode,
    std::function<void()> throwIfEnded)
    : m_traits(traitsOf(model.card))
    , m_probabilities(model.card.script && model.card.script->probabilities)
    , m_device(device)
    , m_options(options)
    , m_throwIfEnded(std::move(throwIfEnded))
    , m_mode(mode)
    , m_network(networkOn(model, device, mode))
{
}

LayerMode chooseTileMode(LoadedModel& model, const std::vector<std::string>& devices, const PredictOptions& options,
    const Shape& tile, std::int64_t count, Task& task, Findings& findings)
{
    const bool exact = options.mode == PredictOptions::Mode::Exact;
    tuneGpu(exact);
    if (exact || model.card.script) // the same additions for every size of tile, or an order that is not ours
        return { false, false };
    if (options.precision == Precision::Float32)
        return {};
    std::optional<LayerMode> common;
    std::set<std::string> tried; // cards of one kind need one trial
    for (const std::string& name : devices) {
        const torch::Device device(name);
        if (device.is_cpu())
            continue;
        const std::string kind = deviceNamed(name).name;
        if (!kind.empty() && !tried.insert(kind).second)
            continue;
        const c10::DeviceGuard guard(device);
        const auto trials = tryPrediction(*model.network, device, tile, count, options.precision, task);
        const LayerChoice choice = chooseLayers(trials, options.precision, kLogitTolerance);
        logInfo(choice.why + '.');
        if (choice.distrusted)
            findings.push_back({ Finding::Severity::Warning, "no-bfloat16", choice.why + '.' });
        if (!common || (common->bfloat16 && !choice.mode.bfloat16))
            common = choice.mode;
    }
    if (!common && options.precision == Precision::Bfloat16)
        findings.push_back({ Finding::Severity::Note, "no-bfloat16",
            "bfloat16 is many times slower than float32 on this processor, so float32 was used." });
    return common.value_or(LayerMode());
}

void TileRunner::noteShortage(const torch::Tensor& input)
{
    m_most = std::min(m_most, input.numel() - 1);
    const Shape size { input.size(2), input.size(3), input.size(4) };
    const std::string what
        = input.size(0) > 1 ? std::to_string(input.size(0)) + " tiles at once" : "a tile of " + describe(size);
    m_findings.push_back({ Finding::Severity::Note, "smaller-pieces",
        "Memory ran out with " + what + "; went on with half of it. The result is the same." });
    logWarning(m_findings.back().text);
}

torch::Tensor TileRunner::logits(const torch::Tensor& input)
{
    if (input.numel() > m_most)
        return inHalves(input);
    try {
        if (m_options.beforeTiles)
            m_options.beforeTiles({ input.size(2), input.size(3), input.size(4) }, input.size(0));
        return m_network->forward(input.to(m_device), m_throwIfEnded);
    } catch (const std::exception& problem) {
        if (!isShortage(problem))
            throw;
        noteShortage(input);
    }
    // Outside the handler, so that what the failed pass held is free again.
    return inHalves(input);
}

torch::Tensor TileRunner::inHalves(const torch::Tensor& input)
{
    if (const auto count = input.size(0); count > 1)
        return torch::cat({ logits(input.slice(0, 0, count / 2)), logits(input.slice(0, count / 2)) });
    const Extent reach = m_traits.reach.value_or(Extent { 0, 0, 0 });
    const Extent lattice = m_traits.lattice;
    const std::array<std::int64_t, 3> steps = { lattice.z, lattice.y, lattice.x };
    const std::array<std::int64_t, 3> margins
        = { roundUp(reach.z, lattice.z), roundUp(reach.y, lattice.y), roundUp(reach.x, lattice.x) };
    std::int64_t axis = -1;
    double least = 1;
    for (std::size_t i = 0; i < 3 && m_traits.reach; ++i) {
        const std::int64_t length = input.size(static_cast<std::int64_t>(i) + 2);
        // Where pooling leaves a remainder, up-sampling depends on the whole length.
        const auto half = static_cast<double>(roundUp(length / 2, steps[i]) + margins[i]) / static_cast<double>(length);
        if (length % steps[i] == 0 && half < least) {
            least = half;
            axis = static_cast<std::int64_t>(i) + 2;
        }
    }
    if (axis < 0)
        throw Error("Prediction ran out of memory, and the tile cannot be made smaller",
            "Close other programs, choose another device, or train with smaller tiles.");
    const auto i = static_cast<std::size_t>(axis - 2);
    const std::int64_t length = input.size(axis);
    const std::int64_t middle = roundUp(length / 2, steps[i]);
    const std::int64_t start = std::max<std::int64_t>(0, middle - margins[i]);
    const auto first = logits(input.slice(axis, 0, middle + margins[i]).contiguous()).slice(axis, 0, middle).contiguous();
    const auto second = logits(input.slice(axis, start).contiguous()).slice(axis, middle - start);
    return torch::cat({ first, second }, axis);
}

torch::Tensor TileRunner::probabilities(const torch::Tensor& input)
{
    const auto values = logits(input).to(torch::kFloat32);
    if (values.size(1) == 2) // of a TorchScript model: the foreground's alone, as our own networks give it
        return (m_probabilities ? values : torch::softmax(values, 1)).slice(1, 1);
    if (m_probabilities)
        return values;
    return probabilitiesOf(values);
}

torch::Tensor TileRunner::run(const torch::Tensor& tiles)
{
    c10::InferenceMode inference;
    const auto input = tiles.unsqueeze(1);
    if (!m_options.flips)
        return probabilities(input).contiguous();
    torch::Tensor sum;
    for (unsigned which = 0; which < 8; ++which) {
        std::vector<std::int64_t> axes;
        for (std::int64_t axis = 0; axis < 3; ++axis) {
            if (which >> axis & 1U)
                axes.push_back(axis + 2);
        }
        const auto one = probabilities(input.flip(axes)).flip(axes);
        sum = sum.defined() ? sum + one : one;
    }
    return (sum / 8).contiguous();
}

} // namespace interstice
