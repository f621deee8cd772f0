// SPDX-License-Identifier: GPL-3.0-or-later
// Prediction's promises: memory that runs out changes nothing, flips are an average, several classes, entropy, and
// what is said before it starts.
#include "base/error.h"
#include "core/learn/network_fixture.h"
#include "learn/slice_writer.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QTemporaryDir>
#include <QtTest>

#include <new>

using namespace interstice;

class TestPredict : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path path(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

    struct Predicted {
        std::vector<std::uint8_t> mask;
        std::vector<float> probability;
        std::vector<float> entropy;
        PredictResult result;
    };
    Predicted predicted(const Volume& raw, const std::filesystem::path& model, const PredictOptions& options) const
    {
        Volume mask(raw.shape(), Scalar::U8);
        Volume probability(raw.shape(), Scalar::F32);
        Volume entropy(raw.shape(), Scalar::F32);
        Task task;
        Predicted all;
        all.result = predict(raw, model, mask, &probability, options, task, &entropy);
        const auto m = mask.as<std::uint8_t>();
        const auto p = probability.as<float>();
        const auto e = entropy.as<float>();
        all.mask.assign(m.begin(), m.end());
        all.probability.assign(p.begin(), p.end());
        all.entropy.assign(e.begin(), e.end());
        return all;
    }

private Q_SLOTS:
    void memoryThatRunsOutChangesNothing_data()
    {
        QTest::addColumn<bool>("exact");
        QTest::addColumn<int>("limit");
        QTest::newRow("paper, fewer tiles at once") << false << 2 * 10 * 48 * 256;
        QTest::newRow("paper, halves of a tile") << false << 10 * 48 * 140;
        QTest::newRow("exact, halves") << true << 90'000;
        QTest::newRow("exact, quarters") << true << 70'000;
    }
    void memoryThatRunsOutChangesNothing()
    {
        QFETCH(bool, exact);
        QFETCH(int, limit);
        const auto raw = greyVolume({ 24, 32, 700 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("short.safetensors"));
        PredictOptions options;
        options.device = "cpu";
        options.mode = exact ? PredictOptions::Mode::Exact : PredictOptions::Mode::Paper;
        if (exact)
            options.exactCore = { 24, 48, 64 };
        const auto whole = predicted(*raw, model, options);
        QVERIFY(whole.result.findings.empty());
        int refused = 0;
        options.beforeTiles = [&](const Shape& tile, std::int64_t count) {
            if (tile.voxels() * count > limit) {
                ++refused;
                throw std::bad_alloc();
            }
        };
        const auto pieces = predicted(*raw, model, options);
        QVERIFY(refused > 0 && refused < 10); // what has failed once is not tried again
        QVERIFY(!pieces.result.findings.empty());
        QVERIFY(pieces.mask == whole.mask);
        const double d = largestDifference(pieces.probability, whole.probability);
        QVERIFY2(exact ? d == 0 : d < 1e-5, qPrintable(QString::number(d)));
        // Too little for anything is an error that says so.
        options.beforeTiles = [](const Shape&, std::int64_t) { throw std::bad_alloc(); };
        QVERIFY_THROWS_EXCEPTION(Error, predicted(*raw, model, options));
    }

    void outOfMemoryAtAnyTile()
    {
        const auto raw = greyVolume({ 24, 32, 300 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("any.safetensors"));
        PredictOptions options;
        options.device = "cpu";
        int calls = 0;
        options.beforeTiles = [&](const Shape&, std::int64_t) { ++calls; };
        const auto whole = predicted(*raw, model, options);
        const int tiles = calls;
        QVERIFY(tiles >= 4);
        for (int at = 1; at <= tiles; ++at) {
            calls = 0;
            options.beforeTiles = [&](const Shape&, std::int64_t) {
                if (++calls == at)
                    throw std::bad_alloc();
            };
            QVERIFY(predicted(*raw, model, options).mask == whole.mask);
        }
    }

    void flipsAreAnAverage()
    {
        const auto raw = greyVolume({ 10, 32, 32 });
        auto spec = ArchitectureSpec::preset("quick");
        const auto path1 = modelWith(spec, raw->shape(), path("flips.safetensors"));
        PredictOptions options;
        options.device = "cpu";
        options.flips = true;
        const auto all = predicted(*raw, path1, options);
        // The same by hand: the volume itself flipped, predicted, flipped back.
        options.flips = false;
        std::vector<double> sum(all.mask.size(), 0.0);
        const Shape shape = raw->shape();
        for (unsigned which = 0; which < 8; ++which) {
            Volume flipped(shape, Scalar::U8);
            const auto at = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
                return static_cast<std::size_t>(
                    (((which & 1U) ? shape.z - 1 - z : z) * shape.y + ((which & 2U) ? shape.y - 1 - y : y)) * shape.x
                    + ((which & 4U) ? shape.x - 1 - x : x));
            };
            std::size_t i = 0;
            for (std::int64_t z = 0; z < shape.z; ++z) {
                for (std::int64_t y = 0; y < shape.y; ++y) {
                    for (std::int64_t x = 0; x < shape.x; ++x)
                        flipped.as<std::uint8_t>()[i++] = raw->as<std::uint8_t>()[at(z, y, x)];
                }
            }
            const auto one = predicted(flipped, path1, options);
            i = 0;
            for (std::int64_t z = 0; z < shape.z; ++z) {
                for (std::int64_t y = 0; y < shape.y; ++y) {
                    for (std::int64_t x = 0; x < shape.x; ++x)
                        sum[at(z, y, x)] += static_cast<double>(one.probability[i++]) / 8;
                }
            }
        }
        double largest = 0;
        for (std::size_t i = 0; i < sum.size(); ++i)
            largest = std::max(largest, std::abs(sum[i] - static_cast<double>(all.probability[i])));
        QVERIFY2(largest < 1e-5, qPrintable(QString::number(largest)));
    }

    void severalClassesAndEntropy()
    {
        ArchitectureSpec spec = ArchitectureSpec::preset("quick");
        spec.classes = 4;
        const auto raw = greyVolume({ 14, 40, 40 });
        const auto model = modelWith(spec, raw->shape(), path("classes.safetensors"));
        for (const auto mode : { PredictOptions::Mode::Paper, PredictOptions::Mode::Exact }) {
            PredictOptions options;
            options.device = "cpu";
            options.mode = mode;
            const auto all = predicted(*raw, model, options);
            std::array<int, 4> seen {};
            for (std::size_t i = 0; i < all.mask.size(); ++i) {
                QVERIFY(all.mask[i] < 4);
                ++seen[all.mask[i]];
                QVERIFY(all.probability[i] >= 0.249F && all.probability[i] <= 1.0F); // the likeliest of four
                QVERIFY(all.entropy[i] >= 0 && all.entropy[i] <= 1);
            }
            QVERIFY(std::count_if(seen.begin(), seen.end(), [](int n) { return n > 0; }) >= 2);
        }
    }

    void entropyOfKnownDistributions()
    {
        const float half = 0.5F;
        const float sure = 1.0F;
        QCOMPARE(entropyOf(&half, 1), 1.0F);
        QCOMPARE(entropyOf(&sure, 1), 0.0F);
        const std::array<float, 4> alike = { 0.25F, 0.25F, 0.25F, 0.25F };
        QVERIFY(std::abs(entropyOf(alike.data(), 4) - 1) < 1e-6F);
        // SciPy: scipy.stats.entropy([0.9, 0.1], base=2) and ([0.7, 0.2, 0.1], base=3)
        const float nine = 0.9F;
        QVERIFY(std::abs(entropyOf(&nine, 1) - 0.4689955936F) < 1e-6F);
        const std::array<float, 3> three = { 0.7F, 0.2F, 0.1F };
        QVERIFY(std::abs(entropyOf(three.data(), 3) - 0.7298466991F) < 1e-6F);
    }

    void whatDoesNotFitIsSaidBefore()
    {
        const auto raw = greyVolume({ 20, 40, 40 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("fit.safetensors"));
        const ModelCard card = readModelCard(model);
        const Shape large { 2000, 4096, 4096 };
        PredictOptions options;
        options.device = "cpu";
        options.memory = 100'000'000;
        const std::string said = describePredictionCost(large, card, options);
        QVERIFY2(
            said.find("may be used") != std::string::npos && said.find("does not fit") != std::string::npos, said.c_str());
        Volume mask(raw->shape(), Scalar::U8);
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, predict(*raw, model, mask, nullptr, options, task));
        options.memory = 2'000'000'000;
        const std::string fits = describePredictionCost({ 4000, 2048, 2048 }, card, options);
        QVERIFY2(fits.find("does not fit") == std::string::npos, fits.c_str());
        // Depth costs nothing: it streams.
        QCOMPARE(estimatePrediction({ 4000, 2048, 2048 }, card, options).ramBytes,
            estimatePrediction({ 400, 2048, 2048 }, card, options).ramBytes);
    }

    void whatDoesNotFitTheGpuIsSaidBefore()
    {
        ModelCard card;
        card.architecture = ArchitectureSpec::preset("paper");
        card.split.volume = { 400, 2048, 2048 };
        card.split.block = { 10, 256, 256 };
        PredictOptions options;
        options.device = "cuda:0"; // nothing is computed
        options.gpuMemory = 80'000'000'000;
        const TilePlan wide = planTiles(card.split.volume, card, options);
        QVERIFY(wide.batch > 4);
        QCOMPARE(static_cast<int>(wide.y.size() * wide.x.size()) % wide.batch, 0); // no place stays empty
        const std::string fits = describePredictionCost(card.split.volume, card, options);
        QVERIFY2(fits.find("does not fit") == std::string::npos && fits.find(", the GPU has 80 GB.") != std::string::npos,
            fits.c_str());
        options.gpuMemory = 4'000'000'000; // fewer tiles at once
        QVERIFY(planTiles(card.split.volume, card, options).batch < wide.batch);
        QVERIFY(estimatePrediction(card.split.volume, card, options).gpuBytes <= options.gpuMemory);
        options.gpuMemory = 1'000'000'000; // not even one
        const std::string said = describePredictionCost(card.split.volume, card, options);
        QVERIFY2(said.find("does not fit") != std::string::npos, said.c_str());
        QVERIFY_THROWS_EXCEPTION(Error, requirePredictionFits(card.split.volume, card, options));
    }
};

QTEST_APPLESS_MAIN(TestPredict)
#include "tst_predict.moc"
