// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/train.h"

#include "base/allocator.h"
#include "base/file.h"
#include "base/log.h"
#include "learn/checkpoint.h"
#include "learn/chunk_sampler.h"
#include "learn/devices.h"
#include "learn/losses.h"
#include "learn/torch_border.h"
#include "volume/labels.h"

#include <chrono>
#include <cmath>
#include <future>

namespace fs = std::filesystem;

namespace interstice {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Batch {
    torch::Tensor grey;
    torch::Tensor target;
};

Batch asBatch(const Samples& samples, const torch::Device& device)
{
    const std::vector<std::int64_t> shape = { samples.count, 1, samples.patch.z, samples.patch.y, samples.patch.x };
    const auto onDevice = [&](const std::vector<float>& values) {
        return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32).clone().to(device);
    };
    return { onDevice(samples.grey).contiguous(torch::MemoryFormat::ChannelsLast3d), onDevice(samples.target) };
}

/// Loss and counts gathered over the batches of one pass.
struct PassResult {
    double lossSum = 0;
    std::int64_t samples = 0;
    OverlapCounts counts;

    void add(double loss, std::int64_t n)
    {
        lossSum += loss * static_cast<double>(n);
        samples += n;
    }
    double loss() const { return samples > 0 ? lossSum / static_cast<double>(samples) : 0; }
};

/// One training: what every step needs, made once.
class Training {
public:
    Training(const VolumeSource& raw, const VolumeSource& truth, const TrainOptions& options, fs::path model, Task& task);
    TrainResult run(const EpochHandler& epochFinished);

private:
    void requireBothClasses();
    void start();
    PassResult trainEpoch(int epoch);
    PassResult validate();
    /// False when stopped.
    bool runEpoch(int epoch, const EpochHandler& epochFinished);
    void writeLog() const;
    ModelCard card() const;

    const VolumeSource& m_raw;
    TrainOptions m_options;
    fs::path m_model;
    Task& m_task;
    std::string m_deviceId;
    torch::Device m_device;
    GreyRange m_range;
    Split m_split;
    ChunkSampler m_sampler;
    UNet m_network;
    std::unique_ptr<Adam> m_adam;
    TrainingState m_state;
    Findings m_findings;
};

GreyRange rangeOf(const VolumeSource& raw, const NormaliseOptions& options, Task& task)
{
    Task step = task.part(0, 0.01);
    return findRange(raw, options, step);
}

Training::Training(
    const VolumeSource& raw, const VolumeSource& truth, const TrainOptions& options, fs::path model, Task& task)
    : m_raw(raw)
    , m_options(options)
    , m_model(std::move(model))
    , m_task(task)
    , m_deviceId(resolveDevice(options.device))
    , m_device(m_deviceId)
    , m_range(rangeOf(raw, options.normalise, task))
    , m_split(makeSplit(raw.shape(), options.architecture, options.split))
    , m_sampler(raw, truth, m_range, m_split, memoryState().available / 4)
    , m_network(options.architecture)
{
}

void Training::requireBothClasses()
{
    bool foreground = false;
    bool background = false;
    for (const auto& block : m_split.training) {
        m_task.throwIfStopped();
        for (const float target : m_sampler.read({ block }, false, 0, 0, 0).target) {
            foreground = foreground || target > 0;
            background = background || target == 0;
        }
        if (foreground && background)
            return;
    }
    throw Error(
        std::string("The ground truth has no ") + (foreground ? "background" : "foreground") + " in the training blocks",
        "Check which label values are foreground, train on a larger fraction, or choose another seed.");
}

void Training::start()
{
    m_network->initialise(m_options.seed);
    toChannelsLast(*m_network);
    m_network->to(m_device);
    m_network->betweenStages = [this] { m_task.throwIfStopped(); };
    m_adam = std::make_unique<Adam>(*m_network, m_options.learningRate);
    if (!m_options.resume)
        return;
    const fs::path checkpoint = checkpointPath(m_model);
    std::error_code ignored;
    if (!fs::exists(checkpoint, ignored)) {
        m_findings.push_back({ Finding::Severity::Note, "no-checkpoint",
            "There was no checkpoint to resume from, so training started anew." });
        return;
    }
    m_state = readCheckpoint(checkpoint, *m_network, *m_adam, m_options, m_split);
    logInfo("Resumed after epoch " + std::to_string(m_state.epoch) + " from " + utf8(checkpoint));
}

