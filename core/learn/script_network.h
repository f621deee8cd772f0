// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "learn/script_card.h"
#include "learn/tile_network.h"

#include <torch/csrc/jit/api/module.h>

#include <filesystem>

namespace interstice {

/// A network from a TorchScript archive, whose code runs with the rights of this program. Its layers are its own: it is
/// asked about a stop before each tile, not between layers.
class ScriptNetwork : public TileNetwork {
public:
    /// Throws Error when the archive cannot be loaded.
    ScriptNetwork(const std::filesystem::path& path, const ScriptCard& card, const torch::Device& device);
    /// Throws Error when the network does not take such a tile or gives something else of it, std::bad_alloc when memory
    /// ran out.
    torch::Tensor forward(const torch::Tensor& x, const std::function<void()>& betweenStages = {}) const override;

private:
    std::filesystem::path m_path;
    int m_channels;
    mutable torch::jit::Module m_module;
};

/// Channels that the network gives of one tile of the card's size. Throws Error as `forward` does.
int tryScript(const std::filesystem::path& path, const ScriptCard& card, const torch::Device& device);

} // namespace interstice
