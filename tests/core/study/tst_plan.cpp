// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "io/tiff_writer.h"
#include "learn/train.h"
#include "study/plan.h"
#include "study/study.h"
#include "volume/slabs.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

Recipe recipeOf(const std::string& dataSet, const std::string& method = R"({"id": "net", "kind": "u-net"})")
{
    return recipeFromJson(Json::parse(R"({"id": "r", "data_sets": [)" + dataSet + R"(], "methods": [
        {"id": "o", "kind": "clahe-otsu"}, )"
        + method + R"(], "split": {"tile": 16, "context": [0, 8, 8]}, "seeds": [1, 2]})"));
}

QStringList idsOf(const Plan& plan)
{
    QStringList ids;
    for (const Step& step : plan.steps)
        ids << QString::fromStdString(step.id);
    return ids;
}

void writeStack(const fs::path& path, const Shape& shape, std::uint8_t value)
{
    const std::vector<std::uint8_t> voxels(static_cast<std::size_t>(shape.voxels()), value);
    const auto volume = Volume::from<std::uint8_t>(shape, voxels);
    const auto sink = createTiff(path, shape, Scalar::U8, {});
    Task task;
    copy(*volume, *sink, task);
}

constexpr const char* kPhantom = R"("phantom": {"shape": [24, 64, 64], "fraction": 0.1})";

} // namespace

class TestPlan : public QObject {
    Q_OBJECT

private slots:
    void stepsComeInTheOrderOfTheirInputs()
    {
        const Plan plan = makePlan(recipeOf(std::string(R"({"id": "a", )") + kPhantom + "}"), { "/tmp/none", {} });
        QCOMPARE(idsOf(plan),
            QStringList(
                { "a.phantom", "a.o.mask", "a.o.seed1.score", "a.o.seed2.score", "a.net.seed1.train", "a.net.seed1.predict",
                    "a.net.seed1.score", "a.net.seed2.train", "a.net.seed2.predict", "a.net.seed2.score" }));
        QVector<fs::path> made;
        for (const Step& step : plan.steps) {
            for (const auto& input : step.inputs)
                QVERIFY2(made.contains(input), input.c_str());
            for (const auto& output : step.outputs)
                made << output;
        }
    }

    void everyMethodIsScoredOnTheVoxelsOfTheSameSplit()
    {
        const Recipe recipe = recipeOf(std::string(R"({"id": "a", )") + kPhantom + "}");
        const Plan plan = makePlan(recipe, { "/tmp/none", {} });
        std::map<std::uint64_t, Json> excluded;
        for (const Step& step : plan.steps) {
            if (step.kind != "score")
                continue;
            const Json& boxes = step.options.at("exclude");
            QVERIFY(boxes.at("boxes").get<int>() > 0);
            if (excluded.contains(*step.seed))
                QCOMPARE(QString::fromStdString(boxes.dump()), QString::fromStdString(excluded[*step.seed].dump()));
            excluded[*step.seed] = boxes;
        }
        QCOMPARE(excluded.size(), std::size_t { 2 });
        QVERIFY(excluded[1] != excluded[2]);
        // They are those of the model itself.
        const auto boxes = excludedBoxes(recipe, plan.sets[0], 1);
        const TrainOptions training = TrainOptions::preset("quick");
        SplitOptions split = recipe.split;
        split.seed = 1;
        QVERIFY(boxes == makeSplit({ 24, 64, 64 }, training.architecture, split).excluded());
    }

