// SPDX-License-Identifier: GPL-3.0-or-later
// bench_learn THREADS [DEVICE]: waits for lines "WHAT PRESET D H W" on standard input and answers each with the seconds it
// took; tests/bench/learn.py and gpu.py ask it and PyTorch in turn, so that both meet the same moods of the machine. WHAT:
// "step" a training step, "forward" its way to the loss, "tile" the prediction of a tile (on a GPU of four blocks or tiles
// at once), "volume" a whole volume predicted from memory, "convolution" one large convolution (the machine's peak),
// "ranks1", "ranks2" … an epoch of training by so many ranks. ":bfloat16" or ":float32" after it says in which numbers
// layers compute. Some answer otherwise: "epoch" with the seconds a trained voxel takes in an epoch on the device,
// validation and all; "agree" with the largest difference of a probability from the processor's and the share of voxels that
// change sides; "trials" with every way to compute; "joined" with how far the gradients of a rank that joins a group are
// from those of one alone; "stream" (a volume made as it is read,
// --memory 2GiB) with seconds, bytes estimated, bytes resident before and at most.
#include "base/allocator.h"
#include "base/cost.h"
#include "learn/checkpoint.h"
#include "learn/convolution_check.h"
#include "learn/devices.h"
#include "learn/folded_unet.h"
#include "learn/instructions.h"
#include "learn/layer_trials.h"
#include "learn/losses.h"
#include "learn/network.h"
#include "learn/predict.h"
#include "learn/rank_tensors.h"
#include "volume/volume.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>

using namespace interstice;

namespace {

struct Case {
    UNet network { nullptr };
    std::unique_ptr<Adam> adam;
    std::unique_ptr<FoldedUNet> folded;
};

/// Where and how everything runs.
struct Setting {
    std::string device = "cpu";
    Precision precision = Precision::Auto;

    torch::Device torchDevice() const { return torch::Device(device); }
    bool bfloat16() const { return precision == Precision::Bfloat16; }
};

Case& caseFor(const std::string& preset, const Setting& setting)
{
    static std::map<std::pair<std::string, bool>, Case> cases;
    Case& entry = cases[{ preset, setting.bfloat16() }];
    if (!entry.network) {
        entry.network = UNet(ArchitectureSpec::preset(preset));
        entry.network->initialise(1);
        entry.folded = std::make_unique<FoldedUNet>(
            *entry.network, setting.torchDevice(), torch::MemoryFormat::ChannelsLast3d, setting.bfloat16());
        toChannelsLast(*entry.network);
        entry.network->to(setting.torchDevice());
        entry.adam = std::make_unique<Adam>(*entry.network, 1e-4);
    }
    return entry;
}

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void finish(const Setting& setting)
{
    if (setting.torchDevice().is_cuda())
        torch::cuda::synchronize();
}

/// Grey values made as they are read, so that a volume larger than memory needs no disk.
class Generated : public VolumeSource {
public:
    explicit Generated(const Shape& shape)
        : m_shape(shape)
    {
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return Scalar::U16; }
    std::string name() const override { return "generated"; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        auto* voxel = reinterpret_cast<std::uint16_t*>(to.data());
        for (std::int64_t z = box.start.z; z < box.start.z + box.size.z; ++z) {
            for (std::int64_t y = box.start.y; y < box.start.y + box.size.y; ++y) {
                for (std::int64_t x = box.start.x; x < box.start.x + box.size.x; ++x)
                    *voxel++ = static_cast<std::uint16_t>((z * 7919 + y * 104729 + x * 1299709) & 0xFFFF);
            }
        }
    }

private:
    Shape m_shape;
};

/// Counts what it is given and keeps nothing.
class Nowhere : public VolumeSink {
public:
    explicit Nowhere(const Shape& shape)
        : m_shape(shape)
    {
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return Scalar::U8; }
    void write(const Box&, std::span<const std::byte>) override { }
    void finish() override { }

private:
    Shape m_shape;
};

std::shared_ptr<Volume> greys(const Shape& shape)
{
    auto volume = std::make_shared<Volume>(shape, Scalar::U8);
    std::uint32_t random = 7;
    for (auto& voxel : volume->as<std::uint8_t>()) {
        random = random * 1664525U + 1013904223U;
        voxel = static_cast<std::uint8_t>(random >> 24);
    }
    return volume;
}

struct TemporaryFile {
    std::filesystem::path path
        = std::filesystem::temp_directory_path() / ("bench_learn_" + std::to_string(::getpid()) + ".safetensors");
    ~TemporaryFile()
    {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        std::filesystem::remove(checkpointPath(path), ignored);
    }
};

void writeNetwork(const std::filesystem::path& path, const std::string& preset, const Shape& shape, UNetImpl& network)
{
    ModelCard card;
    card.architecture = ArchitectureSpec::preset(preset);
    card.split.volume = shape;
    card.split.block = { 10, 256, 256 };
    TrainingState state;
    state.best = tensorsOf(network);
    writeModel(path, state, card);
}

PredictOptions predicting(const Setting& setting)
{
    PredictOptions options;
    options.device = setting.device;
    options.precision = setting.precision;
    return options;
}

double predictVolume(const std::string& preset, const Shape& shape, const Setting& setting)
{
    const TemporaryFile file;
    writeNetwork(file.path, preset, shape, *caseFor(preset, setting).network);
    const auto raw = greys(shape);
    Volume mask(shape, Scalar::U8);
    Task task;
    const auto started = std::chrono::steady_clock::now();
    (void)predict(*raw, file.path, mask, nullptr, predicting(setting), task);
    return secondsSince(started);
}

/// The largest difference of a probability on the device from the processor's, in the exact mode unless a precision is
/// asked for; and the share of voxels whose class differs.
void agree(const std::string& preset, const Shape& shape, const Setting& setting)
{
    const TemporaryFile file;
    const Setting processor;
    writeNetwork(file.path, preset, shape, *caseFor(preset, processor).network);
    const auto raw = greys(shape);
    std::vector<std::shared_ptr<Volume>> probabilities;
    std::vector<std::shared_ptr<Volume>> masks;
    for (const auto& one : { processor, setting }) {
        PredictOptions options = predicting(one);
        if (setting.precision == Precision::Auto)
            options.mode = PredictOptions::Mode::Exact;
        if (one.device != "cpu" && options.mode == PredictOptions::Mode::Exact)
            options.exactCore = { 16, 64, 64 }; // other tiles than the processor's
        probabilities.push_back(std::make_shared<Volume>(shape, Scalar::F32));
        masks.push_back(std::make_shared<Volume>(shape, Scalar::U8));
        Task task;
        (void)predict(*raw, file.path, *masks.back(), probabilities.back().get(), options, task);
    }
    double largest = 0;
    double changed = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.voxels()); ++i) {
        largest = std::max(
            largest, static_cast<double>(std::abs(probabilities[0]->as<float>()[i] - probabilities[1]->as<float>()[i])));
        changed += masks[0]->as<std::uint8_t>()[i] != masks[1]->as<std::uint8_t>()[i] ? 1 : 0;
    }
    std::printf("%.9f %.6f\n", largest, changed / static_cast<double>(shape.voxels()));
}

