// SPDX-License-Identifier: GPL-3.0-or-later
// Every choice of ArchitectureSpec and losses of several classes: against PyTorch (reference_variants.py), folded
// against unfolded, exact tiles against the whole.
#include "core/learn/network_fixture.h"
#include "learn/losses.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;

namespace {

ArchitectureSpec variant(const char* which)
{
    ArchitectureSpec spec;
    spec.filters = { 8, 16 };
    spec.pooling = { { 2, 2, 2 }, { 1, 2, 2 } };
    spec.bridge = 24;
    spec.convolutionBias = false;
    spec.batchNormMomentum = 0.1;
    spec.batchNormEpsilon = 1e-5;
    const std::string name = which;
    if (name == "strong") {
        spec.residual = spec.deepSupervision = true;
        spec.upsampling = ArchitectureSpec::Upsampling::Transposed;
        spec.classes = 3;
    } else if (name == "group") {
        spec.norm = ArchitectureSpec::Norm::Group;
        spec.groups = 4;
        spec.deepSupervision = true;
    } else if (name == "instance") {
        spec.norm = ArchitectureSpec::Norm::Instance;
        spec.residual = true;
    } else if (name == "transposed") {
        spec.upsampling = ArchitectureSpec::Upsampling::Transposed;
        spec.residual = true;
    }
    return spec;
}

} // namespace