    void aScanThatIsAbsentIsListedOrReplaced()
    {
        const StudyPlaces places { "/tmp/none", "/tmp/nowhere" };
        const std::string file = R"({"id": "a", "title": "Scan", "file": "scan.tif", "fetch": "Download it.")";
        const Plan replaced = makePlan(recipeOf(file + ", " + kPhantom + "}"), places);
        QVERIFY(replaced.sets[0].origin == PlannedSet::Origin::PhantomInPlace);
        QCOMPARE(QString::fromStdString(replaced.sets[0].label()), QString("Scan (phantom in its place)"));
        QVERIFY(replaced.sets[0].note.find("Download it.") != std::string::npos);

        const Plan beside = makePlan(recipeOf(file + R"(}, {"id": "b", )" + kPhantom + "}"), places);
        QVERIFY(beside.sets[0].origin == PlannedSet::Origin::Absent);
        QVERIFY(beside.sets[0].note.find("Download it.") != std::string::npos);
        for (const QString& id : idsOf(beside))
            QVERIFY2(id.startsWith("b."), qPrintable(id));

        QVERIFY_THROWS_EXCEPTION(Error, makePlan(recipeOf(file + "}"), places));
    }

    void slicesByAGlobAreThere()
    {
        const QTemporaryDir folder;
        const fs::path data = folder.path().toStdString();
        fs::create_directories(data / "scan");
        const StudyPlaces places { data / "out", data };
        const std::string set = R"({"id": "a", "title": "Scan", "file": "scan/s_*.tif", )" + std::string(kPhantom) + "}";
        QVERIFY(makePlan(recipeOf(set), places).sets[0].origin == PlannedSet::Origin::PhantomInPlace);
        for (int z = 0; z < 40; ++z)
            writeStack(data / "scan" / ("s_" + std::to_string(z) + ".tif"), { 1, 100, 120 }, std::uint8_t(z));
        const Plan plan = makePlan(recipeOf(set), places);
        QVERIFY(plan.sets[0].origin == PlannedSet::Origin::File);
        QVERIFY((plan.sets[0].shape == Shape { 40, 100, 120 }));
    }

    void aFileIsUsedAsItIsOrCroppedAndBinned()
    {
        const QTemporaryDir folder;
        const fs::path data = folder.path().toStdString();
        writeStack(data / "scan.tif", { 40, 100, 120 }, 7);
        const StudyPlaces places { data / "out", data };
        const Plan plain = makePlan(recipeOf(R"({"id": "a", "file": "scan.tif"})"), places);
        QVERIFY(plain.sets[0].origin == PlannedSet::Origin::File);
        QVERIFY(plain.sets[0].raw == data / "scan.tif");
        QVERIFY((plain.sets[0].shape == Shape { 40, 100, 120 }));
        const Plan cut = makePlan(
            recipeOf(R"({"id": "a", "file": "scan.tif", "crop": {"start": [0, 2, 4], "size": [40, 96, 96]}, "bin": 2})"),
            places);
        QVERIFY((cut.sets[0].shape == Shape { 20, 48, 48 }));
        QCOMPARE(idsOf(cut).first(), QString("a.prepare"));
        QVERIFY_THROWS_EXCEPTION(Error,
            makePlan(
                recipeOf(R"({"id": "a", "file": "scan.tif", "crop": {"start": [0, 0, 0], "size": [99, 9, 9]}})"), places));
        QVERIFY_THROWS_EXCEPTION(
            Error, makePlan(recipeOf(R"({"id": "a", "file": "scan.tif", "truth": "gone.tif"})"), places));
    }

    void withoutATruthANetworkLearnsFromTheReference()
    {
        const QTemporaryDir folder;
        const fs::path data = folder.path().toStdString();
        writeStack(data / "scan.tif", { 24, 64, 64 }, 7);
        const StudyPlaces places { data / "out", data };
        const auto labelsOf = [](const Plan& plan) {
            QStringList labels;
            for (const Step& step : plan.steps)
                if (step.kind == "train")
                    labels << QString::fromStdString(step.method + " " + step.options.at("labels").get<std::string>());
            return labels;
        };
        const std::string set = R"({"id": "a", "file": "scan.tif"})";
        QCOMPARE(labelsOf(makePlan(recipeOf(set), places)), QStringList({ "net otsu", "net otsu" }));
        // One that does so anyway makes the other needless.
        const std::string both = R"({"id": "net", "kind": "u-net"}, {"id": "like", "kind": "u-net", "labels": "otsu"})";
        QCOMPARE(labelsOf(makePlan(recipeOf(set, both), places)), QStringList({ "like otsu", "like otsu" }));
    }

