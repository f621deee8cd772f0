// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "study/methods.h"
#include "study/recipe.h"

#include <QtTest>

using namespace interstice;

class TestRecipe : public QObject {
    Q_OBJECT

    /// The sentence with which a recipe is refused.
    static QString refusal(const std::string& text)
    {
        try {
            recipeFromJson(Json::parse(text));
        } catch (const Error& problem) {
            return QString::fromStdString(problem.what());
        }
        return {};
    }

    static std::string with(const std::string& dataSets, const std::string& methods, const std::string& more = {})
    {
        return R"({"id": "r", "data_sets": [)" + dataSets + R"(], "methods": [)" + methods + "]" + more + "}";
    }

    static constexpr const char* kSet = R"({"id": "a", "phantom": {"kind": "spheres"}})";
    static constexpr const char* kOtsu = R"({"id": "o", "kind": "clahe-otsu"})";

private slots:
    void builtInRecipesSurviveJson_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto& name : builtInRecipeNames())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void builtInRecipesSurviveJson()
    {
        QFETCH(QString, name);
        const Recipe recipe = builtInRecipe(name.toStdString());
        const Json json = toJson(recipe);
        const Recipe again = recipeFromJson(Json::parse(json.dump()));
        QCOMPARE(QString::fromStdString(toJson(again).dump(2)), QString::fromStdString(json.dump(2)));
        QVERIFY(!builtInRecipeDescription(name.toStdString()).empty());
    }

    void theSpheresAreTheStudysSixScans()
    {
        const Recipe recipe = builtInRecipe("spheres");
        QStringList scans;
        for (const auto& set : recipe.dataSets)
            scans << QString("%1 %2/%3")
                         .arg(QString::fromStdString(set.id))
                         .arg(100 * set.fraction)
                         .arg(set.distanceMillimetres);
        QCOMPARE(scans,
            QStringList({ "tomo_00058 20/60", "tomo_00059 30/60", "tomo_00060 30/25", "tomo_00061 20/25", "tomo_00062 10/25",
                "tomo_00063 5/25" }));
        for (const auto& set : recipe.dataSets) {
            QVERIFY(!set.fetch.empty());
            QCOMPARE(set.phantom->fraction, set.fraction);
            QCOMPARE(set.phantom->distanceMillimetres, set.distanceMillimetres);
        }
        QCOMPARE(builtInRecipe("all").dataSets.size(), std::size_t { 9 });
    }

    void everyFieldSurvivesJson()
    {
        const Json json
            = Json::parse(R"({"id": "mine", "title": "T", "data_sets": [{"id": "a", "title": "A", "file": "a.tif",
            "truth": "t.tif", "foreground": "1,2", "fetch": "F.", "crop": {"start": [1, 2, 3], "size": [4, 5, 6]}, "bin": 2,
            "voxel_um": 0.7, "phantom": {"kind": "wood", "shape": [7, 8, 9], "voxel_um": 1.5, "fraction": 0.1,
            "distance_mm": 500.0, "projections": 90, "energy_kev": 20.0, "seed": 5}, "additional": true, "fraction": 0.25,
            "distance_mm": 25.0}], "methods": [{"id": "u", "title": "U", "kind": "u-net", "options": {"preset": "quick",
            "epochs": 3}, "labels": "otsu", "data_sets": ["a"], "repeats": 1}], "split": {"chunk": 8, "tile": 24,
            "train_fraction": 0.2, "validation_share": 0.5, "guard": [1, 2, 3], "context": [0, 8, 8]}, "seeds": [3, 9],
            "grid": {"data_set": "a", "method": "u", "learning_rates": [0.01], "batches": [2], "epochs": [4]}})");
        QCOMPARE(QString::fromStdString(toJson(recipeFromJson(json)).dump(1)), QString::fromStdString(json.dump(1)));
        Json named = json;
        named["methods"].push_back(Json::parse(
            R"({"id": "d", "title": "D", "kind": "depth-map", "options": {}, "labels": "truth", "data_sets": [], "repeats": 0})"));
        named["reference"] = "d";
        QCOMPARE(recipeFromJson(named).reference, std::string("d"));
        QVERIFY(recipeFromJson(toJson(recipeFromJson(named))).reference == "d");
    }

    void badRecipesAreRefusedInOneSentence_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& text, const char* says) {
            QTest::newRow(name) << QString::fromStdString(text) << QString(says);
        };
        row("no object", "[1]", "no JSON object");
        row("no data", with("", kOtsu), "no data set");
        row("no method", with(kSet, ""), "no method");
        row("unknown key", with(kSet, kOtsu, R"(, "sede": [1])"), "'sede'");
        row("unknown key of a set", with(R"({"id": "a", "phantom": {}, "fil": "x"})", kOtsu), "'fil'");
        row("unknown key of a phantom", with(R"({"id": "a", "phantom": {"frction": 1}})", kOtsu), "'frction'");
        row("neither file nor phantom", with(R"({"id": "a"})", kOtsu), "neither a file nor a phantom");
        row("unknown phantom", with(R"({"id": "a", "phantom": {"kind": "gold"}})", kOtsu), "gold");
        row("distance of zero", with(R"({"id": "a", "phantom": {"distance_mm": 0}})", kOtsu), "above zero");
        row("one id twice", with(std::string(kSet) + "," + kSet, kOtsu), "called 'a'");
        row("a slash in an id", with(R"({"id": "a/b", "phantom": {}})", kOtsu), "'a/b'");
        row("unknown kind", with(kSet, R"({"id": "m", "kind": "magic"})"), "magic");
        row("unknown option", with(kSet, R"({"id": "m", "kind": "k-means", "options": {"clustrs": 3}})"), "clustrs");
        row("option out of range", with(kSet, R"({"id": "m", "kind": "k-means", "options": {"clusters": 1}})"), "cluster");
        row("unknown preset", with(kSet, R"({"id": "m", "kind": "u-net", "options": {"preset": "big"}})"), "big");
        row("no epochs", with(kSet, R"({"id": "m", "kind": "u-net", "options": {"epochs": 0}})"), "above zero");
        row("unknown labels", with(kSet, R"({"id": "m", "kind": "u-net", "labels": "mine"})"), "mine");
        row("set of a method missing", with(kSet, R"({"id": "m", "kind": "k-means", "data_sets": ["b"]})"), "'b'");
        row("no seed", with(kSet, kOtsu, R"(, "seeds": [])"), "no seed");
        row("one seed twice", with(kSet, kOtsu, R"(, "seeds": [2, 2])"), "twice");
        row("wrong type", with(kSet, kOtsu, R"(, "seeds": ["one"])"), "wrong kind");
        row("grid without its set", with(kSet, kOtsu, R"(, "grid": {"data_set": "b", "method": "o"})"), "'b'");
        row("grid without a network", with(kSet, kOtsu, R"(, "grid": {"data_set": "a", "method": "o"})"), "U-Net 'o'");
        row("reference without its method", with(kSet, kOtsu, R"(, "reference": "b")"), "'b' is no method");
        row("reference with a seed", with(kSet, R"({"id": "k", "kind": "k-means"})", R"(, "reference": "k")"), "each seed");
        row("reference on some data",
            with(kSet, R"({"id": "d", "kind": "depth-map", "data_sets": ["a"]})", R"(, "reference": "d")"), "all data sets");
        row("crop without a size", with(R"({"id": "a", "file": "x", "crop": {"start": [0, 0, 0]}})", kOtsu),
            "three numbers");
    }
    void badRecipesAreRefusedInOneSentence()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const QString sentence = refusal(text.toStdString());
        QVERIFY2(sentence.contains(says), qPrintable(sentence));
        QVERIFY2(sentence.size() < 300, qPrintable(sentence));
    }

    void settingsChangeWhatTheySay()
    {
        Recipe recipe = builtInRecipe("sample");
        applySetting(recipe, "seeds=4,5,6");
        QVERIFY((recipe.seeds == std::vector<std::uint64_t> { 4, 5, 6 }));
        applySetting(recipe, "size=20,40,60");
        applySetting(recipe, "projections=77");
        for (const auto& set : recipe.dataSets) {
            QVERIFY((set.phantom->shape == Shape { 20, 40, 60 }));
            QCOMPARE(set.phantom->projections, 77);
        }
        applySetting(recipe, "preset=paper");
        applySetting(recipe, "epochs=7");
        applySetting(recipe, "lr=0.5");
        QCOMPARE(recipe.split.tile, std::int64_t { 256 });
        for (const auto& method : recipe.methods) {
            if (method.kind != MethodKind::UNet)
                continue;
            const TrainOptions options = trainOptionsFor(method, recipe.split, 1);
            QCOMPARE(QString::fromStdString(options.architecture.name), QString("paper"));
            QCOMPARE(options.epochs, 7);
            QCOMPARE(options.learningRate, 0.5);
        }
        QVERIFY(recipe.grid);
        Recipe alone = recipe;
        applySetting(alone, "grid=none");
        QVERIFY(!alone.grid);
        applySetting(alone, "grid=study"); // Table II: on the first data set and U-Net where there was none
        QVERIFY(alone.grid && alone.grid->dataSet == "spheres-20-60" && alone.grid->method == "u-net");
        QVERIFY((alone.grid->learningRates == std::vector<double> { 1e-2, 1e-3, 1e-4, 1e-5 }));
        QVERIFY((alone.grid->batches == std::vector<int> { 2, 4, 8, 16 }));
        QVERIFY((alone.grid->epochs == std::vector<int> { 50, 100, 200 }));
        applySetting(recipe, "data=spheres-10-25");
        QCOMPARE(recipe.dataSets.size(), std::size_t { 1 });
        QVERIFY(!recipe.grid); // its data set is gone
        for (const auto& method : recipe.methods)
            QVERIFY(method.id != "u-net-otsu"); // it ran on another data set only
    }

    void settingsThatMeanNothingAreRefused()
    {
        Recipe recipe = builtInRecipe("sample");
        for (const char* setting : { "seeds", "seeds=", "seeds=x", "colour=red", "size=1,2", "epochs=-1", "epochs=1.5",
                 "data=moon", "preset=none", "lr=fast", "grid=fine" })
            QVERIFY_THROWS_EXCEPTION(Error, applySetting(recipe, setting));
        QVERIFY_THROWS_EXCEPTION(Error, builtInRecipe("everything"));
    }

    void everyKindOfPhantomIsDescribedAsWhatItIs()
    {
        std::vector<PhantomRequest> phantoms;
        for (const DataSet& set : builtInRecipe("all").dataSets)
            phantoms.push_back(*set.phantom);
        const QString words = QString::fromStdString(describePhantoms(phantoms));
        QCOMPARE(words.count("Phantoms of "), 3);
        const auto sentence = [&](const char* kind) {
            const auto from = words.indexOf(kind);
            return from < 0 ? QString() : words.mid(from, words.indexOf("wave optics", from) - from);
        };
        QVERIFY(sentence("glass spheres").contains("(5, 10, 20 and 30 %"));
        QVERIFY(sentence("glass spheres").contains("carried over 25 and 60 mm"));
        QVERIFY(sentence("shale").contains("carried over 25 mm") && sentence("shale").contains("pyrite is looked for"));
        QVERIFY(sentence("wood").contains("carried over 500 mm") && !sentence("wood").contains("sphere"));
        QVERIFY(describePhantoms({}).empty());
    }

    void wordsOfMethodsComeFromTheirOptions()
    {
        Method method;
        method.id = "k";
        method.kind = MethodKind::KMeans;
        method.options = { { "clusters", 5 }, { "spatial_weight", 0 } };
        const std::string words = describeMethod(method);
        QVERIFY(words.find("5 clusters") != std::string::npos);
        QVERIFY(words.find("alone") != std::string::npos);
        method.options["spatial_weight"] = 2;
        QVERIFY(describeMethod(method).find("position (weight 2") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestRecipe)
#include "tst_recipe.moc"
