// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/smooth.h"

#include "base/error.h"
#include "base/parallel.h"
#include "base/vectors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace interstice {

const char* smoothingName(Smoothing smoothing)
{
    constexpr const char* names[] = { "none", "gaussian", "median", "nlm" };
    return names[static_cast<int>(smoothing)];
}

Json toJson(const SmoothOptions& options)
{
    Json json = { { "kind", smoothingName(options.kind) } };
    if (options.kind == Smoothing::Gaussian)
        json["sigma"] = options.sigma;
    if (options.kind == Smoothing::Median)
        json["radius"] = options.radius;
    if (options.kind == Smoothing::NonLocalMeans) {
        json["strength"] = options.strength;
        json["patch_radius"] = options.patchRadius;
        json["search_radius"] = options.searchRadius;
    }
    return json;
}

SmoothOptions parseSmoothing(const std::string& text)
{
    SmoothOptions options;
    const auto colon = text.find(':');
    const std::string name = text.substr(0, colon);
    const std::string number = colon == std::string::npos ? "" : text.substr(colon + 1);
    bool known = false;
    for (const auto kind : { Smoothing::None, Smoothing::Gaussian, Smoothing::Median, Smoothing::NonLocalMeans }) {
        if (name == smoothingName(kind)) {
            options.kind = kind;
            known = true;
        }
    }
    char* end = nullptr;
    const double value = number.empty() ? 0 : std::strtod(number.c_str(), &end);
    if (!known || (colon != std::string::npos && (number.empty() || *end != 0 || options.kind == Smoothing::None)))
        throw Error(
            "'" + text + "' is not a way of smoothing", "Write gaussian:SIGMA, median:RADIUS, nlm:STRENGTH or none.");
    if (!number.empty()) {
        options.sigma = options.kind == Smoothing::Gaussian ? value : options.sigma;
        options.radius = options.kind == Smoothing::Median ? static_cast<int>(std::lround(value)) : options.radius;
        options.strength = options.kind == Smoothing::NonLocalMeans ? value : options.strength;
    }
    check(options);
    return options;
}

void check(const SmoothOptions& options)
{
    if (options.kind == Smoothing::Gaussian && !(options.sigma >= 0.1 && options.sigma <= 20))
        throw Error("The Gaussian's sigma is out of range", "Choose 0.1 to 20 voxels.");
    if (options.kind == Smoothing::Median && options.radius != 1 && options.radius != 2)
        throw Error("The median's radius is out of range", "Choose 1 (27 voxels) or 2 (125 voxels).");
    if (options.kind == Smoothing::NonLocalMeans && !(options.strength >= 0.1 && options.strength <= 5))
        throw Error("The strength of non-local means is out of range", "Choose 0.1 to 5; 0.8 is usual.");
    if (options.kind == Smoothing::NonLocalMeans
        && (options.patchRadius < 1 || options.patchRadius > 3 || options.searchRadius < 1 || options.searchRadius > 5))
        throw Error("The cubes of non-local means are out of range",
            "Choose a patch radius of 1 to 3 and a search radius of 1 to 5.");
}

