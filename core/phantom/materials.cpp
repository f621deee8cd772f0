// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/materials.h"

#include "base/error.h"
#include "reconstruct/attenuation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace interstice {

namespace {

constexpr std::array kEnergies
    = { 8.0, 10.0, 12.0, 15.0, 18.0, 20.0, 22.0, 25.0, 27.4, 30.0, 35.0, 40.0, 50.0, 60.0, 80.0, 100.0 };
using Values = std::array<double, kEnergies.size()>;

struct Entry {
    const char* name;
    const char* description;
    Values delta;
    Values beta;
};

/// In the order of Material, without air.
const std::array<Entry, 8> kTable = { {
    { "polypropylene", "Polypropylene, 0.90 g/cm³",
        { 3.3363e-06, 2.1335e-06, 1.4808e-06, 9.4732e-07, 6.577e-07, 5.3268e-07, 4.4019e-07, 3.4085e-07, 2.8374e-07,
            2.3668e-07, 1.7388e-07, 1.3312e-07, 8.5191e-08, 5.9159e-08, 3.3276e-08, 2.1296e-08 },
        { 4.4118e-09, 1.8535e-09, 9.4412e-10, 4.4132e-10, 2.5458e-10, 1.9161e-10, 1.5143e-10, 1.1392e-10, 9.4758e-11,
            8.0116e-11, 6.1864e-11, 5.0502e-11, 3.7014e-11, 2.9152e-11, 2.0233e-11, 1.5266e-11 } },
    { "borosilicate glass", "Borosilicate (Pyrex) glass, 2.23 g/cm³",
        { 7.2706e-06, 4.6394e-06, 3.2154e-06, 2.0539e-06, 1.4246e-06, 1.1532e-06, 9.5266e-07, 7.3736e-07, 6.1366e-07,
            5.1176e-07, 3.7585e-07, 2.8768e-07, 1.8406e-07, 1.2779e-07, 7.1869e-08, 4.5992e-08 },
        { 8.9923e-08, 3.7511e-08, 1.8332e-08, 7.652e-09, 3.7767e-09, 2.527e-09, 1.7672e-09, 1.1067e-09, 7.9953e-10,
            5.8585e-10, 3.5544e-10, 2.3872e-10, 1.3299e-10, 8.864e-11, 5.198e-11, 3.6467e-11 } },
    { "water", "H2O, 1.00 g/cm³",
        { 3.6187e-06, 2.3121e-06, 1.604e-06, 1.0256e-06, 7.1185e-07, 5.7645e-07, 4.7632e-07, 3.6879e-07, 3.0697e-07,
            2.5604e-07, 1.8809e-07, 1.4399e-07, 9.2142e-08, 6.3983e-08, 3.5988e-08, 2.3032e-08 },
        { 1.279e-08, 5.2575e-09, 2.5701e-09, 1.0999e-09, 5.7092e-10, 3.9945e-10, 2.9405e-10, 2.0057e-10, 1.5576e-10,
            1.2352e-10, 8.6678e-11, 6.6177e-11, 4.4786e-11, 3.3858e-11, 2.2654e-11, 1.6847e-11 } },
    { "quartz", "SiO2, 2.65 g/cm³",
        { 8.6864e-06, 5.5417e-06, 3.8402e-06, 2.4526e-06, 1.701e-06, 1.3769e-06, 1.1374e-06, 8.8031e-07, 7.326e-07,
            6.1094e-07, 4.4867e-07, 3.4341e-07, 2.1971e-07, 1.5254e-07, 8.5786e-08, 5.4897e-08 },
        { 1.1907e-07, 4.9697e-08, 2.4286e-08, 1.0126e-08, 4.9868e-09, 3.3301e-09, 2.3234e-09, 1.4489e-09, 1.0428e-09,
            7.6063e-10, 4.5719e-10, 3.0416e-10, 1.6658e-10, 1.0958e-10, 6.3251e-11, 4.4033e-11 } },
    { "illite", "KAl3Si3O12H2, 2.75 g/cm³",
        { 8.9772e-06, 5.7288e-06, 3.9701e-06, 2.5355e-06, 1.7583e-06, 1.4233e-06, 1.1756e-06, 9.0987e-07, 7.5717e-07,
            6.3141e-07, 4.6368e-07, 3.5489e-07, 2.2704e-07, 1.5763e-07, 8.8642e-08, 5.6724e-08 },
        { 1.4901e-07, 6.2749e-08, 3.0845e-08, 1.2926e-08, 6.3757e-09, 4.254e-09, 2.9615e-09, 1.8369e-09, 1.3143e-09,
            9.5154e-10, 5.6237e-10, 3.6722e-10, 1.9387e-10, 1.2373e-10, 6.8687e-11, 4.687e-11 } },
    { "kerogen", "C100H120O8N2S, 1.30 g/cm³",
        { 4.5606e-06, 2.9156e-06, 2.0233e-06, 1.2942e-06, 8.984e-07, 7.2759e-07, 6.0124e-07, 4.6554e-07, 3.8752e-07,
            3.2324e-07, 2.3746e-07, 1.8179e-07, 1.1634e-07, 8.0787e-08, 4.5441e-08, 2.9081e-08 },
        { 1.0913e-08, 4.5649e-09, 2.2774e-09, 1.009e-09, 5.4368e-10, 3.9017e-10, 2.9448e-10, 2.0806e-10, 1.6573e-10,
            1.3466e-10, 9.8098e-11, 7.6952e-11, 5.3836e-11, 4.1413e-11, 2.8153e-11, 2.1069e-11 } },
    { "pyrite", "FeS2, 5.01 g/cm³",
        { 1.5576e-05, 1.0144e-05, 7.0659e-06, 4.5205e-06, 3.1344e-06, 2.5361e-06, 2.0939e-06, 1.6194e-06, 1.347e-06,
            1.1227e-06, 8.2379e-07, 6.3012e-07, 4.0276e-07, 2.7947e-07, 1.5705e-07, 1.0046e-07 },
        { 1.1915e-06, 5.2519e-07, 2.6601e-07, 1.1487e-07, 5.7448e-08, 3.841e-08, 2.6667e-08, 1.6339e-08, 1.1501e-08,
            8.1328e-09, 4.5257e-09, 2.7395e-09, 1.2098e-09, 6.4053e-10, 2.566e-10, 1.3891e-10 } },
    { "cellulose", "C6H10O5, 1.50 g/cm³",
        { 5.1831e-06, 3.3124e-06, 2.2983e-06, 1.4698e-06, 1.0202e-06, 8.262e-07, 6.827e-07, 5.286e-07, 4.4001e-07,
            3.6701e-07, 2.6961e-07, 2.064e-07, 1.3208e-07, 9.1721e-08, 5.159e-08, 3.3017e-08 },
        { 1.4422e-08, 5.9424e-09, 2.9235e-09, 1.2707e-09, 6.732e-10, 4.7825e-10, 3.5764e-10, 2.4966e-10, 1.9727e-10,
            1.5911e-10, 1.1467e-10, 8.9292e-11, 6.1933e-11, 4.7435e-11, 3.2116e-11, 2.3995e-11 } },
} };

const Entry& entryOf(Material material)
{
    return kTable[static_cast<std::size_t>(material) - 1];
}

} // namespace

