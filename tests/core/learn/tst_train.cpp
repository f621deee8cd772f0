// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "core/learn/toy.h"
#include "learn/predict.h"
#include "learn/safetensors.h"
#include "learn/train.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

std::vector<std::pair<double, double>> curve(const TrainResult& result)
{
    std::vector<std::pair<double, double>> values;
    for (const auto& epoch : result.epochs)
        values.emplace_back(epoch.trainLoss, epoch.validationLoss);
    return values;
}

} // namespace

class TestTrain : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void learnsAndPredicts()
    {
        const Toy data = toy();
        Task task;
        TrainOptions options = tiny(12);
        options.log = path("run.jsonl");
        std::vector<int> seen;
        const auto result = train(*data.raw, *data.truth, options, path("toy.safetensors"), task,
            [&](const EpochMetrics& m) { seen.push_back(m.epoch); });
        QCOMPARE(seen.size(), std::size_t { 12 });
        QVERIFY2(result.validationDice > 0.8, QByteArray::number(result.validationDice).constData());
        QCOMPARE(result.parameters, options.architecture.parameters());

        const ModelCard card = readModelCard(path("toy.safetensors"));
        QCOMPARE(card.bestEpoch, result.bestEpoch);
        QCOMPARE(card.log.size(), std::size_t { 12 });
        std::istringstream lines(readTextFile(path("run.jsonl")));
        std::string line;
        int count = 0;
        while (std::getline(lines, line)) {
            const Json json = Json::parse(line);
            for (const char* key :
                { "epoch", "train_loss", "train_dice", "val_loss", "val_dice", "lr", "seconds", "voxels_per_s" })
                QVERIFY2(json.contains(key), key);
            QCOMPARE(json["epoch"].get<int>(), ++count);
        }
        QCOMPARE(count, 12);

        Volume mask(data.raw->shape(), Scalar::U8);
        Volume probability(data.raw->shape(), Scalar::U8);
        const auto predicted = predict(*data.raw, path("toy.safetensors"), mask, &probability, {}, task);
        const auto m = mask.as<std::uint8_t>();
        const auto p = probability.as<std::uint8_t>();
        for (std::size_t i = 0; i < m.size(); ++i)
            QVERIFY(m[i] == 1 ? p[i] >= 127 : p[i] <= 128);
        const auto diceWith = [m](const Volume& other) {
            const auto o = other.as<std::uint8_t>();
            std::int64_t both = 0;
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < m.size(); ++i) {
                both += m[i] & o[i];
                sum += m[i] + o[i];
            }
            return 2.0 * static_cast<double>(both) / static_cast<double>(sum);
        };
        const double dice = diceWith(*data.truth);
        QVERIFY2(dice > 0.8, QByteArray::number(dice).constData());
        QVERIFY(predicted.foregroundFraction > 0.05);
        // Tiles that overlap by half give what the whole volume at once gives, but for a voxel in a thousand.
        PredictOptions exact;
        exact.mode = PredictOptions::Mode::Exact;
        Volume whole(data.raw->shape(), Scalar::U8);
        predict(*data.raw, path("toy.safetensors"), whole, nullptr, exact, task);
        const double same = diceWith(whole);
        QVERIFY2(same > 0.999, QByteArray::number(same).constData());
    }

    void sameSeedSameCurveAndWeights()
    {
        const Toy data = toy();
        Task task;
        const auto a = train(*data.raw, *data.truth, tiny(3), path("a.safetensors"), task);
        const auto b = train(*data.raw, *data.truth, tiny(3), path("b.safetensors"), task);
        QVERIFY(curve(a) == curve(b));
        QCOMPARE(readModelCard(path("a.safetensors")).checksum, readModelCard(path("b.safetensors")).checksum);
        TrainOptions other = tiny(3);
        other.seed = 2;
        QVERIFY(curve(train(*data.raw, *data.truth, other, path("c.safetensors"), task)) != curve(a));
    }

    void withoutForegroundToValidateTheLossChooses()
    {
        // Dice of a network that finds nothing would be 1 there, and the first such epoch would be kept.
        const Toy data = toy();
        const TrainOptions options = tiny(6);
        emptyValidation(data, options);
        Task task;
        const auto result = train(*data.raw, *data.truth, options, path("empty.safetensors"), task);
        const auto lowest = std::min_element(result.epochs.begin(), result.epochs.end(),
            [](const EpochMetrics& a, const EpochMetrics& b) { return a.validationLoss < b.validationLoss; });
        QCOMPARE(result.bestEpoch, lowest->epoch);
        // What is read of it later says so too.
        std::vector<EpochMetrics> read;
        for (const auto& line : readModelCard(path("empty.safetensors")).log)
            read.push_back(epochMetricsFromJson(line));
        QCOMPARE(markBest(read), lowest->epoch);
        Json unsaid = toJson(read.front());
        unsaid["val_loss"] = nullptr;
        QVERIFY(std::isnan(epochMetricsFromJson(unsaid).validationLoss));
        QVERIFY(std::any_of(result.findings.begin(), result.findings.end(),
            [](const Finding& finding) { return finding.code == "validation-empty"; }));
    }

    void resumedEqualsUnbroken()
    {
        const Toy data = toy();
        Task task;
        const auto whole = train(*data.raw, *data.truth, tiny(4), path("whole.safetensors"), task);
        train(*data.raw, *data.truth, tiny(2), path("parts.safetensors"), task);
        TrainOptions rest = tiny(4);
        rest.resume = true;
        const auto resumed = train(*data.raw, *data.truth, rest, path("parts.safetensors"), task);
        QVERIFY(curve(resumed) == curve(whole));
        QCOMPARE(readModelCard(path("parts.safetensors")).checksum, readModelCard(path("whole.safetensors")).checksum);
        // Other options are another curve and are refused.
        rest.learningRate = 1e-3;
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *data.truth, rest, path("parts.safetensors"), task));
    }

    void resumedWithinAnEpochEqualsUnbroken()
    {
        // Killed right after a checkpoint in the middle of the second epoch: a copy of it stands in for the kill.
        const Toy data = toy();
        TrainOptions options = tiny(3);
        options.checkpointSeconds = 0;
        options.minimumSteps = 6;
        Task task;
        const auto whole = train(*data.raw, *data.truth, options, path("whole2.safetensors"), task);
        const fs::path checkpoint = checkpointPath(path("middle.safetensors"));
        int seen = 0;
        Task copying([&](double fraction, const std::string&) {
            if (fraction > 0.45 && fraction < 0.6 && fs::exists(checkpoint) && ++seen == 1)
                fs::copy_file(checkpoint, path("kept"), fs::copy_options::overwrite_existing);
        });
        train(*data.raw, *data.truth, options, path("middle.safetensors"), copying);
        QVERIFY(seen > 0);
        fs::copy_file(path("kept"), checkpoint, fs::copy_options::overwrite_existing);
        const std::string text = readTextFile(checkpoint);
        QVERIFY(text.find("\\\"blocks_done\\\":0") == std::string::npos); // it is one within an epoch
        options.resume = true;
        const auto resumed = train(*data.raw, *data.truth, options, path("middle.safetensors"), task);
        QVERIFY(curve(resumed) == curve(whole));
        QCOMPARE(readModelCard(path("middle.safetensors")).checksum, readModelCard(path("whole2.safetensors")).checksum);
    }

    void checkpointsOfEarlierVersionsGoOn()
    {
        Json old = identityOf(tiny(2));
        for (const char* key :
            { "schedule", "accumulate", "clip_norm", "dice_over_batch", "class_weights", "global_statistics" })
            old.erase(key);
        for (const char* key : { "norm", "groups", "residual", "upsampling", "deep_supervision", "classes" })
            old["architecture"].erase(key);
        old["augment"] = true;
        old["cosine"] = false;
        QCOMPARE(upgradedIdentity(old).dump(), identityOf(tiny(2)).dump());
        old["cosine"] = true;
        QVERIFY(upgradedIdentity(old) != identityOf(tiny(2)));
    }

    void patienceEndsEarly()
    {
        const Toy data = toy();
        Task task;
        TrainOptions options = tiny(60);
        options.learningRate = 1e-12; // nothing can become better
        options.patience = 3;
        options.keepLast = true;
        const auto result = train(*data.raw, *data.truth, options, path("patience.safetensors"), task);
        QVERIFY(result.early && !result.stopped);
        QVERIFY(result.epochs.size() < 30);
        QCOMPARE(static_cast<int>(result.epochs.size()), result.bestEpoch + 3);
        QVERIFY(fs::exists(lastModelPath(path("patience.safetensors"))));
        QVERIFY(readModelCard(lastModelPath(path("patience.safetensors"))).checksum
            != readModelCard(path("patience.safetensors")).checksum);
    }

    void schedules()
    {
        TrainOptions options;
        options.epochs = 100;
        options.learningRate = 1;
        QCOMPARE(options.learningRateAt(77), 1.0);
        options.schedule = Schedule::Cosine;
        QCOMPARE(options.learningRateAt(1), 1.0);
        QCOMPARE(options.learningRateAt(51), 0.5);
        options.schedule = Schedule::Poly;
        QCOMPARE(options.learningRateAt(1), 1.0);
        QVERIFY(std::abs(options.learningRateAt(51) - std::pow(0.5, 0.9)) < 1e-12);
        options.schedule = Schedule::Plateau;
        std::vector<EpochMetrics> before(1);
        before[0].validationLoss = 1;
        QCOMPARE(options.learningRateAt(2, before), 1.0);
        for (int i = 0; i < 9; ++i)
            before.push_back(before[0]);
        QCOMPARE(options.learningRateAt(11, before), 1.0);
        before.push_back(before[0]);
        QCOMPARE(options.learningRateAt(12, before), 0.5);
        for (int i = 0; i < 10; ++i)
            before.push_back(before[0]);
        QCOMPARE(options.learningRateAt(22, before), 0.25);
        for (const auto schedule : { Schedule::Constant, Schedule::Cosine, Schedule::Poly, Schedule::Plateau })
            QVERIFY(parseSchedule(scheduleName(schedule)) == schedule);
        QVERIFY_THROWS_EXCEPTION(Error, parseSchedule("linear"));
    }

    void accumulatedPartsAreTheWholeStep()
    {
        // Without batch statistics two halves of a step are exactly the step.
        const Toy data = toy();
        Task task;
        TrainOptions options = tiny(2);
        options.architecture.norm = ArchitectureSpec::Norm::Group;
        options.loss = Loss::Dice;
        const auto whole = train(*data.raw, *data.truth, options, path("at_once.safetensors"), task);
        options.accumulate = 2;
        const auto parts = train(*data.raw, *data.truth, options, path("in_parts.safetensors"), task);
        for (std::size_t i = 0; i < whole.epochs.size(); ++i)
            QVERIFY2(
                std::abs(whole.epochs[i].trainLoss - parts.epochs[i].trainLoss) < 5e-4, // rounding, grown over the steps
                QByteArray::number(whole.epochs[i].trainLoss - parts.epochs[i].trainLoss).constData());
        // Short gradients are another training.
        options.accumulate = 1;
        options.clipNorm = 1e-9;
        const auto clipped = train(*data.raw, *data.truth, options, path("clipped.safetensors"), task);
        QVERIFY(std::abs(clipped.epochs[1].trainLoss - whole.epochs[1].trainLoss) > 1e-3);
    }

    void severalClasses()
    {
        // The upper halves of the balls are a class of their own.
        const Toy data = toy();
        auto truth = std::make_shared<Volume>(data.raw->shape(), Scalar::U8);
        std::size_t i = 0;
        for (int z = 0; z < 40; ++z) {
            for (int y = 0; y < 48; ++y) {
                for (int x = 0; x < 52; ++x, ++i)
                    truth->as<std::uint8_t>()[i]
                        = static_cast<std::uint8_t>(data.truth->as<std::uint8_t>()[i] != 0 ? (z % 13 < 6 ? 2 : 1) : 0);
            }
        }
        Task task;
        TrainOptions options = tiny(10);
        options.architecture.classes = 3;
        options.augment = {}; // a flip along z would swap them
        options.classWeights = { 1, 1, 1 };
        const auto result = train(*data.raw, *truth, options, path("three.safetensors"), task);
        QCOMPARE(result.epochs.back().validationDicePerClass.size(), std::size_t { 2 });
        QVERIFY2(result.validationDice > 0.5, QByteArray::number(result.validationDice).constData());
        QVERIFY(toJson(result.epochs.back()).contains("val_dice_per_class"));
        Volume mask(data.raw->shape(), Scalar::U8);
        (void)predict(*data.raw, path("three.safetensors"), mask, nullptr, {}, task);
        const auto m = mask.as<std::uint8_t>();
        QVERIFY(std::find(m.begin(), m.end(), 2) != m.end());
        QVERIFY(*std::max_element(m.begin(), m.end()) == 2);
        // A label beyond the classes is said.
        truth->as<std::uint8_t>()[0] = 7;
        for (auto& v : truth->as<std::uint8_t>())
            v = v == 2 ? 9 : v;
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *truth, options, path("nine.safetensors"), task));
    }

    void everyAugmentationAndChoiceTrains()
    {
        const Toy data = toy();
        Task task;
        TrainOptions options = TrainOptions::preset("strong");
        options.architecture.filters = { 4, 8 };
        options.architecture.pooling.pop_back();
        options.architecture.bridge = 8;
        options.split.chunk = 8;
        options.split.tile = 16;
        options.split.context = { 4, 4, 4 };
        options.epochs = 2;
        options.minimumSteps = 4;
        options.device = "cpu";
        const auto a = train(*data.raw, *data.truth, options, path("strong1.safetensors"), task);
        const auto b = train(*data.raw, *data.truth, options, path("strong2.safetensors"), task);
        QVERIFY(curve(a) == curve(b)); // reading and augmenting on another thread changes nothing
        QVERIFY(std::isfinite(a.epochs.back().trainLoss));
    }

    void stopKeepsTheBest()
    {
        const Toy data = toy();
        Task task;
        const auto result
            = train(*data.raw, *data.truth, tiny(500), path("stopped.safetensors"), task, [&](const EpochMetrics& m) {
                  if (m.epoch == 2)
                      task.requestStop();
              });
        QVERIFY(result.stopped);
        QCOMPARE(result.epochs.size(), std::size_t { 2 });
        QCOMPARE(readModelCard(path("stopped.safetensors")).bestEpoch, result.bestEpoch);
        Task stopped;
        stopped.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, train(*data.raw, *data.truth, tiny(2), path("never.safetensors"), stopped));
        QVERIFY(!fs::exists(path("never.safetensors")));
    }

    void everyTypeOfVoxel_data()
    {
        QTest::addColumn<int>("scalar");
        for (int scalar = 0; scalar < 5; ++scalar)
            QTest::newRow(scalarName(static_cast<Scalar>(scalar))) << scalar;
    }
    void everyTypeOfVoxel()
    {
        QFETCH(int, scalar);
        const Toy data = toy(static_cast<Scalar>(scalar));
        Task task;
        const auto result = train(*data.raw, *data.truth, tiny(1), path("type.safetensors"), task);
        QVERIFY(std::isfinite(result.epochs.front().trainLoss));
        Volume mask(data.raw->shape(), Scalar::U8);
        (void)predict(*data.raw, path("type.safetensors"), mask, nullptr, {}, task);
    }

    void whatCannotTrainIsSaid()
    {
        const Toy data = toy();
        Task task;
        const Volume empty(data.raw->shape(), Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, empty, tiny(1), path("x.safetensors"), task));
        const Volume other({ 40, 48, 50 }, Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, other, tiny(1), path("x.safetensors"), task));
        TrainOptions wrong = tiny(1);
        wrong.learningRate = 0;
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *data.truth, wrong, path("x.safetensors"), task));
        wrong = tiny(1);
        wrong.device = "tpu";
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *data.truth, wrong, path("x.safetensors"), task));
        QVERIFY_THROWS_EXCEPTION(Error, train(*data.raw, *data.truth, tiny(1), path("no/such/folder/x.safetensors"), task));
        wrong = tiny(20);
        wrong.learningRate = 1e30;
        try {
            train(*data.raw, *data.truth, wrong, path("nan.safetensors"), task);
            QFAIL("a loss that is no number went unnoticed");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("batch") != std::string::npos, error.what());
        }
    }

    void damagedWeightsAreNoticed()
    {
        const Toy data = toy();
        Task task;
        train(*data.raw, *data.truth, tiny(1), path("good.safetensors"), task);
        std::string bytes = readTextFile(path("good.safetensors"));
        bytes[bytes.size() - 10] = static_cast<char>(bytes[bytes.size() - 10] ^ 0x10);
        writeTextFile(path("flipped.safetensors"), bytes);
        Volume mask(data.raw->shape(), Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Error, predict(*data.raw, path("flipped.safetensors"), mask, nullptr, {}, task));
    }

    void costIsStatedInWords()
    {
        const std::string text = describeTrainingCost({ 800, 1024, 1024 }, TrainOptions::preset("paper"), 1e6);
        QVERIFY2(text.find("memory") != std::string::npos && text.find("About") != std::string::npos, text.c_str());
        Task task;
        QVERIFY(measureTrainingSpeed(tiny(1), task) > 0);
        QVERIFY(measurePredictionSpeed(tiny(1).architecture, {}, task) > 0);
        Task stopped;
        stopped.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, measureTrainingSpeed(tiny(1), stopped));
        QVERIFY_THROWS_EXCEPTION(Stopped, measurePredictionSpeed(tiny(1).architecture, {}, stopped));
        // The study's batch of four chunks keeps 7.0 GiB of activations, computed elsewhere.
        const double kept = 4 * 10 * 256 * 256 * ArchitectureSpec::preset("paper").trainingBytesPerVoxel();
        QVERIFY2(std::abs(kept / (7.0 * 1073741824) - 1) < 0.1, QByteArray::number(kept).constData());
    }
};

QTEST_APPLESS_MAIN(TestTrain)
#include "tst_train.moc"
