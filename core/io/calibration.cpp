// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/calibration.h"

#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace interstice {

namespace {

using Properties = std::map<std::string, std::string>;

/// Independent of the locale, unlike strtod: a German desktop must read "0.65" as well.
double toNumber(const std::string& text, double fallback)
{
    std::size_t start = text.find_first_not_of(" \t\r\n+");
    if (start == std::string::npos)
        return fallback;
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data() + start, text.data() + text.size(), value);
    return problem == std::errc() && std::isfinite(value) ? value : fallback;
}

std::int64_t toCount(const Properties& properties, const char* key, std::int64_t fallback)
{
    const auto found = properties.find(key);
    if (found == properties.end())
        return fallback;
    const double value = toNumber(found->second, static_cast<double>(fallback));
    return value >= 0 && value < 1e12 ? static_cast<std::int64_t>(value) : fallback;
}

std::string text(const Properties& properties, const char* key)
{
    const auto found = properties.find(key);
    return found == properties.end() ? std::string() : found->second;
}

bool isImageJ(const std::string& description)
{
    return description.starts_with("ImageJ=") || description.starts_with("SCIFIO=");
}

/// key=value lines, as Java properties.
Properties imageJProperties(const std::string& description)
{
    Properties properties;
    std::size_t at = 0;
    while (at < description.size()) {
        std::size_t end = description.find('\n', at);
        if (end == std::string::npos)
            end = description.size();
        const std::string line = description.substr(at, end - at);
        if (const auto equals = line.find('='); equals != std::string::npos) {
            std::string value = line.substr(equals + 1);
            while (!value.empty() && (value.back() == '\r' || value.back() == ' '))
                value.pop_back();
            properties.try_emplace(line.substr(0, equals), value);
        }
        at = end + 1;
    }
    return properties;
}

std::string decodeEntities(std::string value)
{
    for (const auto& [entity, plain] :
        { std::pair { "&#181;", "\u00b5" }, { "&#xB5;", "\u00b5" }, { "&#xb5;", "\u00b5" }, { "&#956;", "\u03bc" },
            { "&#x3BC;", "\u03bc" }, { "&#x3bc;", "\u03bc" }, { "&#197;", "\u00c5" }, { "&#xC5;", "\u00c5" } }) {
        for (std::size_t at = value.find(entity); at != std::string::npos; at = value.find(entity))
            value.replace(at, std::string(entity).size(), plain);
    }
    return value;
}

/// The attributes of the first element called Pixels; nothing when this is not OME-XML.
std::optional<Properties> omePixels(const std::string& description)
{
    if (description.find("<OME") == std::string::npos && description.find(":OME") == std::string::npos)
        return std::nullopt;
    std::size_t at = description.find("Pixels ");
    while (at != std::string::npos && (at == 0 || (description[at - 1] != '<' && description[at - 1] != ':')))
        at = description.find("Pixels ", at + 1);
    if (at == std::string::npos)
        return std::nullopt;
    Properties attributes;
    at += 7;
    while (at < description.size() && description[at] != '>' && description[at] != '/') {
        const std::size_t name = description.find_first_not_of(" \t\r\n", at);
        const std::size_t equals = description.find('=', at);
        if (name == std::string::npos || equals == std::string::npos || description[name] == '>' || description[name] == '/')
            break;
        const std::size_t open = description.find_first_of("\"'", equals);
        if (open == std::string::npos)
            break;
        const std::size_t close = description.find(description[open], open + 1);
        if (close == std::string::npos)
            break;
        std::string key = description.substr(name, equals - name);
        while (!key.empty() && (key.back() == ' ' || key.back() == '\n'))
            key.pop_back();
        attributes.try_emplace(key, decodeEntities(description.substr(open + 1, close - open - 1)));
        at = close + 1;
    }
    return attributes;
}

/// A unit with a factor for the ones that OME knows and LengthUnit does not.
struct ScaledUnit {
    LengthUnit unit = LengthUnit::Voxel;
    double factor = 1;
};

