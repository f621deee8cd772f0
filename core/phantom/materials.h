// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace interstice {

/// What a phantom can be made of. Air is taken as vacuum: its δ at 27.4 keV is 3·10⁻¹⁰, a thousandth of a polymer's.
enum class Material { Air, Polypropylene, BorosilicateGlass, Water, Quartz, Illite, Kerogen, Pyrite, Cellulose };

/// The refractive index n = 1 − δ + iβ.
struct RefractiveIndex {
    double delta = 0;
    double beta = 0;
};

/// Energies that the table covers.
inline constexpr double kLowestKev = 8;
inline constexpr double kHighestKev = 100;

/// Interpolated in log E and log δ, log β between tabulated energies (27.4 keV is one). Source: xraylib 4.0
/// (Schoonjans et al., Spectrochim. Acta B 66, 776, 2011), with the composition and density that `describe` names;
/// tests/core/phantom/reference_materials.py prints the table. Throws Error outside of 8 to 100 keV.
RefractiveIndex refractiveIndex(Material material, double kev);

/// "polypropylene"
const char* materialName(Material material);
/// "Polypropylene, 0.90 g/cm³"
const char* describe(Material material);

/// Linear attenuation 4πβ/λ in 1/cm.
double attenuationPerCm(const RefractiveIndex& index, double kev);

} // namespace interstice
