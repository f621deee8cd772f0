// SPDX-License-Identifier: GPL-3.0-or-later
// bench_presets DEVICE NAME Z Y X RAW TRUTH CLASSES [SEEDS [MINUTES]]: trains `paper` as the study did, `paper` with as many
// steps as `strong`, and `strong` on a volume (raw bytes, z slowest; labels below CLASSES) and prints the Dice of each on
// the voxels that are neither trained on nor near to them, in paper mode. With MINUTES the last two are trained in as many
// epochs as shall take so long, by a measured step: what they make of equal time, for processors. presets.py writes such
// files from the stacks.
#include "base/cost.h"
#include "learn/predict.h"
#include "learn/train.h"
#include "volume/volume.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace interstice;

namespace {

std::shared_ptr<Volume> bytesFrom(const std::string& path, const Shape& shape)
{
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes { std::istreambuf_iterator<char>(file), {} };
    if (static_cast<std::int64_t>(bytes.size()) != shape.voxels()) {
        std::cerr << path << " does not have " << shape.voxels() << " bytes\n";
        std::exit(2);
    }
    auto volume = std::make_shared<Volume>(shape, Scalar::U8);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(volume->as<std::uint8_t>().data()));
    return volume;
}

/// Epochs that take so long on this device.
int epochsIn(double minutes, const Shape& shape, const TrainOptions& options)
{
    Task task;
    const Cost cost = estimateTraining(shape, options, measureTrainingSpeed(options, task));
    return std::max(1, static_cast<int>(options.epochs * 60 * minutes / cost.seconds));
}

/// Mean Dice over the classes but the background, over the split's test voxels.
double testDice(const Volume& mask, const Volume& truth, const Split& split, int classes)
{
    std::vector<std::uint8_t> left(static_cast<std::size_t>(mask.shape().voxels()), 1);
    for (const Box& box : split.excluded()) {
        for (std::int64_t z = box.start.z; z < box.start.z + box.size.z; ++z) {
            for (std::int64_t y = box.start.y; y < box.start.y + box.size.y; ++y) {
                const std::int64_t row = (z * mask.shape().y + y) * mask.shape().x + box.start.x;
                std::fill_n(left.begin() + row, box.size.x, std::uint8_t(0));
            }
        }
    }
    double sum = 0;
    for (int label = 1; label < classes; ++label) {
        double both = 0;
        double all = 0;
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (left[i] == 0)
                continue;
            const bool here = mask.as<std::uint8_t>()[i] == label;
            const bool there = truth.as<std::uint8_t>()[i] == label;
            both += here && there ? 1 : 0;
            all += (here ? 1 : 0) + (there ? 1 : 0);
        }
        sum += all > 0 ? 2 * both / all : 1;
    }
    return sum / (classes - 1);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 9) {
        std::cerr << "bench_presets DEVICE NAME Z Y X RAW TRUTH CLASSES [SEEDS [MINUTES]]\n";
        return 2;
    }
    const Shape shape { std::atoll(argv[3]), std::atoll(argv[4]), std::atoll(argv[5]) };
    const auto raw = bytesFrom(argv[6], shape);
    const auto truth = bytesFrom(argv[7], shape);
    const int classes = std::atoi(argv[8]);
    const int seeds = argc > 9 ? std::atoi(argv[9]) : 2;
    const double minutes = argc > 10 ? std::atof(argv[10]) : 0;
    const auto model
        = std::filesystem::temp_directory_path() / ("bench_presets_" + std::to_string(::getpid()) + ".safetensors");
    for (const char* variant : { "paper", minutes > 0 ? "paper, as long" : "paper, more steps", "strong" }) {
        for (int seed = 1; seed <= seeds; ++seed) {
            const std::string text = variant;
            TrainOptions options = TrainOptions::preset(text.substr(0, text.find(',')));
            if (minutes <= 0 && text != "strong" && text != "paper") {
                const TrainOptions strong = TrainOptions::preset("strong");
                options.epochs = strong.epochs;
                options.minimumSteps = strong.minimumSteps;
            }
            options.architecture.classes = classes;
            options.device = argv[1];
            options.seed = options.split.seed = static_cast<std::uint64_t>(seed);
            if (minutes > 0 && text != "paper")
                options.epochs = epochsIn(minutes, shape, options);
            Task task;
            const TrainResult trained = train(*raw, *truth, options, model, task);
            Volume mask(shape, Scalar::U8);
            PredictOptions predicting;
            predicting.device = argv[1];
            const auto predicted = predict(*raw, model, mask, nullptr, predicting, task);
            const auto blocks = trained.split.training.size();
            const auto steps = static_cast<double>(blocks) * options.repeatsFor(blocks) / options.batch * options.epochs;
            std::printf("%-12s %-18s seed %d  Dice %.3f  (%.1f %% of the voxels, %.0f steps, %.0f s, %s)\n", argv[2],
                variant, seed, testDice(mask, *truth, trained.split, classes), 100 * trained.split.trainedFraction(), steps,
                trained.seconds, trained.layers.c_str());
            std::fflush(stdout);
            (void)predicted;
        }
    }
    std::error_code ignored;
    std::filesystem::remove(model, ignored);
    std::filesystem::remove(checkpointPath(model), ignored);
    return 0;
}
