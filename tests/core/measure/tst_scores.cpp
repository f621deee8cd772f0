// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "core/volume/known_numbers.h"
#include "measure/scores.h"
#include "volume/labels.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;

namespace {

const Shape kShape { 5, 17, 61 };

struct Pair {
    std::shared_ptr<Volume> mask;
    std::shared_ptr<Volume> truth;
};

/// As reference_scores.py draws them.
Pair knownPair()
{
    test::KnownNumbers a(3);
    test::KnownNumbers b(4);
    std::vector<std::uint8_t> mask;
    std::vector<std::uint8_t> truth;
    for (std::int64_t i = 0; i < kShape.voxels(); ++i) {
        const std::uint8_t m = a.below(10) < 4 ? 1 : 0;
        const auto draw = b.below(10);
        mask.push_back(m);
        truth.push_back(draw == 9 ? kIgnoreLabel : static_cast<std::uint8_t>(draw < 7 ? m : 1 - m));
    }
    return { Volume::from<std::uint8_t>(kShape, mask), Volume::from<std::uint8_t>(kShape, truth) };
}

std::shared_ptr<Volume> row(const std::vector<std::uint8_t>& voxels)
{
    return Volume::from<std::uint8_t>({ 1, 1, static_cast<std::int64_t>(voxels.size()) }, voxels);
}

ScoreResult scoreOf(const VolumeSource& mask, const VolumeSource& truth, const ScoreOptions& options = {})
{
    Task task;
    return score(mask, truth, options, task);
}

void compareNear(double actual, double expected)
{
    QVERIFY2(std::abs(actual - expected) < 1e-12,
        qPrintable(QString("%1, expected %2").arg(actual, 0, 'g', 17).arg(expected, 0, 'g', 17)));
}

} // namespace

/// Reference numbers: reference_scores.py, scikit-learn 1.4.2.
class TestScores : public QObject {
    Q_OBJECT

private slots:
    void agreesWithScikitLearn()
    {
        const Pair pair = knownPair();
        const ScoreResult result = scoreOf(*pair.mask, *pair.truth);
        QCOMPARE(result.ignored, std::uint64_t { 529 });
        QCOMPARE(result.excluded, std::uint64_t { 0 });
        QVERIFY(result.whole == (Counts { 1453, 443, 660, 2100 }));
        compareNear(result.whole.dice(), 0.7248690446495385);
        compareNear(result.whole.iou(), 0.5684663536776213);
        compareNear(result.whole.precision(), 0.7663502109704642);
        compareNear(result.whole.recall(), 0.6876478939895883);
        compareNear(result.whole.volumeError(), -0.10269758637008992);
        QCOMPARE(result.slices.size(), std::size_t { 5 });
        QVERIFY(result.slices[0] == (Counts { 299, 73, 131, 413 }));
        QVERIFY(result.slices[3] == (Counts { 278, 80, 140, 436 }));
        compareNear(result.slices[4].dice(), 0.7164179104477612);
    }

    void leavesBoxesOut()
    {
        const Pair pair = knownPair();
        // They overlap, and the second leaves the volume.
        const ScoreOptions options { { { { 1, 2, 5 }, { 3, 7, 35 } }, { { 3, 8, 30 }, { 6, 22, 31 } },
            { { 9, 0, 0 }, { 1, 1, 1 } } } };
        const ScoreResult result = scoreOf(*pair.mask, *pair.truth, options);
        QCOMPARE(result.excluded, std::uint64_t { 1283 });
        QCOMPARE(result.ignored, std::uint64_t { 408 });
        QVERIFY(result.whole == (Counts { 1104, 335, 494, 1561 }));
        QCOMPARE(result.whole.voxels() + result.excluded + result.ignored, static_cast<std::uint64_t>(kShape.voxels()));

        const ScoreResult none
            = scoreOf(*pair.mask, *pair.truth, { { Box::whole(kShape), { { -2, -2, -2 }, { 4, 4, 4 } } } });
        QCOMPARE(none.excluded, static_cast<std::uint64_t>(kShape.voxels()));
        QCOMPARE(none.whole.voxels(), std::uint64_t { 0 });
    }

    void emptyMasksHaveDefinedScores()
    {
        const Counts both = scoreOf(*row({ 0, 0, 0 }), *row({ 0, 0, 0 })).whole;
        for (const double value : { both.dice(), both.iou(), both.precision(), both.recall() })
            QCOMPARE(value, 1.0);
        QCOMPARE(both.volumeError(), 0.0);

        const Counts noMask = scoreOf(*row({ 0, 0, 0 }), *row({ 0, 1, 1 })).whole;
        for (const double value : { noMask.dice(), noMask.iou(), noMask.precision(), noMask.recall() })
            QCOMPARE(value, 0.0);
        QCOMPARE(noMask.volumeError(), -1.0);

        const Counts noTruth = scoreOf(*row({ 1, 0, 0, 1 }), *row({ 0, 0, 0, 0 })).whole;
        for (const double value : { noTruth.dice(), noTruth.iou(), noTruth.precision(), noTruth.recall() })
            QCOMPARE(value, 0.0);
        QVERIFY(std::isinf(noTruth.volumeError()));
        QCOMPARE(noTruth.fraction(), 0.5);
        QVERIFY(toJson(noTruth)["volume_error"].is_null());

        QCOMPARE(Counts {}.fraction(), 0.0);
        QCOMPARE(Counts {}.dice(), 1.0);
    }

