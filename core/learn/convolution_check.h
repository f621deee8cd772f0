// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/architecture.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace interstice {

/// (x, weight, bias, padding): `convolve` of learn/network.h.
using Convolution = std::function<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const Extent&)>;

/// Compares this processor's convolutions in float32, forwards and backwards, with LibTorch's plain ones in double
/// precision: those of the presets but for the widest, and some whose channels fill no vector, in both orders of axes, and
/// the gradients of two whole networks. A sentence for each that differs by more than rounding. Takes a few seconds; uses
/// the instructions that ONEDNN_MAX_CPU_ISA allows.
std::vector<std::string> wrongConvolutions();
/// The single ones alone, computed by this function.
std::vector<std::string> wrongConvolutions(const Convolution& convolution);

/// For the start of main. Where the check is all that is asked for (kConvolutionCheckArgument) it is done, with AVX-512
/// unless ONEDNN_MAX_CPU_ISA says otherwise, and printed, and this is the status to end with: 0 when all is right, 1 when
/// not, 2 when it could not be found out. Else nothing, and chooseInstructions may ask this program.
std::optional<int> answerConvolutionCheck(int argc, char** argv);

} // namespace interstice
