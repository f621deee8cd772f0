// SPDX-License-Identifier: GPL-3.0-or-later
// Learning from hidden cubes: what is hidden, what is learned, and what a training takes over from it.
#include "base/error.h"
#include "core/learn/toy.h"
#include "learn/masking.h"
#include "learn/predict.h"
#include "learn/pretrain.h"
#include "learn/safetensors.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

TrainOptions tinyPretraining(int epochs)
{
    TrainOptions options = tiny(epochs);
    options.split.trainFraction = 0.4;
    return options;
}

std::vector<std::pair<double, double>> curve(const TrainResult& result)
{
    std::vector<std::pair<double, double>> values;
    for (const auto& epoch : result.epochs)
        values.emplace_back(epoch.trainLoss, epoch.validationLoss);
    return values;
}

const NamedTensor& tensor(const SafetensorsFile& file, const std::string& name)
{
    return *std::find_if(file.tensors.begin(), file.tensors.end(), [&](const auto& t) { return t.name == name; });
}

double largestDifference(const NamedTensor& a, const NamedTensor& b)
{
    double largest = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a.values[i]) - static_cast<double>(b.values[i])));
    return largest;
}

} // namespace

class TestPretrain : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void cubesAreHidden()
    {
        const Shape patch { 21, 48, 40 };
        std::vector<float> original;
        for (std::int64_t i = 0; i < patch.voxels(); ++i)
            original.push_back(0.5F + 0.3F * std::sin(0.37F * static_cast<float>(i)));
        const auto hidden = [&](std::uint64_t epoch, std::uint64_t index) {
            std::pair<std::vector<float>, std::vector<float>> block(original, std::vector<float>(original.size(), 0.0F));
            block.second[5] = -1; // ignored before
            hideCubes(block.first, block.second, patch, 3, epoch, index);
            return block;
        };
        const auto [grey, target] = hidden(2, 7);
        double mean = 0;
        for (const float value : original)
            mean += static_cast<double>(value) / static_cast<double>(original.size());
        double squares = 0;
        for (const float value : original)
            squares += std::pow(static_cast<double>(value) - mean, 2) / static_cast<double>(original.size());
        const double deviation = std::sqrt(squares);
        double seen = 0;
        std::int64_t seenCount = 0;
        for (std::size_t i = 0; i < grey.size(); ++i) {
            if (target[i] < 0 && i != 5) {
                QCOMPARE(grey[i], original[i]);
                seen += static_cast<double>(grey[i]);
                ++seenCount;
            }
        }
        const auto share = 1 - static_cast<double>(seenCount) / static_cast<double>(grey.size());
        QVERIFY2(std::abs(share - kHiddenShare) < 0.08, QByteArray::number(share).constData());
        const double filling = seen / static_cast<double>(seenCount);
        for (std::size_t i = 0; i < grey.size(); ++i) {
            if (target[i] < 0)
                continue;
            QVERIFY(std::abs(static_cast<double>(grey[i]) - filling) < 1e-4); // nothing of the value itself is left
            const double back = (static_cast<double>(target[i] - kStandardisedShift)) * deviation + mean;
            QVERIFY(std::abs(back - static_cast<double>(original[i])) < 1e-4);
        }
        QCOMPARE(target[5], -1.0F);
        // Whole cubes: along x what is hidden begins and ends at most once in eight voxels.
        int changes = 0;
        for (std::size_t x = 1; x < 40; ++x)
            changes += (target[40 * 30 + x] < 0) != (target[40 * 30 + x - 1] < 0) ? 1 : 0;
        QVERIFY(changes <= 5);
        QVERIFY(hidden(2, 7) == std::pair(grey, target));
        QVERIFY(hidden(3, 7).second != target);
        QVERIFY(hidden(2, 8).second != target);
    }

    void aBlockWithoutStructureStaysFinite()
    {
        std::vector<float> grey(1000, 0.25F);
        std::vector<float> target(1000, 0.0F);
        hideCubes(grey, target, { 10, 10, 10 }, 1, 1, 0);
        for (std::size_t i = 0; i < grey.size(); ++i) {
            QVERIFY(std::abs(grey[i] - 0.25F) < 1e-5F);
            QVERIFY(target[i] == -1 || std::abs(target[i] - kStandardisedShift) < 0.1F);
        }
    }

    void learnsToGuess()
    {
        const Toy data = toy();
        Task task;
        TrainOptions options = tinyPretraining(12);
        options.log = path("run.jsonl");
        const auto result = pretrain(*data.raw, options, path("guess.safetensors"), task);
        const double first = result.epochs.front().validationLoss;
        const double best = result.epochs[static_cast<std::size_t>(result.bestEpoch - 1)].validationLoss;
        // A network that guesses the mean has a loss of 1; the balls repeat, the noise cannot be guessed.
        QVERIFY2(best < 0.9 && best < first, QByteArray::number(best).constData());
        QVERIFY(std::isnan(result.validationDice) && std::isnan(result.epochs.back().trainDice));
        const ModelCard card = readModelCard(path("guess.safetensors"));
        QVERIFY(card.pretrained);
        QCOMPARE(card.bestEpoch, result.bestEpoch);
        QVERIFY(!card.log.back().contains("val_dice") && card.log.back().contains("val_loss"));
        // It cannot predict, and says what to do.
        Volume mask(data.raw->shape(), Scalar::U8);
        try {
            (void)predict(*data.raw, path("guess.safetensors"), mask, nullptr, {}, task);
            QFAIL("a pretrained model predicted");
        } catch (const Error& problem) {
            QVERIFY(problem.happened().find("only pretrained") != std::string::npos);
            QVERIFY(problem.remedy().find("--start-from") != std::string::npos);
        }
    }

    void resumedEqualsUnbroken()
    {
        const Toy data = toy();
        Task task;
        const auto whole = pretrain(*data.raw, tinyPretraining(4), path("whole.safetensors"), task);
        (void)pretrain(*data.raw, tinyPretraining(2), path("parts.safetensors"), task);
        TrainOptions rest = tinyPretraining(4);
        rest.resume = true;
        const auto resumed = pretrain(*data.raw, rest, path("parts.safetensors"), task);
        QVERIFY(curve(resumed) == curve(whole));
        QCOMPARE(readModelCard(path("parts.safetensors")).checksum, readModelCard(path("whole.safetensors")).checksum);
        // A training on labels does not go on from its checkpoint.
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *data.truth, rest, path("parts.safetensors"), task));
    }

    void twoRanksAreOne()
    {
        const Toy data = toy();
        Task task;
        TrainOptions options = tinyPretraining(2);
        options.learningRate = 1e-4; // Adam makes rounding grow with it
        const auto one = pretrain(*data.raw, options, path("one.safetensors"), task);
        options.device = "cpu*2";
        const auto two = pretrain(*data.raw, options, path("two.safetensors"), task);
        QCOMPARE(two.ranks, 2);
        for (std::size_t i = 0; i < 2; ++i)
            QVERIFY2(std::abs(one.epochs[i].trainLoss / two.epochs[i].trainLoss - 1) < 1e-4,
                QByteArray::number(one.epochs[i].trainLoss / two.epochs[i].trainLoss).constData());
    }

    void stopKeepsTheBest()
    {
        const Toy data = toy();
        Task task;
        const auto result
            = pretrain(*data.raw, tinyPretraining(500), path("stopped.safetensors"), task, [&](const EpochMetrics& m) {
                  if (m.epoch == 2)
                      task.requestStop();
              });
        QVERIFY(result.stopped);
        QVERIFY(readModelCard(path("stopped.safetensors")).pretrained);
    }

    void trainingStartsFromIt()
    {
        const Toy data = toy();
        Task task;
        (void)pretrain(*data.raw, tinyPretraining(3), path("start.safetensors"), task);
        TrainOptions options = tiny(1);
        options.startFrom = path("start.safetensors");
        options.learningRate = 1e-12; // what is taken over stays
        const auto result = train(*data.raw, *data.truth, options, path("tuned.safetensors"), task);
        const auto before = readSafetensors(path("start.safetensors"));
        const auto after = readSafetensors(path("tuned.safetensors"));
        for (const char* same : { "encoder1.conv1.weight", "bridge.conv2.weight", "decoder1.conv2.bias" })
            QVERIFY2(largestDifference(tensor(before, same), tensor(after, same)) < 1e-6, same);
        QVERIFY(largestDifference(tensor(before, "head.weight"), tensor(after, "head.weight")) > 1e-3);
        const auto said = std::find_if(
            result.findings.begin(), result.findings.end(), [](const auto& f) { return f.code == "started-from"; });
        QVERIFY(said != result.findings.end());
        QVERIFY2(said->text.find("new: head.weight, head.bias.") != std::string::npos, said->text.c_str());
        const ModelCard card = readModelCard(path("tuned.safetensors"));
        QVERIFY(!card.pretrained);
        QCOMPARE(card.training["start_from"].get<std::string>(), std::string("start.safetensors"));
        // Its own training goes on also where the model that it started from is gone.
        fs::remove(path("start.safetensors"));
        options.resume = true;
        options.epochs = 2;
        QCOMPARE(train(*data.raw, *data.truth, options, path("tuned.safetensors"), task).epochs.size(), std::size_t { 2 });
        TrainOptions unnamed = options; // nor does it have to be named
        unnamed.startFrom.clear();
        unnamed.epochs = 3;
        QCOMPARE(train(*data.raw, *data.truth, unnamed, path("tuned.safetensors"), task).epochs.size(), std::size_t { 3 });
        auto checkpoint = readSafetensors(checkpointPath(path("tuned.safetensors")));
        Json state = Json::parse(checkpoint.metadata.at("interstice-checkpoint"));
        QCOMPARE(state["started_from"].get<std::string>(), std::string("start.safetensors"));
        state.erase("started_from"); // as older ones are: then it is what is named
        checkpoint.metadata["interstice-checkpoint"] = state.dump();
        writeSafetensors(checkpointPath(path("tuned.safetensors")), checkpoint);
        options.epochs = 4;
        QCOMPARE(train(*data.raw, *data.truth, options, path("tuned.safetensors"), task).epochs.size(), std::size_t { 4 });
        checkpoint = readSafetensors(checkpointPath(path("tuned.safetensors")));
        state = Json::parse(checkpoint.metadata.at("interstice-checkpoint"));
        QCOMPARE(state["started_from"].get<std::string>(), std::string("start.safetensors"));
        options.resume = false;
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *data.truth, options, path("again.safetensors"), task));
    }

    void trainingStartsFromATrainedModel()
    {
        const Toy data = toy();
        Task task;
        (void)train(*data.raw, *data.truth, tiny(6), path("first.safetensors"), task);
        TrainOptions options = tiny(1);
        options.startFrom = path("first.safetensors");
        options.learningRate = 1e-12;
        const auto result = train(*data.raw, *data.truth, options, path("second.safetensors"), task);
        QVERIFY(result.findings.front().text.find("new: none.") != std::string::npos);
        const double gained = result.validationDice - readModelCard(path("first.safetensors")).bestValidationDice;
        QVERIFY2(std::abs(gained) < 0.05, QByteArray::number(gained).constData()); // it is that model still
        // Other classes need another head, and another network takes over nothing.
        options.architecture.filters = { 3, 5 };
        options.architecture.bridge = 7;
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *data.truth, options, path("third.safetensors"), task));
    }
};

QTEST_APPLESS_MAIN(TestPretrain)
#include "tst_pretrain.moc"
