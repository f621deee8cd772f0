// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/architecture.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

namespace interstice {

const std::vector<std::string>& ArchitectureSpec::presetNames()
{
    static const std::vector<std::string> names = { "quick", "strong", "paper", "paper-table" };
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
    if (name == "strong")
        return "A residual encoder with outputs at every level, 16 to 128 filters, pooled alike in all directions. "
               "Learns more from the same labels; minutes on a GPU, an hour or so on a processor.";
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
    } else if (name == "strong") {
        spec.filters = { 16, 32, 64 };
        spec.pooling.assign(3, { 2, 2, 2 });
        spec.bridge = 128;
        spec.convolutionBias = false;
        spec.batchNormMomentum = 0.1;
        spec.batchNormEpsilon = 1e-5;
        spec.residual = true;
        spec.deepSupervision = true;
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
    for (std::size_t level = spec.levels(); level-- > 0;) {
        visit(level, spec.channelsFromBelow(level) + spec.filters[level], spec.filters[level]);
        visit(level, spec.filters[level], spec.filters[level]);
    }
}

/// The 1×1×1 convolutions of residual pairs: visit(level, inputs, outputs).
void forEachShortcut(const ArchitectureSpec& spec, const std::function<void(std::size_t, int, int)>& visit)
{
    if (!spec.residual)
        return;
    int channels = 1;
    for (std::size_t level = 0; level <= spec.levels(); ++level) {
        const int out = level < spec.levels() ? spec.filters[level] : spec.bridge;
        visit(level, channels, out);
        channels = out;
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

int ArchitectureSpec::channelsFromBelow(std::size_t level) const
{
    if (upsampling == Upsampling::Transposed)
        return filters[level];
    return level + 1 < levels() ? filters[level + 1] : bridge;
}

std::int64_t ArchitectureSpec::parameters() const
{
    std::int64_t count = filters.empty() ? 0 : (filters.front() + 1LL) * outputs();
    forEachConvolution(
        *this, [&](std::size_t, int in, int out) { count += 27LL * in * out + (convolutionBias ? out : 0) + 2LL * out; });
    forEachShortcut(*this, [&](std::size_t, int in, int out) { count += 1LL * in * out + 2LL * out; });
    for (std::size_t level = 0; level < levels(); ++level) {
        const int below = level + 1 < levels() ? filters[level + 1] : bridge;
        const Extent& pool = pooling[level];
        if (upsampling == Upsampling::Transposed)
            count += pool.z * pool.y * pool.x * below * filters[level] + filters[level];
        if (deepSupervision && level > 0)
            count += (filters[level] + 1LL) * outputs();
    }
    return count;
}

double ArchitectureSpec::flopsPerVoxel() const
{
    const auto share = shares(*this);
    double flops = 2.0 * outputs() * (filters.empty() ? 0 : filters.front());
    forEachConvolution(*this, [&](std::size_t level, int in, int out) { flops += 54.0 * in * out * share[level]; });
    forEachShortcut(*this, [&](std::size_t level, int in, int out) { flops += 2.0 * in * out * share[level]; });
    for (std::size_t level = 0; level < levels() && upsampling == Upsampling::Transposed; ++level) {
        const int below = level + 1 < levels() ? filters[level + 1] : bridge;
        flops += 2.0 * below * filters[level] * share[level];
    }
    return flops;
}

double ArchitectureSpec::trainingBytesPerVoxel() const
{
    // For each convolution its output (kept by batch normalisation) and the ReLU's (kept by the next
    // convolution); for each level the concatenation and the int64 indices of pooling.
    const auto share = shares(*this);
    double bytes = 0;
    forEachConvolution(*this, [&](std::size_t level, int, int out) { bytes += 8.0 * out * share[level]; });
    forEachShortcut(*this, [&](std::size_t level, int, int out) { bytes += 8.0 * out * share[level]; });
    for (std::size_t level = 0; level < levels(); ++level) {
        const int below = channelsFromBelow(level);
        bytes += 4.0 * (below + filters[level]) * share[level] + 12.0 * filters[level] * share[level + 1];
    }
    return bytes;
}

double ArchitectureSpec::predictionBytesPerVoxel(bool joins) const
{
    // The widest moment is the top decoder's first convolution: the concatenation, what it was made
    // from, and the output. Nearest neighbours are put into the concatenation from the level below.
    const double below = levels() > 0 ? channelsFromBelow(0) : 0;
    const double from = joins && upsampling == Upsampling::Nearest && levels() > 0
        ? below / static_cast<double>(pooling.front().z * pooling.front().y * pooling.front().x)
        : below;
    return 4.0 * (below + from + 3.0 * filters.front());
}

double ArchitectureSpec::fillBytesPerVoxel(std::int64_t channelsAtOnce) const
{
    if (levels() == 0)
        return 0;
    const std::int64_t out = filters.front();
    const std::int64_t in = channelsFromBelow(0) + out;
    return 4.0 * static_cast<double>(roundUp(in, channelsAtOnce) - in + roundUp(out, channelsAtOnce) - out);
}

std::vector<Extent> poolingFor(const VoxelSize& voxel, const Shape& patch, std::size_t levels)
{
    const VoxelSize sides = voxel.inMicrometres();
    const bool known = sides.known() && sides.z > 0 && sides.y > 0 && sides.x > 0;
    std::array<double, 3> length = { known ? sides.z : 1.0, known ? sides.y : 1.0, known ? sides.x : 1.0 };
    std::array<std::int64_t, 3> size = { patch.z, patch.y, patch.x };
    std::vector<Extent> result;
    for (std::size_t level = 0; level < levels; ++level) {
        double shortest = std::numeric_limits<double>::infinity(); // of the axes that can still be halved
        for (std::size_t axis = 0; axis < 3; ++axis) {
            if (size[axis] >= 8)
                shortest = std::min(shortest, length[axis]);
        }
        std::array<std::int64_t, 3> pool = { 1, 1, 1 };
        for (std::size_t axis = 0; axis < 3; ++axis) {
            if (length[axis] < 2 * shortest && size[axis] >= 8)
                pool[axis] = 2;
        }
        for (std::size_t axis = 0; axis < 3; ++axis) {
            length[axis] *= static_cast<double>(pool[axis]);
            size[axis] /= pool[axis];
        }
        result.push_back({ pool[0], pool[1], pool[2] });
    }
    return result;
}

namespace {

const std::vector<std::string> kNorms = { "batch", "instance", "group" };
const std::vector<std::string> kUpsamplings = { "nearest", "transposed" };

template <class T> T named(const std::string& name, const std::vector<std::string>& names, const std::string& what)
{
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name)
            return static_cast<T>(i);
    }
    std::string known;
    for (const auto& other : names)
        known += (known.empty() ? "" : ", ") + other;
    throw Error("'" + name + "' is not a " + what, "Choose one of " + known + ".");
}

} // namespace

ArchitectureSpec::Norm parseNorm(const std::string& name)
{
    return named<ArchitectureSpec::Norm>(name, kNorms, "normalisation");
}

ArchitectureSpec::Upsampling parseUpsampling(const std::string& name)
{
    return named<ArchitectureSpec::Upsampling>(name, kUpsamplings, "way of up-sampling");
}

Json toJson(const ArchitectureSpec& spec)
{
    Json pooling = Json::array();
    for (const auto& pool : spec.pooling)
        pooling.push_back({ pool.z, pool.y, pool.x });
    return { { "name", spec.name }, { "filters", spec.filters }, { "pooling", pooling }, { "bridge", spec.bridge },
        { "convolution_bias", spec.convolutionBias }, { "batch_norm_momentum", spec.batchNormMomentum },
        { "batch_norm_epsilon", spec.batchNormEpsilon }, { "norm", kNorms[static_cast<std::size_t>(spec.norm)] },
        { "groups", spec.groups }, { "residual", spec.residual },
        { "upsampling", kUpsamplings[static_cast<std::size_t>(spec.upsampling)] },
        { "deep_supervision", spec.deepSupervision }, { "classes", spec.classes } };
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
        // Models of versions before these existed are what the defaults say.
        spec.norm = parseNorm(json.value("norm", kNorms.front()));
        spec.groups = json.value("groups", spec.groups);
        spec.residual = json.value("residual", spec.residual);
        spec.upsampling = parseUpsampling(json.value("upsampling", kUpsamplings.front()));
        spec.deepSupervision = json.value("deep_supervision", spec.deepSupervision);
        spec.classes = json.value("classes", spec.classes);
    } catch (const Json::exception& problem) {
        throw Error(std::string("The description of the network is incomplete (") + problem.what() + ")",
            "Use a model file that Interstice wrote.");
    }
    const auto sensible = [](auto value, auto most) { return value >= 1 && value <= most; };
    bool good = sensible(spec.filters.size(), std::size_t { 8 }) && spec.filters.size() == spec.pooling.size()
        && sensible(spec.bridge, 8192) && sensible(spec.groups, 8192) && spec.classes >= 2 && spec.classes <= 254;
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
    for (std::size_t level = spec.levels(); level-- > 0;) {
        rows.push_back({ "up-sampling " + std::to_string(level + 1), sizes[level], { spec.channelsFromBelow(level) } });
        rows.push_back(
            { "decoder " + std::to_string(level + 1), sizes[level], { spec.filters[level], spec.filters[level] } });
    }
    rows.push_back({ "output", sizes.front(), { spec.outputs() } });
    return rows;
}

} // namespace interstice
