// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/network_traits.h"

#include "learn/instructions.h"

namespace interstice {

namespace {

/// Nobody can say what a TorchScript network keeps. A U-Net of 32 filters at full resolution keeps a concatenation of 96,
/// what it was made from, and an output of 32 in float32, and LibTorch's plain convolution copies of its input.
constexpr double kScriptBytesPerVoxel = 1500;

} // namespace

NetworkTraits traitsOf(const ModelCard& card)
{
    NetworkTraits traits;
    if (card.script) {
        const ScriptCard& script = *card.script;
        traits.lattice = script.lattice;
        traits.reach = script.reach;
        traits.patch = script.tile;
        traits.fixed = true;
        traits.outputs = script.outputs > 2 ? script.outputs : 1;
        traits.bytesPerVoxel = traits.exactBytesPerVoxel = kScriptBytesPerVoxel;
        traits.weightBytes = static_cast<double>(card.fileBytes);
        return traits;
    }
    const ArchitectureSpec& spec = card.architecture;
    traits.lattice = spec.lattice();
    if (spec.norm == ArchitectureSpec::Norm::Batch)
        traits.reach = spec.receptiveField();
    if (canFlow(spec))
        traits.flows = spec;
    traits.patch = card.split.patch();
    traits.outputs = spec.outputs();
    traits.bytesPerVoxel = spec.predictionBytesPerVoxel(true);
    traits.exactBytesPerVoxel = spec.predictionBytesPerVoxel(false);
    traits.channelsAtOnce = channelsAtOnce();
    traits.fillBytesPerVoxel = spec.fillBytesPerVoxel(traits.channelsAtOnce);
    traits.flopsPerVoxel = spec.flopsPerVoxel();
    traits.weightBytes = 4.0 * static_cast<double>(spec.parameters());
    return traits;
}

} // namespace interstice
