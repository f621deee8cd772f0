// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/depth_map.h"

#include "base/error.h"
#include "base/parallel.h"
#include "base/vectors.h"
#include "morphology/components.h"
#include "segment/otsu.h"
#include "segment/smooth.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace interstice {

Json toJson(const DepthMapOptions& options)
{
    return { { "sigma", options.sigma }, { "window", options.window },
        { "threshold", options.threshold == DepthMapOptions::Threshold::Otsu ? Json("otsu") : Json(options.thresholdValue) },
        { "minimum_voxels", options.minimumVoxels } };
}

DepthMapOptions depthMapOptionsFromJson(const Json& json)
{
    DepthMapOptions options;
    options.sigma = json.value("sigma", options.sigma);
    options.window = json.value("window", options.window);
    options.minimumVoxels = json.value("minimum_voxels", options.minimumVoxels);
    if (json.contains("threshold")) {
        const Json& threshold = json["threshold"];
        parseThreshold(threshold.is_string() ? threshold.get<std::string>() : threshold.dump(), options);
    }
    return options;
}

void parseThreshold(const std::string& text, DepthMapOptions& options)
{
    options.threshold = DepthMapOptions::Threshold::Otsu;
    if (text == "otsu")
        return;
    char* end = nullptr;
    options.thresholdValue = std::strtod(text.c_str(), &end);
    options.threshold = DepthMapOptions::Threshold::Value;
    if (text.empty() || *end != 0 || !std::isfinite(options.thresholdValue))
        throw Error("'" + text + "' is not a threshold", "Write otsu or a value in the map's unit, which is grey values.");
}

void check(const DepthMapOptions& options)
{
    if (!(options.sigma == 0 || (options.sigma >= 0.1 && options.sigma <= 20)))
        throw Error("The depth map's sigma is out of range", "Choose 0 (none) or 0.1 to 20 voxels; 2 is usual.");
    if (options.window < 0 || options.window > 10001)
        throw Error("The depth map's window is out of range", "Choose 0 (the whole depth) or a number of slices, like 9.");
}

Json toJson(const DepthMapResult& result)
{
    return { { "threshold", result.threshold }, { "minimum", result.minimum }, { "maximum", result.maximum },
        { "unit", "grey value" }, { "foreground_fraction", result.foregroundFraction }, { "objects", result.objects },
        { "findings", toJson(result.findings) } };
}

