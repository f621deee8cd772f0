// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
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
/// As oneDNN names them; empty before they are chosen.
std::string chosenInstructions();

/// How many channels a convolution's kernel computes at once: 16 with AVX-512, also as long as it may yet be chosen, else 8.
std::int64_t channelsAtOnce();

/// Lets chooseInstructions take AVX-512: by a verdict that is there already at once, else by a check when it comes to that,
/// for which this program is run with kConvolutionCheckArgument alone (learn/convolution_check.h). For the start of main;
/// programs that do not call it keep to AVX2.
void allowAvx512();
inline constexpr const char* kConvolutionCheckArgument = "--check-convolutions";
inline constexpr const char* kInstructionsVariable = "ONEDNN_MAX_CPU_ISA";
inline constexpr const char* kAvx512 = "AVX512_CORE";
inline constexpr const char* kAvx2 = "AVX2";

/// A processor and the libraries that compute on it.
struct Machine {
    /// Differs where another processor or version may compute otherwise.
    std::string description;
    bool avx512 = false; ///< all of it that oneDNN asks for
};
Machine thisMachine();

/// kAvx512 or kAvx2. The verdict of `check` (true: convolutions are right; nothing: it could not be found out) is kept in
/// `folder` and asked for once a machine, by one process at a time: results must not change from one run to the next, so
/// where nothing can be kept AVX-512 is neither tried nor used.
std::string instructionsFor(
    const Machine& machine, const std::filesystem::path& folder, const std::function<std::optional<bool>()>& check);
/// What is kept already; nothing where a check is needed.
std::optional<std::string> keptInstructionsFor(const Machine& machine, const std::filesystem::path& folder);

/// The verdict of a check that ended with this status (runChild): a crash is wrong too.
std::optional<bool> verdictOf(std::optional<int> status);

} // namespace interstice
