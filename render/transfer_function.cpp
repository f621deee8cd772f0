// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/transfer_function.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr const char* kProjections[] = { "composite", "maximum", "minimum", "average" };
constexpr const char* kLightings[] = { "plain", "shaded", "scattering" };
constexpr ColourMap kMaps[] = { ColourMap::Viridis, ColourMap::Inferno, ColourMap::Cividis, ColourMap::Grey };

template <class E, std::size_t N> E indexOf(const std::string& name, const char* const (&names)[N])
{
    for (std::size_t i = 0; i < N; ++i)
        if (name == names[i])
            return static_cast<E>(i);
    throw Error("'" + name + "' is no word of a transfer function", "Choose a file that Interstice wrote.");
}

} // namespace

double TransferFunction::opacityAt(double value) const
{
    if (opacity.empty() || std::isnan(value))
        return 0;
    const auto above = std::upper_bound(
        opacity.begin(), opacity.end(), value, [](double v, const OpacityPoint& p) { return v < p.value; });
    if (above == opacity.begin())
        return above->opacity;
    const OpacityPoint& a = *std::prev(above);
    if (above == opacity.end() || !(above->value > a.value))
        return a.opacity;
    return a.opacity + (above->opacity - a.opacity) * (value - a.value) / (above->value - a.value);
}

Json toJson(const TransferFunction& function)
{
    Json points = Json::array();
    for (const auto& p : function.opacity)
        points.push_back({ p.value, p.opacity });
    return { { "opacity", points }, { "colours", colourMapName(function.colours) }, { "inverted", function.inverted },
        { "black", function.window.black }, { "white", function.window.white },
        { "projection", kProjections[static_cast<int>(function.projection)] },
        { "lighting", kLightings[static_cast<int>(function.lighting)] } };
}

TransferFunction transferFunctionFromJson(const Json& json)
try {
    TransferFunction function;
    for (const Json& p : json.at("opacity"))
        function.opacity.push_back({ p.at(0).get<double>(), std::clamp(p.at(1).get<double>(), 0.0, 1.0) });
    std::stable_sort(
        function.opacity.begin(), function.opacity.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    const auto name = json.at("colours").get<std::string>();
    const auto map = std::find_if(std::begin(kMaps), std::end(kMaps), [&](ColourMap m) { return name == colourMapName(m); });
    if (map == std::end(kMaps))
        throw Error("'" + name + "' is no colour map", "Choose a file that Interstice wrote.");
    function.colours = *map;
    function.inverted = json.value("inverted", false);
    function.window = { json.at("black").get<double>(), json.at("white").get<double>() };
    function.projection = indexOf<Projection>(json.value("projection", "composite"), kProjections);
    function.lighting = indexOf<Lighting>(json.value("lighting", "shaded"), kLightings);
    return function;
} catch (const nlohmann::json::exception& error) {
    throw Error(std::string("This is no transfer function: ") + error.what(), "Choose a file that Interstice wrote.");
}

const char* transferPresetName(TransferPreset preset)
{
    constexpr const char* names[] = { "CT", "Phase rims", "Voids only", "X-ray", "Maximum", "Minimum", "Average" };
    return names[static_cast<int>(preset)];
}

TransferFunction makeTransferFunction(TransferPreset preset, const Histogram& histogram)
{
    TransferFunction f;
    // A little wider than the automatic contrast, and never empty.
    const GreyWindow window = autoContrast(histogram);
    f.window = window;
    const auto at = [&](double percent) { return histogram.finite > 0 ? histogram.percentile(percent) : 0.0; };
    const double width = std::max(window.white - window.black, 1e-30);
    /// Points ascend strictly, also where many voxels share one value.
    const auto points = [&](std::vector<OpacityPoint> list) {
        for (std::size_t i = 1; i < list.size(); ++i)
            list[i].value = std::max(list[i].value, list[i - 1].value + width * 1e-4);
        f.opacity = std::move(list);
    };
    switch (preset) {
    case TransferPreset::Ct:
        points({ { at(60), 0 }, { at(92), 0.05 }, { at(99.5), 0.6 } });
        break;
    case TransferPreset::PhaseRims:
        points({ { at(95), 0 }, { at(98), 0.25 }, { at(99.9), 0.8 } });
        f.colours = ColourMap::Inferno;
        break;
    case TransferPreset::VoidsOnly:
        points({ { at(0.2), 0.5 }, { at(1.5), 0.15 }, { at(4), 0 } });
        f.colours = ColourMap::Viridis;
        f.window = { at(0.1), at(4) + width * 1e-3 };
        break;
    case TransferPreset::XRay:
        points({ { window.black, 0 }, { window.white, 0.03 } });
        f.lighting = Lighting::Plain;
        f.inverted = true;
        break;
    case TransferPreset::Maximum:
    case TransferPreset::Minimum:
    case TransferPreset::Average:
        points({ { window.black, 0 }, { window.white, 1 } });
        f.lighting = Lighting::Plain;
        f.projection = preset == TransferPreset::Maximum ? Projection::Maximum
            : preset == TransferPreset::Minimum          ? Projection::Minimum
                                                         : Projection::Average;
        break;
    }
    return f;
}

} // namespace interstice