    void ignoredVoxelsOfEitherAreNotScored()
    {
        const ScoreResult result = scoreOf(*row({ 1, 255, 0, 255, 1 }), *row({ 255, 1, 0, 255, 1 }));
        QCOMPARE(result.ignored, std::uint64_t { 3 });
        QVERIFY(result.whole == (Counts { 1, 0, 0, 1 }));
    }

    void longRunsAreCountedWhole()
    {
        // More than a byte can count, on no multiple of any block.
        const std::int64_t n = 100'003;
        const auto ones
            = Volume::from<std::uint8_t>({ 3, 1, n }, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * n), 1));
        const ScoreResult result = scoreOf(*ones, *ones);
        QVERIFY(result.whole == (Counts { static_cast<std::uint64_t>(3 * n), 0, 0, 0 }));
        QCOMPARE(result.slices[2].tp, static_cast<std::uint64_t>(n));
    }

    void otherInputIsRefused()
    {
        QVERIFY_THROWS_EXCEPTION(Error, scoreOf(*row({ 0, 1 }), *row({ 0, 1, 1 })));
        QVERIFY_THROWS_EXCEPTION(Error, scoreOf(*row({ 0, 1, 2 }), *row({ 0, 1, 1 })));
        QVERIFY_THROWS_EXCEPTION(Error, scoreOf(*row({ 0, 1, 1 }), *row({ 0, 254, 1 })));
        QVERIFY_THROWS_EXCEPTION(Error, scoreOf(*row({ 0, 1, 7 }), *row({ 0, 1, 255 })));
        const Volume wide({ 1, 1, 2 }, Scalar::U16);
        QVERIFY_THROWS_EXCEPTION(Error, scoreOf(wide, *row({ 0, 1 })));
    }

    void masksOf255AndOtherLabelsGoThroughMaskView()
    {
        Task task;
        const auto bright = asMask(row({ 0, 255, 255, 0 }), {}, task);
        const auto classes = asMask(Volume::from<std::uint16_t>({ 1, 1, 4 }, std::vector<std::uint16_t> { 0, 300, 2, 7 }),
            LabelRule { { 300, 2 }, 7 }, task);
        const ScoreResult result = scoreOf(*bright, *classes);
        QVERIFY(result.whole == (Counts { 2, 0, 0, 1 }));
        QCOMPARE(result.ignored, std::uint64_t { 1 });
    }

    void anEmptyVolumeHasNoScore()
    {
        const Volume empty({ 0, 3, 3 }, Scalar::U8);
        QCOMPARE(scoreOf(empty, empty).whole.voxels(), std::uint64_t { 0 });
    }

    void aStopIsAnswered()
    {
        const Pair pair = knownPair();
        Task task;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, score(*pair.mask, *pair.truth, {}, task));
    }

    void writesASliceARow()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = std::filesystem::path(folder.path().toStdString()) / "slices.csv";
        ScoreResult result;
        result.slices = { { 3, 1, 0, 4 }, { 0, 2, 0, 6 } };
        writeSliceCsv(path, result);
        QCOMPARE(readTextFile(path),
            std::string("z,dice,iou,precision,recall,volume_error,fraction,truth_fraction,tp,fp,fn,tn\n"
                        "0,0.8571428571428571,0.75,0.75,1.0,0.3333333333333333,0.5,0.375,3,1,0,4\n"
                        "1,0.0,0.0,0.0,0.0,,0.25,0.0,0,2,0,6\n"));
        QVERIFY_THROWS_EXCEPTION(Error, writeSliceCsv(path / "no" / "folder.csv", result));
    }

    void jsonHasThePromisedKeys()
    {
        ScoreResult result;
        result.whole = { 3, 1, 0, 4 };
        result.ignored = 2;
        result.excluded = 5;
        result.slices.resize(1);
        const Json json = toJson(result);
        QCOMPARE(json["dice"].get<double>(), result.whole.dice());
        for (const char* key : { "iou", "precision", "recall", "volume_error", "tp", "scored" })
            QVERIFY2(json.contains(key), key);
        QCOMPARE(json["scored"].get<int>(), 8);
        QCOMPARE(json["ignored"].get<int>(), 2);
        QCOMPARE(json["excluded"].get<int>(), 5);
    }
};

QTEST_APPLESS_MAIN(TestScores)
#include "tst_scores.moc"
