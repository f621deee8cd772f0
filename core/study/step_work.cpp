// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/step_work.h"

#include "base/error.h"
#include "base/file.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "learn/predict.h"
#include "learn/train.h"
#include "measure/scores.h"
#include "measure/surface_distance.h"
#include "study/methods.h"
#include "volume/labels.h"
#include "volume/slabs.h"
#include "volume/views.h"

namespace fs = std::filesystem;

namespace interstice {

namespace {

double megavoxels(const PlannedSet& set)
{
    return static_cast<double>(set.shape.voxels()) / 1e6;
}

Step basicStep(const PlannedSet& set, const std::string& kind)
{
    Step step;
    step.kind = kind;
    step.dataSet = set.set.id;
    return step;
}

SourcePtr openMask(const fs::path& path, const std::string& foreground)
{
    const auto rule = foreground.empty() ? std::nullopt : std::optional(parseLabelRule(foreground));
    Task counting;
    return asMask(openVolume(path).source, rule, counting);
}

/// Which voxels are left out, without listing thousands of boxes in every record.
Json describeBoxes(const std::vector<Box>& boxes)
{
    std::string text;
    for (const Box& box : boxes)
        text += describe(box) + "; ";
    return { { "boxes", boxes.size() }, { "checksum", checksumOfBytes(text.data(), text.size()) } };
}

} // namespace

SourcePtr prepared(const SourcePtr& file, const DataSet& set, bool labels)
{
    SourcePtr source = file;
    if (set.crop) {
        if (!set.crop->within(source->shape()))
            throw Error("The crop of data set '" + set.id + "' leaves the volume of " + describe(source->shape()),
                "Correct its start and size (z, y, x).");
        source = std::make_shared<CropView>(source, *set.crop);
    }
    if (set.voxelMicrometres > 0 && !source->voxelSize().known()) {
        const double edge = set.voxelMicrometres;
        source = std::make_shared<CalibratedView>(
            source, VoxelSize { edge, edge, edge, LengthUnit::Micrometre, SizeOrigin::User });
    }
    if (set.bin > 1)
        source = std::make_shared<BinView>(source, set.bin, labels ? BinView::Mode::Labels : BinView::Mode::Mean);
    return source;
}

Step phantomStep(const PlannedSet& set, const StudyPlaces& places)
{
    Step step = basicStep(set, "phantom");
    const PhantomRequest request = *set.set.phantom;
    const fs::path folder = places.folder / "data" / set.set.id;
    step.id = set.set.id + ".phantom";
    step.title = "Phantom: " + set.set.title;
    step.seed = request.seed;
    step.options = toJson(request);
    step.options["nature"] = phantomNature(request);
    step.outputs = { folder / "raw.tif", folder / "truth.tif", folder / "objects.csv" };
    step.cost = estimatePhantom(request);
    step.run = [request, folder](Task& task) { return StepOutcome { makePhantom(request, folder, task) }; };
    return step;
}

Step preparationStep(const PlannedSet& set, const fs::path& file, const fs::path& out, bool labels)
{
    Step step = basicStep(set, "prepare");
    const DataSet data = set.set;
    step.id = data.id + (labels ? ".prepare-truth" : ".prepare");
    step.title = "Crop and binning of " + utf8(file.filename());
    step.options = { { "bin", data.bin }, { "voxel_um", data.voxelMicrometres } };
    if (data.crop)
        step.options["crop"] = describe(*data.crop);
    step.inputs = { file };
    step.outputs = { out };
    step.cost.ramBytes = 200'000'000;
    step.cost.seconds = 0.2 + megavoxels(set) * data.bin * data.bin * data.bin / 50;
    step.run = [data, file, out, labels](Task& task) {
        const SourcePtr source = prepared(openVolume(file).source, data, labels);
        const auto sink = createTiff(out, source->shape(), source->scalar(), source->voxelSize(),
            { labels ? Compression::Deflate : Compression::None });
        copy(*source, *sink, task, "Cropping and binning");
        return StepOutcome {};
    };
    return step;
}

Step maskStep(const PlannedSet& set, const Method& method, std::uint64_t seed, const fs::path& mask, const fs::path& map)
{
    Step step = basicStep(set, "mask");
    step.method = method.id;
    step.id = stepId(set.set.id, method, seed, "mask");
    step.title = method.title + " of " + set.label();
    if (dependsOnSeed(method))
        step.seed = seed;
    step.options = completeOptions(method, seed);
    step.options["kind"] = methodKindName(method.kind);
    step.inputs = { set.raw };
    step.outputs = { mask };
    if (!map.empty())
        step.outputs.push_back(map);
    step.cost = estimateMask(method, set.shape, set.scalar);
    step.run = [=, raw = set.raw](Task& task) { return StepOutcome { makeMask(method, seed, raw, mask, map, task) }; };
    return step;
}

Step trainingStep(
    const PlannedSet& set, const Method& method, const SplitOptions& split, std::uint64_t seed, const fs::path& model)
{
    Step step = basicStep(set, "train");
    TrainOptions options = trainOptionsFor(method, split, seed);
    step.method = method.id;
    step.id = stepId(set.set.id, method, seed, "train");
    step.title = method.title + " on " + set.label() + ", seed " + std::to_string(seed) + ": training";
    step.seed = seed;
    step.options = toJson(options);
    step.options["labels"] = method.labels;
    const bool fromTruth = method.labels == "truth";
    const fs::path labels = fromTruth ? set.truth : set.reference;
    const std::string foreground = fromTruth ? set.set.foreground : "1";
    // Said only where it is not a mask's own 1: with another key what was trained before would be trained again.
    if (foreground != "1")
        step.options["foreground"] = foreground;
    step.inputs = { set.raw, labels };
    step.outputs = { model };
    step.cost = estimateTraining(set.shape, options);
    options.resume = true;
    options.log = model;
    options.log.replace_extension(".jsonl");
    step.forget = [model] {
        std::error_code ignored;
        fs::remove(checkpointPath(model), ignored);
    };
    step.run = [=, raw = set.raw, forget = step.forget](Task& task) {
        const SourcePtr grey = openVolume(raw).source;
        const TrainResult result = train(*grey, *openMask(labels, foreground), options, model, task);
        if (result.stopped)
            throw Stopped();
        forget();
        Json epochs = Json::array();
        for (const auto& epoch : result.epochs)
            epochs.push_back({ epoch.epoch, epoch.trainLoss, epoch.trainDice, epoch.validationLoss, epoch.validationDice });
        return StepOutcome { { { "best_epoch", result.bestEpoch }, { "val_dice", result.validationDice },
                                 { "parameters", result.parameters }, { "trained_fraction", result.split.trainedFraction() },
                                 { "epochs", epochs }, { "findings", toJson(result.findings) } },
            result.device };
    };
    return step;
}

Step predictionStep(const PlannedSet& set, const Method& method, const SplitOptions& split, std::uint64_t seed,
    const fs::path& model, const fs::path& mask)
{
    Step step = basicStep(set, "predict");
    const PredictOptions options = predictOptionsFor(method);
    step.method = method.id;
    step.id = stepId(set.set.id, method, seed, "predict");
    step.title = method.title + " on " + set.label() + ", seed " + std::to_string(seed) + ": prediction";
    step.seed = seed;
    step.options = toJson(options);
    if (options.mode == PredictOptions::Mode::Paper) // others give another mask
        step.options["tiles"] = { kPaperDepth, kPaperTile };
    step.inputs = { set.raw, model };
    step.outputs = { mask };
    const TrainOptions training = trainOptionsFor(method, split, seed);
    ModelCard card; // as the training will write it, for what the estimate needs
    card.architecture = training.architecture;
    card.split = makeSplit(set.shape, training.architecture, training.split);
    step.cost = estimatePrediction(set.shape, card, options);
    step.run = [=, raw = set.raw](Task& task) {
        const SourcePtr grey = openVolume(raw).source;
        const auto sink = createTiff(mask, grey->shape(), Scalar::U8, grey->voxelSize(), { Compression::Deflate });
        const PredictResult result = predict(*grey, model, *sink, nullptr, options, task);
        return StepOutcome { { { "foreground_fraction", result.foregroundFraction }, { "tiles", result.tiles },
                                 { "findings", toJson(result.findings) } },
            result.device };
    };
    return step;
}

Step scoreStep(
    const PlannedSet& set, const Method& method, std::uint64_t seed, const fs::path& mask, const std::vector<Box>& exclude)
{
    Step step = basicStep(set, "score");
    step.method = method.id;
    step.id = stepId(set.set.id, method, seed, "score");
    step.title = "Scores of " + method.title + " on " + set.label() + ", seed " + std::to_string(seed);
    step.seed = seed;
    step.options = { { "exclude", describeBoxes(exclude) }, { "foreground", set.set.foreground } };
    step.inputs = { mask, set.reference };
    if (set.hasTruth())
        step.inputs.push_back(set.truth);
    SurfaceOptions surfaces;
    surfaces.exclude = exclude;
    step.cost = estimateSurfaceDistances(set.shape, surfaces);
    step.cost.seconds = 0.1 + megavoxels(set) / (set.hasTruth() ? 6 : 60);
    step.run = [=, reference = set.reference, truth = set.truth, foreground = set.set.foreground](Task& task) {
        Task imitated = task.part(0, truth.empty() ? 1 : 0.1);
        Task overlapping = task.part(0.1, 0.2);
        Task measuring = task.part(0.2, 1);
        const ScoreOptions overlap { exclude };
        const SourcePtr scored = openMask(mask, "1");
        const ScoreResult beside = score(*scored, *openMask(reference, "1"), overlap, imitated);
        Json result = { { "truth", nullptr }, { "otsu", toJson(beside) },
            { "scored_fraction",
                1 - static_cast<double>(beside.excluded) / static_cast<double>(scored->shape().voxels()) } };
        if (!truth.empty()) {
            const SourcePtr exact = openMask(truth, foreground);
            result["truth"] = toJson(score(*scored, *exact, overlap, overlapping));
            result["truth"].update(toJson(surfaceDistances(*scored, *exact, surfaces, measuring)));
        }
        return StepOutcome { result };
    };
    return step;
}

} // namespace interstice
