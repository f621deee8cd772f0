// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "picture/colour_maps.h"
#include "picture/contrast.h"

#include <vector>

namespace interstice {

/// How the grey values along a line of sight become one pixel.
enum class Projection { Composite, Maximum, Minimum, Average };
enum class Lighting {
    Plain, ///< colours as they are
    Shaded, ///< lit from the camera, by the gradient of the grey value
    Scattering ///< shaded, and dimmed by what lies between; slow
};

struct OpacityPoint {
    double value = 0; ///< grey value
    double opacity = 0; ///< of a layer of 1/256 of the longest edge, 0…1
    bool operator==(const OpacityPoint&) const = default;
};

/// What grey values look like in 3-D.
struct TransferFunction {
    std::vector<OpacityPoint> opacity; ///< ascending; beyond the ends as at the ends
    ColourMap colours = ColourMap::Grey;
    bool inverted = false;
    GreyWindow window; ///< the grey values of the colour map's two ends
    Projection projection = Projection::Composite;
    Lighting lighting = Lighting::Shaded;

    /// Linear between points; 0 where there are none.
    double opacityAt(double value) const;
    bool operator==(const TransferFunction&) const = default;
};
Json toJson(const TransferFunction& function);
/// Throws Error on what is no transfer function.
TransferFunction transferFunctionFromJson(const Json& json);

enum class TransferPreset { Ct, PhaseRims, VoidsOnly, XRay, Maximum, Minimum, Average };
inline constexpr TransferPreset kTransferPresets[]
    = { TransferPreset::Ct, TransferPreset::PhaseRims, TransferPreset::VoidsOnly, TransferPreset::XRay,
          TransferPreset::Maximum, TransferPreset::Minimum, TransferPreset::Average };
/// "CT", "Phase rims", "Voids only", "X-ray", "Maximum", "Minimum", "Average"
const char* transferPresetName(TransferPreset preset);
/// Points at percentiles of the volume, so that a preset means the same in any grey scale.
TransferFunction makeTransferFunction(TransferPreset preset, const Histogram& histogram);

} // namespace interstice
