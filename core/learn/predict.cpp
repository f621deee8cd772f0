// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/predict.h"

#include "base/allocator.h"
#include "base/log.h"
#include "base/page_vector.h"
#include "learn/checkpoint.h"
#include "learn/devices.h"
#include "learn/out_of_memory.h"
#include "learn/script_network.h"
#include "learn/slice_flow.h"
#include "learn/slice_writer.h"
#include "learn/tile_crew.h"
#include "learn/torch_border.h"

#include <chrono>
#include <cmath>
#include <functional>
#include <future>

namespace interstice {

PredictOptions::Mode parsePredictMode(const std::string& name)
{
    if (name == "paper")
        return PredictOptions::Mode::Paper;
    if (name == "exact")
        return PredictOptions::Mode::Exact;
    throw Error("'" + name + "' is not a way to predict", "Choose paper or exact.");
}

namespace {

using Clock = std::chrono::steady_clock;

/// One prediction: reads slabs, has tiles computed, writes finished slices.
class Prediction {
public:
    Prediction(
        const VolumeSource& raw, LoadedModel model, const PredictionSinks& sinks, const PredictOptions& options, Task& task);
    PredictResult run();

private:
    /// Some slices of the padded volume.
    struct Span {
        std::int64_t from;
        std::int64_t to;
    };
    /// What is read for the tiles of a slab, which tiles those are, and what happens when it is their turn.
    struct Passes {
        std::function<Span(std::int64_t z)> depthOf;
        std::function<std::vector<TileUnit>(std::int64_t z)> unitsOf;
        std::function<void(std::size_t slab, std::int64_t z)> takeSlab;
    };
    void overSlabs(const Passes& passes);
    void runPaper();
    /// From slice `written` of the padded volume on.
    void runExact(std::int64_t written = 0);
    void runFlow();
    /// Writes the first slices of (C, D, H, W), the first being slice z, while the caller goes on.
    void writeBehind(const torch::Tensor& values, std::int64_t z);
    std::future<PageVector<float>> readAhead(const Span& span);
    void tilesDone(std::size_t count);

