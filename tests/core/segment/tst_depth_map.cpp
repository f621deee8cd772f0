// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/segment/classical_reference.h"
#include "core/segment/scene.h"
#include "segment/depth_map.h"

#include <QtTest>

using namespace interstice;

namespace {

std::vector<float> whole(const VolumeSource& source)
{
    return readAs<float>(source, Box::whole(source.shape()));
}

struct Made {
    DepthMapResult result;
    std::vector<std::uint8_t> mask;
    std::vector<float> map;
};

Made make(const SourcePtr& raw, const DepthMapOptions& options)
{
    Task task;
    const SourcePtr map = depthMap(raw, options, task);
    Volume mask(raw->shape(), Scalar::U8);
    Volume mapOut(map->shape(), Scalar::F32);
    Made made { makeDepthMask(map, raw->shape(), mask, &mapOut, options, task), {}, {} };
    const auto voxels = mask.as<std::uint8_t>();
    const auto values = mapOut.as<float>();
    made.mask.assign(voxels.begin(), voxels.end());
    made.map.assign(values.begin(), values.end());
    return made;
}

} // namespace

class TestDepthMap : public QObject {
    Q_OBJECT

private slots:
    void theWholeDepthEqualsNumPyAndScipy()
    {
        Task task;
        const auto map = depthMap(test::scene(11), {}, task);
        QVERIFY(map->shape() == (Shape { 1, 40, 37 }));
        const auto ours = test::every(whole(*map), map->shape(), { 1, 5, 5 });
        for (std::size_t i = 0; i < ours.size(); ++i)
            QVERIFY(std::abs(static_cast<double>(ours[i]) - reference::depthWhole[i]) < 1e-5 * reference::depthWhole[i]);
        QCOMPARE(ours.size(), reference::depthWhole.size());
        const auto made = make(test::scene(11), {});
        const double otsu = reference::depthWholeOtsu[0];
        QVERIFY2(std::abs(made.result.threshold - otsu) < 1e-5 * otsu, qPrintable(QString::number(made.result.threshold)));
    }

    void windowsEqualNumPyAndScipy()
    {
        DepthMapOptions options;
        options.window = 5;
        options.sigma = 1;
        Task task;
        const auto map = depthMap(test::scene(11), options, task);
        QVERIFY(map->shape() == test::kSceneShape);
        const auto ours = test::every(whole(*map), map->shape(), { 3, 7, 7 });
        QCOMPARE(ours.size(), reference::depthWindow.size());
        for (std::size_t i = 0; i < ours.size(); ++i)
            QVERIFY(std::abs(static_cast<double>(ours[i]) - reference::depthWindow[i]) < 1e-5 * reference::depthWindow[i]);
        // Read in pieces it is the same.
        const Box box { { 4, 3, 5 }, { 3, 20, 25 } };
        const auto part = readAs<float>(*map, box);
        const auto all = whole(*map);
        std::size_t i = 0;
        for (std::int64_t z = 0; z < 3; ++z) {
            for (std::int64_t y = 0; y < 20; ++y) {
                for (std::int64_t x = 0; x < 25; ++x) {
                    const float expected = all[static_cast<std::size_t>(((z + 4) * 40 + y + 3) * 37 + x + 5)];
                    QVERIFY(std::abs(part[i++] - expected) < 1e-4F * expected);
                }
            }
        }
    }

    void everyTypeGivesTheSameMap()
    {
        const auto voxels = test::sceneVoxels(11);
        Task task;
        const auto expected = whole(*depthMap(test::scene(11), {}, task));
        const auto same = [&](const SourcePtr& raw) {
            Task again;
            return test::largestDifference(whole(*depthMap(raw, {}, again)), expected) < 1;
        };
        QVERIFY(same(Volume::from<float>(test::kSceneShape, std::vector<float>(voxels.begin(), voxels.end()))));
        QVERIFY(
            same(Volume::from<std::uint32_t>(test::kSceneShape, std::vector<std::uint32_t>(voxels.begin(), voxels.end()))));
        std::vector<std::int16_t> moved;
        for (const auto v : voxels)
            moved.push_back(static_cast<std::int16_t>(v - 30000));
        QVERIFY(same(Volume::from<std::int16_t>(test::kSceneShape, moved)));
    }

