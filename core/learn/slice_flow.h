// SPDX-License-Identifier: GPL-3.0-or-later
// Includes LibTorch: for learn's own sources and its tests only.
#pragma once

#include "learn/folded_unet.h"

#include <deque>
#include <functional>
#include <vector>

namespace interstice {

/// A network on a volume whose slices come one after the other: each convolution keeps the two slices that its kernel still
/// needs, each skip connection those that the levels below have not come to yet. Nothing is computed twice, and a plane has
/// no borders but the volume's own. Equal to the network on the whole volume. For networks that do not pool along z and
/// have batch normalisation (canFlow). What it holds: flowBytesPerVoxel in learn/flow_plan.h.
class SliceFlow {
public:
    /// `network` must outlive it.
    explicit SliceFlow(const FoldedUNet& network);

    /// The next slices, (1, 1, n, H, W) on the network's device, H and W multiples of its lattice. Returns the logits
    /// (1, C, k, H, W) of the slices that what comes after cannot change; undefined while there are none.
    /// `between` is called before each layer and may throw; the flow is then of no use any more.
    torch::Tensor push(const torch::Tensor& slices, const std::function<void()>& between = {});
    /// After the last slices, until it says that all is done: a part of the rest, or undefined.
    torch::Tensor finish(const std::function<void()>& between = {});
    bool finished() const { return m_ending == m_convolutions; }

private:
    struct Convolution {
        const FoldedUNet::Layer* layer;
        int number; ///< from the volume on
        bool begun = false;
        torch::Tensor kept {}; ///< the last two slices of its input
    };
    /// Slices that somebody will want, each for itself.
    class Waiting {
    public:
        void add(const torch::Tensor& slices);
        torch::Tensor take(std::int64_t count);

    private:
        std::deque<torch::Tensor> m_slices;
    };
    struct Pair {
        const FoldedUNet::Stage* stage;
        Convolution first;
        Convolution second;
        Waiting input {}; ///< for the shortcut
    };
    Pair pairOf(const FoldedUNet::Stage& stage);
    torch::Tensor flow(torch::Tensor x, const std::function<void()>& between);
    torch::Tensor through(Pair& pair, torch::Tensor x, const std::function<void()>& between);
    torch::Tensor convolved(Convolution& convolution, torch::Tensor x) const;

    const FoldedUNet& m_network;
    int m_convolutions = 0;
    int m_ending = 0; ///< how many convolutions have been told that nothing more comes
    std::vector<Pair> m_encoder;
    std::vector<Pair> m_bridge;
    std::vector<Pair> m_decoder;
    std::vector<Waiting> m_skips;
};

} // namespace interstice
