// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/predict.h"

#include "base/allocator.h"
#include "base/log.h"
#include "learn/checkpoint.h"
#include "learn/devices.h"
#include "learn/tiles.h"
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
    Prediction(const VolumeSource& raw, LoadedModel model, VolumeSink& mask, VolumeSink* probability,
        const PredictOptions& options, Task& task);
    PredictResult run();

private:
    struct Tile {
        std::int64_t y;
        std::int64_t x;
    };
    /// Probabilities of tiles cut from a slab of `depth` slices starting at padded slice z, (n, tz, ty, tx).
    torch::Tensor probabilities(const std::vector<float>& slab, const std::vector<Tile>& tiles, Shape size);
    void runPaper();
    void runExact();
    void blend(const torch::Tensor& tile, const Tile& at, std::vector<float>& sums) const;
    /// Takes `count` finished slices of the padded volume from its slice z on.
    void finishSlices(const float* values, std::int64_t z, std::int64_t count);
    std::future<std::vector<float>> readAhead(std::int64_t z, std::int64_t count);
    void tilesDone(std::size_t count);

    const VolumeSource& m_raw;
    LoadedModel m_model;
    VolumeSink& m_mask;
    VolumeSink* m_probability;
    PredictOptions m_options;
    Task& m_task;
    std::string m_deviceId;
    torch::Device m_device;
    FoldedUNet m_network;
    GreyRange m_range;
    TilePlan m_plan;
    std::int64_t m_foreground = 0;
    std::size_t m_tilesDone = 0;
    Findings m_findings;
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

Prediction::Prediction(const VolumeSource& raw, LoadedModel model, VolumeSink& mask, VolumeSink* probability,
    const PredictOptions& options, Task& task)
    : m_raw(raw)
    , m_model(std::move(model))
    , m_mask(mask)
    , m_probability(probability)
    , m_options(onDevice(options))
    , m_task(task)
    , m_deviceId(m_options.device)
    , m_device(m_deviceId)
    , m_network(*m_model.network, m_device,
          options.mode == PredictOptions::Mode::Exact ? torch::MemoryFormat::Contiguous
                                                      : torch::MemoryFormat::ChannelsLast3d)
    , m_range(rangeFor(raw, m_model.card, task))
    , m_plan(planTiles(raw.shape(), m_model.card, m_options))
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
    c10::InferenceMode inference;
    const std::int64_t depth = static_cast<std::int64_t>(slab.size()) / m_plan.padded.sliceVoxels();
    const auto whole
        = torch::from_blob(const_cast<float*>(slab.data()), { depth, m_plan.padded.y, m_plan.padded.x }, torch::kFloat32);
    const auto forward = [&](std::size_t from, std::size_t count) {
        std::vector<torch::Tensor> inputs;
        for (std::size_t i = from; i < from + count; ++i)
            inputs.push_back(whole.slice(1, tiles[i].y, tiles[i].y + size.y).slice(2, tiles[i].x, tiles[i].x + size.x));
        const auto input = torch::stack(inputs).unsqueeze(1).to(m_device);
        const auto logits = m_network.forward(input, [this] { m_task.throwIfStopped(); });
        if (m_plan.exact)
            return sigmoidOneByOne(logits.squeeze(1).to(torch::kCPU, torch::kFloat32));
        return torch::sigmoid(logits.to(torch::kFloat32)).squeeze(1).to(torch::kCPU).contiguous();
    };
    std::vector<torch::Tensor> parts;
    for (std::size_t from = 0; from < tiles.size();) {
        const std::size_t count = std::min(static_cast<std::size_t>(m_plan.batch), tiles.size() - from);
        try {
            parts.push_back(forward(from, count));
            from += count;
        } catch (const c10::OutOfMemoryError&) {
            // Smaller batches give the same result; only a single tile too large is an error.
            if (m_plan.batch <= 1)
                throw;
            m_plan.batch /= 2;
            m_findings.push_back({ Finding::Severity::Note, "smaller-batch",
                "The GPU ran out of memory; went on with " + std::to_string(m_plan.batch) + " tiles at once." });
            logWarning(m_findings.back().text);
        }
    }
    return parts.size() == 1 ? parts.front() : torch::cat(parts);
}

std::future<std::vector<float>> Prediction::readAhead(std::int64_t z, std::int64_t count)
{
    return std::async(std::launch::async, [this, z, count] { return readPadded(m_raw, m_range, m_plan, z, count); });
}

