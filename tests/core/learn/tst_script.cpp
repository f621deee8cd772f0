// SPDX-License-Identifier: GPL-3.0-or-later
// TorchScript models from elsewhere: what they are taken to be, what they give, and what is said when they do not fit.
#include "base/error.h"
#include "base/file.h"
#include "core/learn/network_fixture.h"

#include <torch/csrc/jit/api/module.h>

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QTemporaryDir>
#include <QtTest>

#include <functional>
#include <new>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

/// A module with one weight and a forward function of these lines.
void writeScript(const fs::path& path, const torch::Tensor& weight, const std::string& lines)
{
    torch::jit::Module module("net");
    module.register_parameter("weight", weight, false);
    module.define("def forward(self, x):\n" + lines);
    module.save(path.string());
}

torch::Tensor kernel(std::int64_t out, std::int64_t in)
{
    return (0.2 * wave(out * in * 27, 0.9, 1)).to(torch::kFloat32).view({ out, in, 3, 3, 3 });
}

const char* const kConvolution = "    return torch.conv3d(x, self.weight, None, [1, 1, 1], [1, 1, 1])\n";
const char* const kScale = "    return x * self.weight\n";

std::string problemOf(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& problem) {
        return problem.what();
    }
    return {};
}

} // namespace

class TestScript : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const std::string& name) const { return fs::path(m_folder.path().toStdString()) / name; }

    static PredictOptions small()
    {
        PredictOptions options;
        options.device = "cpu";
        options.script.tile = Shape { 6, 16, 16 };
        options.script.lattice = Extent { 2, 2, 2 };
        options.script.channels = 1;
        options.script.output = "logits";
        options.script.grey = "0:255";
        return options;
    }