PassResult Training::trainEpoch(int epoch)
{
    m_network->train();
    m_adam->setLearningRate(m_options.learningRateAt(epoch));
    const auto order = m_sampler.order(m_options.seed, epoch, m_options.repeatsFor(m_split.training.size()));
    const auto step = static_cast<std::size_t>(m_options.batch);
    const auto read = [&](std::size_t first) {
        std::vector<Index> blocks;
        for (std::size_t i = first; i < std::min(first + step, order.size()); ++i)
            blocks.push_back(m_split.training[order[i]]);
        return m_sampler.read(blocks, m_options.augment, m_options.seed, epoch, first);
    };
    PassResult pass;
    // The next batch is read and turned while this one computes.
    std::future<Samples> next = std::async(std::launch::async, read, std::size_t { 0 });
    for (std::size_t first = 0; first < order.size(); first += step) {
        m_task.throwIfStopped();
        const Samples samples = next.get();
        if (first + step < order.size())
            next = std::async(std::launch::async, read, first + step);
        const Batch batch = asBatch(samples, m_device);
        m_adam->zeroGradients();
        const auto logits = m_network(batch.grey);
        const auto loss = lossOf(logits, batch.target, m_options.loss);
        const double value = loss.item<double>();
        if (!std::isfinite(value))
            throw Error("The loss became " + std::to_string(value) + " in epoch " + std::to_string(epoch) + ", batch "
                    + std::to_string(first / step + 1),
                "Use a smaller learning rate, or check the stack for values that are not numbers. The last checkpoint "
                "stands.");
        loss.backward();
        m_adam->step();
        pass.add(value, samples.count);
        pass.counts.add(logits.detach(), batch.target);
        const double done
            = epoch - 1 + static_cast<double>(std::min(first + step, order.size())) / static_cast<double>(order.size());
        m_task.progress(0.01 + 0.99 * done / m_options.epochs,
            "Epoch " + std::to_string(epoch) + " of " + std::to_string(m_options.epochs));
    }
    return pass;
}

PassResult Training::validate()
{
    m_network->eval();
    torch::NoGradGuard noGrad;
    PassResult pass;
    for (const auto& block : m_split.validation) {
        m_task.throwIfStopped();
        const Batch batch = asBatch(m_sampler.read({ block }, false, 0, 0, 0), m_device);
        const auto logits = m_network(batch.grey);
        pass.add(lossOf(logits, batch.target, m_options.loss).item<double>(), 1);
        pass.counts.add(logits, batch.target);
    }
    return pass;
}

ModelCard Training::card() const
{
    ModelCard card;
    card.architecture = m_options.architecture;
    card.normalise = m_options.normalise;
    card.range = m_range;
    card.trainedAt = m_raw.voxelSize();
    card.split = m_split;
    card.training = toJson(m_options);
    card.training["library"] = learnVersion();
    return card;
}

void Training::writeLog() const
{
    if (m_options.log.empty())
        return;
    std::string lines;
    for (const auto& metrics : m_state.epochs)
        lines += toJson(metrics).dump() + '\n';
    writeTextFile(m_options.log, lines);
}

bool Training::runEpoch(int epoch, const EpochHandler& epochFinished)
{
    const auto started = Clock::now();
    PassResult trained;
    PassResult validated;
    try {
        trained = trainEpoch(epoch);
        validated = validate();
    } catch (const Stopped&) {
        return false;
    }
    EpochMetrics metrics;
    metrics.epoch = epoch;
    metrics.trainLoss = trained.loss();
    metrics.trainDice = trained.counts.dice();
    metrics.validationLoss = validated.loss();
    metrics.validationDice = validated.counts.dice();
    metrics.learningRate = m_options.learningRateAt(epoch);
    metrics.seconds = secondsSince(started);
    metrics.voxelsPerSecond = static_cast<double>(trained.samples * m_split.patch().voxels()) / metrics.seconds;
    metrics.best = metrics.validationDice > m_state.bestDice;
    m_state.epoch = epoch;
    m_state.epochs.push_back(metrics);
    if (metrics.best) {
        m_state.bestDice = metrics.validationDice;
        m_state.bestEpoch = epoch;
        m_state.best = tensorsOf(*m_network);
        writeModel(m_model, m_state, card()); // usable at any time, whatever comes later
    }
    writeCheckpoint(checkpointPath(m_model), *m_network, *m_adam, m_state, m_options, m_split);
    writeLog();
    if (epochFinished)
        epochFinished(metrics);
    return true;
}

