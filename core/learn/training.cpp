// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/training.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "learn/devices.h"
#include "learn/split_use.h"
#include "learn/start_from.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>

namespace fs = std::filesystem;

namespace interstice {

namespace {

GreyRange rangeOf(const VolumeSource& raw, const NormaliseOptions& options, Task& task)
{
    Task step = task.part(0, 0.01);
    return findRange(raw, options, step);
}

void requireTwoClasses(const ChunkSampler& sampler, Task& task)
{
    std::optional<float> first;
    for (const auto& block : sampler.split().training) {
        task.throwIfStopped();
        for (const float target : sampler.read({ block }).target) {
            if (target < 0)
                continue;
            if (first && target != *first)
                return;
            first = target;
        }
    }
    throw Error(std::string("The ground truth has no ") + (first.value_or(0) > 0 ? "background" : "foreground")
            + " in the training blocks",
        "Check which label values are foreground, train on a larger fraction, or choose another seed.");
}

/// Where the k-th of n equal shares of `length` begins; the first ones are the longer ones.
std::size_t shareStart(std::size_t length, int k, int n)
{
    const auto all = static_cast<std::size_t>(n);
    return (length * static_cast<std::size_t>(k) + all - 1) / all;
}

} // namespace

TrainingData::TrainingData(const VolumeSource& given, const VolumeSource& truth, const TrainOptions& options, Task& task)
    : raw(given)
    , range(rangeOf(raw, options.normalise, task))
    , split(makeSplit(raw.shape(), options.architecture, options.split))
    , sampler(raw, truth, range, split, memoryState().available / 4, options.architecture.classes,
          options.goal == Goal::Reconstruct)
{
    if (options.goal == Goal::Segment)
        requireTwoClasses(sampler, task);
}

Training::Training(const TrainingData& data, const TrainOptions& options, fs::path model, const std::string& device,
    RankGroup* group, Task& task)
    : m_data(data)
    , m_options(options)
    , m_model(std::move(model))
    , m_task(task)
    , m_deviceId(device)
    , m_device(m_deviceId)
    , m_network(options.architecture)
{
    m_link.group = group;
    if (!reconstructs() && !leavesTest(data.split))
        m_findings.push_back({ Finding::Severity::Warning, "nothing-to-test", kNothingToTest });
}

void Training::start()
{
    chooseLayerMode();
    m_network->initialise(m_options.seed);
    std::error_code ignored;
    if (!m_options.startFrom.empty() && !(m_options.resume && fs::exists(checkpointPath(m_model), ignored))) {
        for (Finding& finding : takeOver(*m_network, m_options.normalise, m_options.startFrom, m_options.goal))
            m_findings.push_back(std::move(finding));
        m_state.startedFrom = m_options.startFrom.filename().string();
    }
    if (m_mode.channelsLast)
        toChannelsLast(*m_network);
    m_network->to(m_device);
    m_batches = std::make_unique<Batches>(m_data.sampler, m_deviceId, m_mode);
    Task quiet; // ranks stop together or not at all
    if (!m_options.augment.any() && !reconstructs()) // what is hidden changes
        m_batches->keepOnDevice(m_link.group ? quiet : m_task);
    m_adam = std::make_unique<Adam>(*m_network, m_options.learningRate);
    if (m_options.resume)
        resume();
    if (!m_link.group) {
        // One of several ranks must not leave in the middle of a step: the others would wait for it.
        m_network->betweenStages = [this] { m_task.throwIfStopped(); };
        return;
    }
    std::vector<double> resumed(static_cast<std::size_t>(world()));
    resumed[static_cast<std::size_t>(rank())] = 1e9 * m_state.epoch + static_cast<double>(m_state.blocksDone);
    m_link.group->sum(resumed);
    if (std::adjacent_find(resumed.begin(), resumed.end(), std::not_equal_to<>()) != resumed.end())
        throw Error("The ranks do not see the same checkpoint beside " + utf8(m_model),
            "Put the model into a folder that all machines share.");
    if (m_options.globalStatistics)
        m_network->synchroniseStatistics(&m_link);
    std::vector<torch::Tensor> all = m_network->parameters();
    for (const auto& buffer : m_network->buffers())
        all.push_back(buffer);
    broadcastFromFirst(*m_link.group, all);
    m_averager = std::make_unique<GradientAverager>(*m_network, *m_link.group);
}

void Training::chooseLayerMode()
{
    tuneGpu(false);
    if (m_device.is_cpu()) {
        if (m_options.precision == Precision::Bfloat16)
            m_findings.push_back({ Finding::Severity::Note, "no-bfloat16",
                "bfloat16 is many times slower than float32 on this processor, so layers computed in float32." });
        return;
    }
    if (m_options.precision == Precision::Float32)
        return;
    // Every rank tries, so that none waits for another or has more memory left, and rank 0's result counts. A stop is
    // agreed on later.
    std::vector<double> chosen(2);
    const std::int64_t parts = std::clamp<std::int64_t>(m_options.accumulate, 1, m_options.batch);
    const std::int64_t part = (m_options.batch + parts - 1) / parts;
    Task quiet;
    const auto trials = tryTraining(m_options.architecture, m_device, m_data.split.patch(), (part + world() - 1) / world(),
        m_options.precision, m_link.group ? quiet : m_task);
    if (rank() == 0) {
        const LayerChoice choice = chooseLayers(trials, m_options.precision, kGradientTolerance);
        logInfo(choice.why + '.');
        if (choice.distrusted)
            m_findings.push_back({ Finding::Severity::Warning, "no-bfloat16", choice.why + '.' });
        chosen[0] = choice.mode.bfloat16 ? 1 : 0;
        chosen[1] = choice.mode.channelsLast ? 1 : 0;
    }
    if (m_link.group)
        m_link.group->sum(chosen);
    m_mode = { chosen[0] > 0, chosen[1] > 0 };
}

LossContext Training::lossContext(std::int64_t samples) const
{
    return { m_options.loss, m_options.diceOverBatch, m_options.classWeights, m_link.group ? &m_link : nullptr, samples,
        reconstructs() };
}

Training::Step Training::readStep(const std::vector<std::size_t>& order, int epoch, std::size_t first) const
{
    Step step;
    step.first = first;
    step.count = std::min(static_cast<std::size_t>(m_options.batch), order.size() - first);
    const int parts = std::clamp(m_options.accumulate, 1, static_cast<int>(step.count));
    for (int i = 0; i < parts; ++i) {
        const std::size_t begin = first + shareStart(step.count, i, parts);
        const std::size_t length = first + shareStart(step.count, i + 1, parts) - begin;
        Part part;
        part.samples = static_cast<std::int64_t>(length);
        part.from = begin + shareStart(length, rank(), world());
        part.until = begin + shareStart(length, rank() + 1, world());
        part.counts = part.until > part.from;
        if (!part.counts) {
            part.from = begin;
            part.until = begin + 1;
        }
        std::vector<std::size_t> blocks(
            order.begin() + static_cast<std::ptrdiff_t>(part.from), order.begin() + static_cast<std::ptrdiff_t>(part.until));
        part.own = m_batches->prepare(blocks, part.counts, m_options.augment, m_options.seed, epoch, part.from);
        step.parts.push_back(std::move(part));
    }
    return step;
}

void Training::requireFinite(const std::vector<double>& losses, const Part& part, const std::vector<std::size_t>& order,
    int epoch, std::size_t batch) const
{
    const auto bad = std::find_if(losses.begin(), losses.end(), [](double value) { return !std::isfinite(value); });
    if (bad == losses.end())
        return;
    // The blocks are known from the order alone, also those of another rank.
    const auto which = static_cast<int>(bad - losses.begin());
    const auto length = static_cast<std::size_t>(part.samples);
    const std::size_t begin = part.from - (part.counts ? shareStart(length, rank(), world()) : 0);
    std::string blocks;
    for (std::size_t k = begin + shareStart(length, which, world()); k < begin + shareStart(length, which + 1, world());
        ++k) {
        const Index& at = m_data.split.training[order[k]];
        blocks += (blocks.empty() ? "" : "; ") + std::to_string(at.z) + ", " + std::to_string(at.y) + ", "
            + std::to_string(at.x);
    }
    throw Error("The loss became " + std::to_string(*bad) + " in epoch " + std::to_string(epoch) + ", batch "
            + std::to_string(batch) + " (blocks at z, y, x = " + blocks + ")",
        "Use a smaller learning rate, or check the stack for values that are not numbers. The last checkpoint stands.");
}

void Training::throwIfAllStop()
{
    if (!m_link.group) {
        m_task.throwIfStopped();
        return;
    }
    std::array<double, 1> stop = { m_task.stopRequested() ? 1.0 : 0.0 };
    m_link.group->sum(stop);
    if (stop[0] > 0)
        throw Stopped();
}

void Training::trainStep(const Step& step, const std::vector<std::size_t>& order, int epoch)
{
    m_adam->zeroGradients(m_averager != nullptr);
    const auto ranks = static_cast<std::size_t>(world());
    for (std::size_t i = 0; i < step.parts.size(); ++i) {
        const Part& part = step.parts[i];
        const bool last = i + 1 == step.parts.size();
        m_link.counts = part.counts;
        const Batch batch = m_batches->onDevice(part.own);
        if (m_averager && last)
            m_averager->beforeForward();
        torch::Tensor loss;
        torch::Tensor numbers; // loss and counts, read only after the backward pass: until then a GPU need not be waited for
        {
            const LayerPrecision precision(m_device, m_mode.bfloat16);
            const auto outputs = m_network->allOutputs(batch.grey);
            loss = lossOfAll(outputs, batch.target, lossContext(part.samples));
            numbers = torch::cat(
                { loss.detach().to(torch::kFloat64).view(1), OverlapCounts::of(outputs.front().detach(), batch.target) });
        }
        if (step.parts.size() > 1)
            loss = loss * (static_cast<double>(part.samples) / static_cast<double>(step.count));
        if (m_averager && last)
            m_averager->beforeBackward();
        loss.backward();
        // One exchange: each rank's loss, so that all know of one that is no number, and the counts.
        numbers = numbers.to(torch::kCPU);
        const std::span<const double> own(numbers.data_ptr<double>(), static_cast<std::size_t>(numbers.numel()));
        std::vector<double> shared(ranks);
        shared[static_cast<std::size_t>(rank())] = own.front();
        shared.insert(shared.end(), own.begin() + 1, own.end());
        if (m_link.group)
            m_link.group->sum(shared);
        const std::vector<double> losses(shared.begin(), shared.begin() + static_cast<std::ptrdiff_t>(ranks));
        requireFinite(losses, part, order, epoch, step.first / static_cast<std::size_t>(m_options.batch) + 1);
        double value = 0;
        for (const double one : losses)
            value += one / static_cast<double>(ranks);
        m_state.pass.lossSum += value * static_cast<double>(part.samples);
        m_state.pass.samples += static_cast<double>(part.samples);
        m_state.pass.counts.add(OverlapCounts::fromFlat(std::span(shared).subspan(ranks)));
    }
    if (m_options.clipNorm > 0)
        m_adam->clip(m_options.clipNorm);
    m_adam->step();
}

void Training::trainEpoch(int epoch, const StepHandler& stepDone)
{
    m_network->train();
    m_adam->setLearningRate(m_options.learningRateAt(epoch, m_state.epochs));
    const auto order = m_data.sampler.order(m_options.seed, epoch, m_options.repeatsFor(m_data.split.training.size()));
    const auto read = [&](std::size_t first) { return readStep(order, epoch, first); };
    if (m_state.blocksDone >= order.size())
        return;
    // The next batch is read and changed while this one computes.
    std::future<Step> next = std::async(std::launch::async, read, m_state.blocksDone);
    while (m_state.blocksDone < order.size()) {
        throwIfAllStop();
        const Step step = next.get();
        if (step.first + step.count < order.size())
            next = std::async(std::launch::async, read, step.first + step.count);
        trainStep(step, order, epoch);
        m_state.blocksDone = step.first + step.count;
        if (m_state.blocksDone < order.size() && secondsSince(m_saved) >= m_options.checkpointSeconds)
            saveCheckpoint();
        const double done = epoch - 1 + static_cast<double>(m_state.blocksDone) / static_cast<double>(order.size());
        m_task.progress(0.01 + 0.99 * done / m_options.epochs,
            "Epoch " + std::to_string(epoch) + " of " + std::to_string(m_options.epochs));
        if (stepDone && rank() == 0)
            stepDone(epoch, [this](const fs::path& path) { writeModel(path, tensorsOf(*m_network), m_state, card()); });
    }
}

PassResult Training::validate()
{
    m_network->eval();
    torch::NoGradGuard noGrad;
    PassResult pass;
    const auto ranks = static_cast<std::size_t>(world());
    const auto& blocks = m_data.split.validation;
    pass.counts = OverlapCounts::fromFlat(
        std::vector<double>(3 * static_cast<std::size_t>(std::max(1, m_options.architecture.classes - 1))));
    LossContext alone = lossContext(1);
    alone.ranks = nullptr;
    for (std::size_t round = 0; round < blocks.size(); round += ranks) {
        throwIfAllStop();
        const std::size_t mine = round + static_cast<std::size_t>(rank());
        if (mine >= blocks.size())
            continue;
        const Batch batch = m_batches->read(blocks[mine]);
        const LayerPrecision precision(m_device, m_mode.bfloat16);
        const auto logits = m_network(batch.grey);
        pass.lossSum += lossOf(logits, batch.target, alone).item<double>();
        pass.samples += 1;
        pass.counts.add(logits, batch.target);
    }
    if (m_link.group) {
        std::vector<double> all = { pass.lossSum, pass.samples };
        const auto flat = pass.counts.flat();
        all.insert(all.end(), flat.begin(), flat.end());
        m_link.group->sum(all);
        pass = { all[0], all[1], OverlapCounts::fromFlat(std::span(all).subspan(2)) };
    }
    return pass;
}

bool Training::runEpoch(int epoch, const EpochHandler& epochFinished, const StepHandler& stepDone)
{
    const auto started = Clock::now();
    const double before = m_state.pass.samples;
    PassResult validated;
    try {
        trainEpoch(epoch, stepDone);
        if (m_link.group && !m_options.globalStatistics)
            broadcastFromFirst(*m_link.group, m_network->buffers());
        validated = validate();
    } catch (const Stopped&) {
        return false;
    }
    if (!std::isfinite(validated.loss())) // before it is in any checkpoint
        throw Error("The validation loss became " + std::to_string(validated.loss()) + " in epoch " + std::to_string(epoch),
            "Use a smaller learning rate, or shorten the gradients. The last checkpoint stands.");
    const PassResult& trained = m_state.pass;
    EpochMetrics metrics;
    metrics.epoch = epoch;
    metrics.trainLoss = trained.loss();
    metrics.trainDice = trained.counts.dice();
    metrics.validationLoss = validated.loss();
    metrics.validationDice = validated.counts.dice();
    metrics.validationDicePerClass = validated.counts.dicePerClass();
    metrics.learningRate = m_options.learningRateAt(epoch, m_state.epochs);
    metrics.seconds = secondsSince(started);
    metrics.voxelsPerSecond
        = (trained.samples - before) * static_cast<double>(m_data.split.patch().voxels()) / metrics.seconds;
    if (reconstructs()) {
        metrics.trainDice = metrics.validationDice = std::numeric_limits<double>::quiet_NaN();
        metrics.validationDicePerClass.clear();
    }
    const auto& truth = validated.counts.truth;
    // Dice would call the first network the best that finds nothing.
    metrics.byLoss = reconstructs() || std::none_of(truth.begin(), truth.end(), [](double voxels) { return voxels > 0; });
    metrics.best = metrics.quality() > m_state.bestQuality;
    m_state.epoch = epoch;
    m_state.blocksDone = 0;
    m_state.pass = {};
    m_state.epochs.push_back(metrics);
    if (metrics.best) {
        m_state.bestQuality = metrics.quality();
        m_state.bestEpoch = epoch;
    }
    if (metrics.best && rank() == 0) {
        m_state.best = tensorsOf(*m_network);
        m_bestUnsaved = true;
    }
    if (epoch == lastEpoch() || outOfPatience() || worthSaving())
        saveCheckpoint();
    else if (rank() == 0)
        m_unsaved = makeCheckpoint(*m_network, *m_adam, m_state, m_options, m_data.split);
    writeLog();
    if (epochFinished && rank() == 0)
        epochFinished(metrics);
    return true;
}

int Training::lastEpoch() const
{
    return m_options.untilEpoch > 0 ? std::min(m_options.untilEpoch, m_options.epochs) : m_options.epochs;
}

bool Training::outOfPatience() const
{
    return m_options.patience > 0 && m_state.epoch - m_state.bestEpoch >= m_options.patience && m_state.epoch > 0;
}

TrainResult Training::run(const EpochHandler& epochFinished, const StepHandler& stepDone)
{
    const auto started = Clock::now();
    start();
    TrainResult result;
    if (epochFinished && rank() == 0) {
        for (auto metrics : m_state.epochs) {
            metrics.best = metrics.epoch == m_state.bestEpoch;
            epochFinished(metrics);
        }
    }
    try {
        for (int epoch = m_state.epoch + 1; epoch <= lastEpoch() && !result.stopped && !outOfPatience(); ++epoch)
            result.stopped = !runEpoch(epoch, epochFinished, stepDone);
    } catch (const Stopped&) { // by who was told of an epoch
        if (m_link.group || m_state.epochs.empty())
            throw;
        result.stopped = true;
    } catch (...) {
        saveRest(); // usable whatever happened
        throw;
    }
    saveRest();
    if (m_state.epochs.empty())
        throw Stopped();
    result.early = outOfPatience() && m_state.epoch < m_options.epochs;
    if (rank() == 0) {
        writeModel(m_model, m_state, card()); // the log of all epochs, not only up to the best
        if (m_options.keepLast && !result.stopped)
            writeModel(lastModelPath(m_model), tensorsOf(*m_network), m_state, card());
    }
    m_task.progress(1, result.stopped ? "Stopped; the best epoch was kept" : "Trained");
    result.epochs = m_state.epochs;
    result.bestEpoch = m_state.bestEpoch;
    result.validationDice = reconstructs() ? std::numeric_limits<double>::quiet_NaN() : m_state.bestDice();
    result.parameters = m_options.architecture.parameters();
    result.split = m_data.split;
    result.ranks = world();
    result.seconds = secondsSince(started);
    result.device = m_deviceId;
    result.layers = describe(m_mode);
    if (!reconstructs() && m_state.epochs.back().byLoss)
        m_findings.push_back({ Finding::Severity::Warning, "validation-empty",
            "The validation blocks have no foreground, so their Dice says nothing and the best epoch was chosen by their "
            "loss. Train on a larger share, or choose another seed." });
    if (const auto seen = testSeesBlocks(m_data.split, m_options.architecture);
        seen && !reconstructs() && !m_options.split.narrowGuard)
        m_findings.push_back(*seen);
    result.findings = m_findings;
    return result;
}

} // namespace interstice