RefractiveIndex refractiveIndex(Material material, double kev)
{
    if (!(kev >= kLowestKev && kev <= kHighestKev)) {
        char text[64];
        std::snprintf(text, sizeof text, "%g keV", kev);
        throw Error(std::string("The refractive indices are known from 8 to 100 keV, not at ") + text,
            "Choose an energy in between, like 27.4keV.");
    }
    if (material == Material::Air)
        return {};
    const Entry& entry = entryOf(material);
    const auto above = std::upper_bound(kEnergies.begin() + 1, kEnergies.end() - 1, kev);
    const auto i = static_cast<std::size_t>(above - kEnergies.begin());
    const double t = std::log(kev / kEnergies[i - 1]) / std::log(kEnergies[i] / kEnergies[i - 1]);
    const auto between = [&](const Values& values) { return values[i - 1] * std::pow(values[i] / values[i - 1], t); };
    return { between(entry.delta), between(entry.beta) };
}

const char* materialName(Material material)
{
    return material == Material::Air ? "air" : entryOf(material).name;
}

const char* describe(Material material)
{
    return material == Material::Air ? "Air, taken as vacuum" : entryOf(material).description;
}

double attenuationPerCm(const RefractiveIndex& index, double kev)
{
    return 4 * std::numbers::pi * index.beta / wavelengthMetres(kev) * 1e-2;
}

} // namespace interstice
