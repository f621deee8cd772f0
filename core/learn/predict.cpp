// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/predict.h"

#include "base/allocator.h"
#include "learn/checkpoint.h"
#include "learn/devices.h"
#include "learn/slice_writer.h"
#include "learn/tile_runner.h"
#include "learn/torch_border.h"

#include <chrono>
#include <cmath>
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

/// One prediction: reads slabs, runs tiles, writes finished slices.
class Prediction {
public:
    Prediction(
        const VolumeSource& raw, LoadedModel model, const PredictionSinks& sinks, const PredictOptions& options, Task& task);
    PredictResult run();

private:
    struct Tile {
        std::int64_t y;
        std::int64_t x;
    };
    /// Slices of the padded volume on the device, (D, H, W).
    torch::Tensor onDevice(const std::vector<float>& slab) const;
    /// Probabilities of tiles cut from such slices, (n, C, tz, ty, tx).
    torch::Tensor probabilities(const torch::Tensor& slab, const std::vector<Tile>& tiles, Shape size);
    void runPaper();
    void runExact();
    /// Writes the first slices of (C, D, H, W), the first being slice z, while the caller goes on.
    void writeBehind(const torch::Tensor& values, std::int64_t z);
    std::future<std::vector<float>> readAhead(std::int64_t z, std::int64_t count);
    void tilesDone(std::size_t count);

    const VolumeSource& m_raw;
    LoadedModel m_model;
    PredictOptions m_options;
    Task& m_task;
    std::string m_deviceId;
    torch::Device m_device;
    TilePlan m_plan;
    TileRunner m_runner;
    GreyRange m_range;
    SliceWriter m_writer;
    std::future<void> m_writing; ///< slices that are written while the next ones are computed
    std::size_t m_tilesDone = 0;
};

PredictOptions resolved(PredictOptions options)
{
    options.device = resolveDevice(options.device);
    return options;
}

GreyRange rangeFor(const VolumeSource& raw, const ModelCard& card, Task& task)
{
    // The same rule as in training, applied to this stack: another scan has other grey values.
    Task step = task.part(0, 0.02);
    return findRange(raw, card.normalise, step);
}

Prediction::Prediction(
    const VolumeSource& raw, LoadedModel model, const PredictionSinks& sinks, const PredictOptions& options, Task& task)
    : m_raw(raw)
    , m_model(std::move(model))
    , m_options(resolved(options))
    , m_task(task)
    , m_deviceId(m_options.device)
    , m_device(m_deviceId)
    , m_plan(planTiles(raw.shape(), m_model.card, m_options))
    , m_runner(*m_model.network, m_device, m_options, m_plan.tile, m_plan.batch, task)
    , m_range(rangeFor(raw, m_model.card, task))
    , m_writer(raw.shape(), m_plan, sinks, m_runner.channels(), m_options.threshold)
{
}

void Prediction::tilesDone(std::size_t count)
{
    m_tilesDone += count;
    const std::size_t all = m_plan.z.size() * m_plan.y.size() * m_plan.x.size();
    m_task.progress(0.02 + 0.98 * static_cast<double>(m_tilesDone) / static_cast<double>(all), "Predicting");
}

torch::Tensor Prediction::onDevice(const std::vector<float>& slab) const
{
    const std::int64_t depth = static_cast<std::int64_t>(slab.size()) / m_plan.padded.sliceVoxels();
    return torch::from_blob(const_cast<float*>(slab.data()), { depth, m_plan.padded.y, m_plan.padded.x }, torch::kFloat32)
        .to(m_device);
}

torch::Tensor Prediction::probabilities(const torch::Tensor& slab, const std::vector<Tile>& tiles, Shape size)
{
    std::vector<torch::Tensor> inputs;
    for (const Tile& tile : tiles)
        inputs.push_back(slab.slice(1, tile.y, tile.y + size.y).slice(2, tile.x, tile.x + size.x));
    // cuDNN looks for its fastest kernels anew for every shape: the last tiles get company.
    while (m_device.is_cuda() && !m_plan.exact && inputs.size() < static_cast<std::size_t>(m_plan.batch))
        inputs.push_back(inputs.back());
    return m_runner.run(torch::stack(inputs));
}

std::future<std::vector<float>> Prediction::readAhead(std::int64_t z, std::int64_t count)
{
    return std::async(std::launch::async, [this, z, count] { return readPadded(m_raw, m_range, m_plan, z, count); });
}

