// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/script_network.h"

#include "base/error.h"
#include "base/file.h"
#include "learn/instructions.h"
#include "learn/network.h"
#include "learn/torch_border.h"

#include <torch/csrc/jit/python/update_graph_executor_opt.h>
#include <torch/csrc/jit/serialization/import.h>

#include <new>

namespace interstice {

namespace {

/// The reason at the end of TorchScript's own stack trace.
std::string reasonIn(const std::string& text)
{
    for (const char* kind : { "RuntimeError: ", "Error: " }) {
        const auto at = text.rfind(kind);
        if (at != std::string::npos)
            return firstLine(text.substr(at + std::string(kind).size()));
    }
    return firstLine(text);
}

torch::jit::Module loaded(const std::filesystem::path& path, const torch::Device& device)
{
    chooseInstructions();
    try {
        torch::jit::Module module = torch::jit::load(path.string(), device);
        module.eval();
        return module;
    } catch (const std::exception& problem) {
        const std::string why = problem.what();
        if (saysShortage(why))
            throw std::bad_alloc();
        throw Error(utf8(path) + " cannot be loaded as a TorchScript model (" + reasonIn(why) + ")",
            "Save it with torch.jit.save from PyTorch 2.6 or earlier; files of torch.save hold weights alone.");
    }
}

/// The first tensor of what a network gives: many give several, for their training.
torch::Tensor firstTensor(const c10::IValue& value)
{
    if (value.isTensor())
        return value.toTensor();
    if (value.isTuple() && !value.toTupleRef().elements().empty())
        return firstTensor(value.toTupleRef().elements()[0]);
    if (value.isList() && !value.toListRef().empty())
        return firstTensor(value.toListRef().front());
    if (value.isGenericDict() && !value.toGenericDict().empty())
        return firstTensor(value.toGenericDict().begin()->value());
    return {};
}

constexpr const char* kHowToSay = "Say what it takes with --model-tile and --model-channels, or in a JSON file beside it.";

} // namespace

ScriptNetwork::ScriptNetwork(const std::filesystem::path& path, const ScriptCard& card, const torch::Device& device)
    : m_path(path)
    , m_channels(card.channels)
    , m_module(loaded(path, device))
{
}

torch::Tensor ScriptNetwork::forward(const torch::Tensor& x, const std::function<void()>& between) const
{
    if (between)
        between();
    const Shape size { x.size(2), x.size(3), x.size(4) };
    torch::Tensor result;
    // Specialising and fusing for the first sizes seen costs seconds and makes results depend on how often it ran. The
    // switch is each thread's own.
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    try {
        const auto input = x.expand({ x.size(0), m_channels, size.z, size.y, size.x }).contiguous();
        result = firstTensor(m_module.forward({ input }));
    } catch (const c10::OutOfMemoryError&) {
        throw;
    } catch (const std::exception& problem) { // TorchScript wraps what its operations throw
        const std::string why = problem.what();
        if (saysShortage(why))
            throw std::bad_alloc();
        throw Error(utf8(m_path) + " does not take a tile of " + describe(size) + " voxels and " + std::to_string(m_channels)
                + (m_channels == 1 ? " channel (" : " channels (") + reasonIn(why) + ")",
            kHowToSay);
    }
    if (!result.defined() || result.dim() != 5 || result.sizes().slice(2) != x.sizes().slice(2)
        || result.size(0) != x.size(0) || result.size(1) < 1 || !result.is_floating_point())
        throw Error(utf8(m_path) + " does not give one value or more for each voxel of a tile", kHowToSay);
    return result.to(torch::kFloat32);
}

int tryScript(const std::filesystem::path& path, const ScriptCard& card, const torch::Device& device)
{
    c10::InferenceMode inference;
    const ScriptNetwork network(path, card, device);
    const auto zeros = torch::zeros({ 1, 1, card.tile.z, card.tile.y, card.tile.x }).to(device);
    const auto outputs = static_cast<int>(network.forward(zeros).size(1));
    if (outputs > 254)
        throw Error(utf8(path) + " gives " + std::to_string(outputs) + " values for each voxel",
            "Use a model that tells at most 254 classes apart.");
    return outputs;
}

} // namespace interstice
