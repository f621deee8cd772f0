// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/json.h"
#include "base/task.h"
#include "volume/shape.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace interstice {

/// A sample with exact truth that a study asks for, by what a scan's record says of it.
struct PhantomRequest {
    /// "spheres", "shale" or "wood"
    std::string kind = "spheres";
    Shape shape { 96, 192, 192 };
    /// Edge of a cubic voxel, µm; the study's 0.65 µm binned by four unless stated.
    double voxelMicrometres = 2.6;
    /// Of the spheres, over the pillar's volume; spheres alone.
    double fraction = 0.2;
    /// From sample to detector: it decides how strong the fringes are.
    double distanceMillimetres = 60;
    int projections = 1500;
    double energyKiloelectronvolts = 27.4;
    std::uint64_t seed = 1;

    bool operator==(const PhantomRequest&) const = default;
};
Json toJson(const PhantomRequest& request);
/// Missing keys keep their defaults. Throws Error on a kind that does not exist.
PhantomRequest phantomRequestFromJson(const Json& json);

/// Label values of its truth that are foreground, like "1,2".
std::string phantomForeground(const PhantomRequest& request);
/// How its grey values come about, for reports.
std::string phantomNature(const PhantomRequest& request);
/// A sentence for each kind among several phantoms, with all fractions, energies and distances of that kind, and one on what
/// they have in common; empty without any.
std::string describePhantoms(const std::vector<PhantomRequest>& requests);

/// Writes raw.tif, truth.tif and objects.csv into the folder, which exists. The answer is what
/// reports say of it: label counts, fractions, findings. This is the only place where a study makes a phantom.
Json makePhantom(const PhantomRequest& request, const std::filesystem::path& folder, Task& task);
/// Seconds after timing a small part of the work on this machine.
Cost estimatePhantom(const PhantomRequest& request);

} // namespace interstice
