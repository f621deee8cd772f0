// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace interstice {

/// Sets which vector instructions oneDNN, which computes the processor's convolutions, may use in this process: what
/// ONEDNN_MAX_CPU_ISA says when it is set; AVX-512 where the processor has it and its convolutions were seen to be right;
/// else AVX2. Once on an AMD EPYC with AVX-512 oneDNN 3.7.2 (Debian 13) gave gradients that were off by a fifth, on other
/// processors of that name it does not, so nothing but trying can tell. Building a network calls it; what it says stands
/// from the first convolution on, also for processes that are started later.
void chooseInstructions();

/// How AVX-512 is tried: by this program, which is given kConvolutionCheckArgument alone (learn/convolution_check.h). Until
/// this is called chooseInstructions keeps to AVX2.
void checkConvolutionsWith(const std::filesystem::path& program);
inline constexpr const char* kConvolutionCheckArgument = "--check-convolutions";

/// A processor and the libraries that compute on it.
struct Machine {
    /// Differs where another processor or version may compute otherwise.
    std::string description;
    bool avx512 = false; ///< all of it that oneDNN asks for
};
Machine thisMachine();

/// "AVX512_CORE" or "AVX2", as oneDNN names them. The verdict of `check` (true: convolutions are right; nothing: it could
/// not be found out) is kept in `folder` and asked for once a machine: results must not change from one run to the next,
/// so AVX-512 is not used where the verdict cannot be kept either.
std::string instructionsFor(
    const Machine& machine, const std::filesystem::path& folder, const std::function<std::optional<bool>()>& check);

} // namespace interstice
