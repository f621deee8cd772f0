// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "study/step.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

/// Two steps in a row: the second doubles what the first wrote; both count how often they ran.
struct Chain {
    QTemporaryDir place;
    fs::path folder = fs::path(place.path().toStdString());
    int firstRuns = 0;
    int secondRuns = 0;
    int forgotten = 0;

    Step first(const std::string& word)
    {
        Step step;
        step.id = "first";
        step.kind = "write";
        step.options = { { "word", word } };
        step.outputs = { folder / "data" / "a.txt" };
        step.run = [this, word, out = step.outputs[0]](Task&) {
            ++firstRuns;
            writeTextFile(out, word);
            return StepOutcome { { { "letters", word.size() } } };
        };
        step.forget = [this] { ++forgotten; };
        return step;
    }
    Step second(int times)
    {
        Step step;
        step.id = "second";
        step.kind = "repeat";
        step.options = { { "times", times } };
        step.inputs = { folder / "data" / "a.txt" };
        step.outputs = { folder / "data" / "b.txt" };
        step.run = [this, times, in = step.inputs[0], out = step.outputs[0]](Task&) {
            ++secondRuns;
            std::string text;
            for (int i = 0; i < times; ++i)
                text += readTextFile(in);
            writeTextFile(out, text);
            return StepOutcome {};
        };
        return step;
    }
    void runBoth(const std::string& word, int times)
    {
        StepRunner runner(folder);
        Task task;
        for (const Step& step : { first(word), second(times) })
            if (!runner.finished(step))
                runner.run(step, task);
    }
};

} // namespace

class TestStep : public QObject {
    Q_OBJECT

private slots:
    void aFinishedStepIsNotRunAgain()
    {
        Chain chain;
        chain.runBoth("ab", 2);
        chain.runBoth("ab", 2);
        QCOMPARE(chain.firstRuns, 1);
        QCOMPARE(chain.secondRuns, 1);
        QCOMPARE(QString::fromStdString(readTextFile(chain.folder / "data" / "b.txt")), QString("abab"));
    }

    void aChangedOptionRerunsWhatDependsOnIt()
    {
        Chain chain;
        chain.runBoth("ab", 2);
        chain.runBoth("ab", 3);
        QCOMPARE(chain.firstRuns, 1);
        QCOMPARE(chain.secondRuns, 2);
        chain.runBoth("cd", 3);
        QCOMPARE(chain.firstRuns, 2);
        QCOMPARE(chain.secondRuns, 3);
        QCOMPARE(QString::fromStdString(readTextFile(chain.folder / "data" / "b.txt")), QString("cdcdcd"));
    }

    void anOutputThatIsGoneOrAnotherIsMadeAgain()
    {
        Chain chain;
        chain.runBoth("ab", 2);
        fs::remove(chain.folder / "data" / "b.txt");
        chain.runBoth("ab", 2);
        QCOMPARE(chain.secondRuns, 2);
        writeTextFile(chain.folder / "data" / "b.txt", "other");
        chain.runBoth("ab", 2);
        QCOMPARE(chain.secondRuns, 3);
        QCOMPARE(chain.firstRuns, 1);
        // Touched and the same is the same.
        const std::string same = readTextFile(chain.folder / "data" / "b.txt");
        writeTextFile(chain.folder / "data" / "b.txt", same);
        chain.runBoth("ab", 2);
        QCOMPARE(chain.secondRuns, 3);
    }

    void anInputThatSomebodyChangedCounts()
    {
        Chain chain;
        chain.runBoth("ab", 2);
        StepRunner runner(chain.folder);
        QVERIFY(runner.finished(chain.second(2)));
        writeTextFile(chain.folder / "data" / "a.txt", "xy");
        QVERIFY(!runner.finished(chain.second(2)));
    }

    void aStopLeavesNoRecordAndTheSameStepGoesOn()
    {
        Chain chain;
        StepRunner runner(chain.folder);
        Step step = chain.first("ab");
        const auto finish = step.run;
        Task task;
        step.run = [&](Task& inner) -> StepOutcome {
            task.requestStop();
            inner.throwIfStopped();
            return {};
        };
        QVERIFY_THROWS_EXCEPTION(Stopped, runner.run(step, task));
        QVERIFY(!runner.finished(step));
        const int before = chain.forgotten; // there was nothing to go on from
        step.run = finish;
        Task again;
        runner.run(step, again);
        QCOMPARE(chain.forgotten, before); // begun with the same options: what it left is of use
        QVERIFY(runner.finished(step));
    }

    void whatWasBegunWithOtherOptionsIsForgotten()
    {
        Chain chain;
        StepRunner runner(chain.folder);
        Step step = chain.first("ab");
        step.run = [](Task&) -> StepOutcome { throw Error("It failed", "Try again."); };
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, runner.run(step, task));
        const int before = chain.forgotten;
        runner.run(chain.first("cd"), task);
        QCOMPARE(chain.forgotten, before + 1);
    }

    void recordsSurviveJsonAndSayWhatWasDone()
    {
        Chain chain;
        StepRunner runner(chain.folder);
        Task task;
        const StepRecord record = runner.run(chain.first("abc"), task);
        const StepRecord read = stepRecordFromJson(readJsonFile(chain.folder / "steps" / "first.json"));
        QCOMPARE(QString::fromStdString(toJson(read).dump()), QString::fromStdString(toJson(record).dump()));
        QCOMPARE(QString::fromStdString(read.outputs.at(0).path), QString("data/a.txt"));
        QCOMPARE(read.outputs.at(0).size, std::uint64_t { 3 });
        QCOMPARE(QString::fromStdString(read.outputs.at(0).checksum),
            QString::fromStdString(checksumOfFile(chain.folder / "data" / "a.txt")));
        QCOMPARE(read.result.at("letters").get<int>(), 3);
        QVERIFY(read.versions.contains("interstice"));
        QVERIFY(read.peakBytes > 1'000'000);
    }

    void aDamagedRecordIsNoRecord()
    {
        Chain chain;
        chain.runBoth("ab", 2);
        writeTextFile(chain.folder / "steps" / "first.json", "{\"id\": \"first\"}");
        chain.runBoth("ab", 2);
        QCOMPARE(chain.firstRuns, 2);
        QCOMPARE(chain.secondRuns, 1); // its input came out the same
    }
};

QTEST_APPLESS_MAIN(TestStep)
#include "tst_step.moc"
