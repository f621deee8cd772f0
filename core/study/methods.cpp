// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/methods.h"

#include "base/error.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "segment/depth_map.h"
#include "segment/initial_mask.h"
#include "segment/kmeans.h"
#include "segment/preprocess.h"
#include "study/statistics.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace interstice {

namespace {

const TiffWriteOptions kPacked { Compression::Deflate };

PreprocessOptions firstSteps(const Method& method)
{
    return preprocessOptionsFromJson(method.options.value("first", Json::object()));
}

/// Keys that the defaults have in JSON, and "first".
void requireKeysOf(const Json& defaults, const Method& method, const std::string& where)
{
    for (const auto& [key, value] : method.options.items())
        if (key != "first" && !defaults.contains(key))
            throw Error(where + " has an option '" + key + "', which " + methodKindName(method.kind) + " does not have",
                "Correct its name, or leave it away.");
}

Json maskInitially(const Method& method, const SourcePtr& opened, const fs::path& mask, Task& task)
{
    const InitialMaskOptions options = initialMaskOptionsFromJson(method.options);
    const PreprocessOptions first = firstSteps(method);
    const auto sink = createTiff(mask, opened->shape(), Scalar::U8, opened->voxelSize(), kPacked);
    Task preparing = task.part(0, first.any() ? 0.6 : 0);
    Task masking = task.part(first.any() ? 0.6 : 0, 1);
    return toJson(makeInitialMask(*preprocess(opened, first, preparing), *sink, options, masking));
}

Json maskByKMeans(const Method& method, std::uint64_t seed, const SourcePtr& opened, const fs::path& mask, Task& task)
{
    KMeansOptions options = kMeansOptionsFromJson(method.options);
    options.seed = seed;
    const PreprocessOptions first = firstSteps(method);
    const double ready = first.any() ? 0.4 : 0;
    Task preparing = task.part(0, ready);
    Task finding = task.part(ready, 0.9);
    Task writing = task.part(0.9, 1);
    const SourcePtr raw = preprocess(opened, first, preparing);
    const auto brightest = createTiff(mask, opened->shape(), Scalar::U8, opened->voxelSize(), kPacked);
    // The clusters themselves are not part of a study: only the mask stays.
    fs::path labels = mask;
    labels.replace_extension(".clusters.tif");
    const auto clusters = createTiff(labels, opened->shape(), Scalar::U8, opened->voxelSize(), kPacked);
    KMeansResult result = findClusters(*raw, options, finding);
    writeClusters(*raw, result, *clusters, brightest.get(), writing);
    std::error_code ignored;
    fs::remove(labels, ignored);
    return toJson(result);
}

Json maskByDepth(const Method& method, const SourcePtr& opened, const fs::path& mask, const fs::path& map, Task& task)
{
    const DepthMapOptions options = depthMapOptionsFromJson(method.options);
    const PreprocessOptions first = firstSteps(method);
    const auto sink = createTiff(mask, opened->shape(), Scalar::U8, opened->voxelSize(), kPacked);
    const double ready = first.any() ? 0.5 : 0;
    Task preparing = task.part(0, ready);
    Task mapping = task.part(ready, ready + (1 - ready) * 0.4);
    Task masking = task.part(ready + (1 - ready) * 0.4, 1);
    const SourcePtr values = depthMap(preprocess(opened, first, preparing), options, mapping);
    std::unique_ptr<VolumeSink> mapOut;
    if (!map.empty())
        mapOut = createTiff(map, values->shape(), Scalar::F32, opened->voxelSize());
    return toJson(makeDepthMask(values, opened->shape(), *sink, mapOut.get(), options, masking));
}

const std::initializer_list<const char*> kUNetKeys = { "preset", "epochs", "batch", "learning_rate", "loss", "minimum_steps",
    "augment", "schedule", "devices", "threads", "mode", "overlap", "threshold" };

std::string firstInWords(const PreprocessOptions& first)
{
    std::string text;
    if (first.rings)
        text += "ring reduction and ";
    const SmoothOptions& smooth = first.smooth;
    if (smooth.kind == Smoothing::Gaussian)
        text += "a Gaussian of σ " + Json(smooth.sigma).dump() + " voxels and ";
    if (smooth.kind == Smoothing::Median)
        text += "a median of radius " + std::to_string(smooth.radius) + " voxels and ";
    if (smooth.kind == Smoothing::NonLocalMeans)
        text += "non-local means of strength " + Json(smooth.strength).dump() + " and ";
    return text.empty() ? text : "after " + text.substr(0, text.size() - 5) + ", ";
}

std::string number(double value)
{
    return Json(value).dump();
}

std::string scheduleInWords(Schedule schedule)
{
    switch (schedule) {
    case Schedule::Cosine:
        return " falling along half a cosine";
    case Schedule::Poly:
        return " falling as a power of what is left";
    case Schedule::Plateau:
        return " halved when the validation loss stands still";
    case Schedule::Constant:
        break;
    }
    return {};
}

std::string augmentationInWords(const AugmentOptions& options)
{
    const Json switches = toJson(options);
    std::string names;
    for (const auto& [name, on] : switches.items())
        if (on == true)
            names += (names.empty() ? "" : ", ") + name;
    return names.empty() ? ", no augmentation" : ", augmented by " + names;
}

std::string describeUNet(const Method& method)
{
    const TrainOptions options = trainOptionsFor(method, {}, 1);
    const PredictOptions predicting = predictOptionsFor(method);
    std::string filters;
    for (const int f : options.architecture.filters)
        filters += std::to_string(f) + "-";
    filters += std::to_string(options.architecture.bridge);
    return "a 3-D U-Net of the preset \"" + options.architecture.name + "\" (" + filters + " filters, "
        + grouped(options.architecture.parameters()) + " parameters) learned from the "
        + (method.labels == "otsu" ? "reference mask" : "truth (the reference mask where there is none)") + " with Adam at "
        + number(options.learningRate) + scheduleInWords(options.schedule) + ", batch " + std::to_string(options.batch)
        + ", " + std::to_string(options.epochs) + " epochs, loss " + lossName(options.loss)
        + augmentationInWords(options.augment) + "; the epoch with the best validation Dice predicted the whole stack "
        + (predicting.mode == PredictOptions::Mode::Exact
                ? "exactly, as the unchunked volume"
                : "in chunks that overlap by " + number(100 * predicting.overlap) + " %");
}

} // namespace

