// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/clahe.h"

#include "base/error.h"
#include "base/vectors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace interstice {

Json toJson(const ClaheOptions& options)
{
    return { { "clip_limit", options.clipLimit }, { "tiles", options.tiles } };
}

ClaheOptions claheOptionsFromJson(const Json& json)
{
    ClaheOptions options;
    options.clipLimit = json.value("clip_limit", options.clipLimit);
    options.tiles = json.value("tiles", options.tiles);
    return options;
}

namespace {

constexpr int kBins = 256;
constexpr int kHighestLevel = (1 << 14) - 1;
constexpr int kLevelsOfBin = 1 + (1 << 14) / kBins;
constexpr std::int64_t kSmallestTile = 8;

using Counts = std::array<std::int64_t, kBins>;
using Mapping = std::array<float, kBins>;

/// Grey value → bin, NaN → 0.
struct Binning {
    double low;
    double scale;

    INTERSTICE_KERNEL std::uint8_t operator()(double value) const
    {
        double level = (value - low) * scale;
        level = level > 0 ? level : 0; // false for NaN
        level = level < kHighestLevel ? level : kHighestLevel;
        return static_cast<std::uint8_t>(static_cast<int>(level + 0.5) / kLevelsOfBin);
    }
};

struct BinKernel {
    template <class T> static INTERSTICE_KERNEL void run(const T* values, std::size_t n, Binning bin, std::uint8_t* bins)
    {
        for (std::size_t i = 0; i < n; ++i)
            bins[i] = bin(static_cast<double>(values[i]));
    }
};

/// Index into 0…n−1 of a position beyond its end, mirrored without repeating the edge.
std::int64_t mirrored(std::int64_t i, std::int64_t n)
{
    if (n == 1)
        return 0;
    const std::int64_t period = 2 * (n - 1);
    i %= period;
    return i < n ? i : period - i;
}

/// skimage's clip_histogram, bin by bin in its order.
void clip(Counts& counts, std::int64_t limit)
{
    std::int64_t excess = 0;
    for (auto& n : counts) {
        if (n > limit) {
            excess += n - limit;
            n = limit;
        }
    }
    const std::int64_t step = excess / kBins;
    const std::int64_t upper = limit - step;
    for (auto& n : counts) {
        if (n < upper) {
            n += step;
            excess -= step;
        }
        if (n >= upper && n < limit) { // also those that were just raised
            excess -= limit - n;
            n = limit;
        }
    }
    while (excess > 0) {
        const std::int64_t before = excess;
        for (int first = 0; first < kBins && excess > 0; ++first) {
            const auto under = std::count_if(counts.begin(), counts.end(), [&](std::int64_t n) { return n < limit; });
            const auto stride = static_cast<int>(std::max<std::int64_t>(1, under / excess));
            for (int i = first; i < kBins; i += stride) {
                auto& n = counts[static_cast<std::size_t>(i)];
                if (n < limit) {
                    ++n;
                    --excess;
                }
            }
        }
        if (excess == before)
            break; // every bin is full
    }
}

/// Tiles along one axis, and between which two of them each pixel lies.
struct TileAxis {
    std::int64_t side;
    std::int64_t count;
    std::int64_t length;

    TileAxis(std::int64_t n, int tiles)
        : side(std::min(n, std::max(kSmallestTile, n / tiles)))
        , count((n + side - 1) / side)
        , length(n)
    {
    }
    /// The tile whose centre is at or before the pixel; −1 before the first.
    std::int64_t before(std::int64_t i) const { return (i + side / 2) / side - 1; }
    float weight(std::int64_t i) const { return static_cast<float>((i + side / 2) % side) / static_cast<float>(side); }
    std::size_t clamped(std::int64_t tile) const
    {
        return static_cast<std::size_t>(std::clamp<std::int64_t>(tile, 0, count - 1));
    }
};

Mapping mappingOf(const std::uint8_t* bins, const TileAxis& ty, const TileAxis& tx, std::int64_t tileY, std::int64_t tileX,
    double clipLimit)
{
    std::array<std::array<std::uint32_t, kBins>, 2> table {}; // two: equal neighbours would wait for each other
    const std::int64_t x0 = tileX * tx.side;
    const std::int64_t inside = std::min(tx.side, tx.length - x0);
    for (std::int64_t y = tileY * ty.side; y < (tileY + 1) * ty.side; ++y) {
        const std::uint8_t* row = bins + (y < ty.length ? y : mirrored(y, ty.length)) * tx.length;
        std::int64_t x = 0;
        for (; x + 2 <= inside; x += 2) {
            ++table[0][row[x0 + x]];
            ++table[1][row[x0 + x + 1]];
        }
        for (; x < inside; ++x)
            ++table[0][row[x0 + x]];
        for (; x < tx.side; ++x)
            ++table[0][row[mirrored(x0 + x, tx.length)]];
    }
    Counts counts;
    for (std::size_t i = 0; i < kBins; ++i)
        counts[i] = std::int64_t { table[0][i] } + table[1][i];
    const std::int64_t pixels = ty.side * tx.side;
    clip(counts, std::max<std::int64_t>(1, static_cast<std::int64_t>(clipLimit * static_cast<double>(pixels))));
    Mapping mapping;
    const double scale = static_cast<double>(kHighestLevel) / static_cast<double>(pixels);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < kBins; ++i) {
        sum += counts[i];
        mapping[i] = static_cast<float>(std::floor(std::min<double>(kHighestLevel, static_cast<double>(sum) * scale)));
    }
    return mapping;
}

