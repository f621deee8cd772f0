// SPDX-License-Identifier: GPL-3.0-or-later
// A tiny study from nothing to its report.
#include "base/error.h"
#include "base/file.h"
#include "picture/png.h"
#include "study/report.h"
#include "study/study_tables.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

Recipe tinyRecipe()
{
    return recipeFromJson(Json::parse(R"({"id": "tiny", "title": "A tiny study", "data_sets": [
        {"id": "near", "title": "10 %, 25 mm", "fraction": 0.1, "distance_mm": 25,
            "phantom": {"shape": [24, 64, 64], "fraction": 0.1, "distance_mm": 25, "seed": 3}},
        {"id": "far", "title": "10 %, 60 mm", "fraction": 0.1, "distance_mm": 60,
            "phantom": {"shape": [24, 64, 64], "fraction": 0.1, "distance_mm": 60, "seed": 4}},
        {"id": "scan", "title": "A scan", "file": "scan.tif", "fetch": "Download it.", "additional": true}],
        "methods": [{"id": "otsu", "title": "CLAHE + Otsu", "kind": "clahe-otsu"},
            {"id": "k", "title": "K-means", "kind": "k-means", "options": {"clusters": 2}},
            {"id": "d", "title": "Depth map", "kind": "depth-map"},
            {"id": "u", "title": "U-Net", "kind": "u-net", "options": {"epochs": 2, "minimum_steps": 2}}],
        "split": {"tile": 16, "context": [0, 8, 8]}, "seeds": [1, 2],
        "grid": {"data_set": "near", "method": "u", "learning_rates": [0.01, 0.001], "batches": [4], "epochs": [1]}})"));
}

fs::path pathOf(const QTemporaryDir& folder)
{
    return folder.path().toStdString();
}

/// Ids of the steps that a run did.
QStringList runAll(const Recipe& recipe, const StudyPlaces& places)
{
    QStringList ran;
    Task task;
    StudyEvents events;
    events.begun = [&](const Step& step, std::size_t, std::size_t) { ran << QString::fromStdString(step.id); };
    runStudy(recipe, places, task, events);
    return ran;
}

} // namespace

class TestStudy : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    StudyPlaces m_places;
    StudyResult m_result;
    QString m_html;

