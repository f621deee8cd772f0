// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "volume/shape.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace interstice {

/// Random changes to training blocks, each of which can be switched on alone. Grey values are those the network sees,
/// most of them in 0…1. Strengths are those of nnU-Net (Isensee et al. 2021, supplement) where it has the same one,
/// made milder for stacks whose scale is known.
struct AugmentOptions {
    bool flips = false; ///< along z, y and x
    bool turns = false; ///< quarter turns in the plane, of square blocks
    bool rotate = false; ///< up to ±15° about z, ±5° about y and x
    bool scale = false; ///< 0.85 to 1.15 times the size
    bool elastic = false; ///< smooth shifts of up to 3 voxels
    bool brightness = false; ///< ±0.1 added
    bool contrast = false; ///< 0.75 to 1.25 times the distance from the mean
    bool gamma = false; ///< the power 0.7 to 1.5
    bool noise = false; ///< Gaussian, σ up to 0.1
    bool blur = false; ///< Gaussian, σ 0.5 to 1 voxels
    bool rings = false; ///< concentric in the plane about a centre outside or inside, up to ±0.1
    bool stripes = false; ///< straight, across the plane, up to ±0.1

    bool any() const;
    bool changesShape() const { return rotate || scale || elastic; }
    /// "none", "all", or names joined by commas ("flips,turns,noise"). Throws Error on any other name.
    static AugmentOptions parse(const std::string& text);
    static const std::vector<std::string>& names();
    bool operator==(const AugmentOptions&) const = default;
};
/// As parse reads it.
std::string describe(const AugmentOptions& options);
Json toJson(const AugmentOptions& options);
/// Also the true and false of earlier versions: flips and turns, or nothing.
AugmentOptions augmentOptionsFromJson(const Json& json);

/// A well-mixed generator for one draw identified by three numbers.
std::mt19937_64 generatorFor(std::uint64_t seed, std::uint64_t a, std::uint64_t b);

/// Changes a block of grey values and its targets (class, or below 0 for ignored) in place. The draw depends on
/// (seed, epoch, index) alone, and on each switch by itself: another one on or off leaves the rest as it was.
void augment(std::vector<float>& grey, std::vector<float>& target, const Shape& patch, const AugmentOptions& options,
    std::uint64_t seed, std::uint64_t epoch, std::uint64_t index);

/// Flips along z, y, x and quarter turns in the plane (only when y and x are equal): 16 symmetries,
/// picked by the low four bits of `which`; 0 changes nothing.
void turn(std::vector<float>& voxels, const Shape& patch, unsigned which);

} // namespace interstice
