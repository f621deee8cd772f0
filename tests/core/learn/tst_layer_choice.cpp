// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "learn/instructions.h"
#include "learn/layer_choice.h"
#include "learn/layer_trials.h"

#include <QtTest>

#include <limits>

using namespace interstice;

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

ArchitectureSpec small()
{
    ArchitectureSpec spec = ArchitectureSpec::preset("quick");
    spec.filters = { 8 };
    spec.pooling = { { 1, 2, 2 } };
    spec.bridge = 8;
    return spec;
}

} // namespace

class TestLayerChoice : public QObject {
    Q_OBJECT

private slots:
    void fastestThatCanBeTrusted_data()
    {
        QTest::addColumn<std::vector<LayerTrial>>("trials");
        QTest::addColumn<int>("wanted");
        QTest::addColumn<bool>("bfloat16");
        QTest::addColumn<bool>("channelsLast");
        QTest::addColumn<bool>("distrusted");
        QTest::addColumn<QString>("says");
        using Trials = std::vector<LayerTrial>;
        const LayerMode f32Last { false, true };
        const LayerMode f32First { false, false };
        const LayerMode halfLast { true, true };
        const LayerMode halfFirst { true, false };
        const int any = static_cast<int>(Precision::Auto);
        const int full = static_cast<int>(Precision::Float32);
        const int half = static_cast<int>(Precision::Bfloat16);
        QTest::newRow("bfloat16 is right and faster")
            << Trials { { f32Last, 0.09, 0 }, { f32First, 0.11, 0 }, { halfLast, 0.06, 0.01 }, { halfFirst, 0.08, 0.01 } }
            << any << true << true << false << "1.5 times as fast";
        QTest::newRow("the other order is faster")
            << Trials { { f32Last, 0.09, 0 }, { f32First, 0.05, 0 } } << full << false << false << false << "channels first";
        QTest::newRow("bfloat16 is slower")
            << Trials { { f32Last, 0.05, 0 }, { halfLast, 0.06, 0.01 } } << any << false << true << false << "no faster";
        QTest::newRow("bfloat16 is slower but wanted")
            << Trials { { f32Last, 0.05, 0 }, { halfLast, 0.06, 0.01 } } << half << true << true << false << "bfloat16";
        QTest::newRow("bfloat16 is wrong") << Trials { { f32Last, 0.05, 0 }, { halfLast, 0.01, 0.97 } } << any << false
                                           << true << true << "97 % from float32's";
        QTest::newRow("bfloat16 is wrong though wanted")
            << Trials { { f32Last, 0.05, 0 }, { halfLast, 0.01, 0.97 } } << half << false << true << true << "wrong results";
        QTest::newRow("bfloat16 gives no numbers")
            << Trials { { f32Last, 0.05, 0 }, { halfLast, 0.01, std::numeric_limits<double>::quiet_NaN() } } << any << false
            << true << true << "no numbers";
        QTest::newRow("one order of bfloat16 is wrong")
            << Trials { { f32Last, 0.05, 0 }, { halfLast, 0.01, 0.97 }, { halfFirst, 0.02, 0.01 } } << any << true << false
            << false << "channels first";
        QTest::newRow("bfloat16 does not work")
            << Trials { { f32Last, 0.05, 0 }, { halfLast, kNever, 0 } } << any << false << true << true << "does not work";
        QTest::newRow("bfloat16 cannot be judged")
            << Trials { { f32Last, kNever, 0 }, { halfLast, 0.05, std::numeric_limits<double>::quiet_NaN() } } << any
            << false << true << true << "float32";
        QTest::newRow("nothing was tried") << Trials {} << any << false << true << false << "float32";
    }
    void fastestThatCanBeTrusted()
    {
        QFETCH(std::vector<LayerTrial>, trials);
        QFETCH(int, wanted);
        const LayerChoice choice = chooseLayers(trials, static_cast<Precision>(wanted), kLogitTolerance);
        QTEST(choice.mode.bfloat16, "bfloat16");
        QTEST(choice.mode.channelsLast, "channelsLast");
        QTEST(choice.distrusted, "distrusted");
        QFETCH(QString, says);
        QVERIFY2(QString::fromStdString(choice.why).contains(says), choice.why.c_str());
    }