namespace {

/// sum[i] += |after[i] − before[i]| × factor, in float: a few thousand terms keep 10⁻⁵ of the sum.
struct AddChange {
    template <class T>
    static INTERSTICE_KERNEL void run(const T* before, const T* after, std::size_t n, float factor, float* sum)
    {
        for (std::size_t i = 0; i < n; ++i) {
            float d;
            if constexpr (sizeof(T) <= 2) {
                const int a = before[i];
                const int b = after[i];
                d = static_cast<float>(a > b ? a - b : b - a);
            } else {
                const auto a = static_cast<float>(before[i]);
                const auto b = static_cast<float>(after[i]);
                d = a - b;
                d = d < 0 ? -d : d;
                d = d <= 3e38F ? d : 0; // NaN and infinities
            }
            sum[i] += d * factor;
        }
    }
};

struct AddTo {
    static INTERSTICE_KERNEL void run(const float* from, std::size_t n, double sign, double* sum)
    {
        for (std::size_t i = 0; i < n; ++i)
            sum[i] += sign * static_cast<double>(from[i]);
    }
};

struct Neighbours {
    std::int64_t before;
    std::int64_t after;
    float factor;
};
/// Whose difference is ∂I/∂z at slice z of n.
Neighbours neighboursOf(std::int64_t z, std::int64_t n)
{
    const std::int64_t before = std::max<std::int64_t>(0, z - 1);
    const std::int64_t after = std::min(n - 1, z + 1);
    return { before, after, 1 / static_cast<float>(after - before) };
}

/// Rows of one slice in parts, one a thread.
template <class F> void forEachPart(std::size_t n, F&& body)
{
    constexpr std::size_t part = std::size_t { 1 } << 16;
    parallelFor(static_cast<std::int64_t>((n + part - 1) / part), 0, [&](std::int64_t i) {
        const std::size_t from = static_cast<std::size_t>(i) * part;
        body(from, std::min(part, n - from));
    });
}

SourcePtr blurred(const SourcePtr& map, double sigma)
{
    SmoothOptions smooth;
    smooth.kind = Smoothing::Gaussian;
    smooth.sigma = sigma;
    return smoothed(map, smooth);
}

std::shared_ptr<Volume> changeOverDepth(const VolumeSource& raw, Task& task)
{
    const Shape shape = raw.shape();
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    auto map = std::make_shared<Volume>(Shape { 1, shape.y, shape.x }, Scalar::F32, raw.voxelSize(), raw.name());
    float* sum = map->as<float>().data();
    dispatch(raw.scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        std::vector<T> last; // the two slices before the slab
        forEachTypedSlab(raw, slabDepth(raw), task, "Summing the change along z", [&](const Box& box, auto bytes) {
            const auto* slab = reinterpret_cast<const T*>(bytes.data());
            const auto sliceAt = [&](std::int64_t z) {
                return z >= box.start.z ? slab + static_cast<std::size_t>(z - box.start.z) * plane
                                        : last.data() + static_cast<std::size_t>(z - box.start.z + 2) * plane;
            };
            const std::int64_t end = box.start.z + box.size.z;
            // Slices whose neighbour after them has arrived.
            const std::int64_t from = std::max<std::int64_t>(0, box.start.z - 1);
            const std::int64_t to = end == shape.z ? end : end - 1;
            forEachPart(plane, [&](std::size_t first, std::size_t n) {
                task.throwIfStopped();
                for (std::int64_t z = from; z < to; ++z) {
                    const Neighbours at = neighboursOf(z, shape.z);
                    vectorised<AddChange>(sliceAt(at.before) + first, sliceAt(at.after) + first, n, at.factor, sum + first);
                }
            });
            std::vector<T> kept(2 * plane);
            for (std::int64_t z = std::max<std::int64_t>(0, end - 2); z < end; ++z)
                std::copy_n(sliceAt(z), plane, kept.data() + static_cast<std::size_t>(z - end + 2) * plane);
            last.swap(kept);
        });
    });
    return map;
}

/// A map for every slice: the moving sum of the change along z, before the Gaussian.
class MovingSumView : public VolumeSource {
public:
    MovingSumView(SourcePtr raw, int window)
        : m_raw(std::move(raw))
        , m_half(window / 2)
    {
    }
    Shape shape() const override { return m_raw->shape(); }
    Scalar scalar() const override { return Scalar::F32; }
    VoxelSize voxelSize() const override { return m_raw->voxelSize(); }
    std::string name() const override { return m_raw->name(); }

    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        auto* out = reinterpret_cast<float*>(to.data());
        const std::int64_t depth = shape().z;
        const auto plane = static_cast<std::size_t>(box.size.sliceVoxels());
        const std::int64_t first = std::max<std::int64_t>(0, box.start.z - m_half);
        const std::int64_t last = std::min(depth - 1, box.start.z + box.size.z - 1 + m_half);
        dispatch(m_raw->scalar(), [&](auto tag) {
            using T = typename decltype(tag)::type;
            Box around = box;
            around.start.z = std::max<std::int64_t>(0, first - 1);
            around.size.z = std::min(depth - 1, last + 1) - around.start.z + 1;
            const std::vector<T> grey = readAs<T>(*m_raw, around);
            forEachPart(plane, [&](std::size_t from, std::size_t n) {
                const auto changeAt = [&](std::int64_t z, std::vector<float>& change) {
                    const Neighbours at = neighboursOf(z, depth);
                    std::fill(change.begin(), change.end(), 0.0F);
                    vectorised<AddChange>(grey.data() + static_cast<std::size_t>(at.before - around.start.z) * plane + from,
                        grey.data() + static_cast<std::size_t>(at.after - around.start.z) * plane + from, n, at.factor,
                        change.data());
                };
                // In double, so that what is added and taken off again leaves nothing behind.
                std::vector<double> sum(n);
                std::vector<float> change(n);
                std::int64_t low = first; // summed: low … high − 1
                std::int64_t high = first;
                for (std::int64_t z = box.start.z; z < box.start.z + box.size.z; ++z) {
                    for (; high <= std::min(depth - 1, z + m_half); ++high) {
                        changeAt(high, change);
                        vectorised<AddTo>(static_cast<const float*>(change.data()), n, 1.0, sum.data());
                    }
                    for (; low < z - m_half; ++low) {
                        changeAt(low, change);
                        vectorised<AddTo>(static_cast<const float*>(change.data()), n, -1.0, sum.data());
                    }
                    const double scale = static_cast<double>(2 * m_half + 1) / static_cast<double>(high - low);
                    float* row = out + static_cast<std::size_t>(z - box.start.z) * plane + from;
                    for (std::size_t i = 0; i < n; ++i)
                        row[i] = static_cast<float>(std::max(0.0, sum[i] * scale));
                }
            });
        });
    }