std::optional<ScaledUnit> scaledUnit(const std::string& name)
{
    if (name == "reference frame")
        return ScaledUnit { LengthUnit::Voxel, 1 };
    if (name == "\u00c5" || name == "angstrom")
        return ScaledUnit { LengthUnit::Nanometre, 0.1 };
    if (name == "pm")
        return ScaledUnit { LengthUnit::Nanometre, 1e-3 };
    const auto unit = parseUnit(name);
    return unit ? std::optional(ScaledUnit { *unit, 1 }) : std::nullopt;
}

/// A resolution tag is a fraction read as float: 1/1.538461 is meant to be 0.65.
double tidied(double value)
{
    if (!(value > 0) || !std::isfinite(value))
        return 0;
    const double step = std::pow(10.0, std::floor(std::log10(value)) - 5);
    // Dividing by a whole number where that is possible gives the double nearest to the decimal.
    const double count = std::round(value / step);
    const double rounded = step < 1 ? count / std::round(1 / step) : count * step;
    return std::abs(rounded - value) <= 4e-7 * value ? rounded : value;
}

double sizeFromResolution(double resolution)
{
    return resolution > 0 && std::isfinite(resolution) ? 1 / resolution : 0;
}

Finding unknownUnit(const std::string& by, const std::string& unit)
{
    return { Finding::Severity::Warning, "unit-unknown",
        "The " + by + " header gives the voxel size in '" + unit + "', which is no known unit of length; it was not used." };
}

void fromOme(const Properties& pixels, Calibration& to)
{
    const auto axis = [&](const char* sizeKey, const char* unitKey) -> double {
        const double value = toNumber(text(pixels, sizeKey), 0);
        if (!(value > 0))
            return 0;
        const std::string name = text(pixels, unitKey);
        const auto unit = scaledUnit(name.empty() ? "um" : name);
        if (!unit) {
            to.findings.push_back(unknownUnit("OME", name));
            return 0;
        }
        if (unit->unit == LengthUnit::Voxel)
            return 0;
        if (to.size.unit == LengthUnit::Voxel)
            to.size.unit = unit->unit;
        // Multiplying by 1 where the units agree keeps the number as it was written.
        const double factor = unit->unit == to.size.unit ? 1 : micrometresPer(unit->unit) / micrometresPer(to.size.unit);
        return value * unit->factor * factor;
    };
    to.size.unit = LengthUnit::Voxel;
    to.size.x = axis("PhysicalSizeX", "PhysicalSizeXUnit");
    to.size.y = axis("PhysicalSizeY", "PhysicalSizeYUnit");
    to.size.z = axis("PhysicalSizeZ", "PhysicalSizeZUnit");
    to.size.origin = SizeOrigin::Ome;
}

/// In-plane size from the tags alone: in the unit that they state, 0 for "not calibrated".
struct TagSize {
    double x = 0;
    double y = 0;
    LengthUnit unit = LengthUnit::Voxel;
};

TagSize tagSize(const TiffMetadata& metadata)
{
    TagSize size { sizeFromResolution(metadata.xResolution), sizeFromResolution(metadata.yResolution), LengthUnit::Voxel };
    if (size.x == 0 || size.y == 0) {
        size.x = size.y = std::max(size.x, size.y);
    }
    if (metadata.resolutionUnit == 3)
        size.unit = LengthUnit::Centimetre;
    else if (metadata.resolutionUnit == 2 || metadata.resolutionUnit == 0)
        size.unit = LengthUnit::Inch;
    if (size.unit == LengthUnit::Inch && std::abs(metadata.xResolution - 72) < 1e-3)
        return {}; // what programs write that know nothing
    return size;
}

