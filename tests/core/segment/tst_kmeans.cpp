// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/segment/classical_reference.h"
#include "core/segment/scene.h"
#include "segment/kmeans.h"

#include <QtTest>

#include <numeric>

using namespace interstice;

namespace {

VoxelSize micrometres(double z, double y, double x)
{
    return { z, y, x, LengthUnit::Micrometre, SizeOrigin::User };
}

std::vector<ClusterCentre> centresOf(const std::vector<double>& flat)
{
    std::vector<ClusterCentre> centres;
    for (std::size_t i = 0; i < flat.size(); i += 4)
        centres.push_back({ flat[i], flat[i + 1], flat[i + 2], flat[i + 3] });
    return centres;
}

struct Clustered {
    KMeansResult result;
    std::vector<std::uint8_t> labels;
    std::vector<std::uint8_t> brightest;
};

Clustered cluster(const VolumeSource& raw, const KMeansOptions& options)
{
    Task task;
    Clustered c { findClusters(raw, options, task), {}, {} };
    Volume labels(raw.shape(), Scalar::U8);
    Volume brightest(raw.shape(), Scalar::U8);
    writeClusters(raw, c.result, labels, &brightest, task);
    const auto all = labels.as<std::uint8_t>();
    const auto top = brightest.as<std::uint8_t>();
    c.labels.assign(all.begin(), all.end());
    c.brightest.assign(top.begin(), top.end());
    return c;
}

/// One of Lloyd's iterations as it is written down: (intensity, size) of each cluster, the darkest first.
std::vector<std::pair<double, double>> oneIteration(
    const Shape& shape, const std::vector<float>& voxels, const KMeansOptions& options)
{
    using Four = std::array<double, 4>;
    std::vector<Four> points;
    for (std::int64_t i = 0; i < shape.voxels(); ++i)
        if (voxels[static_cast<std::size_t>(i)] > options.thresholdValue)
            points.push_back({ voxels[static_cast<std::size_t>(i)], double(i / (shape.y * shape.x)),
                double(i / shape.x % shape.y), double(i % shape.x) });
    Four mean {};
    Four gain {};
    for (std::size_t d = 0; d < 4; ++d) {
        for (const Four& p : points)
            mean[d] += p[d] / double(points.size());
        double variance = 0;
        for (const Four& p : points)
            variance += (p[d] - mean[d]) * (p[d] - mean[d]) / double(points.size());
        gain[d] = (d == 0 ? 1 : options.spatialWeight) / std::sqrt(variance);
    }
    std::vector<std::pair<double, double>> sums(options.initial.size());
    for (const Four& p : points) {
        std::size_t nearest = 0;
        double least = 1e300;
        for (std::size_t c = 0; c < options.initial.size(); ++c) {
            const ClusterCentre& centre = options.initial[c];
            const Four at = { centre.intensity, centre.z, centre.y, centre.x };
            double distance = 0;
            for (std::size_t d = 0; d < 4; ++d)
                distance += (p[d] - at[d]) * gain[d] * (p[d] - at[d]) * gain[d];
            if (distance < least) {
                least = distance;
                nearest = c;
            }
        }
        sums[nearest].first += p[0];
        sums[nearest].second += 1;
    }
    for (auto& [intensity, size] : sums)
        intensity /= std::max(size, 1.0);
    std::erase_if(sums, [](const auto& cluster) { return cluster.second == 0; });
    std::sort(sums.begin(), sums.end());
    return sums;
}

KMeansOptions above(double threshold, int clusters, double weight)
{
    KMeansOptions options;
    options.clusters = clusters;
    options.spatialWeight = weight;
    options.threshold = KMeansOptions::Threshold::Value;
    options.thresholdValue = threshold;
    options.tolerance = 0;
    options.iterations = 1000;
    return options;
}

QString messageOf(const VolumeSource& raw, const KMeansOptions& options)
{
    try {
        Task task;
        findClusters(raw, options, task);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestKMeans : public QObject {
    Q_OBJECT

private slots:
    void equalsScikitLearn_data()
    {
        QTest::addColumn<double>("threshold");
        QTest::addColumn<int>("clusters");
        QTest::addColumn<double>("weight");
        QTest::addColumn<bool>("oneScale");
        QTest::addColumn<std::vector<double>>("start");
        QTest::addColumn<std::vector<double>>("centres");
        QTest::addColumn<double>("inertia");
        QTest::addColumn<std::vector<int>>("sizes");
        QTest::addColumn<QByteArray>("labels");
        using namespace reference;
        QTest::newRow("as in the study") << 21000.0 << 3 << 1.0 << false << kmeansStudyStart << kmeansStudyCentres
                                         << kmeansStudyInertia[0] << kmeansStudySizes << QByteArray(kmeansStudyLabels);
        QTest::newRow("half the spatial weight, five clusters")
            << 0.0 << 5 << 0.5 << false << kmeansHalfStart << kmeansHalfCentres << kmeansHalfInertia[0] << kmeansHalfSizes
            << QByteArray(kmeansHalfLabels);
        QTest::newRow("intensity alone") << 0.0 << 3 << 0.0 << false << kmeansIntensityStart << kmeansIntensityCentres
                                         << kmeansIntensityInertia[0] << kmeansIntensitySizes
                                         << QByteArray(kmeansIntensityLabels);
        QTest::newRow("one spatial scale")
            << 21000.0 << 4 << 1.0 << true << kmeansOneScaleStart << kmeansOneScaleCentres << kmeansOneScaleInertia[0]
            << kmeansOneScaleSizes << QByteArray(kmeansOneScaleLabels);
    }

    void equalsScikitLearn()
    {
        QFETCH(double, threshold);
        QFETCH(int, clusters);
        QFETCH(double, weight);
        QFETCH(bool, oneScale);
        QFETCH(std::vector<double>, start);
        QFETCH(std::vector<double>, centres);
        QFETCH(double, inertia);
        QFETCH(std::vector<int>, sizes);
        QFETCH(QByteArray, labels);
        KMeansOptions options = above(threshold, clusters, weight);
        options.oneSpatialScale = oneScale;
        options.initial = centresOf(start);
        const auto c = cluster(*test::scene(11, micrometres(1.3, 0.65, 0.65)), options);
        QVERIFY(c.result.converged);
        QVERIFY(c.result.inMicrometres);
        const auto expected = centresOf(centres);
        QCOMPARE(c.result.centres.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const ClusterCentre& a = c.result.centres[i];
            const ClusterCentre& b = expected[i];
            QVERIFY(std::abs(a.intensity - b.intensity) <= 1e-4 * std::abs(b.intensity));
            for (const auto& [one, other] : { std::pair(a.z, b.z), std::pair(a.y, b.y), std::pair(a.x, b.x) })
                QVERIFY2(std::abs(one - other) <= 1e-4 * 26, qPrintable(QString("%1 and %2").arg(one).arg(other)));
        }
        QVERIFY(std::abs(c.result.inertia - inertia) < 1e-3 * inertia);
        QCOMPARE(labels.size(), qsizetype(c.labels.size()));
        int different = 0;
        for (std::size_t i = 0; i < c.labels.size(); ++i)
            different += c.labels[i] == labels[static_cast<qsizetype>(i)] - '0' ? 0 : 1;
        QVERIFY2(different <= static_cast<int>(c.labels.size() / 10000), qPrintable(QString::number(different)));
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            QVERIFY(std::abs(static_cast<int>(c.result.sizes[i]) - sizes[i]) <= different);
            QCOMPARE(c.result.sizes[i], std::uint64_t(std::count(c.labels.begin(), c.labels.end(), i + 1)));
        }
        for (std::size_t i = 0; i < c.labels.size(); ++i)
            QCOMPARE(c.brightest[i], std::uint8_t(c.labels[i] == clusters ? 1 : 0));
    }

    void theSameSeedGivesTheSameAndOthersHardlyWorse()
    {
        const auto raw = test::scene(11);
        KMeansOptions options;
        options.clusters = 4;
        const auto first = cluster(*raw, options);
        QVERIFY(cluster(*raw, options).labels == first.labels);
        QVERIFY(first.result.sampled > 0);
        QVERIFY(!first.result.inMicrometres);
        options.starts = 20;
        const double best = cluster(*raw, options).result.inertia;
        for (const std::uint64_t seed : { 2, 3, 4 }) {
            options.seed = seed;
            QVERIFY(cluster(*raw, options).result.inertia < best * 1.02);
        }
        options.sample = 0;
        const auto full = cluster(*raw, options);
        QCOMPARE(full.result.sampled, std::int64_t { 0 });
        QVERIFY(full.result.inertia < best * 1.02);
    }

    void brightIsLastWhateverTheSeed()
    {
        for (const std::uint64_t seed : { 1, 5, 9 }) {
            KMeansOptions options;
            options.spatialWeight = 0.1;
            options.threshold = KMeansOptions::Threshold::None;
            options.seed = seed;
            const auto c = cluster(*test::scene(11), options);
            for (std::size_t i = 1; i < c.result.centres.size(); ++i)
                QVERIFY(c.result.centres[i - 1].intensity < c.result.centres[i].intensity);
            QVERIFY(c.result.centres.front().intensity < 15000); // the hole
            QVERIFY(c.result.centres.back().intensity > 29000); // the balls
        }
    }

    /// Long rows without noise take the short way for whole segments; a voxel-by-voxel look must agree.
    void passingOverDarkStretchesChangesNothing()
    {
        const Shape shape { 6, 8, 700 };
        const auto value = [](std::int64_t z, std::int64_t y, std::int64_t x) {
            return static_cast<std::uint16_t>((x / 150) % 2 == 0 ? 1000 + 40 * z + y
                    : (x + y) % 320 < 200                        ? 9000 + x % 3
                                                                 : 200);
        };
        std::vector<std::uint16_t> voxels;
        std::vector<float> floats;
        for (std::int64_t z = 0; z < shape.z; ++z) {
            for (std::int64_t y = 0; y < shape.y; ++y) {
                for (std::int64_t x = 0; x < shape.x; ++x) {
                    voxels.push_back(value(z, y, x));
                    floats.push_back(voxels.back());
                }
            }
        }
        KMeansOptions options = above(500, 3, 0.7);
        options.initial = { { 1000, 0, 0, 0 }, { 9000, 3, 4, 300 }, { 9000, 3, 4, 650 } };
        const auto fast = cluster(*Volume::from<std::uint16_t>(shape, voxels), options);
        const auto slow = cluster(*Volume::from<float>(shape, floats), options); // a distance for each voxel
        QVERIFY(fast.labels == slow.labels);
        QVERIFY(std::abs(fast.result.inertia - slow.result.inertia) < 1e-9 * slow.result.inertia);
        QCOMPARE(fast.result.iterations, slow.result.iterations);
        std::vector<std::uint8_t> preview = clustersOfSlice(*Volume::from<std::uint16_t>(shape, voxels), 4, fast.result);
        QVERIFY(std::equal(preview.begin(), preview.end(), fast.labels.begin() + 4 * shape.sliceVoxels()));
    }

    void cutsGiveTheSumsOfDistances_data()
    {
        QTest::addColumn<int>("clusters");
        QTest::addColumn<double>("weight");
        QTest::addColumn<double>("threshold");
        QTest::addColumn<int>("highest");
        for (const int k : { 2, 3, 4, 7, 16 })
            for (const double weight : { 0.0, 0.2, 1.0, 4.0 })
                for (const double threshold : { -1.0, 0.0, 77.0 })
                    for (const int highest : { 255, 65535 })
                        QTest::addRow("k=%d weight=%g threshold=%g up to %d", k, weight, threshold, highest)
                            << k << weight << threshold << highest;
    }

    /// Narrow whole numbers are clustered by cuts in grey value, floats by distances: the same clusters must come out,
    /// on rows of no round length, at both ends of the range, and for cuts of all slopes.
    void cutsGiveTheSumsOfDistances()
    {
        QFETCH(int, clusters);
        QFETCH(double, weight);
        QFETCH(double, threshold);
        QFETCH(int, highest);
        const Shape shape = { 3, 7, 1100 };
        std::vector<float> floats;
        std::vector<std::uint8_t> bytes;
        std::vector<std::uint16_t> words;
        std::vector<std::int16_t> negative;
        std::uint32_t state = 12345;
        for (std::int64_t i = 0; i < shape.voxels(); ++i) {
            state = state * 1664525U + 1013904223U;
            const std::uint32_t noise = state >> 8;
            // Both ends of the range are frequent.
            const std::uint32_t v = noise % 10 == 0 ? 0
                : noise % 10 == 1                   ? static_cast<std::uint32_t>(highest)
                                                    : noise % static_cast<std::uint32_t>(highest + 1);
            floats.push_back(static_cast<float>(v));
            words.push_back(static_cast<std::uint16_t>(v));
            bytes.push_back(static_cast<std::uint8_t>(v));
            negative.push_back(static_cast<std::int16_t>(static_cast<int>(v) - 32768));
        }
        KMeansOptions options = above(threshold, clusters, weight);
        options.iterations = 1;
        for (int c = 0; c < clusters; ++c)
            options.initial.push_back({ highest * (0.1234567 + 0.8 * ((c * 5) % clusters) / clusters), (c % 3) * 0.987,
                ((c * 3) % 7) * 0.981, ((c * 397) % 1100) * 0.977 });
        const auto expected = oneIteration(shape, floats, options);
        Task task;
        const auto compare = [&](const VolumeSource& raw, double shift) {
            const KMeansResult result = findClusters(raw, options, task);
            std::vector<std::pair<double, double>> found;
            for (std::size_t c = 0; c < result.centres.size(); ++c)
                if (result.sizes[c] > 0) // an empty one starts again somewhere
                    found.emplace_back(result.centres[c].intensity - shift, static_cast<double>(result.sizes[c]));
            QCOMPARE(found.size(), expected.size());
            for (std::size_t c = 0; c < found.size(); ++c) {
                QVERIFY(std::abs(found[c].second - expected[c].second) <= 1);
                QVERIFY(std::abs(found[c].first - expected[c].first) <= highest * 1e-3);
            }
        };
        compare(*Volume::from<std::uint16_t>(shape, words), 0);
        if (highest == 255)
            compare(*Volume::from<std::uint8_t>(shape, bytes), 0);
        options.thresholdValue -= 32768;
        for (auto& centre : options.initial)
            centre.intensity -= 32768;
        compare(*Volume::from<std::int16_t>(shape, negative), -32768);
    }

    void everyTypeGivesTheSameLabels()
    {
        const auto voxels = test::sceneVoxels(11);
        KMeansOptions options = above(21000, 3, 1);
        options.initial = centresOf(reference::kmeansStudyStart);
        for (auto& c : options.initial) { // unknown voxel size: positions in voxels
            c.z /= 1.3;
            c.y /= 0.65;
            c.x /= 0.65;
        }
        const auto expected = cluster(*test::scene(11), options);
        std::vector<float> floats(voxels.begin(), voxels.end());
        std::vector<std::uint32_t> wide(voxels.begin(), voxels.end());
        QVERIFY(cluster(*Volume::from<float>(test::kSceneShape, floats), options).labels == expected.labels);
        QVERIFY(cluster(*Volume::from<std::uint32_t>(test::kSceneShape, wide), options).labels == expected.labels);
        std::vector<std::int16_t> negative;
        for (const auto v : voxels)
            negative.push_back(static_cast<std::int16_t>(v - 32768));
        for (auto& c : options.initial)
            c.intensity -= 32768;
        options.thresholdValue -= 32768;
        QVERIFY(cluster(*Volume::from<std::int16_t>(test::kSceneShape, negative), options).labels == expected.labels);
        std::vector<std::uint8_t> bytes;
        for (const auto v : voxels)
            bytes.push_back(static_cast<std::uint8_t>(v / 128));
        const auto coarse = cluster(*Volume::from<std::uint8_t>(test::kSceneShape, bytes), KMeansOptions {});
        QVERIFY(coarse.result.centres.back().intensity > 200);
    }

    void notANumberIsBackground()
    {
        std::vector<float> floats;
        for (const auto v : test::sceneVoxels(11))
            floats.push_back(v);
        for (std::size_t i = 0; i < floats.size(); i += 3)
            floats[i] = i % 2 == 0 ? std::nanf("") : std::numeric_limits<float>::infinity();
        const auto raw = Volume::from<float>(test::kSceneShape, floats);
        const auto c = cluster(*raw, {});
        for (std::size_t i = 0; i < floats.size(); i += 3)
            QCOMPARE(c.labels[i], std::uint8_t { 0 });
        QVERIFY(std::isfinite(c.result.inertia));
        QCOMPARE(c.result.findings.at(0).code, std::string("not-finite"));
        KMeansOptions none;
        none.threshold = KMeansOptions::Threshold::None;
        const auto all = cluster(*raw, none);
        QCOMPARE(all.result.clustered, std::uint64_t(floats.size() - (floats.size() + 2) / 3));
    }

    void oddVolumesHaveASentence()
    {
        const auto flat = Volume::from<std::uint16_t>({ 2, 5, 5 }, std::vector<std::uint16_t>(50, 7));
        QVERIFY(messageOf(*flat, {}).contains("same grey value"));
        KMeansOptions position;
        position.threshold = KMeansOptions::Threshold::None;
        QVERIFY(messageOf(*flat, position).isEmpty()); // by position alone
        Task task;
        QCOMPARE(findClusters(*flat, position, task).findings.at(0).code, std::string("constant-intensity"));
        position.spatialWeight = 0;
        QVERIFY(messageOf(*flat, position).contains("fewer than the 3 clusters"));
        QVERIFY(messageOf(*test::scene(1), above(1e6, 3, 1)).contains("0 voxels"));
        QVERIFY(messageOf(*Volume::from<float>({ 1, 5, 5 }, std::vector<float>(25, std::nanf(""))), {}).contains("NaN"));
        KMeansOptions none;
        none.threshold = KMeansOptions::Threshold::None;
        QVERIFY(
            messageOf(*Volume::from<float>({ 1, 5, 5 }, std::vector<float>(25, std::nanf(""))), none).contains("0 voxels"));
        none.clusters = 5;
        QVERIFY(messageOf(*Volume::from<std::uint8_t>({ 1, 2, 2 }, std::vector<std::uint8_t> { 1, 2, 3, 4 }), none)
                .contains("fewer than the 5"));
        none.clusters = 4;
        QCOMPARE(
            cluster(*Volume::from<std::uint8_t>({ 1, 2, 2 }, std::vector<std::uint8_t> { 1, 2, 3, 4 }), none).result.inertia,
            0.0);
        QVERIFY(!messageOf(Volume({ 0, 5, 5 }, Scalar::U8), {}).isEmpty());
    }

    void oneSliceWorks()
    {
        const auto voxels = test::sceneVoxels(11);
        const std::vector<std::uint16_t> slice(voxels.begin() + 5 * 1480, voxels.begin() + 6 * 1480);
        const auto c = cluster(*Volume::from<std::uint16_t>({ 1, 40, 37 }, slice), {});
        QVERIFY(c.result.converged);
        QCOMPARE(c.result.deviation[1], 0.0);
    }

    void optionsOutOfRangeAreRefused()
    {
        const auto refused = [](auto change) {
            KMeansOptions options;
            change(options);
            return !messageOf(*test::scene(1), options).isEmpty();
        };
        QVERIFY(refused([](auto& o) { o.clusters = 1; }));
        QVERIFY(refused([](auto& o) { o.clusters = 17; }));
        QVERIFY(refused([](auto& o) { o.spatialWeight = -1; }));
        QVERIFY(refused([](auto& o) { o.starts = 0; }));
        QVERIFY(refused([](auto& o) { o.iterations = 0; }));
        QVERIFY(refused([](auto& o) { o.tolerance = std::nan(""); }));
        QVERIFY(refused([](auto& o) { o.initial.resize(2); }));
        KMeansOptions options;
        parseThreshold("1234.5", options);
        QCOMPARE(options.thresholdValue, 1234.5);
        QVERIFY_THROWS_EXCEPTION(Error, parseThreshold("much", options));
        QVERIFY_THROWS_EXCEPTION(Error, parseThreshold("nan", options));
    }

    void aStopIsAnswered()
    {
        Task task;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, findClusters(*test::scene(1), {}, task));
    }

    void sixteenClustersWork()
    {
        KMeansOptions options;
        options.clusters = 16;
        options.threshold = KMeansOptions::Threshold::None;
        const auto c = cluster(*test::scene(11), options);
        QCOMPARE(std::accumulate(c.result.sizes.begin(), c.result.sizes.end(), std::uint64_t { 0 }),
            std::uint64_t(c.labels.size()));
        QVERIFY(*std::max_element(c.labels.begin(), c.labels.end()) == 16);
        QVERIFY(toJson(c.result)["centres"].size() == 16);
    }

    void optionsSurviveJson()
    {
        KMeansOptions options = above(123.5, 5, 0.25);
        options.oneSpatialScale = true;
        options.initial = centresOf(reference::kmeansHalfStart);
        options.seed = 9;
        QVERIFY(toJson(kMeansOptionsFromJson(toJson(options))) == toJson(options));
        QVERIFY(toJson(kMeansOptionsFromJson(Json::object())) == toJson(KMeansOptions {}));
        QVERIFY_THROWS_EXCEPTION(Error, kMeansOptionsFromJson({ { "threshold", "high" } }));
    }
};

QTEST_APPLESS_MAIN(TestKMeans)
#include "tst_kmeans.moc"
