// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/augment.h"

#include "base/error.h"
#include "learn/chunk_sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <sstream>

namespace interstice {

std::mt19937_64 generatorFor(std::uint64_t seed, std::uint64_t a, std::uint64_t b)
{
    std::seed_seq sequence { seed, seed >> 32, a, b, std::uint64_t { 0x17e5 } };
    return std::mt19937_64(sequence);
}

namespace {

struct Switch {
    const char* name;
    bool AugmentOptions::* on;
};

constexpr std::array<Switch, 12> kSwitches = { { { "flips", &AugmentOptions::flips }, { "turns", &AugmentOptions::turns },
    { "rotate", &AugmentOptions::rotate }, { "scale", &AugmentOptions::scale }, { "elastic", &AugmentOptions::elastic },
    { "brightness", &AugmentOptions::brightness }, { "contrast", &AugmentOptions::contrast },
    { "gamma", &AugmentOptions::gamma }, { "noise", &AugmentOptions::noise }, { "blur", &AugmentOptions::blur },
    { "rings", &AugmentOptions::rings }, { "stripes", &AugmentOptions::stripes } } };

/// Numbers drawn alike on every standard library, whose distributions differ.
class Draw {
public:
    Draw(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index, std::uint64_t change)
        : m_random(generatorFor(seed ^ ((change + 1) * 0x9e3779b97f4a7c15U), epoch, index))
    {
    }
    double between(double low, double high) { return low + (high - low) * static_cast<double>(m_random() >> 11) * 0x1p-53; }
    bool happens(double probability) { return between(0, 1) < probability; }
    /// Box & Muller 1958.
    double normal()
    {
        const double radius = std::sqrt(-2 * std::log(1 - between(0, 1)));
        return radius * std::cos(2 * std::numbers::pi * between(0, 1));
    }

private:
    std::mt19937_64 m_random;
};

using Vector = std::array<double, 3>; // z, y, x

/// Where in the block each voxel's value comes from.
struct Warp {
    std::array<Vector, 3> matrix = { { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } };
    std::array<std::int64_t, 3> knots = { 0, 0, 0 }; ///< none: no elastic shift
    std::vector<Vector> shifts;
    bool identity = true;

    Vector shiftAt(const Vector& share) const;
};

constexpr double kKnotDistance = 16;

Vector Warp::shiftAt(const Vector& share) const
{
    Vector result = { 0, 0, 0 };
    std::array<std::int64_t, 3> base {};
    Vector part {};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const double at = share[axis] * static_cast<double>(knots[axis] - 1);
        base[axis] = std::min(static_cast<std::int64_t>(at), knots[axis] - 2);
        const double t = at - static_cast<double>(base[axis]);
        part[axis] = t * t * (3 - 2 * t); // smooth across the knots
    }
    for (unsigned corner = 0; corner < 8; ++corner) {
        double weight = 1;
        std::array<std::int64_t, 3> at {};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const bool upper = (corner >> axis & 1U) != 0;
            weight *= upper ? part[axis] : 1 - part[axis];
            at[axis] = base[axis] + (upper ? 1 : 0);
        }
        const auto& shift = shifts[static_cast<std::size_t>((at[0] * knots[1] + at[1]) * knots[2] + at[2])];
        for (std::size_t axis = 0; axis < 3; ++axis)
            result[axis] += weight * shift[axis];
    }
    return result;
}

