// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/architecture.h"

#include "base/error.h"

#include <algorithm>
#include <functional>

namespace interstice {

const std::vector<std::string>& ArchitectureSpec::presetNames()
{
    static const std::vector<std::string> names = { "quick", "paper", "paper-table" };
    return names;
}

std::string ArchitectureSpec::presetDescription(const std::string& name)
{
    if (name == "paper")
        return "The study's network as its text describes it: four levels of 32 to 256 filters, bridge 512, pooling in x "
               "and y. "
               "Meant for GPUs.";
    if (name == "paper-table")
        return "The study's network as its Table I lists it: three levels, pooling in z too, bottom 256. Meant for GPUs.";
    return "A small network of the same kind, 8-16-32 filters, that trains in minutes on a processor.";
}

ArchitectureSpec ArchitectureSpec::preset(const std::string& name)
{
    ArchitectureSpec spec;
    spec.name = name;
    if (name == "paper") {
        spec.filters = { 32, 64, 128, 256 };
        spec.pooling.assign(4, { 1, 2, 2 });
        spec.bridge = 512;
    } else if (name == "paper-table") {
        spec.filters = { 32, 64, 128 };
        spec.pooling.assign(3, { 2, 2, 2 });
        spec.bridge = 256;
    } else if (name == "quick") {
        spec.filters = { 8, 16 };
        spec.pooling.assign(2, { 1, 2, 2 });
        spec.bridge = 32;
        // A short training takes few steps; at 0.01 the running statistics would still be the start's.
        spec.batchNormMomentum = 0.1;
    } else {
        std::string known;
        for (const auto& other : presetNames())
            known += (known.empty() ? "" : ", ") + other;
        throw Error("There is no preset '" + name + "'", "Choose one of " + known + ".");
    }
    return spec;
}

namespace {

/// Down-sampling of each level along one axis, the bridge's last.
std::vector<std::int64_t> scales(const ArchitectureSpec& spec, std::int64_t Extent::* axis)
{
    std::vector<std::int64_t> result = { 1 };
    for (const auto& pool : spec.pooling)
        result.push_back(result.back() * (pool.*axis));
    return result;
}

std::int64_t receptiveHalf(const std::vector<std::int64_t>& scale)
{
    std::int64_t half = 2 * scale.back() + scale.back() - 1;
    for (std::size_t level = 0; level + 1 < scale.size(); ++level)
        half += 4 * scale[level];
    return half;
}

/// Voxels of each level as a share of the input's, the bridge's last.
std::vector<double> shares(const ArchitectureSpec& spec)
{
    std::vector<double> result = { 1.0 };
    for (const auto& pool : spec.pooling)
        result.push_back(result.back() / static_cast<double>(pool.z * pool.y * pool.x));
    return result;
}

/// Calls visit(level, inputs, outputs) for every 3×3×3 convolution, encoder first; the bridge is level
/// `levels()`.
void forEachConvolution(const ArchitectureSpec& spec, const std::function<void(std::size_t, int, int)>& visit)
{
    int channels = 1;
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        visit(level, channels, spec.filters[level]);
        visit(level, spec.filters[level], spec.filters[level]);
        channels = spec.filters[level];
    }
    visit(spec.levels(), channels, spec.bridge);
    visit(spec.levels(), spec.bridge, spec.bridge);
    channels = spec.bridge;
    for (std::size_t level = spec.levels(); level-- > 0;) {
        visit(level, channels + spec.filters[level], spec.filters[level]);
        visit(level, spec.filters[level], spec.filters[level]);
        channels = spec.filters[level];
    }
}

} // namespace

Extent ArchitectureSpec::lattice() const
{
    return { scales(*this, &Extent::z).back(), scales(*this, &Extent::y).back(), scales(*this, &Extent::x).back() };
}

Extent ArchitectureSpec::receptiveField() const
{
    return { receptiveHalf(scales(*this, &Extent::z)), receptiveHalf(scales(*this, &Extent::y)),
        receptiveHalf(scales(*this, &Extent::x)) };
}

std::int64_t ArchitectureSpec::parameters() const
{
    std::int64_t count = filters.empty() ? 0 : filters.front() + 1;
    forEachConvolution(
        *this, [&](std::size_t, int in, int out) { count += 27LL * in * out + (convolutionBias ? out : 0) + 2LL * out; });
    return count;
}

double ArchitectureSpec::flopsPerVoxel() const
{
    const auto share = shares(*this);
    double flops = 2.0 * (filters.empty() ? 0 : filters.front());
    forEachConvolution(*this, [&](std::size_t level, int in, int out) { flops += 54.0 * in * out * share[level]; });
    return flops;
}