void requireKnownKeys(const Json& json, std::initializer_list<const char*> known, const std::string& where)
{
    if (!json.is_object())
        throw Error(where + " is no JSON object", "Write it in braces.");
    for (const auto& [key, value] : json.items()) {
        if (std::none_of(known.begin(), known.end(), [&](const char* one) { return key == one; })) {
            std::string list;
            for (const char* one : known)
                list += (list.empty() ? "" : ", ") + std::string(one);
            throw Error(where + " has '" + key + "', which means nothing here", "Choose from " + list + ".");
        }
    }
}

void checkOptions(const Method& method)
{
    const std::string where = "Method '" + method.id + "'";
    if (!method.options.is_object())
        throw Error(where + " has options that are no JSON object", "Write them in braces.");
    if (method.options.contains("first"))
        requireKnownKeys(method.options["first"], { "rings", "smooth" }, where + ", first,");
    firstSteps(method);
    switch (method.kind) {
    case MethodKind::ClaheOtsu:
        requireKeysOf(toJson(InitialMaskOptions()), method, where);
        if (initialMaskOptionsFromJson(method.options).classes != 2)
            throw Error(where + " divides into more classes than two", "A study scores masks: leave classes at 2.");
        break;
    case MethodKind::KMeans:
        requireKeysOf(toJson(KMeansOptions()), method, where);
        check(kMeansOptionsFromJson(method.options));
        break;
    case MethodKind::DepthMap:
        requireKeysOf(toJson(DepthMapOptions()), method, where);
        check(depthMapOptionsFromJson(method.options));
        break;
    case MethodKind::UNet: {
        requireKnownKeys(method.options, kUNetKeys, where);
        const TrainOptions options = trainOptionsFor(method, {}, 1);
        if (options.epochs < 1 || options.batch < 1 || !(options.learningRate > 0))
            throw Error(where + " has no epochs, no batch or no learning rate", "All three must be above zero.");
        predictOptionsFor(method);
        break;
    }
    }
}

Json completeOptions(const Method& method, std::uint64_t seed)
{
    Json json;
    switch (method.kind) {
    case MethodKind::ClaheOtsu:
        json = toJson(initialMaskOptionsFromJson(method.options));
        break;
    case MethodKind::KMeans: {
        KMeansOptions options = kMeansOptionsFromJson(method.options);
        options.seed = seed;
        json = toJson(options);
        break;
    }
    case MethodKind::DepthMap:
        json = toJson(depthMapOptionsFromJson(method.options));
        break;
    case MethodKind::UNet:
        return toJson(trainOptionsFor(method, {}, seed));
    }
    json["first"] = toJson(firstSteps(method));
    return json;
}

bool dependsOnSeed(const Method& method)
{
    return method.kind == MethodKind::KMeans || method.kind == MethodKind::UNet;
}