    void theReferenceIsTheMethodThatIsNamed()
    {
        const QTemporaryDir folder;
        const fs::path data = folder.path().toStdString();
        writeStack(data / "scan.tif", { 24, 64, 64 }, 7);
        const StudyPlaces places { data / "out", data };
        Recipe recipe = recipeOf(R"({"id": "a", "file": "scan.tif"})",
            R"({"id": "plain", "title": "Otsu", "kind": "clahe-otsu", "options": {"equalise": false}}, {"id": "net", "kind": "u-net"})");
        const auto learnsFrom = [&] {
            for (const Step& step : makePlan(recipe, places).steps)
                if (step.kind == "train")
                    return QString::fromStdString(step.inputs[1].filename());
            return QString();
        };
        QCOMPARE(learnsFrom(), QString("o.tif"));
        recipe.reference = "plain";
        QCOMPARE(learnsFrom(), QString("plain.tif"));
        const Plan plan = makePlan(recipe, places);
        // Both masks are still made once each.
        QCOMPARE(idsOf(plan).count("a.o.mask"), 1);
        QCOMPARE(idsOf(plan).count("a.plain.mask"), 1);
    }

    void theLabelsThatANetworkLearnsArePartOfItsTraining()
    {
        const auto foregroundOfTraining = [](const std::string& kind) {
            const Plan plan
                = makePlan(recipeOf(R"({"id": "a", "phantom": {"kind": ")" + kind + R"(", "shape": [24, 64, 64]}})"),
                    { "/tmp/none", {} });
            for (const Step& step : plan.steps)
                if (step.kind == "train")
                    return step.options.value("foreground", std::string("1"));
            return std::string();
        };
        QCOMPARE(QString::fromStdString(foregroundOfTraining("spheres")), QString("1"));
        QCOMPARE(QString::fromStdString(foregroundOfTraining("shale")), QString("3")); // pyrite
        QCOMPARE(QString::fromStdString(foregroundOfTraining("wood")), QString("1")); // walls: rays are air inside
    }

    void aVolumeTooSmallForTheSplitIsRefusedBeforeAnythingRuns()
    {
        QVERIFY_THROWS_EXCEPTION(Error,
            makePlan(recipeOf(R"({"id": "a", "phantom": {"shape": [8, 16, 16], "fraction": 0.1}})"), { "/tmp/none", {} }));
    }

    void anEstimateMakesNothing()
    {
        const QTemporaryDir folder;
        const fs::path out = fs::path(folder.path().toStdString()) / "out";
        Task task;
        const StudyEstimate estimate
            = estimateStudy(recipeOf(std::string(R"({"id": "a", )") + kPhantom + "}"), { out, {} }, task);
        QCOMPARE(estimate.steps, std::size_t { 10 });
        QCOMPARE(estimate.finished, std::size_t { 0 });
        QVERIFY(estimate.cost.seconds > 1);
        QVERIFY(estimate.cost.ramBytes > 100'000'000);
        QVERIFY(estimate.diskBytes > 2 * 24 * 64 * 64);
        double parts = 0;
        for (const auto& [kind, seconds] : estimate.secondsOf)
            parts += seconds;
        QVERIFY(std::abs(parts - estimate.cost.seconds) < 1e-9 * estimate.cost.seconds);
        QVERIFY(estimate.secondsOf.at("phantom") > 0);
        const std::string words = describeStudyCost(estimate);
        QVERIFY2(words.find("10 of 10 steps to do") == 0, words.c_str());
        QVERIFY2(words.find(" (") != std::string::npos && words.find("of memory") != std::string::npos, words.c_str());
        QVERIFY(!fs::exists(out));
    }
};

QTEST_APPLESS_MAIN(TestPlan)
#include "tst_plan.moc"