double ArchitectureSpec::trainingBytesPerVoxel() const
{
    // For each convolution its output (kept by batch normalisation) and the ReLU's (kept by the next
    // convolution); for each level the concatenation and the int64 indices of pooling.
    const auto share = shares(*this);
    double bytes = 0;
    forEachConvolution(*this, [&](std::size_t level, int, int out) { bytes += 8.0 * out * share[level]; });
    for (std::size_t level = 0; level < levels(); ++level) {
        const int below = level + 1 < levels() ? filters[level + 1] : bridge;
        bytes += 4.0 * (below + filters[level]) * share[level] + 12.0 * filters[level] * share[level + 1];
    }
    return bytes;
}

double ArchitectureSpec::predictionBytesPerVoxel() const
{
    // The widest moment is the top decoder's first convolution: the concatenation, what it was made
    // from, and the output.
    const int below = levels() > 1 ? filters[1] : bridge;
    return 4.0 * (2.0 * (below + filters.front()) + filters.front());
}

Json toJson(const ArchitectureSpec& spec)
{
    Json pooling = Json::array();
    for (const auto& pool : spec.pooling)
        pooling.push_back({ pool.z, pool.y, pool.x });
    return { { "name", spec.name }, { "filters", spec.filters }, { "pooling", pooling }, { "bridge", spec.bridge },
        { "convolution_bias", spec.convolutionBias }, { "batch_norm_momentum", spec.batchNormMomentum },
        { "batch_norm_epsilon", spec.batchNormEpsilon } };
}

ArchitectureSpec architectureFromJson(const Json& json)
{
    ArchitectureSpec spec;
    try {
        spec.name = json.value("name", "");
        spec.filters = json.at("filters").get<std::vector<int>>();
        for (const auto& pool : json.at("pooling"))
            spec.pooling.push_back(
                { pool.at(0).get<std::int64_t>(), pool.at(1).get<std::int64_t>(), pool.at(2).get<std::int64_t>() });
        spec.bridge = json.at("bridge").get<int>();
        spec.convolutionBias = json.value("convolution_bias", spec.convolutionBias);
        spec.batchNormMomentum = json.value("batch_norm_momentum", spec.batchNormMomentum);
        spec.batchNormEpsilon = json.value("batch_norm_epsilon", spec.batchNormEpsilon);
    } catch (const Json::exception& problem) {
        throw Error(std::string("The description of the network is incomplete (") + problem.what() + ")",
            "Use a model file that Interstice wrote.");
    }
    const auto sensible = [](auto value, auto most) { return value >= 1 && value <= most; };
    bool good = sensible(spec.filters.size(), std::size_t { 8 }) && spec.filters.size() == spec.pooling.size()
        && sensible(spec.bridge, 8192);
    for (const int f : spec.filters)
        good = good && sensible(f, 4096);
    for (const auto& pool : spec.pooling)
        good = good && sensible(pool.z, std::int64_t { 8 }) && sensible(pool.y, std::int64_t { 8 })
            && sensible(pool.x, std::int64_t { 8 });
    if (!good)
        throw Error("The description of the network makes no sense (levels, filters or poolings out of range)",
            "Use a model file that Interstice wrote.");
    return spec;
}

std::vector<LayerRow> layerTable(const ArchitectureSpec& spec, const Shape& input)
{
    std::vector<LayerRow> rows;
    std::vector<Shape> sizes = { input };
    for (std::size_t level = 0; level < spec.levels(); ++level) {
        rows.push_back(
            { "encoder " + std::to_string(level + 1), sizes.back(), { spec.filters[level], spec.filters[level] } });
        const Extent& pool = spec.pooling[level];
        sizes.push_back({ sizes.back().z / pool.z, sizes.back().y / pool.y, sizes.back().x / pool.x });
    }
    rows.push_back({ "bridge", sizes.back(), { spec.bridge, spec.bridge } });
    int channels = spec.bridge;
    for (std::size_t level = spec.levels(); level-- > 0;) {
        rows.push_back({ "up-sampling " + std::to_string(level + 1), sizes[level], { channels } });
        rows.push_back(
            { "decoder " + std::to_string(level + 1), sizes[level], { spec.filters[level], spec.filters[level] } });
        channels = spec.filters[level];
    }
    rows.push_back({ "output", sizes.front(), { 1 } });
    return rows;
}

} // namespace interstice
