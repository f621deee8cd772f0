// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/layer_choice.h"

#include "base/error.h"

#include <cmath>
#include <cstdio>

namespace interstice {

const char* precisionName(Precision precision)
{
    switch (precision) {
    case Precision::Float32:
        return "float32";
    case Precision::Bfloat16:
        return "bfloat16";
    case Precision::Auto:
        break;
    }
    return "auto";
}

Precision parsePrecision(const std::string& name)
{
    if (name == "auto")
        return Precision::Auto;
    if (name == "float32" || name == "f32")
        return Precision::Float32;
    if (name == "bfloat16" || name == "bf16")
        return Precision::Bfloat16;
    throw Error("'" + name + "' is not a precision", "Choose auto, float32 or bfloat16.");
}

std::string describe(const LayerMode& mode)
{
    return std::string(mode.bfloat16 ? "bfloat16" : "float32") + ", channels " + (mode.channelsLast ? "last" : "first");
}

namespace {

std::string rounded(const char* format, double value)
{
    char text[32];
    (void)std::snprintf(text, sizeof text, format, value);
    return text;
}

const LayerTrial* fastest(const std::vector<LayerTrial>& trials, bool bfloat16, double tolerance)
{
    const LayerTrial* best = nullptr;
    for (const auto& trial : trials) {
        // Written so that a difference that is no number fails.
        const bool usable = trial.mode.bfloat16 == bfloat16 && std::isfinite(trial.seconds)
            && (!bfloat16 || trial.difference <= tolerance);
        if (usable && (!best || trial.seconds < best->seconds))
            best = &trial;
    }
    return best;
}

} // namespace

LayerChoice chooseLayers(const std::vector<LayerTrial>& trials, Precision wanted, double tolerance)
{
    const LayerTrial* full = fastest(trials, false, tolerance);
    const LayerTrial* half = wanted == Precision::Float32 ? nullptr : fastest(trials, true, tolerance);
    LayerChoice choice;
    if (half && (wanted == Precision::Bfloat16 || !full || half->seconds < full->seconds)) {
        choice.mode = half->mode;
        choice.why = "Layers compute in " + describe(half->mode)
            + (full ? ", " + rounded("%.1f", full->seconds / half->seconds) + " times as fast as float32" : std::string())
            + " (" + rounded("%.2g", 100 * half->difference) + " % from its result on a tile)";
        return choice;
    }
    if (full)
        choice.mode = full->mode;
    choice.why = "Layers compute in " + describe(choice.mode);
    if (half) {
        choice.why += "; bfloat16 is no faster on this device";
        return choice;
    }
    double difference = -1;
    bool tried = false;
    for (const auto& trial : trials) {
        if (trial.mode.bfloat16) {
            tried = true;
            difference = std::isfinite(trial.seconds) ? trial.difference : difference;
        }
    }
    if (tried && wanted != Precision::Float32) {
        choice.distrusted = true;
        choice.why += difference < 0 ? "; bfloat16 does not work on this device"
                                     : "; bfloat16 gave wrong results on a tile ("
                + (std::isfinite(difference) ? rounded("%.0f", 100 * difference) + " % from float32's" : "no numbers")
                + "), which some versions of cuDNN do";
    }
    return choice;
}

} // namespace interstice