TrainResult Training::run(const EpochHandler& epochFinished)
{
    const auto started = Clock::now();
    requireBothClasses();
    start();
    TrainResult result;
    if (epochFinished) {
        for (auto metrics : m_state.epochs) {
            metrics.best = metrics.epoch == m_state.bestEpoch;
            epochFinished(metrics);
        }
    }
    for (int epoch = m_state.epoch + 1; epoch <= m_options.epochs && !result.stopped; ++epoch)
        result.stopped = !runEpoch(epoch, epochFinished);
    if (m_state.epochs.empty())
        throw Stopped();
    writeModel(m_model, m_state, card()); // the log of all epochs, not only up to the best
    m_task.progress(1, result.stopped ? "Stopped; the best epoch was kept" : "Trained");
    result.epochs = m_state.epochs;
    result.bestEpoch = m_state.bestEpoch;
    result.validationDice = m_state.bestDice;
    result.parameters = m_options.architecture.parameters();
    result.split = m_split;
    result.seconds = secondsSince(started);
    result.device = m_deviceId;
    result.findings = m_findings;
    return result;
}

void requireSensible(const TrainOptions& options)
{
    const auto refuse = [](const std::string& what, const std::string& remedy) { throw Error(what, remedy); };
    if (options.epochs < 1)
        refuse("The number of epochs must be at least 1", "The study's is 100.");
    if (options.batch < 1)
        refuse("The batch must be at least 1", "The study's is 4.");
    if (!(options.learningRate > 0) || !std::isfinite(options.learningRate))
        refuse("The learning rate must be above 0", "The study's is 1e-4.");
}

} // namespace

fs::path checkpointPath(const fs::path& model)
{
    fs::path path = model;
    path += ".checkpoint";
    return path;
}

TrainResult train(const VolumeSource& raw, const VolumeSource& truth, const TrainOptions& options, const fs::path& model,
    Task& task, const EpochHandler& epochFinished)
{
    requireSameShape(raw, truth);
    requireSensible(options);
    // A folder that cannot be written to is said before the first hour, not after it.
    PendingFile probe(model);
    setLearnThreads(options.threads);
    const TrainResult result
        = atTorchBorder("Training", [&] { return Training(raw, truth, options, model, task).run(epochFinished); });
    returnFreeMemory();
    return result;
}

double measureTrainingSpeed(const TrainOptions& options, Task& task)
{
    setLearnThreads(options.threads);
    return atTorchBorder("Measuring the speed of training", [&] {
        const torch::Device device(resolveDevice(options.device));
        UNet network(options.architecture);
        network->initialise(1);
        toChannelsLast(*network);
        network->to(device);
        network->betweenStages = [&task] { task.throwIfStopped(); };
        Adam adam(*network, 1e-6);
        const Extent lattice = options.architecture.lattice();
        const auto side = [](std::int64_t wanted, std::int64_t step) { return std::max(step, wanted / step * step); };
        const std::int64_t tile = std::min<std::int64_t>(options.split.tile + 2 * options.split.context.x, 64);
        const Shape block { side(options.split.chunk, lattice.z), side(tile, lattice.y), side(tile, lattice.x) };
        const int batch = std::clamp(options.batch, 1, 4);
        const auto grey = torch::rand({ batch, 1, block.z, block.y, block.x })
                              .to(device)
                              .contiguous(torch::MemoryFormat::ChannelsLast3d);
        const auto target = (grey > 0.5).to(torch::kFloat32);
        double seconds = 0;
        for (int pass = 0; pass < 6; ++pass) { // the first also builds kernels; of the others the undisturbed one
            task.throwIfStopped();
            if (pass > 1 && seconds > 1)
                break;
            const auto started = Clock::now();
            adam.zeroGradients();
            const auto loss = lossOf(network(grey), target, options.loss);
            loss.backward();
            adam.step();
            (void)loss.item<double>();
            const double taken = secondsSince(started);
            seconds = pass <= 1 ? taken : std::min(seconds, taken);
        }
        return static_cast<double>(batch * block.voxels()) / seconds;
    });
}

} // namespace interstice