void Prediction::blend(const torch::Tensor& tile, const Tile& at, std::vector<float>& sums) const
{
    const Shape size = m_plan.tile;
    const auto wz = smoothWindow(size.z);
    const auto wy = smoothWindow(size.y);
    const auto wx = smoothWindow(size.x);
    const float* from = tile.data_ptr<float>();
    for (std::int64_t z = 0; z < size.z; ++z) {
        for (std::int64_t y = 0; y < size.y; ++y) {
            const float weight = wz[static_cast<std::size_t>(z)] * wy[static_cast<std::size_t>(y)];
            float* to = sums.data() + (z * m_plan.padded.y + at.y + y) * m_plan.padded.x + at.x;
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

    std::vector<float> sums(static_cast<std::size_t>(tile.z * plane), 0.0F);
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
            for (std::size_t k = 0; k < count; ++k)
                blend(values[static_cast<std::int64_t>(k)], some[k], sums);
            from += count;
            tilesDone(count);
        }
        // Slices before the next tile's start get nothing more.
        const std::int64_t z = m_plan.z[i];
        const std::int64_t done = i + 1 < m_plan.z.size() ? m_plan.z[i + 1] - z : tile.z;
        for (std::int64_t k = 0; k < done; ++k) {
            float* slice = sums.data() + k * plane;
            for (std::int64_t y = 0; y < padded.y; ++y) {
                const float weight = sumZ[static_cast<std::size_t>(z + k)] * sumY[static_cast<std::size_t>(y)];
                for (std::int64_t x = 0; x < padded.x; ++x)
                    slice[y * padded.x + x] /= weight * sumX[static_cast<std::size_t>(x)];
            }
        }
        finishSlices(sums.data(), z, done);
        std::copy(sums.begin() + done * plane, sums.end(), sums.begin());
        std::fill(sums.end() - done * plane, sums.end(), 0.0F);
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
    std::vector<float> result(static_cast<std::size_t>(m_plan.core.z * padded.sliceVoxels()));
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
                const float* from = values.data_ptr<float>();
                for (std::int64_t k = 0; k < m_plan.core.z; ++k) {
                    for (std::int64_t j = 0; j < m_plan.core.y; ++j) {
                        const float* row
                            = from + ((z + k - depth.from) * size.y + (y + j - rows.from)) * size.x + (x - columns.from);
                        std::copy(row, row + m_plan.core.x, result.data() + (k * padded.y + y + j) * padded.x + x);
                    }
                }
                tilesDone(1);
            }
        }
        // The last core is flush with the end and may repeat slices of the one before.
        finishSlices(result.data() + (written - z) * padded.sliceVoxels(), written, z + m_plan.core.z - written);
        written = z + m_plan.core.z;
    }
}

void Prediction::finishSlices(const float* values, std::int64_t z, std::int64_t count)
{
    const Shape shape = m_raw.shape();
    // What lies before the volume and beyond it is padding.
    const std::int64_t skipped = std::max<std::int64_t>(0, m_plan.front.z - z);
    values += skipped * m_plan.padded.sliceVoxels();
    z += skipped - m_plan.front.z;
    count = std::min(count - skipped, shape.z - z);
    if (count <= 0)
        return;
    const auto voxels = static_cast<std::size_t>(count * shape.sliceVoxels());
    std::vector<std::uint8_t> mask(voxels);
    const bool bytes = m_probability && m_probability->scalar() == Scalar::U8;
    std::vector<std::uint8_t> probability(bytes ? voxels : 0);
    std::vector<float> exactly(m_probability && !bytes ? voxels : 0);
    const auto threshold = static_cast<float>(m_options.threshold);
    std::size_t to = 0;
    for (std::int64_t k = 0; k < count; ++k) {
        for (std::int64_t y = 0; y < shape.y; ++y) {
            const float* row = values + (k * m_plan.padded.y + m_plan.front.y + y) * m_plan.padded.x + m_plan.front.x;
            for (std::int64_t x = 0; x < shape.x; ++x, ++to) {
                mask[to] = row[x] > threshold ? 1 : 0;
                m_foreground += mask[to];
                if (!exactly.empty())
                    exactly[to] = row[x];
                if (bytes)
                    probability[to] = static_cast<std::uint8_t>(std::lround(std::clamp(row[x], 0.0F, 1.0F) * 255));
            }
        }
    }
    const Box box = Box::slices(shape, z, count);
    m_mask.write(box, std::as_bytes(std::span(mask)));
    if (m_probability)
        m_probability->write(box, bytes ? std::as_bytes(std::span(probability)) : std::as_bytes(std::span(exactly)));
}

PredictResult Prediction::run()
{
    const auto started = Clock::now();
    if (m_plan.exact)
        runExact();
    else
        runPaper();
    m_mask.finish();
    if (m_probability)
        m_probability->finish();
    m_task.progress(1, "Predicted");
    const auto voxels = static_cast<double>(m_raw.shape().voxels());
    PredictResult result;
    result.foregroundFraction = static_cast<double>(m_foreground) / voxels;
    result.tiles = static_cast<std::int64_t>(m_tilesDone);
    result.seconds = std::chrono::duration<double>(Clock::now() - started).count();
    result.voxelsPerSecond = voxels / result.seconds;
    result.device = m_deviceId;
    result.findings = m_findings;
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
    const PredictOptions& options, Task& task)
{
    setLearnThreads(options.threads);
    const PredictResult result = atTorchBorder(
        "Prediction", [&] { return Prediction(raw, loadModel(model), mask, probability, options, task).run(); });
    returnFreeMemory();
    return result;
}

} // namespace interstice
