// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/length.h"

#include "base/error.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <system_error>

namespace interstice {

namespace {

struct UnitRow {
    LengthUnit unit;
    const char* name;
    const char* symbol;
    double micrometres;
};

constexpr std::array<UnitRow, 7> kUnits = { { { LengthUnit::Voxel, "vx", "vx", 0 },
    { LengthUnit::Nanometre, "nm", "nm", 1e-3 }, { LengthUnit::Micrometre, "um", "\u00b5m", 1 },
    { LengthUnit::Millimetre, "mm", "mm", 1e3 }, { LengthUnit::Centimetre, "cm", "cm", 1e4 },
    { LengthUnit::Metre, "m", "m", 1e6 }, { LengthUnit::Inch, "inch", "inch", 25400 } } };

const UnitRow& row(LengthUnit unit)
{
    return kUnits[static_cast<std::size_t>(unit)];
}

std::string trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

} // namespace

const char* unitName(LengthUnit unit)
{
    return row(unit).name;
}

const char* unitSymbol(LengthUnit unit)
{
    return row(unit).symbol;
}

double micrometresPer(LengthUnit unit)
{
    return row(unit).micrometres;
}

std::optional<LengthUnit> parseUnit(const std::string& given)
{
    const std::string text = trimmed(given);
    static constexpr std::array<std::pair<const char*, LengthUnit>, 33> names = { { { "um", LengthUnit::Micrometre },
        { "\u00b5m", LengthUnit::Micrometre }, { "\u03bcm", LengthUnit::Micrometre }, { "\\u00B5m", LengthUnit::Micrometre },
        { "\\u00b5m", LengthUnit::Micrometre }, { "\\u03BCm", LengthUnit::Micrometre },
        { "\\u03bcm", LengthUnit::Micrometre }, { "\xb5m", LengthUnit::Micrometre }, { "micron", LengthUnit::Micrometre },
        { "microns", LengthUnit::Micrometre }, { "micrometer", LengthUnit::Micrometre },
        { "micrometers", LengthUnit::Micrometre }, { "micrometre", LengthUnit::Micrometre }, { "nm", LengthUnit::Nanometre },
        { "nanometer", LengthUnit::Nanometre }, { "nanometre", LengthUnit::Nanometre }, { "mm", LengthUnit::Millimetre },
        { "millimeter", LengthUnit::Millimetre }, { "millimetre", LengthUnit::Millimetre }, { "cm", LengthUnit::Centimetre },
        { "centimeter", LengthUnit::Centimetre }, { "centimetre", LengthUnit::Centimetre }, { "m", LengthUnit::Metre },
        { "meter", LengthUnit::Metre }, { "metre", LengthUnit::Metre }, { "inch", LengthUnit::Inch },
        { "in", LengthUnit::Inch }, { "inches", LengthUnit::Inch }, { "pixel", LengthUnit::Voxel },
        { "pixels", LengthUnit::Voxel }, { "px", LengthUnit::Voxel }, { "voxel", LengthUnit::Voxel },
        { "vx", LengthUnit::Voxel } } };
    for (const auto& [name, unit] : names) {
        if (text == name)
            return unit;
    }
    return std::nullopt;
}

namespace {

/// Reads a finite number at the start of text and leaves what follows it in rest.
bool takeNumber(const std::string& text, double& value, std::string& rest)
{
    // Not strtod, which reads a decimal comma where the desktop's language has one.
    const std::string given = trimmed(text);
    const char* first = given.c_str() + (given.starts_with('+') ? 1 : 0);
    const auto [end, problem] = std::from_chars(first, given.c_str() + given.size(), value);
    if (problem != std::errc() || !std::isfinite(value))
        return false;
    rest = trimmed(end);
    return true;
}

[[noreturn]] void refuse(const std::string& text)
{
    throw Error("'" + text + "' is not a length", "Write a number with its unit, like 0.65um, 25mm or 12vx.");
}

} // namespace

Length parseLength(const std::string& text)
{
    double value = 0;
    std::string rest;
    if (!takeNumber(text, value, rest))
        refuse(text);
    const auto unit = parseUnit(rest);
    if (!unit)
        refuse(text);
    return { value, *unit };
}

LengthRange parseLengthRange(const std::string& text)
{
    const auto colon = text.find(':');
    if (colon == std::string::npos) {
        const Length both = parseLength(text);
        return { both, both };
    }
    const Length high = parseLength(text.substr(colon + 1));
    double low = 0;
    std::string rest;
    if (!takeNumber(text.substr(0, colon), low, rest))
        refuse(text);
    const auto unit = rest.empty() ? std::optional(high.unit) : parseUnit(rest);
    if (!unit)
        refuse(text);
    return { { low, *unit }, high };
}

std::string formatMicrometres(double micrometres)
{
    const double size = std::abs(micrometres);
    double value = micrometres;
    const char* unit = "\u00b5m";
    if (size > 0 && size < 0.1) {
        value *= 1000;
        unit = "nm";
    } else if (size >= 1000) {
        value /= 1000;
        unit = "mm";
    }
    char text[48];
    std::snprintf(text, sizeof text, "%.3g %s", value, unit);
    return text;
}

} // namespace interstice
