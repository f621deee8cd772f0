// SPDX-License-Identifier: GPL-3.0-or-later
// Times the classical methods on one stack: bench_classical METHOD RAW.tif MASK.tif [REPEATS]. Prints one JSON object:
// seconds (the best of the repeats), bytes that must be moved, and the peak of resident memory beyond the start.
#include "base/allocator.h"
#include "base/cost.h"
#include "base/parallel.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "measure/surface_distance.h"
#include "morphology/components.h"
#include "morphology/distance_map.h"
#include "morphology/split_touching.h"
#include "segment/depth_map.h"
#include "segment/initial_mask.h"
#include "segment/kmeans.h"
#include "segment/otsu.h"
#include "segment/smooth.h"
#include "volume/labels.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>

using namespace interstice;

namespace {

/// Takes what is written and forgets it.
class NullSink : public VolumeSink {
public:
    NullSink(Shape shape, Scalar scalar)
        : m_shape(shape)
        , m_scalar(scalar)
    {
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return m_scalar; }
    void write(const Box&, std::span<const std::byte>) override { }
    void finish() override { }

private:
    Shape m_shape;
    Scalar m_scalar;
};

double secondsOf(const std::function<void()>& work)
{
    const auto started = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

/// Bytes read and written a second by a copy on all cores.
double copyBandwidth()
{
    constexpr std::size_t size = std::size_t { 256 } << 20;
    std::vector<char> from(size, 1);
    std::vector<char> to(size, 2);
    double best = 1e9;
    for (int repeat = 0; repeat < 5; ++repeat)
        best = std::min(best, secondsOf([&] {
            parallelFor(16, 0,
                [&](std::int64_t i) { std::memcpy(to.data() + i * (size / 16), from.data() + i * (size / 16), size / 16); });
        }));
    return 2.0 * size / best;
}

KMeansOptions kMeansOptions(int iterations)
{
    KMeansOptions options;
    options.threshold = KMeansOptions::Threshold::None;
    options.tolerance = 0;
    options.iterations = iterations;
    options.initial = { { 20000, 60, 100, 100 }, { 21000, 128, 256, 256 }, { 30000, 200, 400, 400 } };
    return options;
}

} // namespace

int main(int argc, char** argv)
try {
    keepLargeBlocks();
    if (argc < 4) {
        std::fprintf(stderr, "bench_classical METHOD RAW.tif MASK.tif [REPEATS]\n");
        return 2;
    }
    const std::string method = argv[1];
    const int repeats = argc > 4 ? std::atoi(argv[4]) : 3;
    Task task;
    if (method == "bandwidth") {
        std::printf("{\"bytes_per_s\": %.0f}\n", copyBandwidth());
        return 0;
    }
    const SourcePtr file = openVolume(argv[2]).source;
    // From the file, slab by slab: what a stack larger than memory takes.
    const bool streamed = method.ends_with("-streamed");
    const std::string what = streamed ? method.substr(0, method.size() - 9) : method;
    const SourcePtr raw = streamed ? file : SourcePtr(Volume::load(*file));
    const SourcePtr mask = what == "components" || what == "distance" || what == "split" || what == "surface"
        ? SourcePtr(Volume::load(*openVolume(argv[3]).source))
        : nullptr;
    const auto voxels = static_cast<double>(raw->shape().voxels());
    double bytes = voxels * static_cast<double>(bytesOf(raw->scalar()));
    double seconds = 0;
    const auto measured = [&](const std::function<void()>& work) {
        resetPeakResidentBytes();
        double best = 1e9;
        for (int repeat = 0; repeat < repeats; ++repeat)
            best = std::min(best, secondsOf(work));
        return best;
    };
    if (what == "kmeans") {
        seconds = measured([&] { findClusters(*raw, kMeansOptions(10), task); }) / 10;
    } else if (what == "kmeans-more") {
        const double few = measured([&] { findClusters(*raw, kMeansOptions(1), task); });
        const double more = measured([&] { findClusters(*raw, kMeansOptions(11), task); });
        seconds = (more - few) / 10;
    } else if (what == "clahe") {
        const Shape shape = raw->shape();
        const SliceEqualiser equaliser(raw->scalar(), { 0, 65535 }, {});
        const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
        std::vector<float> out(static_cast<std::size_t>(shape.voxels()));
        bytes += voxels * 4;
        seconds = measured([&] {
            forEachSlab(*raw, slabDepth(*raw), task, {}, [&](const Box& box, std::span<const std::byte> slab) {
                parallelFor(box.size.z, 0, [&](std::int64_t z) {
                    const auto i = static_cast<std::size_t>(z);
                    equaliser.equalise(slab.subspan(i * plane * 2, plane * 2), shape.y, shape.x,
                        std::span(out).subspan(static_cast<std::size_t>(box.start.z + z) * plane, plane));
                });
            });
        });
    } else if (what == "otsu") {
        seconds = measured([&] { otsuThreshold(computeHistogram(*raw, {}, task)); });
    } else if (what == "depthmap") {
        seconds = measured([&] {
            const SourcePtr map = depthMap(raw, {}, task);
            NullSink sink(raw->shape(), Scalar::U8);
            makeDepthMask(map, raw->shape(), sink, nullptr, {}, task);
        });
    } else if (what == "gaussian") {
        SmoothOptions smooth;
        smooth.kind = Smoothing::Gaussian;
        smooth.sigma = 2;
        std::vector<float> out(static_cast<std::size_t>(raw->shape().voxels()));
        bytes += voxels * 4;
        seconds = measured(
            [&] { smoothed(raw, smooth)->read(Box::whole(raw->shape()), std::as_writable_bytes(std::span(out))); });
    } else if (what == "components") {
        bytes = voxels * 5;
        seconds = measured([&] {
            labelComponents(*mask, [&](Scalar s) { return std::make_unique<NullSink>(mask->shape(), s); }, {}, task);
        });
    } else if (what == "distance") {
        bytes = voxels * 9;
        DistanceMapOptions options;
        options.memory = std::uint64_t { 4 } << 30;
        seconds = measured([&] { squaredDistanceMap(*mask, options, task); });
    } else if (what == "split") {
        bytes = voxels * 9;
        seconds = measured(
            [&] { splitTouching(*mask, [&](Scalar s) { return std::make_unique<NullSink>(mask->shape(), s); }, {}, task); });
    } else if (what == "mask") {
        // End to end: read, CLAHE, Otsu, write.
        const std::filesystem::path out = std::string(argv[3]) + ".bench.tif";
        bytes += voxels;
        seconds = measured([&] {
            const auto sink = createTiff(out, file->shape(), Scalar::U8, {});
            makeInitialMask(*openVolume(argv[2]).source, *sink, {}, task);
        });
        std::filesystem::remove(out);
    } else {
        std::fprintf(stderr, "There is no method %s.\n", method.c_str());
        return 2;
    }
    std::printf("{\"seconds\": %.6f, \"voxels\": %.0f, \"bytes\": %.0f, \"peak_bytes\": %llu}\n", seconds, voxels, bytes,
        static_cast<unsigned long long>(peakResidentBytes()));
    return 0;
} catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
}
