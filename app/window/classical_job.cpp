// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/classical_job.h"

#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "volume/views.h"

#include <chrono>
#include <cstdio>

namespace interstice {

Cost estimate(const ClassicalSetup& setup, const Shape& shape, Scalar scalar)
{
    const Scalar read = setup.first.any() ? Scalar::F32 : scalar;
    Cost cost = std::visit(
        [&](const auto& options) {
            using Options = std::decay_t<decltype(options)>;
            if constexpr (std::is_same_v<Options, InitialMaskOptions>)
                return estimateInitialMask(shape, read, options);
            else if constexpr (std::is_same_v<Options, KMeansOptions>)
                return estimateKMeans(shape, read, options);
            else
                return estimateDepthMap(shape, read, options);
        },
        setup.options);
    const Cost first = estimatePreprocess(shape, setup.first);
    cost.ramBytes += first.ramBytes;
    cost.operations += first.operations;
    return cost;
}

namespace {

constexpr TiffWriteOptions kMaskFile { Compression::Lzw };

std::string inPercent(double share)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
    return text;
}

void make(ClassicalDone& done, const SourcePtr& raw, const InitialMaskOptions& options, const std::filesystem::path& file,
    const std::filesystem::path&, Task& task)
{
    const auto sink = createTiff(file, raw->shape(), Scalar::U8, raw->voxelSize(), kMaskFile);
    const InitialMaskResult result = makeInitialMask(*raw, *sink, options, task);
    done.findings = result.findings;
    done.sentence
        = (options.equalise ? "CLAHE + Otsu: " : "Otsu: ") + inPercent(result.foregroundFraction()) + " foreground";
    done.mask = std::make_shared<MaskView>(openVolume(file).source, LabelRule {});
}

void make(ClassicalDone& done, const SourcePtr& raw, const KMeansOptions& options, const std::filesystem::path& file,
    const std::filesystem::path&, Task& task)
{
    Task finding = task.part(0, 0.9);
    Task writing = task.part(0.9, 1);
    const auto sink = createTiff(file, raw->shape(), Scalar::U8, raw->voxelSize(), kMaskFile);
    KMeansResult result = findClusters(*raw, options, finding);
    writeClusters(*raw, result, *sink, nullptr, writing);
    done.findings = result.findings;
    done.sentence = std::to_string(options.clusters) + " clusters in " + std::to_string(result.iterations)
        + " iterations, the brightest "
        + inPercent(static_cast<double>(result.sizes.back()) / static_cast<double>(raw->shape().voxels()))
        + " of the volume";
    done.mask = std::make_shared<MaskView>(openVolume(file).source, LabelRule { { options.clusters }, std::nullopt });
}

void make(ClassicalDone& done, const SourcePtr& raw, const DepthMapOptions& options, const std::filesystem::path& file,
    const std::filesystem::path& mapFile, Task& task)
{
    Task mapping = task.part(0, 0.4);
    Task masking = task.part(0.4, 1);
    const auto sink = createTiff(file, raw->shape(), Scalar::U8, raw->voxelSize(), kMaskFile);
    const SourcePtr map = depthMap(raw, options, mapping);
    const auto mapSink = createTiff(mapFile, map->shape(), Scalar::F32, raw->voxelSize());
    const DepthMapResult result = makeDepthMask(map, raw->shape(), *sink, mapSink.get(), options, masking);
    done.findings = result.findings;
    done.sentence = "Depth map: " + inPercent(result.foregroundFraction) + " foreground in " + std::to_string(result.objects)
        + (result.objects == 1 ? " object" : " objects");
    done.mask = std::make_shared<MaskView>(openVolume(file).source, LabelRule {});
    SourcePtr written = openVolume(mapFile).source;
    if (options.window == 0)
        written = std::make_shared<RepeatView>(written, raw->shape().z);
    done.map = { written, result.minimum, result.maximum };
}

} // namespace

ClassicalDone runClassical(const SourcePtr& raw, const ClassicalSetup& setup, const std::filesystem::path& file,
    const std::filesystem::path& mapFile, Task& task)
{
    resetPeakResidentBytes();
    const auto started = std::chrono::steady_clock::now();
    ClassicalDone done;
    const double ready = setup.first.any() ? 0.5 : 0;
    Task preparing = task.part(0, ready);
    Task making = task.part(ready, 1);
    const SourcePtr prepared = preprocess(raw, setup.first, preparing);
    std::visit([&](const auto& options) { make(done, prepared, options, file, mapFile, making); }, setup.options);
    done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    done.peakBytes = peakResidentBytes();
    return done;
}

} // namespace interstice