TrainOptions trainOptionsFor(const Method& method, const SplitOptions& split, std::uint64_t seed)
{
    const Json& given = method.options;
    TrainOptions options = TrainOptions::preset(given.value("preset", "quick"));
    options.epochs = given.value("epochs", options.epochs);
    options.batch = given.value("batch", options.batch);
    options.learningRate = given.value("learning_rate", options.learningRate);
    if (given.contains("loss"))
        options.loss = parseLoss(given["loss"].get<std::string>());
    options.minimumSteps = given.value("minimum_steps", options.minimumSteps);
    if (given.contains("augment"))
        options.augment = given["augment"].is_string() ? AugmentOptions::parse(given["augment"].get<std::string>())
                                                       : augmentOptionsFromJson(given["augment"]);
    if (given.contains("schedule"))
        options.schedule = parseSchedule(given["schedule"].get<std::string>());
    options.device = given.value("devices", options.device);
    options.threads = given.value("threads", options.threads);
    options.split = split;
    options.split.seed = seed;
    // All methods of a repeat share their test voxels, and the full guards of several networks might leave none.
    options.split.narrowGuard = true;
    options.seed = seed;
    return options;
}

PredictOptions predictOptionsFor(const Method& method)
{
    PredictOptions options;
    if (method.options.contains("mode"))
        options.mode = parsePredictMode(method.options["mode"].get<std::string>());
    options.overlap = method.options.value("overlap", options.overlap);
    options.threshold = method.options.value("threshold", options.threshold);
    options.device = method.options.value("devices", options.device);
    options.threads = method.options.value("threads", options.threads);
    return options;
}

Json makeMask(
    const Method& method, std::uint64_t seed, const fs::path& raw, const fs::path& mask, const fs::path& map, Task& task)
{
    const SourcePtr opened = openVolume(raw).source;
    switch (method.kind) {
    case MethodKind::ClaheOtsu:
        return maskInitially(method, opened, mask, task);
    case MethodKind::KMeans:
        return maskByKMeans(method, seed, opened, mask, task);
    case MethodKind::DepthMap:
        return maskByDepth(method, opened, mask, map, task);
    case MethodKind::UNet:
        break;
    }
    throw Error("A U-Net makes no mask before it is trained", "Please report this.");
}

Cost estimateMask(const Method& method, const Shape& shape, Scalar scalar)
{
    Cost cost;
    // Megavoxels a second on two cores, reading and writing included.
    double speed = 20;
    switch (method.kind) {
    case MethodKind::ClaheOtsu:
        cost = estimateInitialMask(shape, scalar, initialMaskOptionsFromJson(method.options));
        break;
    case MethodKind::KMeans:
        cost = estimateKMeans(shape, scalar, kMeansOptionsFromJson(method.options));
        break;
    case MethodKind::DepthMap:
        cost = estimateDepthMap(shape, scalar, depthMapOptionsFromJson(method.options));
        break;
    case MethodKind::UNet:
        return cost;
    }
    const PreprocessOptions first = firstSteps(method);
    if (first.any()) {
        cost.ramBytes += estimatePreprocess(shape, first).ramBytes;
        speed = first.smooth.kind == Smoothing::NonLocalMeans ? 2 : 10;
    }
    cost.seconds = 0.1 + static_cast<double>(shape.voxels()) / (speed * 1e6);
    return cost;
}

std::string describeMethod(const Method& method)
{
    const std::string first = firstInWords(firstSteps(method));
    switch (method.kind) {
    case MethodKind::ClaheOtsu: {
        const InitialMaskOptions options = initialMaskOptionsFromJson(method.options);
        return first
            + (options.equalise ? "CLAHE slice by slice (clip limit " + number(options.clahe.clipLimit) + ", "
                        + std::to_string(options.clahe.tiles) + " × " + std::to_string(options.clahe.tiles) + " tiles) and "
                                : std::string())
            + "Otsu's threshold over the whole volume";
    }
    case MethodKind::KMeans: {
        const KMeansOptions options = kMeansOptionsFromJson(method.options);
        const bool positions = options.spatialWeight > 0;
        return first + "K-means in " + std::to_string(options.clusters) + " clusters of standardised grey value"
            + (positions ? " and position (weight " + number(options.spatialWeight) + ")" : " alone")
            + (options.threshold == KMeansOptions::Threshold::Otsu ? " above Otsu's threshold"
                    : options.threshold == KMeansOptions::Threshold::Value
                    ? " above the grey value " + number(options.thresholdValue)
                    : "")
            + ", the brightest cluster being the mask";
    }
    case MethodKind::DepthMap: {
        const DepthMapOptions options = depthMapOptionsFromJson(method.options);
        return first + "the sum of |∂I/∂z| over "
            + (options.window == 0 ? "the whole depth" : std::to_string(options.window) + " slices around each")
            + ", a Gaussian of σ " + number(options.sigma) + " voxels and "
            + (options.threshold == DepthMapOptions::Threshold::Otsu
                    ? "Otsu's threshold"
                    : "a threshold of " + number(options.thresholdValue) + " grey values")
            + (options.minimumVoxels > 1 ? ", objects below " + std::to_string(options.minimumVoxels) + " voxels dropped"
                                         : "");
    }
    case MethodKind::UNet:
        return describeUNet(method);
    }
    return {};
}

} // namespace interstice