void fromImageJ(const Properties& properties, const TiffMetadata& metadata, Calibration& to)
{
    TagSize tags = tagSize(metadata);
    const std::string name = text(properties, "unit");
    std::optional<LengthUnit> unit = metadata.resolutionUnit == 0 || name.size() ? std::nullopt : std::optional(tags.unit);
    if (!name.empty()) {
        unit = parseUnit(name);
        if (!unit)
            to.findings.push_back(unknownUnit("ImageJ", name));
    }
    if (!unit || *unit == LengthUnit::Voxel)
        return;
    double spacing = std::abs(toNumber(text(properties, "spacing"), 0));
    const auto inUnit = [&](const char* key, double value) {
        const auto other = parseUnit(text(properties, key));
        if (!other || *other == LengthUnit::Voxel || *other == *unit)
            return value;
        return value * micrometresPer(*other) / micrometresPer(*unit);
    };
    // Tags in centimetres under a description in micrometres: ImageJ scales the in-plane size alone.
    if (tags.unit == LengthUnit::Centimetre && *unit == LengthUnit::Micrometre) {
        tags.x *= 1e4;
        tags.y *= 1e4;
    } else if (tags.unit == LengthUnit::Centimetre && *unit == LengthUnit::Centimetre && tags.x > 0 && tags.x <= 1e-4) {
        tags.x *= 1e4;
        tags.y *= 1e4;
        spacing *= 1e4;
        unit = LengthUnit::Micrometre;
    }
    to.size = { inUnit("zunit", spacing), tidied(inUnit("yunit", tags.y)), tidied(tags.x), *unit, SizeOrigin::ImageJ };
}

void fromTags(const TiffMetadata& metadata, Calibration& to)
{
    TagSize tags = tagSize(metadata);
    if (!(tags.x > 0) || tags.unit == LengthUnit::Voxel || (metadata.resolutionUnit == 0))
        return;
    if (tags.unit == LengthUnit::Centimetre && tags.x <= 1e-3) {
        tags.x *= 1e4;
        tags.y *= 1e4;
        tags.unit = LengthUnit::Micrometre;
    }
    to.size = { 0, tidied(tags.y), tidied(tags.x), tags.unit, SizeOrigin::ResolutionTag };
    if (tags.unit == LengthUnit::Inch) {
        for (const double print : { 96.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0, 1200.0, 2400.0 }) {
            if (std::abs(metadata.xResolution - print) < 1e-3)
                to.findings.push_back({ Finding::Severity::Warning, "print-resolution",
                    "The voxel size comes from a resolution of " + std::to_string(static_cast<int>(print))
                        + " per inch, which looks like a printer's and not a scanner's: check it." });
        }
    }
}

} // namespace

Calibration calibrationOf(const TiffMetadata& metadata)
{
    Calibration result;
    if (const auto pixels = omePixels(metadata.description))
        fromOme(*pixels, result);
    const auto found = [&] { return result.size.unit != LengthUnit::Voxel && (result.size.x > 0 || result.size.z > 0); };
    if (!found() && isImageJ(metadata.description)) {
        fromImageJ(imageJProperties(metadata.description), metadata, result);
        // ImageJ's resolution tags have no meaning of their own.
    } else if (!found()) {
        fromTags(metadata, result);
    }
    if (!found())
        result.size = {};
    return result;
}

StackAxes stackAxesOf(const TiffMetadata& metadata)
{
    StackAxes axes;
    if (const auto pixels = omePixels(metadata.description)) {
        axes = { toCount(*pixels, "SizeC", 1), toCount(*pixels, "SizeZ", 0), toCount(*pixels, "SizeT", 1), "OME" };
    } else if (isImageJ(metadata.description)) {
        const auto properties = imageJProperties(metadata.description);
        axes = { toCount(properties, "channels", 1), toCount(properties, "slices", 0), toCount(properties, "frames", 1),
            "ImageJ" };
    }
    return axes;
}

std::int64_t planesBehindOneHeader(const TiffMetadata& metadata, std::int64_t width, std::int64_t height)
{
    if (isImageJ(metadata.description))
        return toCount(imageJProperties(metadata.description), "images", 1);
    if (metadata.description.starts_with("{")) {
        const Json json = Json::parse(metadata.description, nullptr, false);
        if (json.is_object() && json.value("truncated", Json(false)) == Json(true) && json.contains("shape")
            && json["shape"].is_array() && json["shape"].size() == 3 && json["shape"][1] == height
            && json["shape"][2] == width && json["shape"][0].is_number_integer())
            return json["shape"][0].get<std::int64_t>();
    }
    return 1;
}

} // namespace interstice