private slots:
    void initTestCase()
    {
        m_places = { pathOf(m_folder), pathOf(m_folder) };
        Task task;
        m_result = runStudy(tinyRecipe(), m_places, task);
        m_html = QString::fromStdString(readTextFile(writeReport(m_result, m_places, task)));
    }

    void everyMethodHasItsScores()
    {
        const auto rows = scoreRows(m_result);
        QCOMPARE(rows.size(), std::size_t { 8 });
        for (const ScoreRow& row : rows) {
            QCOMPARE(row.seeds.size(), std::size_t { 2 });
            const Summary& dice = row.ofTruth("dice");
            QCOMPARE(dice.n, std::size_t { 2 });
            QVERIFY(dice.mean >= 0 && dice.mean <= 1);
            if (row.isReference)
                QCOMPARE(row.ofOtsu("dice").mean, 1.0);
        }
        QVERIFY(bestOf(rows, "near") != nullptr);
        QVERIFY(bestOf(rows, "scan") == nullptr);
    }

    void aSecondRunDoesNothing() { QCOMPARE(runAll(tinyRecipe(), m_places), QStringList()); }

    void theReportHasAllPartsAndNoneIsEmpty()
    {
        for (const char* id : { "figure-1", "figure-2", "figure-3", "figure-4", "figure-5", "figure-6", "table-dice",
                 "table-scores", "table-beside-the-study", "table-table-1-layers", "table-table-2-options",
                 "table-data-sets", "table-steps", "table-files", "robustness", "methods", "provenance" })
            QVERIFY2(m_html.contains(QString("id=\"%1\"").arg(id)), id);
        static const QRegularExpression figure(
            "<figure[^>]*>(.*?)</figure>", QRegularExpression::DotMatchesEverythingOption);
        int figures = 0;
        for (const auto& match : figure.globalMatch(m_html)) {
            const QString inside = match.captured(1);
            const bool filled = inside.contains("<td") || inside.contains("<polyline") || inside.contains("<image");
            QVERIFY2(filled, qPrintable(inside.left(200)));
            ++figures;
        }
        QVERIFY(figures >= 15);
        QVERIFY(m_html.contains("5,838,849")); // Table I's parameters
        QVERIFY(m_html.contains("10 %, 25 mm (phantom)"));
        QVERIFY(m_html.contains("not available") && m_html.contains("Download it."));
        static const QRegularExpression noNumber("[>\", ]-?(nan|inf)[<\", ]");
        QVERIFY(!m_html.contains(noNumber));
    }

    void phantomsAreSaidToBePhantomsEverywhere()
    {
        QVERIFY(m_html.contains("10 %, 25 mm (phantom), seed 1")); // learning curves
        const QString data = QString::fromStdString(methodsParagraphs(m_result).front());
        QVERIFY2(data.contains("carried over 25 and 60 mm"), qPrintable(data));

        StudyResult inPlace = m_result;
        inPlace.sets[0].origin = PlannedSet::Origin::PhantomInPlace;
        const std::string label = "10 %, 25 mm (phantom in its place)";
        const Table steps = costTable(inPlace);
        QVERIFY(toHtml(steps).find(label) != std::string::npos);
        QVERIFY(toCsv(steps).find(",phantom in its place,") != std::string::npos);
        QVERIFY(toCsv(diceTable(inPlace, scoreRows(inPlace))).find(",phantom in its place,") != std::string::npos);
        const auto plots = robustnessPlots(inPlace);
        QVERIFY(!plots.empty());
        for (const CaptionedPlot& plot : plots) {
            QVERIFY(plot.caption.find(label) != std::string::npos);
            QVERIFY(plot.svg.find("1 of 2 phantoms in place of scans") != std::string::npos);
        }
        for (const CaptionedPlot& plot : learningCurves(inPlace))
            QVERIFY(plot.svg.find(label + ", seed 1") != std::string::npos);
    }

    void theReportNeedsNothingFromElsewhere()
    {
        static const QRegularExpression reference("(?:href|src|url|@import)\\s*[=(]\\s*[\"']?([^\"')>\\s]+)");
        int pictures = 0;
        for (const auto& match : reference.globalMatch(m_html)) {
            const QString target = match.captured(1);
            const bool inside = target.startsWith('#') || target.startsWith("data:image/png;base64,");
            QVERIFY2(inside, qPrintable(target.left(100)));
            pictures += target.startsWith("data:") ? 1 : 0;
        }
        QVERIFY(pictures >= 15);
        QVERIFY(!m_html.contains("<script") && !m_html.contains("<link"));
    }

    void itsPicturesArePictures()
    {
        static const QRegularExpression data("data:image/png;base64,([A-Za-z0-9+/=]+)");
        for (const auto& match : data.globalMatch(m_html)) {
            const QByteArray bytes = QByteArray::fromBase64(match.captured(1).toLatin1());
            const RgbImage image = decodePng(std::as_bytes(std::span(bytes.constData(), std::size_t(bytes.size()))));
            const bool even = std::all_of(
                image.pixels.begin(), image.pixels.end(), [&](auto pixel) { return pixel == image.pixels.front(); });
            QVERIFY(!even);
        }
        for (int i = 1; i <= 6; ++i)
            QVERIFY(fs::file_size(m_places.folder / "figures" / ("figure-" + std::to_string(i) + ".png")) > 1000);
    }

    void tablesStandBesideItAsCsv()
    {
        Task task;
        const auto rows = scoreRows(m_result);
        for (const Table& table : allTables(m_result, rows)) {
            const QString csv = QString::fromStdString(readTextFile(m_places.folder / "tables" / (table.id + ".csv")));
            QVERIFY2(csv.count('\n') > 1, table.id.c_str());
            for (const auto& row : table.rows)
                QCOMPARE(row.size(), table.columns.size());
        }
        const Json json = readJsonFile(m_places.folder / "study.json");
        QCOMPARE(json.at("scores").size(), std::size_t { 8 });
    }

    void anotherNetworkRerunsThatNetworkAlone()
    {
        const QTemporaryDir copy;
        fs::copy(m_places.folder, pathOf(copy), fs::copy_options::recursive);
        Recipe recipe = tinyRecipe();
        recipe.grid.reset();
        recipe.methods[3].options["epochs"] = 1;
        const QStringList ran = runAll(recipe, { pathOf(copy), pathOf(copy) });
        QVERIFY(!ran.isEmpty());
        for (const QString& id : ran)
            QVERIFY2(id.contains(".u.seed"), qPrintable(id));
        // A mask that comes out the same is not scored again, so that the trainings alone are sure.
        QVERIFY(ran.contains("near.u.seed1.train") && ran.contains("far.u.seed2.train"));
    }

    void aStoppedStudyGoesOnToTheSameEnd()
    {
        const QTemporaryDir other;
        const StudyPlaces places { pathOf(other), {} };
        Recipe recipe = tinyRecipe();
        recipe.grid.reset();
        recipe.dataSets.erase(recipe.dataSets.begin() + 1, recipe.dataSets.end());
        Task* running = nullptr;
        Task task([&](double, const std::string& text) {
            if (text.find("Epoch 2 of 2") != std::string::npos)
                running->requestStop();
        });
        running = &task;
        QVERIFY_THROWS_EXCEPTION(Stopped, runStudy(recipe, places, task));
        QVERIFY(fs::exists(places.folder / "models" / "near" / "u.seed1.safetensors.checkpoint"));
        QVERIFY(!fs::exists(places.folder / "steps" / "near.u.seed1.train.json"));
        const QStringList ran = runAll(recipe, places);
        QVERIFY(!ran.contains("near.phantom") && !ran.contains("near.k.seed1.mask"));
        QVERIFY(ran.contains("near.u.seed1.train"));
        for (const char* id : { "near.u.seed1.train", "near.u.seed1.predict" }) {
            const auto read = [&](const fs::path& folder) {
                return readJsonFile(folder / "steps" / (std::string(id) + ".json"))
                    .at("outputs")
                    .at(0)
                    .at("checksum")
                    .dump();
            };
            QCOMPARE(QString::fromStdString(read(places.folder)), QString::fromStdString(read(m_places.folder)));
        }
        QVERIFY(!fs::exists(places.folder / "models" / "near" / "u.seed1.safetensors.checkpoint"));
    }

    void aReplayFindsTheSameAndNoticesWhatIsNot()
    {
        const QTemporaryDir copy;
        const StudyPlaces places { pathOf(copy), pathOf(copy) };
        Recipe recipe = tinyRecipe();
        recipe.grid.reset();
        recipe.methods.pop_back();
        recipe.dataSets.resize(1);
        runAll(recipe, places);
        Task task;
        const auto same = replayStudy(places, true, task);
        QCOMPARE(same.size(), std::size_t { 11 });
        for (const auto& step : same)
            QVERIFY2(step.same, step.id.c_str());
        QVERIFY(!fs::exists(places.folder / "replay"));
        const fs::path path = places.folder / "steps" / "near.k.seed1.mask.json";
        Json record = readJsonFile(path);
        record["outputs"][0]["checksum"] = "00";
        writeJsonFile(path, record);
        int different = 0;
        for (const auto& step : replayStudy(places, true, task))
            different += step.same ? 0 : 1;
        QCOMPARE(different, 1);
        // Without a check the results are put in the others' place, and what is made of them too.
        for (const char* result : { "report.html", "study.json", "tables/scores.csv" })
            QVERIFY(!fs::exists(places.folder / result));
        replayStudy(places, false, task);
        for (const char* result : { "report.html", "study.json", "tables/scores.csv" })
            QVERIFY2(fs::exists(places.folder / result), result);
        for (const auto& step : replayStudy(places, true, task))
            QVERIFY2(step.same, step.id.c_str());
        QVERIFY_THROWS_EXCEPTION(Error, replayStudy({ places.folder / "empty", {} }, true, task));
    }

    void aReplayFindsTheScansAndTakesNoPhantomForThem()
    {
        const QTemporaryDir scans;
        const QTemporaryDir folder;
        const fs::path scan = pathOf(scans) / "scan.tif";
        fs::copy_file(m_places.folder / "data" / "near" / "raw.tif", scan);
        const Recipe recipe = recipeFromJson(Json::parse(R"({"id": "real", "data_sets": [{"id": "a", "file": "scan.tif",
            "phantom": {"shape": [24, 64, 64], "fraction": 0.1}}], "methods": [{"id": "otsu", "kind": "clahe-otsu"}]})"));
        runAll(recipe, { pathOf(folder), pathOf(scans) });
        QVERIFY(dataFolderOf(pathOf(folder) / "recipe.json") == fs::absolute(pathOf(scans)));
        QVERIFY(dataFolderOf(pathOf(folder) / "mine.json") == fs::absolute(pathOf(folder)));
        const StudyPlaces places { pathOf(folder), {} };
        Task task;
        for (const auto& step : replayStudy(places, true, task))
            QVERIFY2(step.same, step.id.c_str());
        // Moved, the scan is found where --data says, and refused where nothing does.
        const QTemporaryDir others;
        fs::rename(scan, pathOf(others) / "scan.tif");
        for (const bool checkOnly : { true, false }) {
            try {
                replayStudy(places, checkOnly, task);
                QFAIL("no Error");
            } catch (const Error& problem) {
                QVERIFY2(problem.happened().find(scan.string()) != std::string::npos, problem.what());
            }
        }
        QVERIFY(!fs::exists(places.folder / "steps" / "a.phantom.json"));
        for (const auto& step : replayStudy({ places.folder, pathOf(others) }, true, task))
            QVERIFY2(step.same, step.id.c_str());
    }

    void whatFailsCostsNothingButWhatNeedsIt()
    {
        const QTemporaryDir copy;
        fs::copy(m_places.folder, pathOf(copy), fs::copy_options::recursive);
        const StudyPlaces places { pathOf(copy), pathOf(copy) };
        Recipe recipe = tinyRecipe();
        recipe.grid.reset();
        recipe.methods.resize(2); // no network
        recipe.dataSets.resize(2);
        recipe.seeds = { 1 };
        recipe.dataSets[0].id = "full";
        recipe.dataSets[0].phantom->fraction = 0.5; // more than goes into so narrow a pillar
        Task task;
        std::size_t told = 0;
        StudyEvents events;
        events.failed = [&](const FailedStep&) { ++told; };
        const StudyResult result = runStudy(recipe, places, task, events);
        QCOMPARE(told, result.failed.size());
        QCOMPARE(result.failed.size(), std::size_t { 5 }); // phantom; two masks and two scores that need it
        QCOMPARE(QString::fromStdString(result.failed[0].id), QString("full.phantom"));
        QVERIFY2(!result.failed[0].skipped && result.failed[0].why.find("could be filled") != std::string::npos,
            result.failed[0].why.c_str());
        for (std::size_t i = 1; i < result.failed.size(); ++i)
            QVERIFY(result.failed[i].skipped && result.failed[i].why.find("Phantom: ") != std::string::npos);
        QVERIFY(result.find("far.k.seed1.score"));
        QCOMPARE(QString::fromStdString(describeFailures(result)),
            QString("1 of 10 steps failed, and 4 that need what those make were left out"));
        const QString html = QString::fromStdString(readTextFile(writeReport(result, places, task)));
        const auto said = html.indexOf("id=\"table-failed-steps\"");
        QVERIFY(said > 0 && said < html.indexOf("class=\"cards\""));
        QVERIFY(fs::exists(places.folder / "tables" / "failed-steps.csv"));
        QCOMPARE(readJsonFile(places.folder / "study.json").at("failed").size(), std::size_t { 5 });
        // The next run tries them again and nothing else.
        recipe.dataSets[0].phantom->fraction = 0.1;
        const QStringList ran = runAll(recipe, places);
        QCOMPARE(ran.size(), 5);
        for (const QString& id : ran)
            QVERIFY2(id.startsWith("full."), qPrintable(id));
        writeReport(runStudy(recipe, places, task), places, task);
        QVERIFY(!fs::exists(places.folder / "tables" / "failed-steps.csv"));
    }
};

QTEST_APPLESS_MAIN(TestStudy)
#include "tst_study.moc"