namespace detail {

namespace {

/// Mirrored with the edge repeated: … 1 0 | 0 1 2 … n−1 | n−1 n−2 …
std::int64_t reflected(std::int64_t i, std::int64_t n)
{
    const std::int64_t period = 2 * n;
    i %= period;
    if (i < 0)
        i += period;
    return i < n ? i : period - 1 - i;
}

} // namespace

template <class T> Padded<T> readPadded(const VolumeSource& source, const Box& box, const Shape& rim)
{
    const Shape volume = source.shape();
    const Shape size { box.size.z + 2 * rim.z, box.size.y + 2 * rim.y, box.size.x + 2 * rim.x };
    // What can be read, in one piece; the rest is copied from it. A rim wider than the volume mirrors again and
    // again, which what was read holds too, as it is then all there is.
    const auto inside = [](std::int64_t start, std::int64_t length, std::int64_t rimWidth, std::int64_t n) {
        std::int64_t low = start - rimWidth;
        std::int64_t high = start + length + rimWidth;
        if (low < 0)
            high = std::max(high, -low); // the mirror image of what lies before the volume
        if (high > n)
            low = std::min(low, 2 * n - high);
        return std::pair(std::max<std::int64_t>(0, low), std::min(n, high));
    };
    const auto [z0, z1] = inside(box.start.z, box.size.z, rim.z, volume.z);
    const auto [y0, y1] = inside(box.start.y, box.size.y, rim.y, volume.y);
    const auto [x0, x1] = inside(box.start.x, box.size.x, rim.x, volume.x);
    const Shape readShape { z1 - z0, y1 - y0, x1 - x0 };
    const std::vector<T> raw = readAs<T>(source, { { z0, y0, x0 }, readShape });
    Padded<T> padded { size, std::vector<T>(static_cast<std::size_t>(size.voxels())) };
    for (std::int64_t z = 0; z < size.z; ++z) {
        const std::int64_t fromZ = reflected(box.start.z - rim.z + z, volume.z) - z0;
        for (std::int64_t y = 0; y < size.y; ++y) {
            const std::int64_t fromY = reflected(box.start.y - rim.y + y, volume.y) - y0;
            const T* from = raw.data() + (fromZ * readShape.y + fromY) * readShape.x;
            T* to = padded.row(z, y);
            const std::int64_t shift = box.start.x - rim.x; // of the padded row in the volume
            const std::int64_t first = std::max<std::int64_t>(0, -shift);
            const std::int64_t last = std::min(size.x, volume.x - shift);
            for (std::int64_t x = 0; x < std::min(first, size.x); ++x)
                to[x] = from[reflected(shift + x, volume.x) - x0];
            if (last > first)
                std::memcpy(to + first, from + shift + first - x0, static_cast<std::size_t>(last - first) * sizeof(T));
            for (std::int64_t x = std::max(first, last); x < size.x; ++x)
                to[x] = from[reflected(shift + x, volume.x) - x0];
        }
    }
    if constexpr (std::is_same_v<T, float>) {
        for (float& v : padded.voxels)
            v = std::isfinite(v) ? v : 0;
    }
    return padded;
}

template Padded<float> readPadded(const VolumeSource&, const Box&, const Shape&);
template Padded<std::uint8_t> readPadded(const VolumeSource&, const Box&, const Shape&);
template Padded<std::uint16_t> readPadded(const VolumeSource&, const Box&, const Shape&);
template Padded<std::int16_t> readPadded(const VolumeSource&, const Box&, const Shape&);
template Padded<std::uint32_t> readPadded(const VolumeSource&, const Box&, const Shape&);

} // namespace detail

