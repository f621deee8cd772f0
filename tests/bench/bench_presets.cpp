// SPDX-License-Identifier: GPL-3.0-or-later
// bench_presets DEVICE NAME Z Y X RAW TRUTH CLASSES [SEEDS [MINUTES]]: trains `paper` as the study did, `paper` with as many
// steps as `strong`, and `strong` on a volume (raw bytes, see bench_volumes.h) and prints the Dice of each on the voxels
// that are neither trained on nor near to them, in paper mode. With MINUTES the last two are trained in as many epochs as
// shall take so long, by a measured step: what they make of equal time, for processors. presets.py writes such files from
// the stacks.
#include "base/cost.h"
#include "bench_volumes.h"
#include "learn/predict.h"
#include "learn/train.h"

#include <cstdio>

using namespace interstice;

namespace {

/// Epochs that take so long on this device.
int epochsIn(double minutes, const Shape& shape, const TrainOptions& options)
{
    Task task;
    const Cost cost = estimateTraining(shape, options, measureTrainingSpeed(options, task));
    return std::max(1, static_cast<int>(options.epochs * 60 * minutes / cost.seconds));
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2 + BenchVolume::kArguments) {
        std::cerr << "bench_presets DEVICE NAME Z Y X RAW TRUTH CLASSES [SEEDS [MINUTES]]\n";
        return 2;
    }
    const BenchVolume data(argv + 2);
    const Shape shape = data.raw->shape();
    const int seeds = argc > 9 ? std::atoi(argv[9]) : 2;
    const double minutes = argc > 10 ? std::atof(argv[10]) : 0;
    const BenchFolder folder;
    const auto model = folder.path / "m.safetensors";
    for (int seed = 1; seed <= seeds; ++seed) {
        for (const char* variant : { "paper", minutes > 0 ? "paper, as long" : "paper, more steps", "strong" }) {
            const std::string text = variant;
            TrainOptions options = TrainOptions::preset(text.substr(0, text.find(',')));
            if (minutes <= 0 && text != "strong" && text != "paper") {
                const TrainOptions strong = TrainOptions::preset("strong");
                options.epochs = strong.epochs;
                options.minimumSteps = strong.minimumSteps;
            }
            options.architecture.classes = data.classes;
            options.device = argv[1];
            options.seed = options.split.seed = static_cast<std::uint64_t>(seed);
            if (minutes > 0 && text != "paper")
                options.epochs = epochsIn(minutes, shape, options);
            Task task;
            const TrainResult trained = train(*data.raw, *data.truth, options, model, task);
            Volume mask(shape, Scalar::U8);
            PredictOptions predicting;
            predicting.device = argv[1];
            (void)predict(*data.raw, model, mask, nullptr, predicting, task);
            const auto blocks = trained.split.training.size();
            const auto steps = static_cast<double>(blocks) * options.repeatsFor(blocks) / options.batch * options.epochs;
            std::printf("%-12s %-18s seed %d  Dice %.3f  (%.1f %% of the voxels, %.0f steps, %.0f s, %s)\n",
                data.name.c_str(), variant, seed, testDice(mask, *data.truth, trained.split, data.classes),
                100 * trained.split.trainedFraction(), steps, trained.seconds, trained.layers.c_str());
            std::fflush(stdout);
        }
    }
    return 0;
}