Warp drawWarp(
    const Shape& patch, const AugmentOptions& options, std::uint64_t seed, std::uint64_t epoch, std::uint64_t index)
{
    Warp warp;
    const auto multiply = [&](const std::array<Vector, 3>& by) {
        std::array<Vector, 3> product {};
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j) {
                for (std::size_t k = 0; k < 3; ++k)
                    product[i][j] += by[i][k] * warp.matrix[k][j];
            }
        }
        warp.matrix = product;
        warp.identity = false;
    };
    Draw turning(seed, epoch, index, 2);
    if (options.rotate && turning.happens(0.3)) {
        const std::array<double, 3> most = { 15, 5, 5 };
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const double angle = turning.between(-most[axis], most[axis]) * std::numbers::pi / 180;
            std::array<Vector, 3> one = { { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } };
            const std::size_t a = (axis + 1) % 3;
            const std::size_t b = (axis + 2) % 3;
            one[a][a] = one[b][b] = std::cos(angle);
            one[a][b] = -std::sin(angle);
            one[b][a] = std::sin(angle);
            multiply(one);
        }
    }
    Draw sizing(seed, epoch, index, 3);
    if (options.scale && sizing.happens(0.3)) {
        const double factor = 1 / std::exp(sizing.between(std::log(0.85), std::log(1.15)));
        multiply({ { { factor, 0, 0 }, { 0, factor, 0 }, { 0, 0, factor } } });
    }
    Draw bending(seed, epoch, index, 4);
    if (options.elastic && bending.happens(0.3)) {
        const std::array<std::int64_t, 3> sides = { patch.z, patch.y, patch.x };
        Vector most {};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            warp.knots[axis] = std::max<std::int64_t>(2, std::llround(static_cast<double>(sides[axis]) / kKnotDistance) + 1);
            most[axis] = std::min(3.0, static_cast<double>(sides[axis]) / 8);
        }
        warp.shifts.resize(static_cast<std::size_t>(warp.knots[0] * warp.knots[1] * warp.knots[2]));
        for (auto& shift : warp.shifts) {
            for (std::size_t axis = 0; axis < 3; ++axis)
                shift[axis] = bending.between(-most[axis], most[axis]);
        }
        warp.identity = false;
    }
    return warp;
}

/// Grey values between voxels linearly, targets from the nearest; both reflected at the block's edges.
void resample(std::vector<float>& grey, std::vector<float>& target, const Shape& patch, const Warp& warp)
{
    const std::array<std::int64_t, 3> sides = { patch.z, patch.y, patch.x };
    std::vector<float> newGrey(grey.size());
    std::vector<float> newTarget(target.size());
    const auto at = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
        return static_cast<std::size_t>(
            (reflected(z, patch.z) * patch.y + reflected(y, patch.y)) * patch.x + reflected(x, patch.x));
    };
    std::size_t to = 0;
    for (std::int64_t z = 0; z < patch.z; ++z) {
        for (std::int64_t y = 0; y < patch.y; ++y) {
            for (std::int64_t x = 0; x < patch.x; ++x, ++to) {
                const std::array<std::int64_t, 3> place = { z, y, x };
                Vector from {};
                Vector share {};
                for (std::size_t i = 0; i < 3; ++i) {
                    const double centre = static_cast<double>(sides[i] - 1) / 2;
                    share[i] = sides[i] > 1 ? static_cast<double>(place[i]) / static_cast<double>(sides[i] - 1) : 0;
                    from[i] = centre;
                    for (std::size_t j = 0; j < 3; ++j)
                        from[i]
                            += warp.matrix[i][j] * (static_cast<double>(place[j]) - static_cast<double>(sides[j] - 1) / 2);
                }
                if (!warp.shifts.empty()) {
                    const Vector shift = warp.shiftAt(share);
                    for (std::size_t i = 0; i < 3; ++i)
                        from[i] += shift[i];
                }
                newTarget[to] = target[at(std::llround(from[0]), std::llround(from[1]), std::llround(from[2]))];
                const std::array<double, 3> floor = { std::floor(from[0]), std::floor(from[1]), std::floor(from[2]) };
                double value = 0;
                for (unsigned corner = 0; corner < 8; ++corner) {
                    double weight = 1;
                    std::array<std::int64_t, 3> c {};
                    for (std::size_t i = 0; i < 3; ++i) {
                        const bool upper = (corner >> i & 1U) != 0;
                        const double part = from[i] - floor[i];
                        weight *= upper ? part : 1 - part;
                        c[i] = static_cast<std::int64_t>(floor[i]) + (upper ? 1 : 0);
                    }
                    if (weight > 0)
                        value += weight * static_cast<double>(grey[at(c[0], c[1], c[2])]);
                }
                newGrey[to] = static_cast<float>(value);
            }
        }
    }
    grey.swap(newGrey);
    target.swap(newTarget);
}