    void names()
    {
        for (const auto precision : { Precision::Auto, Precision::Float32, Precision::Bfloat16 })
            QVERIFY(parsePrecision(precisionName(precision)) == precision);
        QVERIFY(parsePrecision("bf16") == Precision::Bfloat16);
        QVERIFY_THROWS_EXCEPTION(Error, parsePrecision("fp8"));
        QCOMPARE(describe(LayerMode { true, false }), std::string("bfloat16, channels first"));
    }

    /// bfloat16 has 8 bits: a result a little off, and neither equal nor wrong. On a processor it is slow and the same.
    void trialsSeeTheRounding()
    {
        Task task;
        const auto training = tryTraining(small(), torch::kCPU, { 3, 8, 8 }, 2, Precision::Auto, task, true);
        QCOMPARE(training.size(), std::size_t(4));
        UNet network(small());
        network->initialise(3);
        const auto prediction = tryPrediction(*network, torch::kCPU, { 3, 8, 8 }, 1, Precision::Auto, task);
        QCOMPARE(prediction.size(), std::size_t(2));
        for (const auto& trials : { training, prediction }) {
            for (const LayerTrial& trial : trials) {
                QVERIFY(std::isfinite(trial.seconds) && trial.seconds > 0);
                if (trial.mode.bfloat16)
                    QVERIFY2(trial.difference > 1e-4 && trial.difference < kGradientTolerance,
                        QByteArray::number(trial.difference).constData());
                else
                    QVERIFY2(trial.difference < 1e-3, QByteArray::number(trial.difference).constData());
            }
        }
        QCOMPARE(tryPrediction(*network, torch::kCPU, { 3, 8, 8 }, 1, Precision::Float32, task).size(), std::size_t(1));
    }

    void autocastEndsWithItsScope()
    {
        UNet network(small());
        network->initialise(1);
        const auto x = torch::rand({ 1, 1, 3, 8, 8 });
        {
            const LayerPrecision precision(torch::kCPU, true);
            QVERIFY(network(x).scalar_type() == torch::kBFloat16);
        }
        QVERIFY(network(x).scalar_type() == torch::kFloat32);
        const LayerPrecision off(torch::kCPU, false);
        QVERIFY(network(x).scalar_type() == torch::kFloat32);
    }

    /// LibTorch's own choice of kernel for one sample differs from that for many; ours must not.
    void oneSampleIsComputedAsManyAre()
    {
        chooseInstructions();
        auto generator = at::detail::createCPUGenerator(5);
        const auto x = inOrder(torch::rand({ 2, 8, 4, 16, 16 }, generator), torch::MemoryFormat::ChannelsLast3d);
        const auto weight = torch::rand({ 8, 8, 3, 3, 3 }, generator);
        const auto bias = torch::rand({ 8 }, generator);
        const auto both = convolve(x, weight, bias, 1);
        const auto one = convolve(x.slice(0, 0, 1), weight, bias, 1);
        QVERIFY(torch::equal(both.slice(0, 0, 1), one));
        QVERIFY(torch::allclose(both,
            at::conv3d(x.to(torch::kFloat64), weight.to(torch::kFloat64), bias.to(torch::kFloat64), 1, 1)
                .to(torch::kFloat32),
            1e-5, 1e-5));
        QVERIFY(inOrder(torch::rand({ 1, 1, 4, 4, 4 }), torch::MemoryFormat::ChannelsLast3d).suggest_memory_format()
            == torch::MemoryFormat::ChannelsLast3d);
    }
};

QTEST_APPLESS_MAIN(TestLayerChoice)
#include "tst_layer_choice.moc"