private Q_SLOTS:
    void greyValues_data()
    {
        QTest::addColumn<QString>("grey");
        for (const char* grey : { "0:255", "100:140", "none", "minmax", "percentiles", "standard" })
            QTest::newRow(grey) << grey;
    }
    void greyValues()
    {
        QFETCH(QString, grey);
        const auto raw = greyVolume({ 13, 37, 41 });
        writeScript(path("scale.pt"), torch::tensor(0.5F), kScale);
        PredictOptions options = small();
        options.script.grey = grey.toStdString();
        const auto result = predicted(*raw, path("scale.pt"), options);
        QVERIFY(result.result.findings.empty()); // all was said
        double mean = 0;
        double squares = 0;
        const auto voxels = raw->as<std::uint8_t>();
        for (const auto voxel : voxels)
            mean += voxel / static_cast<double>(voxels.size());
        for (const auto voxel : voxels)
            squares += (voxel - mean) * (voxel - mean) / static_cast<double>(voxels.size());
        double low = 0;
        double high = 255; // also the extremes of this noise
        if (grey == "100:140") {
            low = 100;
            high = 140;
        } else if (grey == "none") {
            high = 1;
        } else if (grey == "standard") {
            low = mean;
            high = mean + std::sqrt(squares);
        } else if (grey == "percentiles") {
            Task task;
            NormaliseOptions percentiles;
            percentiles.mode = NormaliseOptions::Mode::Percentiles;
            const GreyRange range = findRange(*raw, percentiles, task);
            low = range.low;
            high = range.high;
        }
        for (std::size_t i = 0; i < voxels.size(); ++i) {
            const double logit = 0.5 * (voxels[i] - low) / (high - low);
            const double expected = 1 / (1 + std::exp(-logit));
            QVERIFY(std::abs(static_cast<double>(result.probability[i]) - expected) < 1e-5);
        }
    }

    void exactWhereItsReachIsKnown()
    {
        const auto raw = greyVolume({ 14, 38, 50 });
        writeScript(path("convolution.pt"), kernel(1, 1), kConvolution);
        PredictOptions options = small();
        options.mode = PredictOptions::Mode::Exact;
        options.exactCore = { 4, 12, 16 };
        const std::string refused = problemOf([&] { predicted(*raw, path("convolution.pt"), options); });
        QVERIFY2(refused.find("not known") != std::string::npos && refused.find("--model-reach") != std::string::npos,
            refused.c_str());
        options.script.reach = Extent { 1, 1, 1 };
        const auto tiled = predicted(*raw, path("convolution.pt"), options);
        QVERIFY(tiled.result.tiles > 20);
        const auto grey = readAs<float>(*raw, Box::whole(raw->shape()));
        const auto whole = torch::sigmoid(at::conv3d(
            torch::from_blob(const_cast<float*>(grey.data()), { 1, 1, 14, 38, 50 }) / 255, kernel(1, 1), {}, 1, 1));
        double largest = 0;
        for (std::size_t i = 0; i < tiled.probability.size(); ++i)
            largest = std::max(largest,
                std::abs(static_cast<double>(tiled.probability[i])
                    - static_cast<double>(whole.contiguous().data_ptr<float>()[i])));
        QVERIFY2(largest < 1e-6, qPrintable(QString::number(largest)));
        // Memory that runs out is met with halves, and two devices give the same.
        options.beforeTiles = [](const Shape& tile, std::int64_t) {
            if (tile.voxels() > 1200)
                throw std::bad_alloc();
        };
        const auto halves = predicted(*raw, path("convolution.pt"), options);
        QVERIFY(!halves.result.findings.empty());
        QVERIFY(largestDifference(halves.probability, tiled.probability) < 1e-6);
        options.beforeTiles = {};
        options.device = "cpu*2";
        QVERIFY(largestDifference(predicted(*raw, path("convolution.pt"), options).probability, tiled.probability) < 1e-6);
        // In paper mode only voxels near the tiles' edges differ.
        options.device = "cpu";
        options.mode = PredictOptions::Mode::Paper;
        const auto blended = predicted(*raw, path("convolution.pt"), options);
        QVERIFY(largestDifference(blended.probability, tiled.probability) < 0.3);
        QVERIFY(largestDifference(blended.probability, tiled.probability) > 1e-4);
    }

    void whatItGives()
    {
        const auto raw = greyVolume({ 8, 20, 20 });
        PredictOptions options = small();
        writeScript(path("one.pt"), torch::tensor(1.0F), "    return (x - 0.5) * self.weight\n");
        const auto one = predicted(*raw, path("one.pt"), options);
        // Two channels whose softmax is that sigmoid, in a tuple as networks with several outputs give it.
        writeScript(path("two.pt"), torch::tensor(1.0F),
            "    y = (x - 0.5) * self.weight\n    return (torch.cat([torch.zeros_like(y), y], 1), x)\n");
        const auto two = predicted(*raw, path("two.pt"), options);
        QVERIFY(two.mask == one.mask);
        QVERIFY(largestDifference(two.probability, one.probability) < 1e-6);
        // The same as probabilities.
        writeScript(path("ready.pt"), torch::tensor(1.0F), "    return {'out': torch.sigmoid((x - 0.5) * self.weight)}\n");
        options.script.output = "probabilities";
        QVERIFY(largestDifference(predicted(*raw, path("ready.pt"), options).probability, one.probability) < 1e-6);
        // Three classes.
        options.script.output = "logits";
        writeScript(
            path("three.pt"), torch::tensor(1.0F), "    return torch.cat([0.3 - x, 0 * x, x - 0.7], 1) * self.weight\n");
        const auto three = predicted(*raw, path("three.pt"), options);
        const auto voxels = raw->as<std::uint8_t>();
        for (std::size_t i = 0; i < voxels.size(); ++i) {
            const double x = voxels[i] / 255.0;
            if (std::abs(x - 0.3) > 0.01 && std::abs(x - 0.7) > 0.01)
                QCOMPARE(static_cast<int>(three.mask[i]), x < 0.3 ? 0 : (x < 0.7 ? 1 : 2));
        }
    }

    void whatIsWrittenBesideIt()
    {
        const auto raw = greyVolume({ 8, 20, 20 });
        writeScript(path("beside.pt"), torch::tensor(0.5F), kScale);
        PredictOptions options;
        options.device = "cpu";
        const auto assumed = predicted(*raw, path("beside.pt"), options);
        QCOMPARE(assumed.result.findings.size(), std::size_t { 1 });
        QVERIFY(assumed.result.findings.front().text.find("tiles of 32,128,128") != std::string::npos);
        writeTextFile(path("beside.json"),
            R"({"tile": [6, 16, 16], "lattice": [2, 2, 2], "channels": 1, "output": "probabilities", "grey": "0:510",
                "receptive_field": [0, 0, 0]})");
        const auto said = predicted(*raw, path("beside.pt"), options);
        QVERIFY(said.result.findings.empty());
        QVERIFY(said.result.tiles > assumed.result.tiles);
        const double expected = 0.5 * raw->as<std::uint8_t>()[77] / 510.0;
        QVERIFY(std::abs(static_cast<double>(said.probability[77]) - expected) < 1e-6);
        options.mode = PredictOptions::Mode::Exact;
        QVERIFY(largestDifference(predicted(*raw, path("beside.pt"), options).probability, said.probability) < 1e-6);
        options.script.grey = "0:255"; // goes before what is written
        const auto other = predicted(*raw, path("beside.pt"), options);
        QVERIFY(std::abs(static_cast<double>(other.probability[77]) - 2 * expected) < 1e-6);
        for (const char* bad : { R"({"tiles": [6, 16, 16]})", R"({"tile": [6, 16]})", R"({"tile": [0, 16, 16]})", "[1]",
                 "no JSON", R"({"output": "scores"})", R"({"grey": "bright"})", R"({"grey": "9:9"})", R"({"channels": 0})",
                 R"({"channels": "one"})", R"({"receptive_field": [-1, 1, 1]})", R"({"lattice": [0, 1, 1]})" }) {
            writeTextFile(path("beside.json"), bad);
            QVERIFY2(!problemOf([&] { (void)readPredictorCard(path("beside.pt"), {}); }).empty(), bad);
        }
        fs::remove(path("beside.json"));
    }

    void filesThatDoNotFitAreExplained()
    {
        const auto raw = greyVolume({ 8, 20, 20 });
        const auto said = [&](const char* name, const PredictOptions& options) {
            return problemOf([&] { predicted(*raw, path(name), options); });
        };
        writeTextFile(path("zip.pt"), std::string("PK\x03\x04") + " but nothing of an archive");
        const std::string broken = said("zip.pt", small());
        QVERIFY2(broken.find("cannot be loaded as a TorchScript model") != std::string::npos, broken.c_str());
        QVERIFY(broken.find('\n') == std::string::npos);
        writeScript(path("channels.pt"), kernel(1, 2), kConvolution);
        const std::string channels = said("channels.pt", small());
        QVERIFY2(channels.find("does not take a tile") != std::string::npos
                && channels.find("--model-channels") != std::string::npos,
            channels.c_str());
        QVERIFY2(
            channels.find('\n') == std::string::npos && channels.find("Traceback") == std::string::npos, channels.c_str());
        PredictOptions two = small();
        two.script.channels = 2;
        QVERIFY(said("channels.pt", two).empty());
        writeScript(path("smaller.pt"), torch::tensor(1.0F), "    return x[:, :, 1:] * self.weight\n");
        QVERIFY(said("smaller.pt", small()).find("does not give one value or more for each voxel") != std::string::npos);
        writeScript(path("text.pt"), torch::tensor(1.0F), "    return 'no tensor'\n");
        QVERIFY(said("text.pt", small()).find("does not give") != std::string::npos);
        // It can do nothing else.
        const std::string card = problemOf([&] { (void)readModelCard(path("channels.pt")); });
        QVERIFY2(card.find("TorchScript") != std::string::npos, card.c_str());
    }

    void stopAndCost()
    {
        const auto raw = greyVolume({ 30, 64, 64 });
        writeScript(path("stop.pt"), torch::tensor(0.5F), kScale);
        PredictOptions options = small();
        Volume mask(raw->shape(), Scalar::U8);
        Task task;
        int calls = 0;
        options.beforeTiles = [&](const Shape&, std::int64_t) {
            if (++calls == 3)
                task.requestStop();
        };
        QVERIFY_THROWS_EXCEPTION(Stopped, (void)predict(*raw, path("stop.pt"), mask, nullptr, options, task));
        QCOMPARE(calls, 3);
        const ModelCard card = readPredictorCard(path("stop.pt"), options.script);
        QVERIFY(estimatePrediction({ 100, 500, 500 }, card, options).ramBytes > kLearnLibraryBytes);
        options.memory = 1'000'000;
        options.beforeTiles = {};
        QVERIFY(problemOf([&] { predicted(*raw, path("stop.pt"), options); }).find("does not fit") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestScript)
#include "tst_script.moc"