namespace {

/// Σ weight[k] · rows[k][x], the outer pairs of a symmetric kernel added first.
struct WeighRows {
    static INTERSTICE_KERNEL void run(
        const float* const* rows, const float* weights, std::int64_t radius, std::int64_t n, float* out)
    {
        for (std::int64_t x = 0; x < n; ++x)
            out[x] = rows[radius][x] * weights[0];
        for (std::int64_t k = 1; k <= radius; ++k) {
            const float w = weights[k];
            const float* a = rows[radius - k];
            const float* b = rows[radius + k];
            for (std::int64_t x = 0; x < n; ++x)
                out[x] += (a[x] + b[x]) * w;
        }
    }
};

/// Slices of a box on all threads, or bands of rows where there are few slices; body(z, first row, end row).
template <class F> void forEachBand(const Shape& size, F&& body)
{
    const std::int64_t rows = size.z >= 4 ? size.y : std::max<std::int64_t>(32, (size.y + 7) / 8);
    const std::int64_t bands = (size.y + rows - 1) / rows;
    parallelFor(size.z * bands, 0, [&](std::int64_t i) {
        const std::int64_t first = i % bands * rows;
        body(i / bands, first, std::min(size.y, first + rows));
    });
}

class GaussianView : public VolumeSource {
public:
    GaussianView(SourcePtr source, double sigma)
        : m_source(std::move(source))
        , m_radius(static_cast<std::int64_t>(4 * sigma + 0.5))
    {
        double sum = 0;
        std::vector<double> weights;
        for (std::int64_t k = 0; k <= m_radius; ++k) {
            weights.push_back(std::exp(-0.5 * static_cast<double>(k * k) / (sigma * sigma)));
            sum += (k == 0 ? 1 : 2) * weights.back();
        }
        for (const double w : weights)
            m_weights.push_back(static_cast<float>(w / sum));
    }
    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return Scalar::F32; }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }

    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        auto* out = reinterpret_cast<float*>(to.data());
        const std::int64_t r = m_radius;
        // A single slice mirrored along z is itself, however often.
        const bool flat = shape().z == 1;
        const auto padded = detail::readPadded<float>(*m_source, box, { flat ? 0 : r, r, r });
        const Shape wide = padded.shape;
        forEachBand(box.size, [&](std::int64_t z, std::int64_t first, std::int64_t end) {
            const std::int64_t height = end - first + 2 * r;
            std::vector<float> plane(static_cast<std::size_t>(height * wide.x));
            std::vector<float> line(static_cast<std::size_t>(wide.x));
            std::vector<const float*> rows(static_cast<std::size_t>(2 * r + 1));
            if (flat)
                std::copy_n(padded.row(z, first), height * wide.x, plane.begin());
            for (std::int64_t y = 0; !flat && y < height; ++y) {
                for (std::int64_t k = 0; k <= 2 * r; ++k)
                    rows[static_cast<std::size_t>(k)] = padded.row(z + k, first + y);
                weigh(rows, wide.x, plane.data() + y * wide.x);
            }
            for (std::int64_t y = first; y < end; ++y) {
                for (std::int64_t k = 0; k <= 2 * r; ++k)
                    rows[static_cast<std::size_t>(k)] = plane.data() + (y - first + k) * wide.x;
                weigh(rows, wide.x, line.data());
                for (std::int64_t k = 0; k <= 2 * r; ++k)
                    rows[static_cast<std::size_t>(k)] = line.data() + k;
                weigh(rows, box.size.x, out + (z * box.size.y + y) * box.size.x);
            }
        });
    }

private:
    void weigh(const std::vector<const float*>& rows, std::int64_t n, float* out) const
    {
        vectorised<WeighRows>(rows.data(), m_weights.data(), m_radius, n, out);
    }

    SourcePtr m_source;
    std::int64_t m_radius;
    std::vector<float> m_weights;
};

/// Median of `count` rows (odd) at a time by forgetful selection: of a set one larger than half, the smallest and
/// the largest cannot be the median, and go; the next value comes in their place.
template <class T> struct MedianRows {
    static constexpr std::int64_t kLanes = 32 / static_cast<std::int64_t>(sizeof(T));
    typedef T Vector __attribute__((vector_size(32))); // `using` takes no such attribute here

    static INTERSTICE_KERNEL void run(const T* const* rows, int count, std::int64_t n, T* out)
    {
        Vector held[66];
        for (std::int64_t x = 0; x < n; x += kLanes) {
            const std::int64_t here = n - x < kLanes ? n - x : kLanes;
            int size = count / 2 + 2;
            for (int i = 0; i < size; ++i)
                load(rows[i] + x, here, held[i]);
            // The smallest goes out at the front, the largest at the back, until three are left.
            for (int next = size;; ++next) {
                Vector smallest = held[0];
                Vector largest = held[1];
                order(smallest, largest);
                for (int i = 2; i < size; ++i) {
                    Vector v = held[i];
                    order(smallest, v);
                    order(v, largest);
                    held[i - 1] = v;
                }
                if (next >= count)
                    break;
                load(rows[next] + x, here, held[0]); // in the smallest's place; the largest's is cut off
                --size;
            }
            std::memcpy(out + x, &held[1], static_cast<std::size_t>(here) * sizeof(T));
        }
    }
    static INTERSTICE_KERNEL void load(const T* from, std::int64_t here, Vector& to)
    {
        if (here == kLanes) {
            std::memcpy(&to, from, sizeof to);
            return;
        }
        to = Vector {};
        for (std::int64_t i = 0; i < here; ++i)
            to[static_cast<std::size_t>(i)] = from[i];
    }
    static INTERSTICE_KERNEL void order(Vector& a, Vector& b)
    {
        const Vector low = a < b ? a : b;
        b = a < b ? b : a;
        a = low;
    }
};