void stream(const std::string& preset, const Shape& shape, const Setting& setting)
{
    const TemporaryFile file;
    writeNetwork(file.path, preset, shape, *caseFor(preset, setting).network);
    const Generated raw(shape);
    Nowhere mask(shape);
    PredictOptions options = predicting(setting);
    options.memory = std::uint64_t(2) << 30U;
    options.overlap = 0.25;
    const Cost cost = estimatePrediction(shape, readModelCard(file.path), options);
    const std::uint64_t before = peakResidentBytes();
    Task task;
    const auto started = std::chrono::steady_clock::now();
    (void)predict(raw, file.path, mask, nullptr, options, task);
    std::printf("%.3f %llu %llu %llu\n", secondsSince(started), static_cast<unsigned long long>(cost.ramBytes),
        static_cast<unsigned long long>(before), static_cast<unsigned long long>(peakResidentBytes()));
}

double trainEpoch(const std::string& preset, const std::string& devices, const Shape& shape, const Setting& setting)
{
    const TemporaryFile file;
    const auto raw = greys(shape);
    const auto truth = greys(shape);
    for (auto& voxel : truth->as<std::uint8_t>())
        voxel = voxel > 127 ? 1 : 0;
    TrainOptions options = TrainOptions::preset(preset);
    options.device = devices;
    options.precision = setting.precision;
    options.epochs = 2;
    if (setting.device == "cpu") {
        options.split.tile = 64;
        options.split.trainFraction = 0.4;
        options.minimumSteps = 8;
    }
    Task task;
    const auto metrics = train(*raw, *truth, options, file.path, task).epochs.back(); // the first epoch warms up
    return setting.device == "cpu" ? metrics.seconds : 1 / metrics.voxelsPerSecond;
}

/// Every way to compute a training step and a tile: seconds and the difference from float32.
void trials(const std::string& preset, const Shape& size, const Setting& setting)
{
    Task task;
    std::string line;
    const auto add = [&](const char* what, const std::vector<LayerTrial>& all) {
        for (const auto& trial : all)
            line += std::string(what) + ": " + describe(trial.mode) + ' ' + std::to_string(1e3 * trial.seconds) + " ms "
                + std::to_string(trial.difference) + "; ";
    };
    add("step", tryTraining(ArchitectureSpec::preset(preset), setting.torchDevice(), size, 4, Precision::Auto, task, true));
    add("tile",
        tryPrediction(*caseFor(preset, setting).network, setting.torchDevice(), size, 4, Precision::Auto, task, true));
    std::printf("%s\n", line.c_str());
}