private:
    SourcePtr m_raw;
    int m_half;
};

/// A Gaussian over each slice alone.
class SliceGaussianView : public VolumeSource {
public:
    SliceGaussianView(SourcePtr source, double sigma)
        : m_source(std::move(source))
        , m_sigma(sigma)
    {
    }
    Shape shape() const override { return m_source->shape(); }
    Scalar scalar() const override { return Scalar::F32; }
    VoxelSize voxelSize() const override { return m_source->voxelSize(); }
    std::string name() const override { return m_source->name(); }

    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        const auto rim = static_cast<std::int64_t>(4 * m_sigma + 0.5);
        const Shape all = shape();
        Box around = box;
        around.start.y = std::max<std::int64_t>(0, box.start.y - rim);
        around.start.x = std::max<std::int64_t>(0, box.start.x - rim);
        around.size.y = std::min(all.y, box.start.y + box.size.y + rim) - around.start.y;
        around.size.x = std::min(all.x, box.start.x + box.size.x + rim) - around.start.x;
        std::vector<float> slices = readAs<float>(*m_source, around);
        const auto plane = static_cast<std::size_t>(around.size.sliceVoxels());
        const std::size_t outPlane = to.size() / static_cast<std::size_t>(box.size.z);
        for (std::int64_t z = 0; z < box.size.z; ++z) {
            const auto at = static_cast<std::size_t>(z);
            const SourcePtr slice = Volume::from<float>(
                { 1, around.size.y, around.size.x }, std::span<const float>(slices).subspan(at * plane, plane));
            blurred(slice, m_sigma)
                ->read({ { 0, box.start.y - around.start.y, box.start.x - around.start.x }, { 1, box.size.y, box.size.x } },
                    to.subspan(at * outPlane, outPlane));
        }
    }

private:
    SourcePtr m_source;
    double m_sigma;
};

/// 1 where the map is above the threshold.
class AboveView : public VolumeSource {
public:
    AboveView(SourcePtr map, double threshold)
        : m_map(std::move(map))
        , m_threshold(threshold)
    {
    }
    Shape shape() const override { return m_map->shape(); }
    Scalar scalar() const override { return Scalar::U8; }
    VoxelSize voxelSize() const override { return m_map->voxelSize(); }
    std::string name() const override { return m_map->name(); }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        // A few slices of the map at a time: it takes many times the memory of its mask.
        constexpr std::int64_t depth = 8;
        std::size_t at = 0;
        for (std::int64_t z = 0; z < box.size.z; z += depth) {
            Box part = box;
            part.start.z += z;
            part.size.z = std::min(depth, box.size.z - z);
            for (const float value : readAs<float>(*m_map, part))
                to[at++] = std::byte { static_cast<double>(value) > m_threshold };
        }
    }

private:
    SourcePtr m_map;
    double m_threshold;
};

/// Repeats one slice of mask over the depth of the volume.
class RepeatingSink : public VolumeSink {
public:
    RepeatingSink(VolumeSink& to, Task& task)
        : m_to(to)
        , m_task(task)
    {
    }
    Shape shape() const override { return { 1, m_to.shape().y, m_to.shape().x }; }
    Scalar scalar() const override { return Scalar::U8; }
    void write(const Box&, std::span<const std::byte> from) override { m_slice.assign(from.begin(), from.end()); }
    void finish() override
    {
        for (std::int64_t z = 0; z < m_to.shape().z; ++z) {
            m_task.throwIfStopped();
            m_to.write(Box::slices(m_to.shape(), z, 1), m_slice);
        }
        m_to.finish();
    }

private:
    VolumeSink& m_to;
    Task& m_task;
    std::vector<std::byte> m_slice;
};

} // namespace