    void aBallIsFoundWhereItBeginsAndEnds()
    {
        // Nothing but one ball: the map is high over it, and the mask is its outline seen along z.
        const Shape shape { 40, 60, 60 };
        std::vector<std::uint8_t> voxels;
        for (int z = 0; z < 40; ++z) {
            for (int y = 0; y < 60; ++y) {
                for (int x = 0; x < 60; ++x)
                    voxels.push_back((z - 20) * (z - 20) + (y - 25) * (y - 25) + (x - 33) * (x - 33) < 144 ? 200 : 100);
            }
        }
        const auto raw = Volume::from<std::uint8_t>(shape, voxels);
        DepthMapOptions options;
        options.sigma = 1;
        const auto made = make(raw, options);
        QCOMPARE(made.result.objects, std::uint64_t { 1 });
        QCOMPARE(made.mask[0], std::uint8_t { 0 });
        const std::size_t plane = 3600;
        double inside = 0;
        for (int y = 0; y < 60; ++y) {
            for (int x = 0; x < 60; ++x) {
                const std::size_t at = static_cast<std::size_t>(y * 60 + x);
                const double r = std::hypot(y - 25, x - 33);
                if (r < 11)
                    QCOMPARE(made.mask[at], std::uint8_t { 1 });
                if (r > 15)
                    QCOMPARE(made.mask[at], std::uint8_t { 0 });
                inside += made.mask[at];
                QCOMPARE(made.mask[39 * plane + at], made.mask[at]); // every slice the same
            }
        }
        QVERIFY(std::abs(made.result.foregroundFraction - inside / 3600) < 1e-9);
        // In the middle of the ball, up and down: 100 grey values each.
        QVERIFY(std::abs(made.map[25 * 60 + 33] - 200) < 1);
        options.minimumVoxels = 10000;
        const auto none = make(raw, options);
        QCOMPARE(none.result.objects, std::uint64_t { 0 });
        QVERIFY(std::count(none.mask.begin(), none.mask.end(), 1) == 0);
        // With a window, slices far from both ends of the ball see nothing.
        options.minimumVoxels = 1;
        options.window = 3;
        const auto slices = make(raw, options);
        QVERIFY(slices.mask[20 * plane + 25 * 60 + 33] == 0);
        QVERIFY(slices.mask[8 * plane + 25 * 60 + 33] == 1);
        QVERIFY(slices.mask[2 * plane + 25 * 60 + 33] == 0);
    }

    void oddVolumesHaveADefinedResult()
    {
        Task task;
        QVERIFY_THROWS_EXCEPTION(
            Error, depthMap(Volume::from<std::uint8_t>({ 1, 5, 5 }, std::vector<std::uint8_t>(25, 1)), {}, task));
        QVERIFY_THROWS_EXCEPTION(Error, depthMap(std::make_shared<Volume>(Shape { 0, 5, 5 }, Scalar::U8), {}, task));
        const auto flat = make(Volume::from<std::uint16_t>({ 3, 8, 8 }, std::vector<std::uint16_t>(192, 9)), {});
        QCOMPARE(flat.result.findings.at(0).code, std::string("constant-map"));
        QCOMPARE(flat.result.foregroundFraction, 0.0);
        const auto nothing = make(Volume::from<float>({ 3, 8, 8 }, std::vector<float>(192, std::nanf(""))), {});
        QCOMPARE(nothing.result.findings.at(0).code, std::string("constant-map"));
        DepthMapOptions options;
        options.threshold = DepthMapOptions::Threshold::Value;
        options.thresholdValue = 1e9;
        const auto high = make(test::scene(1), options);
        QCOMPARE(high.result.findings.at(0).code, std::string("threshold-outside"));
        QCOMPARE(high.result.foregroundFraction, 0.0);
        options.thresholdValue = -1;
        const auto low = make(test::scene(1), options);
        QCOMPARE(low.result.foregroundFraction, 1.0);
        auto holes = test::scene(1);
        std::vector<float> floats;
        for (const auto v : test::sceneVoxels(1))
            floats.push_back(floats.size() % 50 == 0 ? std::nanf("") : v);
        for (const float v : make(Volume::from<float>(test::kSceneShape, floats), {}).map)
            QVERIFY(std::isfinite(v));
        QVERIFY(make(Volume::from<std::uint8_t>({ 2, 4, 4 }, std::vector<std::uint8_t>(32, 1)), {}).result.foregroundFraction
            == 0);
    }

    void aStopIsAnswered()
    {
        Task task;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, depthMap(test::scene(1), {}, task));
    }

    void optionsOutOfRangeAreRefused()
    {
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, depthMap(test::scene(1), { .sigma = -1 }, task));
        QVERIFY_THROWS_EXCEPTION(Error, depthMap(test::scene(1), { .sigma = 30 }, task));
        QVERIFY_THROWS_EXCEPTION(Error, depthMap(test::scene(1), { .sigma = 1, .window = -3 }, task));
        DepthMapOptions options;
        QVERIFY_THROWS_EXCEPTION(Error, parseThreshold("high", options));
        parseThreshold("12.5", options);
        QCOMPARE(options.thresholdValue, 12.5);
    }

    void optionsSurviveJson()
    {
        const DepthMapOptions options { 1.5, 9, DepthMapOptions::Threshold::Value, 77.25, 12 };
        QVERIFY(toJson(depthMapOptionsFromJson(toJson(options))) == toJson(options));
        QVERIFY(toJson(depthMapOptionsFromJson(Json::object())) == toJson(DepthMapOptions {}));
    }
};

QTEST_APPLESS_MAIN(TestDepthMap)
#include "tst_depth_map.moc"