class TestVariants : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path path(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

private Q_SLOTS:
    void equalPyTorch_data()
    {
        QTest::addColumn<QList<double>>("weights");
        QTest::addColumn<QList<double>>("expected");
        // Printed by reference_variants.py: sum, sum of absolutes and number 100 of the logits; loss; sum and sum of
        // absolutes of the first kernel's gradient; sum and number 100 of the logits in evaluation.
        QTest::newRow("strong") << QList<double> { 1, 2, 3 }
                                << QList<double> { 1582.188599, 2370.197520, 0.501934, 1.8279861, -0.0048297, 0.0253860,
                                       1591.167808, 0.499044 };
        QTest::newRow("group") << QList<double> { 1, 2 }
                               << QList<double> { -129.682024, 141.338861, -0.097848, 1.2353855, 0.0171957, 0.1730917,
                                      -129.682024, -0.097848 };
        QTest::newRow("instance") << QList<double> { 1, 1 }
                                  << QList<double> { 1096.283927, 1096.283927, 0.481883, 1.2717195, -0.0040376, 0.0717002,
                                         1096.283927, 0.481883 };
    }
    void equalPyTorch()
    {
        QFETCH(QList<double>, weights);
        QFETCH(QList<double>, expected);
        const ArchitectureSpec spec = variant(QTest::currentDataTag());
        UNet network(spec);
        fillByFormula(*network);
        const std::vector<std::int64_t> shape = { 2, 1, 6, 12, 16 };
        const std::int64_t count = 2 * 6 * 12 * 16;
        const auto x = (0.5 + 0.5 * wave(count, 0.11, 1.0)).to(torch::kFloat32).view(shape);
        const auto w = wave(count, 0.05, 0.0);
        auto target = (w > 0.3).to(torch::kFloat32);
        if (spec.classes > 2)
            target = target + (w > 0.8).to(torch::kFloat32);
        target = target.view(shape);
        target.view(-1).slice(0, 0, count, 17).fill_(-1);
        LossContext context;
        context.loss = Loss::DiceBce;
        context.classWeights.assign(weights.begin(), weights.end());
        network->train();
        const auto outputs = network->allOutputs(x);
        QCOMPARE(outputs.size(), spec.deepSupervision ? std::size_t { 2 } : std::size_t { 1 });
        const auto loss = lossOfAll(outputs, target, context);
        loss.backward();
        const auto flat = [](const torch::Tensor& t) { return t.detach().to(torch::kFloat64).reshape(-1); };
        const auto logits = flat(outputs.front());
        const auto gradient = flat(network->encoder[0]->conv1->weight.grad());
        network->eval();
        const auto after = flat(network(x));
        const std::vector<std::pair<torch::Tensor, double>> got
            = { { logits.sum(), 0.02 }, { logits.abs().sum(), 0.02 }, { logits[100], 1e-5 }, { loss, 2e-6 },
                  { gradient.sum(), 2e-6 }, { gradient.abs().sum(), 1e-5 }, { after.sum(), 0.02 }, { after[100], 1e-5 } };
        for (std::size_t i = 0; i < got.size(); ++i) {
            const double value = got[i].first.item<double>();
            QVERIFY2(std::abs(value - expected[static_cast<qsizetype>(i)]) <= got[i].second,
                qPrintable(QString("number %1 is %2 and should be %3")
                        .arg(i)
                        .arg(value, 0, 'g', 9)
                        .arg(expected[static_cast<qsizetype>(i)], 0, 'g', 9)));
        }
    }

    void foldedEqualsUnfolded_data()
    {
        QTest::addColumn<int>("unused");
        for (const char* name : { "strong", "group", "instance", "transposed" })
            QTest::newRow(name) << 0;
    }
    void foldedEqualsUnfolded()
    {
        const ArchitectureSpec spec = variant(QTest::currentDataTag());
        LoadedModel model = loadModel(modelWith(spec, { 40, 40, 40 }, path("fold.safetensors")));
        torch::NoGradGuard noGrad;
        // With a remainder in every pooling too.
        for (const auto& x : { torch::rand({ 1, 1, 12, 24, 24 }), torch::rand({ 2, 1, 9, 22, 25 }) }) {
            const auto plain = model.network->forward(x);
            for (const auto order : { torch::MemoryFormat::ChannelsLast3d, torch::MemoryFormat::Contiguous }) {
                const auto folded = FoldedUNet(*model.network, torch::kCPU, order).forward(x);
                const double d = (plain - folded).abs().max().item<double>();
                QVERIFY2(d < 5e-5, qPrintable(QString::number(d)));
            }
        }
    }

    void exactTilesEqualTheWhole_data()
    {
        QTest::addColumn<bool>("strong");
        QTest::newRow("strong") << true;
        QTest::newRow("transposed") << false;
    }
    void exactTilesEqualTheWhole()
    {
        QFETCH(bool, strong);
        ArchitectureSpec spec = variant("transposed");
        if (strong) { // two of its three levels keep the margins, and the test, small
            spec = ArchitectureSpec::preset("strong");
            spec.filters.pop_back();
            spec.pooling.pop_back();
            spec.bridge = 64;
        }
        const auto raw = greyVolume({ 37, 81, 70 });
        const auto model = modelWith(spec, raw->shape(), path("exact.safetensors"));
        const ExactTiles exact = inExactTiles(*raw, model, { 16, 32, 48 });
        QVERIFY(exact.tiles >= 12);
        QVERIFY2(exact.apart == 0, qPrintable(QString::number(exact.apart)));
    }

    void otherNormalisationsCannotBeExact()
    {
        const auto raw = greyVolume({ 12, 24, 24 });
        const auto model = modelWith(variant("group"), raw->shape(), path("group.safetensors"));
        Volume mask(raw->shape(), Scalar::U8);
        PredictOptions options;
        options.device = "cpu";
        Task task;
        (void)predict(*raw, model, mask, nullptr, options, task);
        options.mode = PredictOptions::Mode::Exact;
        QVERIFY_THROWS_EXCEPTION(Error, predict(*raw, model, mask, nullptr, options, task));
    }

    void modelsOfEarlierVersionsLoad()
    {
        // Their description has none of the later choices.
        Json json = toJson(ArchitectureSpec::preset("quick"));
        for (const char* key : { "norm", "groups", "residual", "upsampling", "deep_supervision", "classes" })
            json.erase(key);
        const ArchitectureSpec spec = architectureFromJson(json);
        QCOMPARE(toJson(spec).dump(), toJson(ArchitectureSpec::preset("quick")).dump());
        UNet network(spec);
        const auto tensors = tensorsOf(*network);
        QCOMPARE(tensors.front().name, std::string("encoder1.conv1.weight"));
        QVERIFY(std::any_of(
            tensors.begin(), tensors.end(), [](const auto& t) { return t.name == "decoder2.norm1.running_var"; }));
    }

    void poolingFollowsTheVoxels()
    {
        const auto text = [](const std::vector<Extent>& pooling) {
            std::string all;
            for (const auto& p : pooling)
                all += std::to_string(p.z) + std::to_string(p.y) + std::to_string(p.x) + " ";
            return all;
        };
        const VoxelSize cubes { 1, 1, 1, LengthUnit::Micrometre, SizeOrigin::User };
        const VoxelSize flat { 4, 1, 1, LengthUnit::Micrometre, SizeOrigin::User };
        QCOMPARE(text(poolingFor(cubes, { 32, 64, 64 }, 3)), std::string("222 222 222 "));
        QCOMPARE(text(poolingFor(flat, { 32, 64, 64 }, 3)), std::string("122 122 222 "));
        QCOMPARE(text(poolingFor({}, { 10, 256, 256 }, 3)), std::string("222 122 122 "));
    }
};

QTEST_APPLESS_MAIN(TestVariants)
#include "tst_variants.moc"