void blurAlong(std::vector<float>& grey, const Shape& patch, int axis, double sigma)
{
    constexpr std::int64_t radius = 3;
    std::array<double, 2 * radius + 1> kernel {};
    double sum = 0;
    for (std::int64_t i = -radius; i <= radius; ++i)
        sum += kernel[static_cast<std::size_t>(i + radius)] = std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma));
    const std::array<std::int64_t, 3> sides = { patch.z, patch.y, patch.x };
    const std::array<std::int64_t, 3> steps = { patch.y * patch.x, patch.x, 1 };
    const std::int64_t length = sides[static_cast<std::size_t>(axis)];
    const std::int64_t step = steps[static_cast<std::size_t>(axis)];
    std::vector<float> line(static_cast<std::size_t>(length));
    for (std::int64_t start = 0; start < patch.voxels(); ++start) {
        if (start / step % length != 0)
            continue;
        for (std::int64_t i = 0; i < length; ++i)
            line[static_cast<std::size_t>(i)] = grey[static_cast<std::size_t>(start + i * step)];
        for (std::int64_t i = 0; i < length; ++i) {
            double value = 0;
            for (std::int64_t k = -radius; k <= radius; ++k)
                value += kernel[static_cast<std::size_t>(k + radius)]
                    * static_cast<double>(line[static_cast<std::size_t>(reflected(i + k, length))]);
            grey[static_cast<std::size_t>(start + i * step)] = static_cast<float>(value / sum);
        }
    }
}

/// Adds to each voxel of every slice what `at` gives for its place in the plane: scanners' faults run along z.
template <class F> void addInPlane(std::vector<float>& grey, const Shape& patch, F&& at)
{
    std::vector<float> plane(static_cast<std::size_t>(patch.sliceVoxels()));
    for (std::int64_t y = 0; y < patch.y; ++y) {
        for (std::int64_t x = 0; x < patch.x; ++x)
            plane[static_cast<std::size_t>(y * patch.x + x)]
                = static_cast<float>(at(static_cast<double>(y), static_cast<double>(x)));
    }
    for (std::size_t i = 0; i < grey.size(); ++i)
        grey[i] += plane[i % plane.size()];
}

struct Line {
    double place;
    double halfWidth;
    double height;
};

std::vector<Line> drawLines(Draw& draw, double from, double to)
{
    std::vector<Line> lines(static_cast<std::size_t>(draw.between(1, 5)));
    for (auto& line : lines)
        line = { draw.between(from, to), draw.between(0.5, 2), draw.between(-0.1, 0.1) };
    return lines;
}

double heightAt(const std::vector<Line>& lines, double place)
{
    double sum = 0;
    for (const auto& line : lines)
        sum += std::abs(place - line.place) < line.halfWidth ? line.height : 0;
    return sum;
}

void changeGrey(std::vector<float>& grey, const Shape& patch, const AugmentOptions& options, std::uint64_t seed,
    std::uint64_t epoch, std::uint64_t index)
{
    const auto each = [&](auto&& f) {
        for (float& value : grey)
            value = static_cast<float>(f(static_cast<double>(value)));
    };
    if (Draw draw(seed, epoch, index, 9); options.blur && draw.happens(0.2)) {
        const double sigma = draw.between(0.5, 1);
        for (int axis = 0; axis < 3; ++axis)
            blurAlong(grey, patch, axis, sigma);
    }
    if (Draw draw(seed, epoch, index, 6); options.contrast && draw.happens(0.3)) {
        double mean = 0;
        for (const float value : grey)
            mean += static_cast<double>(value) / static_cast<double>(grey.size());
        const double factor = draw.between(0.75, 1.25);
        each([&](double v) { return mean + factor * (v - mean); });
    }
    if (Draw draw(seed, epoch, index, 7); options.gamma && draw.happens(0.3)) {
        const double power = std::exp(draw.between(std::log(0.7), std::log(1.5)));
        each([&](double v) { return v > 0 ? std::pow(v, power) : v; });
    }
    if (Draw draw(seed, epoch, index, 5); options.brightness && draw.happens(0.3)) {
        const double offset = draw.between(-0.1, 0.1);
        each([&](double v) { return v + offset; });
    }
    if (Draw draw(seed, epoch, index, 10); options.rings && draw.happens(0.2)) {
        const double cy = draw.between(-0.5, 1.5) * static_cast<double>(patch.y);
        const double cx = draw.between(-0.5, 1.5) * static_cast<double>(patch.x);
        const auto lines = drawLines(draw, 0, static_cast<double>(patch.y + patch.x));
        addInPlane(grey, patch, [&](double y, double x) { return heightAt(lines, std::hypot(y - cy, x - cx)); });
    }
    if (Draw draw(seed, epoch, index, 11); options.stripes && draw.happens(0.2)) {
        const double angle = draw.between(0, std::numbers::pi);
        const auto reach = static_cast<double>(patch.y + patch.x);
        const auto lines = drawLines(draw, -reach, reach);
        addInPlane(
            grey, patch, [&](double y, double x) { return heightAt(lines, y * std::cos(angle) + x * std::sin(angle)); });
    }
    if (Draw draw(seed, epoch, index, 8); options.noise && draw.happens(0.3)) {
        const double sigma = draw.between(0, 0.1);
        each([&](double v) { return v + sigma * draw.normal(); });
    }
}

} // namespace

