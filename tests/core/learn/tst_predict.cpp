// SPDX-License-Identifier: GPL-3.0-or-later
// Prediction's promises: memory that runs out changes nothing, flips are an average, several classes, entropy, and
// what is said before it starts.
#include "base/error.h"
#include "core/learn/network_fixture.h"
#include "learn/slice_writer.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

using namespace interstice;

class TestPredict : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path path(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
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

    void outOfMemoryAroundAnyTiles()
    {
        const auto raw = greyVolume({ 12, 16, 500 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("around.safetensors"));
        PredictOptions options;
        options.device = "cpu";
        int calls = 0;
        std::int64_t most = 0;
        options.aroundTiles = [&](std::int64_t count) {
            ++calls;
            most = std::max(most, count);
        };
        const auto whole = predicted(*raw, model, options);
        QVERIFY(whole.result.findings.empty());
        QVERIFY2(most >= 4, qPrintable(QString::number(most)));
        const int all = calls;
        for (int at = 1; at <= all; ++at) {
            calls = 0;
            options.aroundTiles = [&](std::int64_t) {
                if (++calls == at)
                    throw std::bad_alloc();
            };
            const auto pieces = predicted(*raw, model, options);
            QVERIFY(pieces.mask == whole.mask);
            QVERIFY(largestDifference(pieces.probability, whole.probability) < 1e-5);
            QCOMPARE(pieces.result.findings.size(), std::size_t { 1 });
        }
        // Where only single tiles go, each number is tried once.
        int refused = 0;
        options.aroundTiles = [&](std::int64_t count) {
            if (count > 1) {
                ++refused;
                throw std::bad_alloc();
            }
        };
        const auto single = predicted(*raw, model, options);
        QVERIFY(single.mask == whole.mask);
        QVERIFY(largestDifference(single.probability, whole.probability) < 1e-5);
        QVERIFY2(refused >= 2 && refused <= 3, qPrintable(QString::number(refused)));
        options.aroundTiles = [](std::int64_t) { throw std::bad_alloc(); };
        QVERIFY_THROWS_EXCEPTION(Error, predicted(*raw, model, options));
    }

    void severalProcessorsGiveTheSame_data()
    {
        QTest::addColumn<bool>("exact");
        QTest::addColumn<int>("classes");
        QTest::addColumn<QString>("devices");
        for (const char* devices : { "cpu*2", "cpu*3" }) {
            for (const int classes : { 2, 3 }) {
                QTest::addRow("paper, %d classes, %s", classes, devices) << false << classes << devices;
                QTest::addRow("exact, %d classes, %s", classes, devices) << true << classes << devices;
            }
        }
    }
    void severalProcessorsGiveTheSame()
    {
        QFETCH(bool, exact);
        QFETCH(int, classes);
        QFETCH(QString, devices);
        ArchitectureSpec spec = ArchitectureSpec::preset("quick");
        spec.classes = classes;
        const auto raw = greyVolume({ 23, 37, exact ? 203 : 601 });
        const auto model = modelWith(spec, raw->shape(), path("crew.safetensors"));
        PredictOptions options;
        options.device = "cpu";
        options.mode = exact ? PredictOptions::Mode::Exact : PredictOptions::Mode::Paper;
        if (exact)
            options.exactCore = { 12, 56, 64 };
        const auto one = predicted(*raw, model, options);
        options.device = devices.toStdString();
        const auto several = predicted(*raw, model, options);
        QVERIFY(several.mask == one.mask);
        QVERIFY(several.probability == one.probability);
        QVERIFY(several.entropy == one.entropy);
        QCOMPARE(several.result.tiles, one.result.tiles);
        QCOMPARE(several.result.device, devices.toStdString());
        QVERIFY(std::count(one.mask.begin(), one.mask.end(), 0) > 0); // something was decided
        QVERIFY(std::count(one.mask.begin(), one.mask.end(), 1) > 0);
    }

    void aSlowDeviceDoesNotHoldUpTheOthers()
    {
        const auto raw = greyVolume({ 24, 32, 800 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("slow.safetensors"));
        PredictOptions options;
        options.device = "cpu*2";
        options.mode = PredictOptions::Mode::Exact;
        options.exactCore = { 24, 48, 32 };
        std::mutex mutex;
        std::map<std::thread::id, int> tiles;
        options.beforeTiles = [&](const Shape&, std::int64_t) {
            bool slow = false;
            {
                const std::lock_guard lock(mutex);
                ++tiles[std::this_thread::get_id()];
                slow = tiles.begin()->first == std::this_thread::get_id();
            }
            if (slow)
                std::this_thread::sleep_for(std::chrono::milliseconds(300));
        };
        const auto together = predicted(*raw, model, options);
        QCOMPARE(tiles.size(), std::size_t { 2 });
        const int first = tiles.begin()->second;
        const int second = std::next(tiles.begin())->second;
        QVERIFY2(2 * first < second, qPrintable(QString("%1 and %2").arg(first).arg(second)));
        options.beforeTiles = {};
        options.device = "cpu";
        QVERIFY(predicted(*raw, model, options).probability == together.probability);
    }

    void memoryThatRunsOutOnOneOfSeveral()
    {
        const auto raw = greyVolume({ 24, 32, 700 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("one_short.safetensors"));
        PredictOptions options;
        options.device = "cpu";
        options.mode = PredictOptions::Mode::Exact;
        options.exactCore = { 24, 48, 64 };
        const auto whole = predicted(*raw, model, options);
        options.device = "cpu*2";
        std::mutex mutex;
        std::optional<std::thread::id> poor;
        options.beforeTiles = [&](const Shape& tile, std::int64_t) {
            const std::lock_guard lock(mutex);
            if (!poor)
                poor = std::this_thread::get_id();
            if (poor == std::this_thread::get_id() && tile.voxels() > 90'000)
                throw std::bad_alloc();
        };
        const auto pieces = predicted(*raw, model, options);
        QVERIFY(pieces.probability == whole.probability);
        QVERIFY(!pieces.result.findings.empty()); // of halves and of their halves
        QVERIFY(pieces.result.findings.front().text.starts_with("cpu: Memory ran out"));
    }

    void oneThatFailsEndsTheOthers()
    {
        const auto raw = greyVolume({ 60, 32, 2000 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("fails.safetensors"));
        Volume mask(raw->shape(), Scalar::U8);
        PredictOptions options;
        options.device = "cpu*2";
        std::atomic<int> calls = 0;
        options.beforeTiles = [&](const Shape&, std::int64_t) {
            if (++calls == 5)
                throw Error("The fifth tile broke", "Mend it.");
        };
        Task task;
        try {
            (void)predict(*raw, model, mask, nullptr, options, task);
            QFAIL("the error was lost");
        } catch (const Error& problem) {
            QCOMPARE(problem.happened(), std::string("The fifth tile broke"));
        }
        QVERIFY2(calls <= 7, qPrintable(QString::number(calls))); // of more than sixty
        // A stop seen by one reaches all.
        calls = 0;
        options.beforeTiles = [&](const Shape&, std::int64_t) {
            if (++calls == 5)
                task.requestStop();
        };
        QVERIFY_THROWS_EXCEPTION(Stopped, (void)predict(*raw, model, mask, nullptr, options, task));
        QVERIFY2(calls <= 7, qPrintable(QString::number(calls)));
        // So does a disk that is full, which nobody of them sees.
        struct Full : VolumeSink {
            Shape shape() const override { return { 60, 32, 2000 }; }
            Scalar scalar() const override { return Scalar::U8; }
            void write(const Box&, std::span<const std::byte>) override { throw Error("The disk is full", "Free some."); }
            void finish() override { }
        } full;
        options.beforeTiles = {};
        Task again;
        QVERIFY_THROWS_EXCEPTION(Error, (void)predict(*raw, model, full, nullptr, options, again));
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
        QVERIFY(wide.batch >= 3);
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

    void everyDeviceIsCounted()
    {
        ModelCard card;
        card.architecture = ArchitectureSpec::preset("paper");
        card.split.volume = { 400, 2048, 2048 };
        card.split.block = { 10, 256, 256 };
        PredictOptions options;
        options.memory = 64'000'000'000;
        options.gpuMemory = 80'000'000'000;
        const auto bytes = [&](const char* device) {
            options.device = device;
            return estimatePrediction(card.split.volume, card, options);
        };
        const double network = 20.0 * 256 * 256 * card.architecture.predictionBytesPerVoxel(true);
        const auto gained = static_cast<double>(bytes("cpu*2").ramBytes - bytes("cpu").ramBytes);
        QVERIFY(gained > network && gained < 2 * network + 5e8);
        QVERIFY(bytes("cpu,cuda:0").gpuBytes > 0);
        QVERIFY(bytes("cuda:0,cuda:1").ramBytes > bytes("cuda:0").ramBytes); // sums and what waits are in main memory
        QVERIFY(bytes("cuda:0,cuda:1").gpuBytes < bytes("cuda:0").gpuBytes);
        options.device = "cuda:0,cuda:1";
        const std::string said = describePredictionCost(card.split.volume, card, options);
        QVERIFY2(said.find("on each of 2 GPUs") != std::string::npos, said.c_str());
        // Both get tiles even where one could take all.
        ModelCard small = card;
        small.split.volume = { 40, 256, 500 };
        options.device = "cuda:0";
        const TilePlan alone = planTiles(small.split.volume, small, options);
        options.device = "cuda:0,cuda:1";
        const TilePlan shared = planTiles(small.split.volume, small, options);
        QCOMPARE(static_cast<std::size_t>(alone.batch), alone.x.size());
        QVERIFY(static_cast<std::size_t>(shared.batch) < shared.x.size());
    }
};

QTEST_APPLESS_MAIN(TestPredict)
#include "tst_predict.moc"
