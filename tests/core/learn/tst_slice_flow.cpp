// SPDX-License-Identifier: GPL-3.0-or-later
// Slices that flow through the layers one after the other against the network on the whole volume, and exact prediction by
// them against tiles, whatever fails on the way.
#include "base/error.h"
#include "core/learn/network_fixture.h"
#include "learn/slice_flow.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QTemporaryDir>
#include <QtTest>

#include <new>

using namespace interstice;

namespace {

/// The study's poolings, so its depth, with few channels.
ArchitectureSpec deepSpec()
{
    ArchitectureSpec spec = ArchitectureSpec::preset("paper");
    std::ranges::fill(spec.filters, 4);
    spec.bridge = 4;
    return spec;
}

/// Everything that a flow can meet, in three classes.
ArchitectureSpec richSpec()
{
    ArchitectureSpec spec = ArchitectureSpec::preset("quick");
    spec.residual = true;
    spec.upsampling = ArchitectureSpec::Upsampling::Transposed;
    spec.classes = 3;
    spec.pooling = { { 1, 2, 2 }, { 1, 1, 3 } };
    return spec;
}

} // namespace

class TestSliceFlow : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path path(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

    static Predicted exactly(const Volume& raw, const std::filesystem::path& model, PredictOptions options)
    {
        options.device = "cpu";
        options.mode = PredictOptions::Mode::Exact;
        return predicted(raw, model, options);
    }

private Q_SLOTS:
    void equalsTheWholeVolume_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("depth");
        QTest::addColumn<int>("atOnce");
        for (const int depth : { 1, 2, 7, 25 }) {
            for (const int atOnce : { 1, 2, 3, 8 }) {
                for (int which = 0; which < 3; ++which)
                    QTest::addRow("network %d, %d slices, %d at once", which, depth, atOnce) << which << depth << atOnce;
            }
        }
    }
    void equalsTheWholeVolume()
    {
        QFETCH(int, which);
        QFETCH(int, depth);
        QFETCH(int, atOnce);
        const ArchitectureSpec spec = which == 0 ? ArchitectureSpec::preset("quick") : which == 1 ? deepSpec() : richSpec();
        QVERIFY(canFlow(spec));
        LoadedModel model = loadModel(modelWith(spec, { 40, 40, 40 }, path("flow.safetensors")));
        const FoldedUNet network(*model.network, torch::kCPU, torch::MemoryFormat::Contiguous);
        c10::InferenceMode inference;
        torch::manual_seed(4);
        const auto volume = torch::rand({ 1, 1, depth, 2 * spec.lattice().y, 3 * spec.lattice().x });
        const auto whole = network.forward(volume);
        SliceFlow flow(network);
        std::vector<torch::Tensor> parts;
        const auto take = [&](const torch::Tensor& part) {
            if (part.defined())
                parts.push_back(part);
        };
        int layers = 0;
        for (std::int64_t z = 0; z < depth; z += atOnce)
            take(flow.push(volume.slice(2, z, std::min<std::int64_t>(z + atOnce, depth)).contiguous(), [&] { ++layers; }));
        QVERIFY(layers > 0);
        while (!flow.finished())
            take(flow.finish());
        const auto flowed = torch::cat(parts, 2);
        QCOMPARE(flowed.size(2), std::int64_t(depth));
        const double apart = (flowed - whole).abs().max().item<double>() / whole.abs().max().item<double>();
        QVERIFY2(apart < 1e-6, qPrintable(QString::number(apart)));
    }

    void predictsAsTilesDo_data()
    {
        QTest::addColumn<int>("context");
        QTest::newRow("trained without slices around") << 0;
        QTest::newRow("trained with slices around") << 3;
    }
    void predictsAsTilesDo()
    {
        QFETCH(int, context);
        for (const auto& spec : { ArchitectureSpec::preset("quick"), deepSpec(), richSpec() }) {
            const auto raw = greyVolume({ 27, 45, 70 });
            const auto model = modelWith(spec, raw->shape(), path("predict.safetensors"), { context, 8, 8 });
            PredictOptions tiles;
            tiles.exactCore = { 9, 16, 48 };
            PredictOptions flow;
            flow.memory = 4'000'000'000;
            const TilePlan plan = planTiles(raw->shape(), loadModel(model).card, [&] {
                PredictOptions options = flow;
                options.mode = PredictOptions::Mode::Exact;
                options.device = "cpu";
                return options;
            }());
            QVERIFY(plan.flow > 0);
            QCOMPARE(plan.front.z, std::int64_t(context));
            const Predicted a = exactly(*raw, model, tiles);
            const Predicted b = exactly(*raw, model, flow);
            QCOMPARE(b.result.tiles, std::int64_t(plan.z.size()));
            const double apart = largestDifference(a.probability, b.probability);
            QVERIFY2(apart < 1e-5, qPrintable(QString::number(apart)));
            QVERIFY(a.result.findings.empty() && b.result.findings.empty());
        }
    }

    void flowsWhereItCan()
    {
        const Shape shape { 100, 200, 200 };
        const auto planned = [&](const ArchitectureSpec& spec, const std::function<void(PredictOptions&)>& change) {
            PredictOptions options;
            options.mode = PredictOptions::Mode::Exact;
            options.device = "cpu";
            options.memory = 8'000'000'000;
            change(options);
            return planTiles(shape, cardFor(spec, shape), options);
        };
        const ArchitectureSpec quick = ArchitectureSpec::preset("quick");
        const auto nothing = [](PredictOptions&) { };
        const TilePlan most = planned(quick, nothing);
        QCOMPARE(most.flow, std::int64_t(8));
        QVERIFY(planned(ArchitectureSpec::preset("paper"), nothing).flow > 0);
        QCOMPARE(planned(ArchitectureSpec::preset("strong"), nothing).flow, std::int64_t(0)); // pools along z
        QCOMPARE(planned(quick, [](auto& o) { o.flow = false; }).flow, std::int64_t(0));
        QCOMPARE(planned(quick, [](auto& o) { o.flips = true; }).flow, std::int64_t(0));
        QCOMPARE(planned(quick, [](auto& o) { o.device = "cpu*2"; }).flow, std::int64_t(0));
        // With less memory fewer slices at a time, then tiles.
        const NetworkTraits traits = traitsOf(cardFor(quick, shape));
        const std::uint64_t needed = bytesOf(most, traits, crewOf("cpu")).host;
        std::int64_t last = most.flow;
        for (std::uint64_t memory = needed; last > 0 && memory > kLearnLibraryBytes; memory -= 10'000'000) {
            const TilePlan plan = planned(quick, [&](auto& o) { o.memory = memory; });
            QVERIFY(plan.flow <= last);
            QVERIFY(bytesOf(plan, traits, crewOf("cpu")).host <= memory);
            last = plan.flow;
        }
        QCOMPARE(last, std::int64_t(0));
        // What a plan was chosen by is what is asked for later, also for wide planes and many slabs.
        for (const auto& [side, gigabytes] : { std::pair(2048, 2), std::pair(2048, 3), std::pair(4096, 8) }) {
            const Shape large { 700, side, side };
            PredictOptions options;
            options.mode = PredictOptions::Mode::Exact;
            options.device = "cpu";
            options.memory = std::uint64_t(gigabytes) << 30U;
            requirePredictionFits(large, cardFor(quick, large), options);
        }
        // Every slice comes once.
        std::int64_t next = 0;
        for (const std::int64_t z : most.z) {
            QCOMPARE(z, next);
            next += most.flow;
        }
        QVERIFY(next >= most.padded.z && next - most.flow < most.padded.z);
    }

    void shortageAnywhereGivesTheSame()
    {
        const auto raw = greyVolume({ 30, 40, 40 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("short.safetensors"));
        PredictOptions counting;
        int all = 0;
        counting.beforeTiles = [&](const Shape&, std::int64_t) { ++all; };
        const Predicted expected = exactly(*raw, model, counting);
        QVERIFY(expected.result.tiles >= 4);
        QVERIFY(all > expected.result.tiles); // also while the last slices come out
        for (int fails = 0; fails < all; ++fails) {
            PredictOptions options;
            int calls = 0;
            options.beforeTiles = [&](const Shape&, std::int64_t) {
                if (calls++ == fails)
                    throw std::bad_alloc();
            };
            const Predicted got = exactly(*raw, model, options);
            QVERIFY(got.mask == expected.mask);
            QVERIFY(largestDifference(got.probability, expected.probability) < 1e-5);
            QCOMPARE(got.result.findings.size(), std::size_t(1));
            QCOMPARE(got.result.findings.front().code, std::string("smaller-pieces"));
        }
    }

    void stopsBetweenLayers()
    {
        const auto raw = greyVolume({ 40, 40, 40 });
        const auto model = modelWith(ArchitectureSpec::preset("quick"), raw->shape(), path("stop.safetensors"));
        PredictOptions options;
        options.mode = PredictOptions::Mode::Exact;
        options.device = "cpu";
        Task task;
        int calls = 0;
        options.beforeTiles = [&](const Shape&, std::int64_t) {
            if (++calls == 2)
                task.requestStop();
        };
        Volume mask(raw->shape(), Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Stopped, (void)predict(*raw, model, mask, nullptr, options, task));
        QCOMPARE(calls, 2);
    }
};

QTEST_GUILESS_MAIN(TestSliceFlow)
#include "tst_slice_flow.moc"
