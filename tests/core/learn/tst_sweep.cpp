// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "core/learn/toy.h"
#include "learn/model_file.h"
#include "learn/sweep.h"

#include <QTemporaryDir>
#include <QtTest>

#include <limits>
#include <sstream>

using namespace interstice;
namespace fs = std::filesystem;

class TestSweep : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

    static SweepOptions small()
    {
        SweepOptions options;
        options.base = tiny(2);
        options.base.minimumSteps = 2;
        options.axes = { { "lr", { "1e-2", "1e-3" } }, { "batch", { "2", "4" } }, { "epochs", { "1", "2" } } };
        return options;
    }

private slots:
    void valuesAreRead()
    {
        const auto read = [](const char* name, const char* values) { return sweepAxis(name, values).values; };
        using Values = std::vector<std::string>;
        QVERIFY(read("lr", "1e-2, 1e-3,1e-4") == (Values { "1e-2", "1e-3", "1e-4" }));
        QVERIFY(read("loss", "dice | dice+bce") == (Values { "dice", "dice+bce" }));
        QVERIFY(read("augment", "flips,turns") == (Values { "flips,turns" }));
        QVERIFY(read("augment", "none|flips,turns") == (Values { "none", "flips,turns" }));
        for (const char* values : { "", " , ", "|" })
            QVERIFY_THROWS_EXCEPTION(Error, sweepAxis("lr", values));
        QVERIFY_THROWS_EXCEPTION(Error, sweepAxis("", "1"));
        // Every name that is offered can be set.
        const auto names = settableOptions();
        QVERIFY(std::find(names.begin(), names.end(), "train-slabs") != names.end());
        QVERIFY(std::is_sorted(names.begin(), names.end()));
        for (const std::string& name : names) {
            TrainOptions options;
            QVERIFY_THROWS_EXCEPTION(Error, setOption(options, name, "no such value"));
        }
    }

    void withoutForegroundToValidateTheLossDecides()
    {
        const Toy data = toy();
        SweepOptions options = small();
        options.base.epochs = 4;
        options.axes = { { "lr", { "1e-2", "1e-4" } } };
        emptyValidation(data, options.base);
        Task task;
        const auto rows = sweep(*data.raw, *data.truth, options, path("empty.csv"), task);
        std::vector<double> lowest;
        for (const SweepRow& row : rows) {
            QVERIFY2(row.problem.find("no foreground") != std::string::npos, row.problem.c_str());
            double loss = std::numeric_limits<double>::infinity();
            for (const auto& entry : readModelCard(row.model).log)
                loss = std::min(loss, entry.at("val_loss").get<double>());
            QCOMPARE(row.quality, 1 / (1 + loss));
            lowest.push_back(loss);
        }
        QCOMPARE(rows[0].best, lowest[0] <= lowest[1]);
        QCOMPARE(rows[1].best, lowest[1] < lowest[0]);
    }

    void costIsTheSumOfTheTrainings()
    {
        SweepOptions options = small();
        options.base.epochs = 2;
        const Shape shape { 40, 48, 52 };
        const fs::path table = path("cost.csv");
        const SweepEstimate all = estimateSweep(shape, options, table, 1e6);
        QCOMPARE(all.settings, std::size_t { 8 });
        QCOMPARE(all.trainings, std::size_t { 4 }); // the shorter one of two epochs is a part of the longer
        QCOMPARE(all.begun, std::size_t { 0 });
        double seconds = 0;
        for (const int batch : { 2, 4 }) {
            TrainOptions one = options.base;
            one.batch = batch;
            seconds += 2 * estimateTraining(shape, one, 1e6).seconds;
        }
        QVERIFY(std::abs(all.cost.seconds - seconds) < 1e-9 * seconds);
        QVERIFY(estimateSweep(shape, options, table).cost.seconds < 0); // nobody has measured
        // Rounds of 1 and 2 epochs: four trainings for one, two of them for another.
        options.halving = true;
        const double halved = estimateSweep(shape, options, table, 1e6).cost.seconds;
        QVERIFY2(std::abs(halved - seconds * 6 / 8) < 1e-9 * seconds, qPrintable(QString::number(halved / seconds)));
        options.axes.push_back({ "lr", { "fast" } });
        QVERIFY_THROWS_EXCEPTION(Error, estimateSweep(shape, options, table));
    }

    void aRowASettingAndOneBest()
    {
        const Toy data = toy();
        Task task;
        const fs::path table = path("table.csv");
        const auto rows = sweep(*data.raw, *data.truth, small(), table, task);
        QCOMPARE(rows.size(), std::size_t { 8 });
        QCOMPARE(rows[1].values.at(0), std::string("1e-2"));
        QCOMPARE(rows[1].values.at(2), std::string("2"));
        int best = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            QVERIFY(rows[i].state == SweepRow::State::Done);
            QCOMPARE(rows[i].epochs, i % 2 == 0 ? 1 : 2);
            QVERIFY(rows[i].bestEpoch >= 1 && rows[i].bestEpoch <= rows[i].epochs);
            best += rows[i].best ? 1 : 0;
            for (const auto& other : rows)
                QVERIFY(!rows[i].best || other.validationDice <= rows[i].validationDice);
        }
        QCOMPARE(best, 1);
        QCOMPARE(estimateSweep(data.raw->shape(), small(), table).begun, std::size_t { 4 });
        QCOMPARE(optionsOf(small(), rows[3]).batch, 4);
        // Where nothing depends on the number of epochs, one training serves both numbers.
        QCOMPARE(rows[0].model, rows[1].model);
        QVERIFY(rows[0].model != rows[2].model);
        std::istringstream lines(readTextFile(table));
        std::string line;
        int count = 0;
        while (std::getline(lines, line))
            ++count;
        QCOMPARE(count, 9);
        QVERIFY(readTextFile(table).starts_with("lr,batch,epochs,val_dice,best_epoch,epochs_trained,seconds,state,best\n"));
        const auto winner = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.best; });
        QCOMPARE(readModelCard(bestModelPath(table)).checksum, readModelCard(winner->model).checksum);
        // The same as training it alone.
        TrainOptions alone = small().base;
        setOption(alone, "lr", rows[3].values[0]);
        setOption(alone, "batch", rows[3].values[1]);
        setOption(alone, "epochs", rows[3].values[2]);
        QCOMPARE(
            train(*data.raw, *data.truth, alone, path("alone.safetensors"), task).validationDice, rows[3].validationDice);
    }

    void goesOnWhereItWas()
    {
        const Toy data = toy();
        const fs::path table = path("resumed.csv");
        Task first;
        int calls = 0;
        QVERIFY_THROWS_EXCEPTION(Stopped, sweep(*data.raw, *data.truth, small(), table, first, [&](const auto&) {
            if (++calls == 4)
                first.requestStop();
        }));
        std::size_t kept = 0;
        for (const auto& entry : fs::directory_iterator(table.string() + ".runs"))
            kept += entry.path().extension() == ".checkpoint" ? 1 : 0;
        QVERIFY(kept >= 1 && kept < 4);
        Task second;
        const auto resumed = sweep(*data.raw, *data.truth, small(), table, second);
        Task third;
        const auto whole = sweep(*data.raw, *data.truth, small(), path("whole.csv"), third);
        for (std::size_t i = 0; i < whole.size(); ++i)
            QCOMPARE(resumed[i].validationDice, whole[i].validationDice);
    }

    void trainingsOfOtherDataAreNotTaken()
    {
        const Toy data = toy();
        const fs::path table = path("data.csv");
        SweepOptions options = small();
        options.axes = { { "epochs", { "1" } } };
        Task task;
        sweep(*data.raw, *data.truth, options, table, task);
        const Volume other(data.truth->shape(), Scalar::U8);
        for (const bool truthToo : { true, false }) {
            try {
                sweep(truthToo ? *data.raw : other, truthToo ? other : *data.truth, options, table, task);
                QFAIL("the trainings of another truth or volume were taken");
            } catch (const Error& error) {
                QVERIFY2(QString(error.what()).contains("another volume or another ground truth"), error.what());
            }
        }
        sweep(*data.raw, *data.truth, options, table, task);
    }

    void halvingGivesUpTheWorse()
    {
        const Toy data = toy();
        SweepOptions options = small();
        options.base.epochs = 4;
        options.axes = { { "lr", { "1e-2", "1e-9", "3e-3", "1e-8" } } };
        options.halving = true;
        Task task;
        const auto rows = sweep(*data.raw, *data.truth, options, path("halving.csv"), task);
        const auto dropped
            = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.state == SweepRow::State::Dropped; });
        QCOMPARE(dropped, std::ptrdiff_t { 3 });
        const auto winner = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.best; });
        QCOMPARE(winner->epochs, 4);
        QVERIFY(winner->values[0] == "1e-2" || winner->values[0] == "3e-3");
        QVERIFY((halvingRounds(4, 100) == std::vector<int> { 25, 50, 100 }));
        QVERIFY((halvingRounds(1, 100) == std::vector<int> { 100 }));
        QVERIFY((halvingRounds(100, 2) == std::vector<int> { 1, 2 }));
    }

    void aSettingThatFailsIsARow()
    {
        const Toy data = toy();
        SweepOptions options = small();
        options.base.epochs = 10;
        options.axes = { { "lr", { "1e30", "1e-2" } } };
        Task task;
        const auto rows = sweep(*data.raw, *data.truth, options, path("failing.csv"), task);
        QVERIFY(rows[0].state == SweepRow::State::Failed);
        QVERIFY2(rows[0].problem.find("loss became") != std::string::npos, rows[0].problem.c_str());
        QVERIFY(rows[1].state == SweepRow::State::Done && rows[1].best);
    }

    void whatMakesNoSenseIsSaid()
    {
        const Toy data = toy();
        Task task;
        for (const SweepAxis& bad : { SweepAxis { "colour", { "red" } }, SweepAxis { "lr", { "fast" } },
                 SweepAxis { "batch", { "1.5" } }, SweepAxis { "batch", {} }, SweepAxis { "residual", { "yes" } } }) {
            SweepOptions options = small();
            options.axes = { bad };
            QVERIFY_THROWS_EXCEPTION(Error, sweep(*data.raw, *data.truth, options, path("bad.csv"), task));
        }
        SweepOptions options = small();
        options.base.device = "cuda:0,cuda:1"; // said at once, not by a row each that failed
        try {
            sweep(*data.raw, *data.truth, options, path("bad.csv"), task);
            QFAIL("a search on two GPUs began");
        } catch (const Error& problem) {
            QVERIFY2(std::string(problem.what()).find("on one GPU") != std::string::npos, problem.what());
        }
        QVERIFY(!std::filesystem::exists(path("bad.csv")));
    }
};

QTEST_APPLESS_MAIN(TestSweep)
#include "tst_sweep.moc"