void Prediction::writeBehind(const torch::Tensor& values, std::int64_t z)
{
    if (m_writing.valid())
        m_writing.get();
    const auto copy = torch::empty(values.sizes()).copy_(values);
    m_writing = std::async(std::launch::async, [this, copy, z] {
        std::vector<const float*> starts;
        for (std::int64_t c = 0; c < copy.size(0); ++c)
            starts.push_back(copy.data_ptr<float>() + c * copy.stride(0));
        m_writer.write(starts, z, copy.size(1));
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
    const Shape padded = m_plan.padded;
    const Shape tile = m_plan.tile;
    // The weights of a tile's voxels, and the sums of those of all tiles that cover a voxel, are products over the axes.
    const auto product = [this](const std::vector<float>& z, const std::vector<float>& y, const std::vector<float>& x) {
        return asVector(z, m_device).view({ -1, 1, 1 }) * asVector(y, m_device).view({ 1, -1, 1 })
            * asVector(x, m_device).view({ 1, 1, -1 });
    };
    const auto window = product(smoothWindow(tile.z), smoothWindow(tile.y), smoothWindow(tile.x));
    const auto sumZ = windowSum(padded.z, m_plan.z, smoothWindow(tile.z));
    const auto plane = product(
        { 1.0F }, windowSum(padded.y, m_plan.y, smoothWindow(tile.y)), windowSum(padded.x, m_plan.x, smoothWindow(tile.x)));
    std::vector<Tile> tiles;
    for (const auto y : m_plan.y) {
        for (const auto x : m_plan.x)
            tiles.push_back({ y, x });
    }

    auto sums = torch::zeros({ m_runner.channels(), tile.z, padded.y, padded.x }, torch::TensorOptions(m_device));
    std::future<std::vector<float>> next = readAhead(m_plan.z.front(), tile.z);
    for (std::size_t i = 0; i < m_plan.z.size(); ++i) {
        const std::vector<float> read = next.get();
        const torch::Tensor slab = onDevice(read);
        if (i + 1 < m_plan.z.size())
            next = readAhead(m_plan.z[i + 1], tile.z);
        for (std::size_t from = 0; from < tiles.size();) {
            const std::size_t count = std::min(static_cast<std::size_t>(m_plan.batch), tiles.size() - from);
            const std::vector<Tile> some(tiles.begin() + static_cast<std::ptrdiff_t>(from),
                tiles.begin() + static_cast<std::ptrdiff_t>(from + count));
            const auto values = probabilities(slab, some, tile);
            for (std::size_t k = 0; k < count; ++k)
                sums.slice(2, some[k].y, some[k].y + tile.y)
                    .slice(3, some[k].x, some[k].x + tile.x)
                    .addcmul_(values[static_cast<std::int64_t>(k)], window);
            from += count;
            tilesDone(count);
        }
        // Slices before the next tile's start get nothing more.
        const std::int64_t z = m_plan.z[i];
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
    }
}

void Prediction::runExact()
{
    c10::InferenceMode inference;
    const Shape padded = m_plan.padded;
    struct Span {
        std::int64_t from;
        std::int64_t to;
    };
    const auto withMargin = [](std::int64_t start, std::int64_t core, std::int64_t margin, std::int64_t length) {
        return Span { std::max<std::int64_t>(0, start - margin), std::min(length, start + core + margin) };
    };
    const Shape core = m_plan.core;
    const auto depthOf = [&](std::int64_t z) { return withMargin(z, core.z, m_plan.margin.z, padded.z); };
    const auto readAround = [&](std::int64_t z) { return readAhead(depthOf(z).from, depthOf(z).to - depthOf(z).from); };
    auto result = torch::empty({ m_runner.channels(), core.z, padded.y, padded.x });
    std::int64_t written = 0;
    std::future<std::vector<float>> next = readAround(m_plan.z.front());
    for (std::size_t i = 0; i < m_plan.z.size(); ++i) {
        const std::int64_t z = m_plan.z[i];
        const Span depth = depthOf(z);
        const std::vector<float> read = next.get();
        const torch::Tensor slab = onDevice(read);
        if (i + 1 < m_plan.z.size())
            next = readAround(m_plan.z[i + 1]);
        for (const auto y : m_plan.y) {
            const Span rows = withMargin(y, core.y, m_plan.margin.y, padded.y);
            for (const auto x : m_plan.x) {
                const Span columns = withMargin(x, core.x, m_plan.margin.x, padded.x);
                const Shape size { depth.to - depth.from, rows.to - rows.from, columns.to - columns.from };
                const auto values = probabilities(slab, { { rows.from, columns.from } }, size)[0];
                result.slice(2, y, y + core.y)
                    .slice(3, x, x + core.x)
                    .copy_(values.slice(1, z - depth.from, z - depth.from + core.z)
                            .slice(2, y - rows.from, y - rows.from + core.y)
                            .slice(3, x - columns.from, x - columns.from + core.x));
                tilesDone(1);
            }
        }
        // The last core is flush with the end and may repeat slices of the one before.
        writeBehind(result.slice(1, written - z), written);
        written = z + core.z;
    }
}

PredictResult Prediction::run()
{
    const auto started = Clock::now();
    if (m_plan.exact)
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
    result.device = m_deviceId;
    result.layers = describe(m_runner.mode());
    result.findings = m_runner.findings();
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
        LoadedModel loaded = loadModel(model);
        if (options.mode == PredictOptions::Mode::Exact && loaded.card.architecture.norm != ArchitectureSpec::Norm::Batch)
            throw Error(
                "A network with instance or group normalisation cannot be predicted exactly: it sees each tile's own "
                "statistics",
                "Use the paper mode, or train with batch normalisation.");
        requirePredictionFits(raw.shape(), loaded.card, resolved(options));
        return Prediction(raw, std::move(loaded), { mask, probability, entropy }, options, task).run();
    });
    returnFreeMemory();
    return result;
}

} // namespace interstice
