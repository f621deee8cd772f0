// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/script_card.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>

namespace fs = std::filesystem;

namespace interstice {

bool isScript(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::array<char, 4> start {};
    return in.read(start.data(), start.size()) && std::string_view(start.data(), 4) == std::string_view("PK\x03\x04", 4);
}

namespace {

/// "LOW:HIGH" as the grey values that become 0 and 1.
std::optional<GreyRange> fixedRange(const std::string& text)
{
    char* end = nullptr;
    GreyRange range;
    range.low = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != ':')
        return std::nullopt;
    const char* second = end + 1;
    range.high = std::strtod(second, &end);
    if (end == second || *end != 0 || !std::isfinite(range.low) || !std::isfinite(range.high) || range.low >= range.high)
        return std::nullopt;
    return range;
}

void requireGrey(const std::string& grey)
{
    for (const char* known : { "minmax", "percentiles", "standard", "none" }) {
        if (grey == known)
            return;
    }
    if (!fixedRange(grey))
        throw Error("'" + grey + "' is no way to prepare grey values",
            "Choose minmax, percentiles, standard, none, or the values that become 0 and 1, like 0:65535.");
}

void require(bool good, const std::string& what)
{
    if (!good)
        throw Error(
            what + " of a TorchScript model makes no sense", "Sides are whole numbers between 1 and 4096, as Z,Y,X.");
}

bool isSide(std::int64_t side)
{
    return side >= 1 && side <= 4096;
}

std::array<std::int64_t, 3> threeIn(const Json& json)
{
    return { json.at(0).get<std::int64_t>(), json.at(1).get<std::int64_t>(), json.at(2).get<std::int64_t>() };
}

ScriptOptions besides(const fs::path& path)
{
    fs::path beside = path;
    beside.replace_extension(".json");
    ScriptOptions options;
    std::error_code ignored;
    if (!fs::exists(beside, ignored))
        return options;
    const Json json = Json::parse(readTextFile(beside), nullptr, false);
    try {
        if (!json.is_object())
            throw Error(utf8(beside) + " beside the model is not a JSON object", "Mend or remove it.");
        for (const auto& [key, value] : json.items()) {
            if (key == "tile") {
                const auto side = threeIn(value);
                options.tile = Shape { side[0], side[1], side[2] };
            } else if (key == "lattice" || key == "receptive_field") {
                const auto side = threeIn(value);
                (key == "lattice" ? options.lattice : options.reach) = Extent { side[0], side[1], side[2] };
            } else if (key == "channels") {
                options.channels = value.get<int>();
            } else if (key == "output") {
                options.output = value.get<std::string>();
            } else if (key == "grey") {
                options.grey = value.get<std::string>();
            } else {
                throw Error(utf8(beside) + " has the key '" + key + "', which says nothing of a model",
                    "Use tile, lattice, receptive_field, channels, output and grey.");
            }
        }
    } catch (const Json::exception& problem) {
        throw Error(utf8(beside) + " beside the model cannot be read (" + problem.what() + ")",
            "Write tile, lattice and receptive_field as [z, y, x], channels as a number, output and grey as text.");
    }
    return options;
}

} // namespace

ScriptCard readScriptCard(const fs::path& path, const ScriptOptions& options)
{
    const ScriptOptions written = besides(path);
    ScriptCard card;
    std::string assumed;
    const auto take = [&](auto& to, const auto& said, const auto& beside, const std::string& otherwise) {
        if (said)
            to = *said;
        else if (beside)
            to = *beside;
        else
            assumed += (assumed.empty() ? "" : ", ") + otherwise;
    };
    std::string output = "logits";
    take(card.tile, options.tile, written.tile, "tiles of 32,128,128");
    take(card.channels, options.channels, written.channels, "one channel");
    take(output, options.output, written.output, "logits as output");
    take(card.grey, options.grey, written.grey, "grey values from percentiles to 0…1");
    if (!assumed.empty())
        card.assumed = "The TorchScript model does not say what it takes; assumed: " + assumed + ".";
    if (options.lattice || written.lattice)
        card.lattice = options.lattice ? *options.lattice : *written.lattice;
    card.reach = options.reach ? options.reach : written.reach;

    require(isSide(card.tile.z) && isSide(card.tile.y) && isSide(card.tile.x), "The tile");
    require(isSide(card.lattice.z) && isSide(card.lattice.y) && isSide(card.lattice.x), "The lattice");
    if (card.reach)
        require(card.reach->z >= 0 && isSide(card.reach->y + 1) && isSide(card.reach->x + 1) && isSide(card.reach->z + 1),
            "The receptive field");
    if (card.channels < 1 || card.channels > 64)
        throw Error("A TorchScript model with " + std::to_string(card.channels) + " input channels is not expected",
            "Choose between 1 and 64.");
    if (output != "logits" && output != "probabilities")
        throw Error("'" + output + "' is not what a model gives", "Choose logits or probabilities.");
    card.probabilities = output == "probabilities";
    requireGrey(card.grey);
    return card;
}

GreyRange findScriptRange(const VolumeSource& raw, const std::string& grey, Task& task)
{
    if (const auto fixed = fixedRange(grey))
        return *fixed;
    if (grey == "none")
        return { 0, 1 };
    if (grey != "standard") {
        NormaliseOptions options;
        if (grey == "percentiles")
            options.mode = NormaliseOptions::Mode::Percentiles;
        return findRange(raw, options, task);
    }
    const Histogram histogram = computeHistogram(raw, {}, task);
    double squares = 0;
    for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin)
        squares += static_cast<double>(histogram.counts[bin]) * std::pow(histogram.centre(bin) - histogram.mean, 2);
    const double deviation = histogram.finite > 0 ? std::sqrt(squares / static_cast<double>(histogram.finite)) : 0;
    return { histogram.mean, histogram.mean + deviation };
}

} // namespace interstice
