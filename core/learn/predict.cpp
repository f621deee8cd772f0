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
    /// Probabilities of tiles cut from a slab of the padded volume, (n, C, tz, ty, tx).
    torch::Tensor probabilities(const std::vector<float>& slab, const std::vector<Tile>& tiles, Shape size);
    void runPaper();
    void runExact();
    void blend(const float* tile, const Tile& at, float* sums) const;
    std::future<std::vector<float>> readAhead(std::int64_t z, std::int64_t count);
    void tilesDone(std::size_t count);
    std::size_t channels() const { return static_cast<std::size_t>(m_runner.channels()); }

    const VolumeSource& m_raw;
    LoadedModel m_model;
    PredictOptions m_options;
    Task& m_task;
    std::string m_deviceId;
    TileRunner m_runner;
    GreyRange m_range;
    TilePlan m_plan;
    SliceWriter m_writer;
    std::size_t m_tilesDone = 0;
};

PredictOptions onDevice(PredictOptions options)
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
    , m_options(onDevice(options))
    , m_task(task)
    , m_deviceId(m_options.device)
    , m_runner(*m_model.network, torch::Device(m_deviceId), m_options, task)
    , m_range(rangeFor(raw, m_model.card, task))
    , m_plan(planTiles(raw.shape(), m_model.card, m_options))
    , m_writer(raw.shape(), m_plan, sinks, m_runner.channels(), m_options.threshold)
{
}

void Prediction::tilesDone(std::size_t count)
{
    m_tilesDone += count;
    const std::size_t all = m_plan.z.size() * m_plan.y.size() * m_plan.x.size();
    m_task.progress(0.02 + 0.98 * static_cast<double>(m_tilesDone) / static_cast<double>(all), "Predicting");
}

torch::Tensor Prediction::probabilities(const std::vector<float>& slab, const std::vector<Tile>& tiles, Shape size)
{
    const std::int64_t depth = static_cast<std::int64_t>(slab.size()) / m_plan.padded.sliceVoxels();
    const auto whole
        = torch::from_blob(const_cast<float*>(slab.data()), { depth, m_plan.padded.y, m_plan.padded.x }, torch::kFloat32);
    std::vector<torch::Tensor> inputs;
    for (const Tile& tile : tiles)
        inputs.push_back(whole.slice(1, tile.y, tile.y + size.y).slice(2, tile.x, tile.x + size.x));
    return m_runner.run(torch::stack(inputs));
}

std::future<std::vector<float>> Prediction::readAhead(std::int64_t z, std::int64_t count)
{
    return std::async(std::launch::async, [this, z, count] { return readPadded(m_raw, m_range, m_plan, z, count); });
}

void Prediction::blend(const float* from, const Tile& at, float* sums) const
{
    const Shape size = m_plan.tile;
    const auto wz = smoothWindow(size.z);
    const auto wy = smoothWindow(size.y);
    const auto wx = smoothWindow(size.x);
    for (std::int64_t z = 0; z < size.z; ++z) {
        for (std::int64_t y = 0; y < size.y; ++y) {
            const float weight = wz[static_cast<std::size_t>(z)] * wy[static_cast<std::size_t>(y)];
            float* to = sums + (z * m_plan.padded.y + at.y + y) * m_plan.padded.x + at.x;
            for (std::int64_t x = 0; x < size.x; ++x)
                to[x] += weight * wx[static_cast<std::size_t>(x)] * *from++;
        }
    }
}

