// SPDX-License-Identifier: GPL-3.0-or-later
// bench_pretrain DEVICE NAME Z Y X RAW TRUTH CLASSES [SEEDS]: does pretraining without labels help where few voxels are
// labelled? `quick` on 1 % and 2 % of a volume's voxels (blocks of 10×16×16; raw bytes, see bench_volumes.h), from random
// weights and from ones pretrained on the same stack, with the same blocks, steps and seeds. Prints rows of a table: Dice on
// voxels that neither training saw with labels. pretrain.py writes such files.
#include "bench_volumes.h"
#include "learn/predict.h"
#include "learn/pretrain.h"

#include <cmath>
#include <cstdio>

using namespace interstice;

namespace {

constexpr int kEpochs = 25;
constexpr int kPretrainedEpochs = 10;

double diceAfter(
    const BenchVolume& data, const TrainOptions& options, const std::filesystem::path& model, const std::string& device)
{
    Task task;
    const TrainResult trained = train(*data.raw, *data.truth, options, model, task);
    Volume mask(data.raw->shape(), Scalar::U8);
    PredictOptions predicting;
    predicting.device = device;
    // The last epoch's weights: so few labels leave a validation block that may have no foreground and chooses badly.
    (void)predict(*data.raw, lastModelPath(model), mask, nullptr, predicting, task);
    return testDice(mask, *data.truth, trained.split, data.classes);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2 + BenchVolume::kArguments) {
        std::cerr << "bench_pretrain DEVICE NAME Z Y X RAW TRUTH CLASSES [SEEDS]\n";
        return 2;
    }
    const BenchVolume data(argv + 2);
    const std::string device = argv[1];
    const int seeds = argc > 9 ? std::atoi(argv[9]) : 3;
    const BenchFolder folder;
    const auto start = folder.path / "start.safetensors";
    TrainOptions options = TrainOptions::preset("quick");
    options.device = device;
    options.epochs = kPretrainedEpochs;
    options.split.trainFraction = 0.2;
    Task task;
    const TrainResult first = pretrain(*data.raw, options, start, task);
    const double loss = first.epochs[static_cast<std::size_t>(first.bestEpoch - 1)].validationLoss;
    options.architecture.classes = data.classes;
    options.epochs = kEpochs;
    options.split.tile = 16;
    options.keepLast = true;
    for (const double fraction : { 0.01, 0.02 }) {
        double sum = 0;
        double squares = 0;
        for (int seed = 1; seed <= seeds; ++seed) {
            options.split.trainFraction = fraction;
            options.seed = options.split.seed = static_cast<std::uint64_t>(seed);
            options.startFrom.clear();
            const double plain = diceAfter(data, options, folder.path / "m.safetensors", device);
            options.startFrom = start;
            const double tuned = diceAfter(data, options, folder.path / "m.safetensors", device);
            std::printf("| %s | %.0f %% | %d | %.3f | %.3f | %+.3f |\n", data.name.c_str(), 100 * fraction, seed, plain,
                tuned, tuned - plain);
            std::fflush(stdout);
            sum += tuned - plain;
            squares += (tuned - plain) * (tuned - plain);
        }
        const double mean = sum / seeds;
        if (seeds > 1)
            std::printf("| %s | %.0f %% | mean | | | %+.3f ± %.3f |\n", data.name.c_str(), 100 * fraction, mean,
                std::sqrt(std::max(0.0, (squares - seeds * mean * mean) / (seeds - 1)))); // ± one standard deviation
    }
    std::printf("| %s | none | | | | pretrained in %.0f s to a loss of %.3f |\n", data.name.c_str(), first.seconds, loss);
    return 0;
}