    const VolumeSource& m_raw;
    LoadedModel m_model;
    PredictOptions m_options;
    Task& m_task;
    TilePlan m_plan;
    TileCrew m_crew;
    GreyRange m_range;
    SliceWriter m_writer;
    std::future<void> m_writing; ///< slices that are written while the next ones are computed
    std::size_t m_tilesDone = 0;
    Findings m_findings;
};

PredictOptions resolved(PredictOptions options)
{
    options.device = resolveDeviceList(options.device);
    return options;
}

/// A model that can predict; of a TorchScript archive what it is taken to be, and what it gives of a tile.
LoadedModel loadPredictor(const std::filesystem::path& path, const PredictOptions& options)
{
    if (!isScript(path)) {
        LoadedModel model = loadModel(path);
        requirePredicts(model.card, path);
        return model;
    }
    LoadedModel model;
    model.file = path;
    model.card = readPredictorCard(path, options.script);
    (void)planTiles({ 1, 1, 1 }, model.card, resolved(options)); // says what cannot be before anything runs
    ScriptCard& script = *model.card.script;
    script.outputs = tryScript(path, script, torch::Device(resolveDevices(options.device).front()));
    model.card.architecture.classes = std::max(2, script.outputs);
    return model;
}

GreyRange rangeFor(const VolumeSource& raw, const ModelCard& card, Task& task)
{
    // The same rule as in training, applied to this stack: another scan has other grey values.
    Task step = task.part(0, 0.02);
    if (card.script)
        return findScriptRange(raw, card.script->grey, step);
    return findRange(raw, card.normalise, step);
}

Prediction::Prediction(
    const VolumeSource& raw, LoadedModel model, const PredictionSinks& sinks, const PredictOptions& options, Task& task)
    : m_raw(raw)
    , m_model(std::move(model))
    , m_options(resolved(options))
    , m_task(task)
    , m_plan(planTiles(raw.shape(), m_model.card, m_options))
    , m_crew(m_model, resolveDevices(m_options.device), m_options, m_plan.tile, m_plan.batch, task)
    , m_range(rangeFor(raw, m_model.card, task))
    , m_writer(raw.shape(), m_plan, sinks, m_crew.channels(), m_options.threshold)
{
}

void Prediction::tilesDone(std::size_t count)
{
    m_tilesDone += count;
    const std::size_t all = m_plan.z.size() * m_plan.y.size() * m_plan.x.size();
    m_task.progress(0.02 + 0.98 * static_cast<double>(m_tilesDone) / static_cast<double>(all), "Predicting");
}

std::future<PageVector<float>> Prediction::readAhead(const Span& span)
{
    return std::async(
        std::launch::async, [this, span] { return readPadded(m_raw, m_range, m_plan, span.from, span.to - span.from); });
}

void Prediction::overSlabs(const Passes& passes)
{
    const auto& starts = m_plan.z;
    std::future<PageVector<float>> reading = readAhead(passes.depthOf(starts.front()));
    std::size_t given = 0;
    const auto give = [&] {
        const Span span = passes.depthOf(starts[given]);
        const auto slab = std::make_shared<const Slab>(
            Slab { given, { span.to - span.from, m_plan.padded.y, m_plan.padded.x }, reading.get() });
        if (given + 1 < starts.size())
            reading = readAhead(passes.depthOf(starts[given + 1]));
        for (TileUnit& unit : passes.unitsOf(starts[given])) {
            unit.slab = slab;
            m_crew.add(std::move(unit));
        }
        ++given;
    };
    for (std::size_t i = 0; i < starts.size(); ++i) {
        // Several devices find the next slab's tiles while the last of this one's are still in work.
        while (given < std::min(starts.size(), i + (m_crew.several() ? 2 : 1)))
            give();
        passes.takeSlab(i, starts[i]);
    }
}

void Prediction::writeBehind(const torch::Tensor& values, std::int64_t z)
{
    if (m_writing.valid())
        m_writing.get();
    const auto copy = std::make_shared<PageVector<float>>(static_cast<std::size_t>(values.numel()));
    torch::from_blob(copy->data(), values.sizes(), torch::kFloat32).copy_(values);
    const std::int64_t count = values.size(1);
    m_writing = std::async(std::launch::async, [this, copy, z, count, channels = values.size(0)] {
        const auto stride = static_cast<std::ptrdiff_t>(copy->size()) / channels;
        std::vector<const float*> starts;
        for (std::int64_t c = 0; c < channels; ++c)
            starts.push_back(copy->data() + c * stride);
        try {
            m_writer.write(starts, z, count);
        } catch (const std::bad_alloc&) { // not the network's, which smaller pieces would help
            throw OutOfMemory(
                "Prediction ran out of memory while it wrote slices", "Close other programs, or use the paper mode.");
        }
    });
}

namespace {

torch::Tensor asVector(const std::vector<float>& values, const torch::Device& device)
{
    return torch::tensor(values, torch::kFloat32).to(device);
}

} // namespace

void Prediction::runPaper()
{
    c10::InferenceMode inference;
    const torch::Device& home = m_crew.home();
    const Shape padded = m_plan.padded;
    const Shape tile = m_plan.tile;
    // The weights of a tile's voxels, and the sums of those of all tiles that cover a voxel, are products over the axes.
    const auto product = [&](const std::vector<float>& z, const std::vector<float>& y, const std::vector<float>& x) {
        return asVector(z, home).view({ -1, 1, 1 }) * asVector(y, home).view({ 1, -1, 1 })
            * asVector(x, home).view({ 1, 1, -1 });
    };
    const auto window = product(smoothWindow(tile.z), smoothWindow(tile.y), smoothWindow(tile.x));
    const auto sumZ = windowSum(padded.z, m_plan.z, smoothWindow(tile.z));
    const auto plane = product(
        { 1.0F }, windowSum(padded.y, m_plan.y, smoothWindow(tile.y)), windowSum(padded.x, m_plan.x, smoothWindow(tile.x)));
    std::vector<TileUnit> units; // the same for every slab
    for (const auto y : m_plan.y) {
        for (const auto x : m_plan.x) {
            if (units.empty() || units.back().tiles.size() == static_cast<std::size_t>(m_plan.batch))
                units.push_back({ nullptr, {}, tile, Box::whole(tile) });
            units.back().tiles.push_back({ y, x });
        }
    }

    auto sums = torch::zeros({ m_crew.channels(), tile.z, padded.y, padded.x }, torch::TensorOptions(home));
    Passes passes;
    passes.depthOf = [&](std::int64_t z) { return Span { z, z + tile.z }; };
    passes.unitsOf = [&](std::int64_t) { return units; };
    passes.takeSlab = [&](std::size_t i, std::int64_t z) {
        for (const TileUnit& unit : units) {
            const torch::Tensor values = m_crew.next();
            for (std::size_t k = 0; k < unit.tiles.size(); ++k)
                sums.slice(2, unit.tiles[k].y, unit.tiles[k].y + tile.y)
                    .slice(3, unit.tiles[k].x, unit.tiles[k].x + tile.x)
                    .addcmul_(values[static_cast<std::int64_t>(k)], window);
            tilesDone(unit.tiles.size());
        }
        // Slices before the next tile's start get nothing more.
        const std::int64_t done = i + 1 < m_plan.z.size() ? m_plan.z[i + 1] - z : tile.z;
        for (std::int64_t k = 0; k < done; ++k)
            sums.select(1, k).div_(plane * sumZ[static_cast<std::size_t>(z + k)]);
        writeBehind(sums.slice(1, 0, done), z);
        for (std::int64_t k = 0; k < tile.z; ++k) {
            auto slice = sums.select(1, k);
            if (k + done < tile.z)
                slice.copy_(sums.select(1, k + done));
            else
                slice.zero_();
        }
    };
    overSlabs(passes);
}

void Prediction::runFlow()
{
    c10::InferenceMode inference;
    const torch::Device& device = m_crew.home();
    std::int64_t written = 0;
    const auto take = [&](const torch::Tensor& logits) {
        if (!logits.defined())
            return;
        writeBehind(probabilitiesOf(logits)[0], written);
        written += logits.size(2);
    };
    try {
        SliceFlow flow(dynamic_cast<const FoldedUNet&>(m_crew.network())); // in exact mode its order is contiguous
        const auto between = [this] { m_task.throwIfStopped(); };
        const auto spanAt = [&](std::int64_t z) { return Span { z, std::min(z + m_plan.flow, m_plan.padded.z) }; };
        std::future<PageVector<float>> reading = readAhead(spanAt(0));
        for (const std::int64_t z : m_plan.z) {
            const Span span = spanAt(z);
            PageVector<float> grey = reading.get();
            if (span.to < m_plan.padded.z)
                reading = readAhead(spanAt(span.to));
            const Shape size { span.to - span.from, m_plan.padded.y, m_plan.padded.x };
            if (m_options.beforeTiles)
                m_options.beforeTiles(size, 1);
            const auto slices = torch::from_blob(grey.data(), { 1, 1, size.z, size.y, size.x }, torch::kFloat32);
            take(flow.push(slices.to(device), between));
            tilesDone(1);
        }
        while (!flow.finished()) {
            if (m_options.beforeTiles)
                m_options.beforeTiles({ 1, m_plan.padded.y, m_plan.padded.x }, 1);
            take(flow.finish(between));
        }
        return;
    } catch (const std::exception& problem) {
        if (!isShortage(problem))
            throw;
    }
    // Outside the handler, so that what the flow held is free again. Tiles give the same.
    m_findings.push_back({ Finding::Severity::Note, "smaller-pieces",
        "Memory ran out with whole planes; went on in tiles from slice " + std::to_string(written)
            + ". The result is the same." });
    logWarning(m_findings.back().text);
    if (m_writing.valid())
        m_writing.get();
    m_options.flow = false;
    m_plan = planTiles(m_raw.shape(), m_model.card, m_options);
    m_tilesDone = 0;
    runExact(written);
}

void Prediction::runExact(std::int64_t written)
{
    c10::InferenceMode inference;
    const Shape padded = m_plan.padded;
    const Shape core = m_plan.core;
    const auto withMargin = [](std::int64_t start, std::int64_t length, std::int64_t margin, std::int64_t end) {
        return Span { std::max<std::int64_t>(0, start - margin), std::min(end, start + length + margin) };
    };
    auto result = torch::empty({ m_crew.channels(), core.z, padded.y, padded.x });
    std::erase_if(m_plan.z, [&](std::int64_t z) { return z + core.z <= written; });
    if (m_plan.z.empty())
        return;
    Passes passes;
    passes.depthOf = [&](std::int64_t z) { return withMargin(z, core.z, m_plan.margin.z, padded.z); };
    passes.unitsOf = [&](std::int64_t z) {
        const Span depth = passes.depthOf(z);
        std::vector<TileUnit> units;
        for (const auto y : m_plan.y) {
            const Span rows = withMargin(y, core.y, m_plan.margin.y, padded.y);
            for (const auto x : m_plan.x) {
                const Span columns = withMargin(x, core.x, m_plan.margin.x, padded.x);
                units.push_back({ nullptr, { { rows.from, columns.from } },
                    { depth.to - depth.from, rows.to - rows.from, columns.to - columns.from },
                    { { z - depth.from, y - rows.from, x - columns.from }, core } });
            }
        }
        return units;
    };
    passes.takeSlab = [&](std::size_t, std::int64_t z) {
        for (const auto y : m_plan.y) {
            for (const auto x : m_plan.x) {
                result.slice(2, y, y + core.y).slice(3, x, x + core.x).copy_(m_crew.next()[0]);
                tilesDone(1);
            }
        }
        // The last core is flush with the end and may repeat slices of the one before.
        writeBehind(result.slice(1, written - z), written);
        written = z + core.z;
    };
    overSlabs(passes);
}

PredictResult Prediction::run()
{
    const auto started = Clock::now();
    if (m_plan.flow > 0)
        runFlow();
    else if (m_plan.exact)
        runExact();
    else
        runPaper();
    if (m_writing.valid())
        m_writing.get();
    m_writer.finish();
    m_task.progress(1, "Predicted");
    const auto voxels = static_cast<double>(m_raw.shape().voxels());
    PredictResult result;
    result.foregroundFraction = static_cast<double>(m_writer.foreground()) / voxels;
    result.tiles = static_cast<std::int64_t>(m_tilesDone);
    result.seconds = std::chrono::duration<double>(Clock::now() - started).count();
    result.voxelsPerSecond = voxels / result.seconds;
    result.device = m_options.device;
    result.layers = describe(m_crew.mode());
    result.findings = m_crew.findings();
    result.findings.insert(result.findings.end(), m_findings.begin(), m_findings.end());
    result.classes = m_model.card.architecture.classes;
    if (m_model.card.script && !m_model.card.script->assumed.empty())
        result.findings.push_back({ Finding::Severity::Warning, "assumed", m_model.card.script->assumed });
    if (m_plan.shallow)
        result.findings.push_back({ Finding::Severity::Note, "shallow-chunks",
            "Chunks were only as deep as those trained on, for want of memory: a few voxels in a thousand may differ." });
    const VoxelSize trained = m_model.card.trainedAt.inMicrometres();
    const VoxelSize here = m_raw.voxelSize().inMicrometres();
    if (trained.known() && here.known() && std::abs(here.x / trained.x - 1) > 0.05)
        result.findings.push_back({ Finding::Severity::Warning, "other-voxel-size",
            "The model was trained at " + formatMicrometres(trained.x) + " a voxel and this stack has "
                + formatMicrometres(here.x) + ": objects look larger or smaller to it than it has learned." });
    return result;
}

} // namespace

PredictResult predict(const VolumeSource& raw, const std::filesystem::path& model, VolumeSink& mask, VolumeSink* probability,
    const PredictOptions& options, Task& task, VolumeSink* entropy)
{
    setLearnThreads(options.threads);
    const PredictResult result = atTorchBorder("Prediction", [&] {
        LoadedModel loaded = loadPredictor(model, options);
        requirePredictionFits(raw.shape(), loaded.card, resolved(options));
        return Prediction(raw, std::move(loaded), { mask, probability, entropy }, options, task).run();
    });
    returnFreeMemory();
    return result;
}

} // namespace interstice