SourcePtr depthMap(const SourcePtr& raw, const DepthMapOptions& options, Task& task)
{
    check(options);
    const Shape shape = raw->shape();
    if (shape.empty())
        throw Error(raw->name() + " has no voxels", "Choose a volume with at least two slices.");
    if (shape.z < 2)
        throw Error(raw->name() + " is a single slice, and a depth map shows what changes from slice to slice",
            "Choose a stack of at least two slices, or another method.");
    if (options.window > 0) {
        SourcePtr map = std::make_shared<MovingSumView>(raw, options.window);
        return options.sigma > 0 ? std::make_shared<SliceGaussianView>(map, options.sigma) : map;
    }
    const SourcePtr map = changeOverDepth(*raw, task);
    if (options.sigma == 0)
        return map;
    auto smooth = std::make_shared<Volume>(map->shape(), Scalar::F32, raw->voxelSize(), raw->name());
    SliceGaussianView(map, options.sigma).read(Box::whole(map->shape()), smooth->bytes());
    return smooth;
}

DepthMapResult makeDepthMask(const SourcePtr& map, const Shape& volume, VolumeSink& mask, VolumeSink* mapOut,
    const DepthMapOptions& options, Task& task)
{
    check(options);
    const bool whole = map->shape() != volume;
    if (mask.shape() != volume || mask.scalar() != Scalar::U8)
        throw Error("The mask's file was opened as " + describe(mask.shape()) + " " + scalarName(mask.scalar())
                + " but must be " + describe(volume) + " u8",
            "Open it with the volume's shape and type u8.");
    DepthMapResult result;
    Task counting = task.part(0, 0.5);
    const Histogram histogram = computeHistogram(*map, { .bins = 256 }, counting);
    result.minimum = histogram.minimum;
    result.maximum = histogram.maximum;
    const bool otsu = options.threshold == DepthMapOptions::Threshold::Otsu;
    result.threshold = otsu ? otsuThreshold(histogram) : options.thresholdValue;
    if (histogram.minimum == histogram.maximum)
        result.findings.push_back({ Finding::Severity::Warning, "constant-map",
            "The change along z is the same everywhere, so there is nothing to tell apart"
                + std::string(otsu ? ": the mask is all background." : ".") });
    else if (!otsu && (result.threshold >= result.maximum || result.threshold < result.minimum)) {
        char text[160];
        std::snprintf(text, sizeof text,
            "The threshold %.6g is outside the map's range, %.6g to %.6g, so the mask is all %s.", result.threshold,
            result.minimum, result.maximum, result.threshold >= result.maximum ? "background" : "foreground");
        result.findings.push_back({ Finding::Severity::Warning, "threshold-outside", text });
    }
    Task keeping = task.part(0.5, mapOut ? 0.8 : 1);
    const AboveView above(map, result.threshold);
    ComponentsOptions components;
    components.minimumVoxels = options.minimumVoxels;
    RepeatingSink repeating(mask, keeping);
    const ComponentsResult kept
        = keepLargeComponents(above, whole ? static_cast<VolumeSink&>(repeating) : mask, components, keeping);
    result.objects = kept.objects;
    result.foregroundFraction = static_cast<double>(kept.voxels) / static_cast<double>(map->shape().voxels());
    if (mapOut) {
        Task writing = task.part(0.8, 1);
        copy(*map, *mapOut, writing, "Writing the map");
    }
    return result;
}

Cost estimateDepthMap(const Shape& shape, Scalar scalar, const DepthMapOptions& options)
{
    constexpr std::uint64_t slab = std::uint64_t { 32 } << 20;
    const auto plane = static_cast<std::uint64_t>(shape.sliceVoxels());
    Cost cost;
    if (options.window == 0) {
        cost.ramBytes = 2 * std::max(slab, plane * bytesOf(scalar)) + 4 * plane * bytesOf(scalar) + 12 * plane;
    } else {
        // A slab of maps, the grey values around it, padded copies for the Gaussian, and the components' slab.
        const std::uint64_t depth = std::max<std::uint64_t>(1, slab / std::max<std::uint64_t>(1, plane * 4));
        cost.ramBytes
            = (depth + static_cast<std::uint64_t>(options.window) + 2) * plane * bytesOf(scalar) + 4 * depth * plane * 4;
    }
    cost.operations
        = static_cast<double>(shape.voxels()) * (options.window == 0 ? 3 : 3 * (6 + 4 * (8 * options.sigma + 1)));
    return cost;
}

} // namespace interstice
