// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "base/task.h"
#include "volume/scan.h"

#include <cstdint>

namespace interstice {

/// −ln((projection − dark) / (white − dark)) of a scan, with the means of its fields; (angle, row, column), F32,
/// computed where it is read. Pixels without light are taken to let 1/10000 through, and pixels that see nothing in
/// the white field, or are not a number, to absorb nothing. Findings: "no-white-field" (note), "no-dark-field"
/// (note), "dead-pixels" (warning).
SourcePtr attenuationOf(const Scan& scan, Findings& findings);

/// Single-distance phase retrieval of Paganin et al. (J. Microsc. 206, 33, 2002), for one material or one material
/// in another of constant ratio.
struct PhaseRetrievalOptions {
    /// From the sample to the detector, mm; 0: none.
    double distanceMillimetres = 0;
    /// δ/β of the material, or Δδ/Δβ of the two whose borders are to be sharp. The default is borosilicate glass in
    /// polypropylene at 27.4 keV.
    double deltaOverBeta = 468;

    bool operator==(const PhaseRetrievalOptions&) const = default;
};

/// μT = −ln F⁻¹{ F{I/I₀} / (1 + π λ z (δ/β) f²) } of rows first … first + count of all projections, from their
/// attenuation: (angle, row, column), F32, in memory or on disk. Projections go on mirrored beyond their edges. Rows
/// next to those asked for are read as far as the filter reaches. Throws Error without a pixel size or energy.
SourcePtr retrievePhase(const Scan& scan, SourcePtr attenuation, const PhaseRetrievalOptions& options, std::int64_t first,
    std::int64_t count, std::uint64_t memory, Task& task);

/// λ = h c / E, in metres.
double wavelengthMetres(double kev);

} // namespace interstice
