// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace interstice {

enum class LengthUnit { Voxel, Nanometre, Micrometre, Millimetre, Centimetre, Metre, Inch };

/// "nm", "um", "mm", "cm", "m", "inch", "vx": as written to files, JSON and CSV.
const char* unitName(LengthUnit unit);
/// "µm" instead of "um": as shown on screen.
const char* unitSymbol(LengthUnit unit);
/// Understands what TIFF writers use: um, µm (both micro signs, also as \u00B5m), micron, microns,
/// micrometer, nm, mm, cm, m, inch, in, pixel, px, vx. Nothing for anything else.
std::optional<LengthUnit> parseUnit(const std::string& text);
/// Micrometres in one unit; 0 for Voxel, which has no length.
double micrometresPer(LengthUnit unit);

struct Length {
    double value = 0;
    LengthUnit unit = LengthUnit::Micrometre;

    double micrometres() const { return value * micrometresPer(unit); }
};

/// "0.65um", "1.725 µm", "25mm"; throws Error when there is no number or no known unit.
Length parseLength(const std::string& text);
/// "38:45um": two numbers sharing a unit, or one number for both.
struct LengthRange {
    Length low;
    Length high;
};
LengthRange parseLengthRange(const std::string& text);
/// A length given in micrometres as people read it: "650 nm", "0.65 µm", "12.4 mm" (three digits).
std::string formatMicrometres(double micrometres);

} // namespace interstice