/// A step of one rank that joins a group all the same (NCCL on a GPU) against one of a rank alone: the difference of the
/// gradients, relative to their length. Shows that this build's ranks meet, average and normalise on the device.
double joinedAlone(const std::string& preset, const Shape& size, const Setting& setting)
{
    RankPlace place;
    place.meeting = RankPlace::Meeting::Threads;
    place.threads = makeThreadMeeting();
    RankGroup group(place, setting.device, 60);
    const RankLink link { &group };
    const auto grey = torch::rand({ 2, 1, size.z, size.y, size.x }, setting.torchDevice());
    const auto gradients = [&](bool joined) {
        UNet network(ArchitectureSpec::preset(preset));
        network->initialise(1);
        network->to(setting.torchDevice());
        network->train();
        std::unique_ptr<GradientAverager> averager;
        LossContext context;
        context.loss = Loss::DiceBce;
        if (joined) {
            broadcastFromFirst(group, network->parameters());
            network->synchroniseStatistics(&link);
            context.ranks = &link;
            averager = std::make_unique<GradientAverager>(*network, group);
            averager->beforeForward();
        }
        const auto loss = lossOfAll(network->allOutputs(grey), (grey > 0.5).to(torch::kFloat32), context);
        if (averager)
            averager->beforeBackward();
        loss.backward();
        std::vector<torch::Tensor> all;
        for (const auto& parameter : network->parameters())
            all.push_back(parameter.grad().flatten().to(torch::kFloat64));
        return torch::cat(all);
    };
    tuneGpu(true); // both sides by the same algorithms
    const auto expected = gradients(false);
    const auto difference = ((gradients(true) - expected).norm() / expected.norm()).item<double>();
    tuneGpu(false);
    return difference;
}

double convolve(const Shape& size, const Setting& setting)
{
    const std::int64_t channels = setting.device == "cpu" ? 64 : 256;
    const auto type
        = torch::TensorOptions(setting.torchDevice()).dtype(setting.bfloat16() ? torch::kBFloat16 : torch::kFloat32);
    const auto order = torch::MemoryFormat::ChannelsLast3d;
    const auto x = torch::rand({ 1, channels, size.z, size.y, size.x }, type).contiguous(order);
    const auto k = torch::rand({ channels, channels, 3, 3, 3 }, type).contiguous(order);
    c10::InferenceMode inference;
    finish(setting);
    const auto started = std::chrono::steady_clock::now();
    (void)at::conv3d(x, k, {}, 1, 1);
    finish(setting);
    return secondsSince(started);
}

double compute(const std::string& what, const std::string& preset, const Shape& size, const Setting& setting)
{
    Case& entry = caseFor(preset, setting);
    const bool gpu = setting.torchDevice().is_cuda();
    const std::int64_t count = !gpu ? 1 : 4;
    const auto input = inOrder(
        torch::rand({ count, 1, size.z, size.y, size.x }, setting.torchDevice()), torch::MemoryFormat::ChannelsLast3d);
    const auto target = (input > 0.5).to(torch::kFloat32);
    finish(setting);
    const int times = gpu ? 10 : 1; // one step on a GPU is too short for a clock on the processor
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) {
        if (what == "step" || what == "forward") {
            entry.network->train();
            entry.adam->zeroGradients();
            torch::Tensor loss;
            {
                const LayerPrecision precision(setting.torchDevice(), setting.bfloat16());
                loss = lossOf(entry.network(input), target, Loss::Dice);
            }
            if (what == "step") {
                loss.backward();
                entry.adam->step();
            }
        } else {
            c10::InferenceMode inference;
            (void)torch::sigmoid(entry.folded->forward(input)).contiguous();
        }
    }
    finish(setting);
    return secondsSince(started) / times;
}

} // namespace

int main(int argc, char** argv)
{
    keepLargeBlocks();
    if (const auto status = answerConvolutionCheck(argc, argv))
        return *status;
    chooseInstructions(); // the plain convolution that is the measure of the rest takes them too
    setLearnThreads(argc > 1 ? std::atoi(argv[1]) : 0);
    Setting setting;
    if (argc > 2)
        setting.device = resolveDevice(argv[2]);
    tuneGpu(false);
    std::string what;
    std::string preset;
    Shape size;
    while (std::cin >> what >> preset >> size.z >> size.y >> size.x) {
        const auto colon = what.find(':');
        setting.precision = colon == std::string::npos ? Precision::Auto : parsePrecision(what.substr(colon + 1));
        what = what.substr(0, colon);
        if (what == "agree")
            agree(preset, size, setting);
        else if (what == "stream")
            stream(preset, size, setting);
        else if (what == "volume")
            std::printf("%.6f\n", predictVolume(preset, size, setting));
        else if (what.starts_with("ranks"))
            std::printf("%.6f\n", trainEpoch(preset, "cpu*" + what.substr(5), size, setting));
        else if (what == "epoch")
            std::printf("%.12f\n", trainEpoch(preset, setting.device, size, setting));
        else if (what == "trials")
            trials(preset, size, setting);
        else if (what == "joined")
            std::printf("%.9f\n", joinedAlone(preset, size, setting));
        else
            std::printf("%.6f\n", what == "convolution" ? convolve(size, setting) : compute(what, preset, size, setting));
        std::fflush(stdout);
    }
    return 0;
}