class MedianView : public VolumeSource {
public:
    MedianView(SourcePtr source, int radius)
        : m_source(std::move(source))
        , m_radius(radius)
    {
    }
    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return m_source->scalar(); }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }

    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        dispatch(scalar(), [&](auto tag) {
            using T = typename decltype(tag)::type;
            auto* out = reinterpret_cast<T*>(to.data());
            const std::int64_t r = m_radius;
            const auto padded = detail::readPadded<T>(*m_source, box, { r, r, r });
            forEachBand(box.size, [&](std::int64_t z, std::int64_t first, std::int64_t end) {
                std::vector<const T*> rows;
                for (std::int64_t y = first; y < end; ++y) {
                    rows.clear();
                    for (std::int64_t dz = 0; dz <= 2 * r; ++dz) {
                        for (std::int64_t dy = 0; dy <= 2 * r; ++dy) {
                            for (std::int64_t dx = 0; dx <= 2 * r; ++dx)
                                rows.push_back(padded.row(z + dz, y + dy) + dx);
                        }
                    }
                    vectorised<MedianRows<T>>(static_cast<const T* const*>(rows.data()), static_cast<int>(rows.size()),
                        box.size.x, out + (z * box.size.y + y) * box.size.x);
                }
            });
        });
    }

private:
    SourcePtr m_source;
    int m_radius;
};

} // namespace

SourcePtr smoothed(SourcePtr source, const SmoothOptions& options)
{
    check(options);
    switch (options.kind) {
    case Smoothing::None:
        break;
    case Smoothing::Gaussian:
        return std::make_shared<GaussianView>(std::move(source), options.sigma);
    case Smoothing::Median:
        return std::make_shared<MedianView>(std::move(source), options.radius);
    case Smoothing::NonLocalMeans:
        return detail::nonLocalMeans(std::move(source), options);
    }
    return source;
}

double noiseDeviation(const VolumeSource& source)
{
    const Shape shape = source.shape();
    if (shape.empty() || shape.x < 3)
        return 0;
    std::vector<float> magnitudes;
    const std::int64_t slices = std::min<std::int64_t>(shape.z, 5);
    const std::int64_t stride = std::max<std::int64_t>(1, slices * shape.sliceVoxels() / 1'000'000);
    for (std::int64_t i = 0; i < slices; ++i) {
        const auto slice = readAs<float>(source, Box::slices(shape, (2 * i + 1) * shape.z / (2 * slices), 1));
        for (std::int64_t at = 1; at + 1 < std::ssize(slice); at += stride) {
            const std::int64_t x = at % shape.x;
            if (x == 0 || x == shape.x - 1)
                continue;
            const auto j = static_cast<std::size_t>(at);
            const float second = slice[j - 1] - 2 * slice[j] + slice[j + 1];
            if (std::isfinite(second))
                magnitudes.push_back(std::abs(second));
        }
    }
    if (magnitudes.empty())
        return 0;
    const auto middle = magnitudes.begin() + static_cast<std::ptrdiff_t>(magnitudes.size() / 2);
    std::nth_element(magnitudes.begin(), middle, magnitudes.end());
    return *middle / (0.6745 * std::sqrt(6.0));
}

} // namespace interstice
