// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources only.
#pragma once

#include "base/finding.h"
#include "base/task.h"
#include "learn/checkpoint.h"
#include "learn/layer_choice.h"
#include "learn/network_traits.h"
#include "learn/predict.h"
#include "learn/tile_network.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace interstice {

/// The network on tiles: averaged over flips when wanted, and in smaller pieces when memory runs out.
class TileRunner {
public:
    /// `throwIfEnded` is called between layers and may throw to abandon a tile.
    TileRunner(LoadedModel& model, const torch::Device& device, const PredictOptions& options, const LayerMode& mode,
        std::function<void()> throwIfEnded);

    /// Probabilities (n, C, D, H, W), contiguous and on the device, of grey values (n, D, H, W): of the foreground, or of
    /// each of more than two classes. Runs out of memory only when not even the smallest piece fits.
    torch::Tensor run(const torch::Tensor& tiles);
    const Findings& findings() const { return m_findings; }
    const LayerMode& mode() const { return m_mode; }
    const TileNetwork& network() const { return *m_network; }

private:
    torch::Tensor probabilities(const torch::Tensor& input);
    torch::Tensor logits(const torch::Tensor& input);
    /// Both halves with margins of the receptive field, each on the pooling lattice, and of each its own half: equal
    /// to the whole, because nothing further away reaches a voxel.
    torch::Tensor inHalves(const torch::Tensor& input);
    void noteShortage(const torch::Tensor& input);

    NetworkTraits m_traits;
    bool m_probabilities; ///< are what the network gives
    torch::Device m_device;
    PredictOptions m_options;
    std::function<void()> m_throwIfEnded;
    Findings m_findings;
    LayerMode m_mode;
    std::unique_ptr<TileNetwork> m_network;
    /// Inputs of more voxels have failed already.
    std::int64_t m_most = std::numeric_limits<std::int64_t>::max();
};

/// How layers shall compute such tiles, the same on all GPUs: on one of each kind the fastest way is found out, and bfloat16
/// is taken only where all of them may. Findings say what was wanted and cannot be.
LayerMode chooseTileMode(LoadedModel& model, const std::vector<std::string>& devices, const PredictOptions& options,
    const Shape& tile, std::int64_t count, Task& task, Findings& findings);

} // namespace interstice
