// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/parallel.h"
#include "base/vectors.h"
#include "segment/smooth.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

namespace interstice::detail {

namespace {

/// exp(−x) for x ≥ 0 to 3 × 10⁻⁷, without a call, so that loops over it become vector code.
INTERSTICE_KERNEL float expOfMinus(float x)
{
    x = x < 80 ? x : 80;
    const float t = x * -1.44269504F; // in powers of two
    const auto whole = static_cast<int>(t) - 1;
    const float f = (t - static_cast<float>(whole)) * 0.693147181F; // 0 … ln 2
    // Halved and squared keeps the series short.
    const float h = f * 0.5F;
    const float e
        = 1 + h * (1 + h * (0.5F + h * (0.166666667F + h * (0.0416666667F + h * (0.00833333333F + h * 0.00138888889F)))));
    const int bits = (whole + 127) << 23;
    float power;
    std::memcpy(&power, &bits, sizeof power);
    return e * e * power;
}

constexpr std::int64_t kBand = 16; ///< rows at a time: what is kept for them stays in the cache

struct SquaredDifferences {
    static INTERSTICE_KERNEL void run(const float* a, const float* b, std::int64_t n, float* sum)
    {
        for (std::int64_t x = 0; x < n; ++x) {
            const float d = a[x] - b[x];
            sum[x] += d * d;
        }
    }
};

/// Σ of `count` arrays, each `apart` behind the one before.
struct SumOfMany {
    static INTERSTICE_KERNEL void run(const float* from, std::int64_t count, std::int64_t apart, std::int64_t n, float* sum)
    {
        for (std::int64_t x = 0; x < n; ++x)
            sum[x] = from[x] + from[apart + x];
        for (std::int64_t k = 2; k < count; ++k)
            for (std::int64_t x = 0; x < n; ++x)
                sum[x] += from[k * apart + x];
    }
};

struct Accumulate {
    static INTERSTICE_KERNEL void run(const float* patches, const float* neighbour, float perPatch, float floor, float scale,
        std::int64_t n, float* weights, float* values)
    {
        for (std::int64_t x = 0; x < n; ++x) {
            const float d = patches[x] * perPatch - floor;
            const float w = expOfMinus((d > 0 ? d : 0) * scale);
            weights[x] += w;
            values[x] += w * neighbour[x];
        }
    }
};

class NonLocalMeansView : public VolumeSource {
public:
    NonLocalMeansView(SourcePtr source, const SmoothOptions& options)
        : m_source(std::move(source))
        , m_options(options)
    {
    }
    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return Scalar::F32; }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }

    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        std::call_once(m_measured, [this] { m_noise = noiseDeviation(*m_source); });
        auto* out = reinterpret_cast<float*>(to.data());
        const std::int64_t p = m_options.patchRadius;
        const std::int64_t s = m_options.searchRadius;
        const std::int64_t r = p + s;
        const auto padded = readPadded<float>(*m_source, box, { r, r, r });
        const std::int64_t side = 2 * p + 1;
        const auto perPatch = static_cast<float>(1.0 / static_cast<double>(side * side * side));
        const auto floor = static_cast<float>(2 * m_noise * m_noise);
        const double h = m_options.strength * m_noise;
        const float scale = h > 0 ? static_cast<float>(1 / (h * h)) : 1e30F; // no noise: only equal patches count
        const std::int64_t n = box.size.x;
        const std::int64_t wide = n + 2 * p;
        const std::int64_t bands = (box.size.y + kBand - 1) / kBand;
        parallelFor(box.size.z * bands, 0, [&](std::int64_t band) {
            const std::int64_t z = band / bands;
            const std::int64_t y0 = band % bands * kBand;
            const std::int64_t rows = std::min(kBand, box.size.y - y0);
            std::vector<float> planes(static_cast<std::size_t>((rows + 2 * p) * wide));
            std::vector<float> columns(static_cast<std::size_t>(wide));
            std::vector<float> patches(static_cast<std::size_t>(n));
            std::vector<float> weights(static_cast<std::size_t>(rows * n));
            std::vector<float> values(static_cast<std::size_t>(rows * n));
            for (std::int64_t dz = -s; dz <= s; ++dz) {
                for (std::int64_t dy = -s; dy <= s; ++dy) {
                    for (std::int64_t dx = -s; dx <= s; ++dx) {
                        // Squared differences of the two patches summed over z, once for all rows that share them;
                        // over y for each row; over x in the last step.
                        std::fill(planes.begin(), planes.end(), 0.0F);
                        for (std::int64_t y = 0; y < rows + 2 * p; ++y) {
                            for (std::int64_t kz = -p; kz <= p; ++kz)
                                vectorised<SquaredDifferences>(padded.row(z + r + kz, y0 + s + y) + s,
                                    padded.row(z + r + kz + dz, y0 + s + y + dy) + s + dx, wide, planes.data() + y * wide);
                        }
                        for (std::int64_t y = 0; y < rows; ++y) {
                            vectorised<SumOfMany>(
                                static_cast<const float*>(planes.data() + y * wide), side, wide, wide, columns.data());
                            vectorised<SumOfMany>(
                                static_cast<const float*>(columns.data()), side, std::int64_t { 1 }, n, patches.data());
                            vectorised<Accumulate>(static_cast<const float*>(patches.data()),
                                padded.row(z + r + dz, y0 + y + r + dy) + r + dx, perPatch, floor, scale, n,
                                weights.data() + y * n, values.data() + y * n);
                        }
                    }
                }
            }
            float* to = out + (z * box.size.y + y0) * n;
            for (std::int64_t i = 0; i < rows * n; ++i)
                to[i] = values[static_cast<std::size_t>(i)] / weights[static_cast<std::size_t>(i)];
        });
    }

private:
    SourcePtr m_source;
    SmoothOptions m_options;
    mutable std::once_flag m_measured;
    mutable double m_noise = 0;
};

} // namespace

SourcePtr nonLocalMeans(SourcePtr source, const SmoothOptions& options)
{
    return std::make_shared<NonLocalMeansView>(std::move(source), options);
}

} // namespace interstice::detail