/// Pairs {left, right − left} of two mapping rows blended along y; then a run of pixels blended along x.
struct BlendKernel {
    static INTERSTICE_KERNEL void run(const Mapping* upLeft, const Mapping* upRight, const Mapping* lowLeft,
        const Mapping* lowRight, float wy, float* left, float* step)
    {
        for (int i = 0; i < kBins; ++i) {
            const auto b = static_cast<std::size_t>(i);
            const float l = (*upLeft)[b] * (1 - wy) + (*lowLeft)[b] * wy;
            const float r = (*upRight)[b] * (1 - wy) + (*lowRight)[b] * wy;
            left[2 * b] = l;
            step[2 * b] = r - l;
        }
    }
};

struct PixelKernel {
    template <class Out>
    static INTERSTICE_KERNEL void run(
        const std::uint8_t* bins, const float* pairs, const float* weights, std::int64_t n, Out* out)
    {
        constexpr float toUnit = 1.0F / kHighestLevel;
        for (std::int64_t x = 0; x < n; ++x) {
            const float* pair = pairs + 2 * bins[x];
            const float level = pair[0] + pair[1] * weights[x];
            if constexpr (std::is_same_v<Out, float>)
                out[x] = level * toUnit;
            else
                out[x] = static_cast<std::uint8_t>(static_cast<int>(level * (255 * toUnit) + 0.5F));
        }
    }
};

} // namespace

SliceEqualiser::SliceEqualiser(Scalar scalar, const GreyRange& range, const ClaheOptions& options)
    : m_scalar(scalar)
    , m_range(range)
    , m_options(options)
{
    if (!(options.clipLimit > 0 && options.clipLimit <= 1))
        throw Error("The CLAHE clip limit is not between 0 and 1", "It is a share of a tile's pixels; 0.01 is usual.");
    if (options.tiles < 1 || options.tiles > 64)
        throw Error("CLAHE was asked for " + std::to_string(options.tiles) + " tiles a side", "Choose 1 to 64; 8 is usual.");
    const Binning bin { m_range.low, m_range.scale() * kHighestLevel };
    dispatch(scalar, [&](auto tag) {
        using T = typename decltype(tag)::type;
        if constexpr (sizeof(T) <= 2) {
            m_binOf.resize(std::size_t { 1 } << (8 * sizeof(T)));
            for (std::size_t bits = 0; bits < m_binOf.size(); ++bits)
                m_binOf[bits] = bin(static_cast<double>(static_cast<T>(bits)));
        }
    });
}

void SliceEqualiser::toBins(std::span<const std::byte> slice, std::span<std::uint8_t> bins) const
{
    dispatch(m_scalar, [&](auto tag) {
        using T = typename decltype(tag)::type;
        const auto* values = reinterpret_cast<const T*>(slice.data());
        if constexpr (sizeof(T) <= 2) {
            for (std::size_t i = 0; i < bins.size(); ++i)
                bins[i] = m_binOf[static_cast<std::make_unsigned_t<T>>(values[i])];
        } else {
            vectorised<BinKernel>(
                values, bins.size(), Binning { m_range.low, m_range.scale() * kHighestLevel }, bins.data());
        }
    });
}

template <class Out>
void SliceEqualiser::run(std::span<const std::byte> slice, std::int64_t ny, std::int64_t nx, std::span<Out> out) const
{
    const auto voxels = static_cast<std::size_t>(ny * nx);
    if (ny < 0 || nx < 0 || slice.size() != voxels * bytesOf(m_scalar) || out.size() != voxels)
        throw std::logic_error("slice of another size than its buffers");
    if (voxels == 0)
        return;
    std::vector<std::uint8_t> bins(voxels);
    toBins(slice, bins);
    const TileAxis ty(ny, m_options.tiles);
    const TileAxis tx(nx, m_options.tiles);
    std::vector<Mapping> mappings;
    mappings.reserve(static_cast<std::size_t>(ty.count * tx.count));
    for (std::int64_t y = 0; y < ty.count; ++y) {
        for (std::int64_t x = 0; x < tx.count; ++x)
            mappings.push_back(mappingOf(bins.data(), ty, tx, y, x, m_options.clipLimit));
    }
    const auto at = [&](std::size_t y, std::size_t x) { return &mappings[y * static_cast<std::size_t>(tx.count) + x]; };
    std::vector<float> weights(static_cast<std::size_t>(nx));
    for (std::int64_t x = 0; x < nx; ++x)
        weights[static_cast<std::size_t>(x)] = tx.weight(x);
    std::array<float, 2 * kBins> pairs;
    for (std::int64_t y = 0; y < ny; ++y) {
        const std::size_t up = ty.clamped(ty.before(y));
        const std::size_t low = ty.clamped(ty.before(y) + 1);
        for (std::int64_t x = 0; x < nx;) {
            const std::int64_t before = tx.before(x);
            // Up to the next tile's centre the same four mappings count.
            const std::int64_t end = std::min(nx, (before + 2) * tx.side - tx.side / 2);
            const std::size_t left = tx.clamped(before);
            const std::size_t right = tx.clamped(before + 1);
            vectorised<BlendKernel>(
                at(up, left), at(up, right), at(low, left), at(low, right), ty.weight(y), pairs.data(), pairs.data() + 1);
            const auto start = y * nx + x;
            vectorised<PixelKernel>(static_cast<const std::uint8_t*>(bins.data()) + start,
                static_cast<const float*>(pairs.data()), static_cast<const float*>(weights.data()) + x, end - x,
                out.data() + start);
            x = end;
        }
    }
}

void SliceEqualiser::equalise(std::span<const std::byte> slice, std::int64_t ny, std::int64_t nx, std::span<float> out) const
{
    run(slice, ny, nx, out);
}

void SliceEqualiser::equalise(
    std::span<const std::byte> slice, std::int64_t ny, std::int64_t nx, std::span<std::uint8_t> out) const
{
    run(slice, ny, nx, out);
}

} // namespace interstice
