// SPDX-License-Identifier: GPL-3.0-or-later
// The network itself: against PyTorch (reference_network.py), folded against unfolded, chunked against
// unchunked.
#include "core/learn/network_fixture.h"
#include "learn/losses.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace interstice;

namespace {

ArchitectureSpec floorSpec()
{
    ArchitectureSpec spec;
    spec.filters = { 8, 16, 24 };
    spec.pooling.assign(3, { 2, 2, 2 });
    spec.bridge = 32;
    spec.batchNormMomentum = 0.1;
    return spec;
}

} // namespace

class TestNetwork : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path path(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

private Q_SLOTS:
    void equalsPyTorch_data()
    {
        QTest::addColumn<bool>("floor");
        QTest::addColumn<QList<double>>("expected");
        // Printed by reference_network.py: sum, sum of absolutes and voxel 100 of the logits; Dice and BCE
        // losses; sum and sum of absolutes of the first kernel's gradient; the three again in evaluation.
        QTest::newRow("quick") << false
                               << QList<double> { -629.899639, 629.899639, -0.354990, 0.5794533, 0.6686749, -0.0054887,
                                      0.1852042, -583.188487, 583.188487, -0.224388 };
        QTest::newRow("pooling with remainder") << true
                                                << QList<double> { 1544.950516, 1544.950516, 0.198093, 0.5352544, 0.7192145,
                                                       -0.0004386, 0.4020694, 1391.297234, 1391.297234, 0.178609 };
    }
    void equalsPyTorch()
    {
        QFETCH(bool, floor);
        QFETCH(QList<double>, expected);
        const ArchitectureSpec spec = floor ? floorSpec() : ArchitectureSpec::preset("quick");
        const std::vector<std::int64_t> shape
            = floor ? std::vector<std::int64_t> { 2, 1, 10, 16, 24 } : std::vector<std::int64_t> { 2, 1, 5, 12, 16 };
        std::int64_t count = 1;
        for (const auto side : shape)
            count *= side;
        UNet network(spec);
        fillByFormula(*network);
        const auto x = (0.5 + 0.5 * wave(count, 0.11, 1.0)).to(torch::kFloat32).view(shape);
        auto target = (wave(count, 0.05, 0.0) > 0.3).to(torch::kFloat32).view(shape);
        for (std::int64_t i = 0; i < count; i += 17)
            target.view(-1)[i] = -1;
        network->train();
        const auto logits = network(x);
        const auto dice = lossOf(logits, target, Loss::Dice);
        const auto bce = lossOf(logits, target, Loss::Bce);
        lossOf(logits, target, Loss::DiceBce).backward();
        const auto sums = [](const torch::Tensor& t) {
            const auto flat = t.detach().to(torch::kFloat64).reshape(-1);
            return std::array<double, 3> { flat.sum().item<double>(), flat.abs().sum().item<double>(),
                flat[std::min<std::int64_t>(100, flat.numel() - 1)].item<double>() };
        };
        const auto near = [&](double value, qsizetype i, double tolerance) {
            QVERIFY2(std::abs(value - expected[i]) <= tolerance,
                qPrintable(
                    QString("number %1 is %2 and should be %3").arg(i).arg(value, 0, 'g', 9).arg(expected[i], 0, 'g', 9)));
        };
        const auto train = sums(logits);
        near(train[0], 0, 0.01);
        near(train[1], 1, 0.01);
        near(train[2], 2, 1e-4);
        near(dice.item<double>(), 3, 1e-6);
        near(bce.item<double>(), 4, 1e-6);
        const auto gradient = sums(network->encoder[0]->conv1->weight.grad());
        near(gradient[0], 5, 2e-6);
        near(gradient[1], 6, 2e-5);
        network->eval();
        const auto eval = sums(network(x));
        near(eval[0], 7, 0.01);
        near(eval[1], 8, 0.01);
        near(eval[2], 9, 1e-4);
    }

    /// A convolution's bias is not added before batch statistics, which take it out: the same result, running mean and
    /// gradients as if it were.
    void shiftsCancelInBatchStatistics()
    {
        ArchitectureSpec spec;
        spec.batchNormMomentum = 0.3;
        torch::manual_seed(3);
        const auto x = torch::randn({ 2, 4, 3, 5, 6 }, torch::kFloat64);
        const auto weights = torch::randn_like(x);
        const auto shift = torch::randn(4, torch::kFloat64).requires_grad_(true);
        Normalisation norm(4, spec);
        norm->to(torch::kFloat64);
        QVERIFY(norm->cancelsShifts());
        const auto input = x.clone().requires_grad_(true);
        const auto y = norm(input, shift);
        (y * weights).sum().backward();
        const auto other = x.clone().requires_grad_(true);
        auto mean = torch::zeros(4, torch::kFloat64);
        auto variance = torch::ones(4, torch::kFloat64);
        const auto expected = torch::batch_norm(other + shift.detach().view({ 1, 4, 1, 1, 1 }), norm->weight.detach(),
            norm->bias.detach(), mean, variance, true, spec.batchNormMomentum, spec.batchNormEpsilon, false);
        (expected * weights).sum().backward();
        QVERIFY(torch::allclose(y, expected, 1e-12, 1e-12));
        QVERIFY(torch::allclose(norm->running_mean, mean, 1e-12, 1e-12));
        QVERIFY(torch::allclose(norm->running_var, variance, 1e-12, 1e-12));
        QVERIFY(torch::allclose(input.grad(), other.grad(), 1e-10, 1e-12));
        QVERIFY(torch::equal(shift.grad(), torch::zeros(4, torch::kFloat64)));
        norm->eval();
        QVERIFY(!norm->cancelsShifts());
    }

    void shapesAndParametersOfThePresets()
    {
        for (const auto& name : ArchitectureSpec::presetNames()) {
            const auto spec = ArchitectureSpec::preset(name);
            UNet network(spec);
            std::int64_t count = 0;
            for (const auto& parameter : network->parameters())
                count += parameter.numel();
            QCOMPARE(count, spec.parameters());
        }
        // The study's table pools 10 slices to 5, 2 and 1 and comes back to 10.
        torch::NoGradGuard noGrad;
        UNet table(ArchitectureSpec::preset("paper-table"));
        table->eval();
        QVERIFY(table(torch::zeros({ 1, 1, 10, 32, 32 })).sizes() == at::IntArrayRef({ 1, 1, 10, 32, 32 }));
    }

    void oneStepAndOneTileOfThePapersNetwork()
    {
        UNet network(ArchitectureSpec::preset("paper"));
        network->initialise(1);
        toChannelsLast(*network);
        Adam adam(*network, 1e-4);
        const auto x = torch::rand({ 1, 1, 10, 32, 32 }, torch::kFloat32);
        const auto target = (x > 0.5).to(torch::kFloat32);
        const auto before = lossOf(network(x), target, Loss::Dice);
        before.backward();
        adam.step();
        const double first = before.item<double>();
        QVERIFY(first > 0 && first < 1);
        QVERIFY(lossOf(network(x), target, Loss::Dice).item<double>() < first);
    }

    void initialisationIsGlorotUniformAndSeeded()
    {
        UNet a(ArchitectureSpec::preset("quick"));
        UNet b(ArchitectureSpec::preset("quick"));
        a->initialise(5);
        b->initialise(5);
        QVERIFY(torch::equal(a->bridge->conv1->weight, b->bridge->conv1->weight));
        b->initialise(6);
        QVERIFY(!torch::equal(a->bridge->conv1->weight, b->bridge->conv1->weight));
        const double bound = std::sqrt(6.0 / (27.0 * (16 + 32)));
        const double largest = a->bridge->conv1->weight.abs().max().item<double>();
        QVERIFY(largest <= bound && largest > 0.98 * bound);
        QCOMPARE(a->bridge->conv1->bias.abs().sum().item<double>(), 0.0);
        QCOMPARE(a->bridge->norm1->weight.mean().item<double>(), 1.0);
    }

    void diceIsAMeanOverSamples()
    {
        // A batch loss of two samples is the mean of their own; the Dice of the joined voxels is another.
        const auto logits = torch::tensor({ 4.0F, -4.0F, 4.0F, 4.0F, -4.0F, -4.0F, -4.0F, -4.0F }).view({ 2, 1, 1, 2, 2 });
        const auto target = torch::tensor({ 1.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F }).view({ 2, 1, 1, 2, 2 });
        const double both = lossOf(logits, target, Loss::Dice).item<double>();
        const double mean = (lossOf(logits.slice(0, 0, 1), target.slice(0, 0, 1), Loss::Dice).item<double>()
                                + lossOf(logits.slice(0, 1, 2), target.slice(0, 1, 2), Loss::Dice).item<double>())
            / 2;
        QVERIFY(std::abs(both - mean) < 1e-6);
        const double joined
            = lossOf(logits.view({ 1, 1, 2, 2, 2 }), target.view({ 1, 1, 2, 2, 2 }), Loss::Dice).item<double>();
        QVERIFY(std::abs(both - joined) > 1e-2);
    }

    void ignoredVoxelsDoNotCount()
    {
        const auto logits = torch::tensor({ 2.0F, -1.0F, 3.0F, 9.0F }).view({ 1, 1, 1, 2, 2 });
        const auto ignoring = torch::tensor({ 1.0F, 0.0F, 1.0F, -1.0F }).view({ 1, 1, 1, 2, 2 });
        const auto without = lossOf(
            logits.view({ 1, 1, 1, 1, 4 }).slice(4, 0, 3), ignoring.view({ 1, 1, 1, 1, 4 }).slice(4, 0, 3), Loss::DiceBce);
        QVERIFY(std::abs(lossOf(logits, ignoring, Loss::DiceBce).item<double>() - without.item<double>()) < 1e-6);
        OverlapCounts counts;
        counts.add(logits, ignoring);
        QCOMPARE(counts.dice(), 1.0);
    }

    void foldedEqualsUnfolded()
    {
        for (const auto& spec : { ArchitectureSpec::preset("quick"), floorSpec() }) {
            LoadedModel model = loadModel(modelWith(spec, { 40, 40, 40 }, path("fold.safetensors")));
            torch::NoGradGuard noGrad;
            const auto x = torch::rand({ 1, 1, 10, 24, 24 });
            const auto plain = model.network->forward(x);
            const auto folded = FoldedUNet(*model.network, torch::kCPU).forward(x);
            QVERIFY((plain - folded).abs().max().item<double>() < 1e-5);
        }
    }

    void exactModeEqualsTheUnchunkedResult_data()
    {
        QTest::addColumn<bool>("pooledInZ");
        QTest::newRow("quick") << false;
        QTest::newRow("pooling in z too") << true;
    }
    void exactModeEqualsTheUnchunkedResult()
    {
        QFETCH(bool, pooledInZ);
        ArchitectureSpec spec = pooledInZ ? floorSpec() : ArchitectureSpec::preset("quick");
        if (pooledInZ) { // two levels keep the margins, and the test, small
            spec.filters.pop_back();
            spec.pooling.pop_back();
        }
        const auto raw = greyVolume({ 37, 81, 70 });
        const auto model = modelWith(spec, raw->shape(), path("exact.safetensors"));
        const ExactTiles exact = inExactTiles(*raw, model, { 16, 32, 48 });
        QVERIFY(exact.tiles >= 18);
        QVERIFY2(exact.apart == 0, qPrintable(QString::number(exact.apart)));
    }

    void exactTilesOfTheStudysNetworks_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<int>("z");
        QTest::newRow("as its text says") << "paper" << 21;
        QTest::newRow("as its table says") << "paper-table" << 90;
    }
    void exactTilesOfTheStudysNetworks()
    {
        QFETCH(QString, preset);
        QFETCH(int, z);
        // Their pooling, so their lattice and reach, with fewer channels.
        ArchitectureSpec spec = ArchitectureSpec::preset(preset.toStdString());
        std::ranges::fill(spec.filters, 4);
        spec.bridge = 4;
        const auto raw = greyVolume({ z, 37, 310 });
        const auto model = modelWith(spec, raw->shape(), path("study.safetensors"));
        const ExactTiles exact = inExactTiles(*raw, model, { 16, 48, 64 });
        QVERIFY(exact.tiles >= 10);
        QVERIFY2(exact.apart < 1e-5, qPrintable(QString::number(exact.apart)));
        // A tile that starts off the lattice pools other voxels together, wherever one looks: what was compared can tell.
        LoadedModel loaded = loadModel(model);
        c10::InferenceMode inference;
        const FoldedUNet network(*loaded.network, torch::kCPU);
        const std::int64_t step = spec.lattice().x;
        const std::int64_t far = spec.receptiveField().x;
        const auto volume = torch::rand({ 1, 1, step, step, 2 * far + 4 * step });
        const auto whole = network.forward(volume);
        const auto apart = [&](std::int64_t start) {
            const auto tile = network.forward(volume.slice(4, start).contiguous());
            return (tile.slice(4, far, far + step) - whole.slice(4, start + far, start + far + step))
                .abs()
                .max()
                .item<double>();
        };
        QVERIFY2(apart(step) < 1e-5, qPrintable(QString::number(apart(step))));
        QVERIFY2(apart(1) > 1e-3, qPrintable(QString::number(apart(1))));
    }

    void paperModeBlendsAsAPlainLoopWould()
    {
        const auto raw = greyVolume({ 43, 40, 300 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("paper.safetensors"));
        Volume mask(raw->shape(), Scalar::U8);
        Volume probability(raw->shape(), Scalar::F32);
        PredictOptions options;
        options.device = "cpu";
        Task task;
        (void)predict(*raw, model, mask, &probability, options, task);

        LoadedModel loaded = loadModel(model);
        const TilePlan plan = planTiles(raw->shape(), loaded.card, options);
        QVERIFY(plan.x.size() > 1 && plan.z.size() > 2);
        const auto grey = readPadded(*raw, { 0, 255 }, plan, 0, plan.padded.z);
        const auto volume
            = torch::from_blob(const_cast<float*>(grey.data()), { plan.padded.z, plan.padded.y, plan.padded.x });
        auto sum = torch::zeros_like(volume);
        auto weights = torch::zeros_like(volume);
        const auto window = [](std::int64_t n) { return torch::tensor(smoothWindow(n)); };
        const auto weight = window(plan.tile.z).view({ -1, 1, 1 }) * window(plan.tile.y).view({ 1, -1, 1 })
            * window(plan.tile.x).view({ 1, 1, -1 });
        c10::InferenceMode inference;
        const FoldedUNet network(*loaded.network, torch::kCPU);
        for (const auto z : plan.z) {
            for (const auto y : plan.y) {
                for (const auto x : plan.x) {
                    const auto cut = [&](torch::Tensor& t) {
                        return t.slice(0, z, z + plan.tile.z).slice(1, y, y + plan.tile.y).slice(2, x, x + plan.tile.x);
                    };
                    auto view = volume;
                    const auto p = torch::sigmoid(
                        network.forward(cut(view).contiguous().view({ 1, 1, plan.tile.z, plan.tile.y, plan.tile.x })))[0][0];
                    cut(sum) += weight * p;
                    cut(weights) += weight;
                }
            }
        }
        const auto blended = (sum / weights).contiguous();
        const auto got = torch::from_blob(probability.as<float>().data(), { 43, 40, 300 });
        const double largest = (got - blended.slice(0, 0, 43).slice(1, 8, 48).slice(2, 8, 308)).abs().max().item<double>();
        QVERIFY2(largest < 1e-5, qPrintable(QString::number(largest)));
    }

    void smallerThanATile()
    {
        const auto raw = greyVolume({ 4, 9, 11 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("small.safetensors"));
        for (const auto mode : { PredictOptions::Mode::Paper, PredictOptions::Mode::Exact }) {
            Volume mask(raw->shape(), Scalar::U8);
            PredictOptions options;
            options.mode = mode;
            Task task;
            QVERIFY(predict(*raw, model, mask, nullptr, options, task).tiles >= 1);
        }
    }
};

QTEST_APPLESS_MAIN(TestNetwork)
#include "tst_network.moc"
