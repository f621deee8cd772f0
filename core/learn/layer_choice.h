// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace interstice {

/// In which numbers the layers of a network compute. Weights, statistics, losses and sums stay in float32.
enum class Precision { Auto, Float32, Bfloat16 };
/// "auto", "float32", "bfloat16"
const char* precisionName(Precision precision);
/// Also "f32" and "bf16". Throws Error.
Precision parsePrecision(const std::string& name);

/// How layers compute on a device.
struct LayerMode {
    bool bfloat16 = false;
    /// Channels are the innermost axis in memory, which most convolutions prefer.
    bool channelsLast = true;

    bool operator==(const LayerMode&) const = default;
};
/// "bfloat16, channels last"
std::string describe(const LayerMode& mode);

/// One way to compute, tried on a tile.
struct LayerTrial {
    LayerMode mode;
    double seconds = 0; ///< infinite when it failed
    /// ‖result − float32's‖ / ‖float32's‖ (of the gradient in training, of the logits in prediction).
    double difference = 0;
};

struct LayerChoice {
    LayerMode mode;
    std::string why; ///< a sentence for the log; empty when there was nothing to choose
    bool distrusted = false; ///< bfloat16 was wanted or possible and gave wrong results
};

/// Gradients of the study's network at its start in bfloat16 lie a quarter of their length from float32's (27 % on an
/// H200, more on small blocks); where a library computes wrongly (cuDNN 9.8 to 9.10 did, for 3-D convolutions in 16
/// bits) they have nothing to do with them and lie at least their length away.
inline constexpr double kGradientTolerance = 0.6;
inline constexpr double kLogitTolerance = 0.1;

/// The fastest way that gives float32's result within `tolerance`: of those in float32 when that is `wanted`, of those
/// in bfloat16 when that is wanted and can be trusted, else of all.
LayerChoice chooseLayers(const std::vector<LayerTrial>& trials, Precision wanted, double tolerance);

} // namespace interstice