bool AugmentOptions::any() const
{
    return std::any_of(kSwitches.begin(), kSwitches.end(), [this](const Switch& s) { return this->*s.on; });
}

const std::vector<std::string>& AugmentOptions::names()
{
    static const std::vector<std::string> all = [] {
        std::vector<std::string> list;
        for (const auto& entry : kSwitches)
            list.emplace_back(entry.name);
        return list;
    }();
    return all;
}

AugmentOptions AugmentOptions::parse(const std::string& text)
{
    AugmentOptions options;
    std::istringstream in(text);
    for (std::string name; std::getline(in, name, ',');) {
        bool known = name == "none" || name == "false";
        for (const auto& entry : kSwitches) {
            const bool plain = name == "true" && (entry.on == &AugmentOptions::flips || entry.on == &AugmentOptions::turns);
            if (name == entry.name || name == "all" || plain) {
                options.*entry.on = true;
                known = true;
            }
        }
        if (!known) {
            std::string list;
            for (const auto& entry : kSwitches)
                list += std::string(", ") + entry.name;
            throw Error("'" + name + "' is not an augmentation", "Choose none, all, or of" + list.substr(1) + ".");
        }
    }
    return options;
}

std::string describe(const AugmentOptions& options)
{
    std::string names;
    for (const auto& entry : kSwitches) {
        if (options.*entry.on)
            names += (names.empty() ? "" : ",") + std::string(entry.name);
    }
    return names.empty() ? "none" : names;
}

Json toJson(const AugmentOptions& options)
{
    Json json = Json::object();
    for (const auto& entry : kSwitches)
        json[entry.name] = options.*entry.on;
    return json;
}

AugmentOptions augmentOptionsFromJson(const Json& json)
{
    if (json.is_boolean())
        return AugmentOptions::parse(json.get<bool>() ? "true" : "none");
    AugmentOptions options;
    for (const auto& entry : kSwitches)
        options.*entry.on = json.value(entry.name, false);
    return options;
}

void turn(std::vector<float>& voxels, const Shape& block, unsigned which)
{
    const bool quarter = (which & 8U) != 0 && block.y == block.x;
    if ((which & 7U) == 0 && !quarter)
        return;
    std::vector<float> turned(voxels.size());
    std::size_t to = 0;
    for (std::int64_t z = 0; z < block.z; ++z) {
        const std::int64_t fromZ = (which & 1U) ? block.z - 1 - z : z;
        for (std::int64_t y = 0; y < block.y; ++y) {
            for (std::int64_t x = 0; x < block.x; ++x) {
                // The transpose is a flip of a quarter turn; with the flips below it gives all eight.
                const std::int64_t a = quarter ? x : y;
                const std::int64_t b = quarter ? y : x;
                const std::int64_t fromY = (which & 2U) ? block.y - 1 - a : a;
                const std::int64_t fromX = (which & 4U) ? block.x - 1 - b : b;
                turned[to++] = voxels[static_cast<std::size_t>((fromZ * block.y + fromY) * block.x + fromX)];
            }
        }
    }
    voxels.swap(turned);
}

void augment(std::vector<float>& grey, std::vector<float>& target, const Shape& patch, const AugmentOptions& options,
    std::uint64_t seed, std::uint64_t epoch, std::uint64_t index)
{
    const unsigned allowed = (options.flips ? 7U : 0U) | (options.turns ? 8U : 0U);
    const auto which = static_cast<unsigned>(generatorFor(seed, epoch, index)()) & allowed;
    turn(grey, patch, which);
    turn(target, patch, which);
    if (options.changesShape()) {
        const Warp warp = drawWarp(patch, options, seed, epoch, index);
        if (!warp.identity)
            resample(grey, target, patch, warp);
    }
    changeGrey(grey, patch, options, seed, epoch, index);
}

} // namespace interstice