void Prediction::runPaper()
{
    const Shape padded = m_plan.padded;
    const Shape tile = m_plan.tile;
    const std::int64_t plane = padded.sliceVoxels();
    const auto sumZ = windowSum(padded.z, m_plan.z, smoothWindow(tile.z));
    const auto sumY = windowSum(padded.y, m_plan.y, smoothWindow(tile.y));
    const auto sumX = windowSum(padded.x, m_plan.x, smoothWindow(tile.x));
    std::vector<Tile> tiles;
    for (const auto y : m_plan.y) {
        for (const auto x : m_plan.x)
            tiles.push_back({ y, x });
    }

    // One after the other for each class.
    std::vector<std::vector<float>> sums(channels(), std::vector<float>(static_cast<std::size_t>(tile.z * plane), 0.0F));
    std::vector<const float*> starts;
    for (const auto& sum : sums)
        starts.push_back(sum.data());
    std::future<std::vector<float>> next = readAhead(m_plan.z.front(), tile.z);
    for (std::size_t i = 0; i < m_plan.z.size(); ++i) {
        const std::vector<float> slab = next.get();
        if (i + 1 < m_plan.z.size())
            next = readAhead(m_plan.z[i + 1], tile.z);
        for (std::size_t from = 0; from < tiles.size();) {
            const std::size_t count = std::min(static_cast<std::size_t>(m_plan.batch), tiles.size() - from);
            const std::vector<Tile> some(tiles.begin() + static_cast<std::ptrdiff_t>(from),
                tiles.begin() + static_cast<std::ptrdiff_t>(from + count));
            const auto values = probabilities(slab, some, tile);
            const float* from32 = values.data_ptr<float>();
            for (std::size_t k = 0; k < count; ++k) {
                for (std::size_t c = 0; c < channels(); ++c, from32 += tile.voxels())
                    blend(from32, some[k], sums[c].data());
            }
            from += count;
            tilesDone(count);
        }
        // Slices before the next tile's start get nothing more.
        const std::int64_t z = m_plan.z[i];
        const std::int64_t done = i + 1 < m_plan.z.size() ? m_plan.z[i + 1] - z : tile.z;
        for (auto& sum : sums) {
            for (std::int64_t line = 0; line < done * padded.y; ++line) {
                float* row = sum.data() + line * padded.x;
                const float weight
                    = sumZ[static_cast<std::size_t>(z + line / padded.y)] * sumY[static_cast<std::size_t>(line % padded.y)];
                for (std::int64_t x = 0; x < padded.x; ++x)
                    row[x] /= weight * sumX[static_cast<std::size_t>(x)];
            }
        }
        m_writer.write(starts, z, done);
        for (auto& sum : sums) {
            std::copy(sum.begin() + done * plane, sum.end(), sum.begin());
            std::fill(sum.end() - done * plane, sum.end(), 0.0F);
        }
    }
}

void Prediction::runExact()
{
    const Shape padded = m_plan.padded;
    struct Span {
        std::int64_t from;
        std::int64_t to;
    };
    const auto withMargin = [](std::int64_t start, std::int64_t core, std::int64_t margin, std::int64_t length) {
        return Span { std::max<std::int64_t>(0, start - margin), std::min(length, start + core + margin) };
    };
    const std::int64_t slabVoxels = m_plan.core.z * padded.sliceVoxels();
    std::vector<float> result(channels() * static_cast<std::size_t>(slabVoxels));
    std::int64_t written = 0;
    for (const auto z : m_plan.z) {
        const Span depth = withMargin(z, m_plan.core.z, m_plan.margin.z, padded.z);
        const std::vector<float> slab = readPadded(m_raw, m_range, m_plan, depth.from, depth.to - depth.from);
        for (const auto y : m_plan.y) {
            const Span rows = withMargin(y, m_plan.core.y, m_plan.margin.y, padded.y);
            for (const auto x : m_plan.x) {
                const Span columns = withMargin(x, m_plan.core.x, m_plan.margin.x, padded.x);
                const Shape size { depth.to - depth.from, rows.to - rows.from, columns.to - columns.from };
                const auto values = probabilities(slab, { { rows.from, columns.from } }, size);
                const auto all = static_cast<std::int64_t>(channels()) * m_plan.core.z;
                for (std::int64_t ck = 0; ck < all; ++ck) {
                    const std::int64_t c = ck / m_plan.core.z;
                    const std::int64_t k = ck % m_plan.core.z;
                    const float* from = values.data_ptr<float>() + c * size.voxels();
                    float* to = result.data() + c * slabVoxels;
                    for (std::int64_t j = 0; j < m_plan.core.y; ++j) {
                        const float* row
                            = from + ((z + k - depth.from) * size.y + (y + j - rows.from)) * size.x + (x - columns.from);
                        std::copy(row, row + m_plan.core.x, to + (k * padded.y + y + j) * padded.x + x);
                    }
                }
                tilesDone(1);
            }
        }
        // The last core is flush with the end and may repeat slices of the one before.
        std::vector<const float*> starts;
        for (std::size_t c = 0; c < channels(); ++c)
            starts.push_back(
                result.data() + static_cast<std::int64_t>(c) * slabVoxels + (written - z) * padded.sliceVoxels());
        m_writer.write(starts, written, z + m_plan.core.z - written);
        written = z + m_plan.core.z;
    }
}

PredictResult Prediction::run()
{
    const auto started = Clock::now();
    if (m_plan.exact)
        runExact();
    else
        runPaper();
    m_writer.finish();
    m_task.progress(1, "Predicted");
    const auto voxels = static_cast<double>(m_raw.shape().voxels());
    PredictResult result;
    result.foregroundFraction = static_cast<double>(m_writer.foreground()) / voxels;
    result.tiles = static_cast<std::int64_t>(m_tilesDone);
    result.seconds = std::chrono::duration<double>(Clock::now() - started).count();
    result.voxelsPerSecond = voxels / result.seconds;
    result.device = m_deviceId;
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
        requirePredictionFits(raw.shape(), loaded.card, onDevice(options));
        return Prediction(raw, std::move(loaded), { mask, probability, entropy }, options, task).run();
    });
    returnFreeMemory();
    return result;
}

} // namespace interstice
