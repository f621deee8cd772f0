// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/voxel_size.h"

#include "base/error.h"

#include <array>
#include <cstdio>
#include <sstream>
#include <vector>

namespace interstice {

namespace {

struct OriginRow {
    SizeOrigin origin;
    const char* name;
    const char* phrase;
};

constexpr std::array<OriginRow, 6> kOrigins = { { { SizeOrigin::User, "user", "entered by hand" },
    { SizeOrigin::Ome, "ome", "from the OME header" }, { SizeOrigin::ImageJ, "imagej", "from the ImageJ header" },
    { SizeOrigin::ResolutionTag, "resolution-tag", "from the resolution tags" },
    { SizeOrigin::SideCar, "side-car", "from the side-car file" }, { SizeOrigin::Unknown, "unknown", "not stated" } } };

std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

} // namespace

const char* originName(SizeOrigin origin)
{
    return kOrigins[static_cast<std::size_t>(origin)].name;
}

const char* originPhrase(SizeOrigin origin)
{
    return kOrigins[static_cast<std::size_t>(origin)].phrase;
}

SizeOrigin parseOrigin(const std::string& name)
{
    for (const auto& row : kOrigins) {
        if (name == row.name)
            return row.origin;
    }
    return SizeOrigin::Unknown;
}

VoxelSize VoxelSize::inMicrometres() const
{
    const double factor = micrometresPer(unit);
    return { z * factor, y * factor, x * factor, LengthUnit::Micrometre, origin };
}

VoxelSize VoxelSize::binned(int n) const
{
    return { z * n, y * n, x * n, unit, origin };
}

std::string describe(const VoxelSize& size)
{
    if (!size.knownInPlane())
        return "not stated (vx)";
    const std::string unit = std::string(" ") + unitSymbol(size.unit) + ", " + originPhrase(size.origin);
    if (!size.known())
        return number(size.x) + " \u00d7 " + number(size.y) + unit + "; z not stated";
    if (size.x == size.y && size.y == size.z)
        return number(size.x) + unit;
    return number(size.x) + " \u00d7 " + number(size.y) + " \u00d7 " + number(size.z) + unit;
}

Json toJson(const VoxelSize& size)
{
    const bool any = size.unit != LengthUnit::Voxel && (size.z > 0 || size.y > 0 || size.x > 0);
    const auto axis = [any](double value) { return any && value > 0 ? Json(value) : Json(nullptr); };
    return { { "z", axis(size.z) }, { "y", axis(size.y) }, { "x", axis(size.x) },
        { "unit", any ? unitName(size.unit) : "vx" }, { "origin", originName(any ? size.origin : SizeOrigin::Unknown) } };
}

VoxelSize voxelSizeFromJson(const Json& json)
{
    VoxelSize size;
    const auto axis
        = [&](const char* key) { return json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0.0; };
    const auto unit
        = json.contains("unit") && json["unit"].is_string() ? parseUnit(json["unit"].get<std::string>()) : std::nullopt;
    if (!unit || *unit == LengthUnit::Voxel)
        return size;
    size = { axis("z"), axis("y"), axis("x"), *unit, SizeOrigin::Unknown };
    if (json.contains("origin") && json["origin"].is_string())
        size.origin = parseOrigin(json["origin"].get<std::string>());
    return size;
}

VoxelSize parseVoxelSize(const std::string& text)
{
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');)
        parts.push_back(part);
    if (parts.size() != 1 && parts.size() != 3)
        throw Error("'" + text + "' is not a voxel size", "Write one length (0.65um) or three as z,y,x (1.3,0.65,0.65um).");
    const Length last = parseLength(parts.back());
    VoxelSize size { last.value, last.value, last.value, last.unit, SizeOrigin::User };
    if (parts.size() == 3) {
        const auto other = [&](const std::string& part) {
            const bool hasUnit = part.find_first_not_of("0123456789.eE+- ") != std::string::npos;
            const Length length = parseLength(hasUnit ? part : part + unitName(last.unit));
            return length.micrometres() / last.micrometres() * last.value;
        };
        if (last.unit != LengthUnit::Voxel) {
            size.z = other(parts[0]);
            size.y = other(parts[1]);
        }
    }
    if (!size.known())
        throw Error("'" + text + "' is not a voxel size", "Lengths must be above zero and have a unit like um or nm.");
    return size;
}

} // namespace interstice
