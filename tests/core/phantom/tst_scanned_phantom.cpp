// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "phantom/scanned_phantom.h"
#include "volume/volume.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace interstice;

namespace {

struct Phantom {
    Volume raw;
    Volume truth;
    ScannedPhantomResult result;

    explicit Phantom(const ScannedPhantomOptions& options, Scalar scalar = Scalar::U16)
        : raw(options.sample.shape, scalar)
        , truth(options.sample.shape, Scalar::U8)
    {
        Task task;
        result = makeScannedPhantom(options, raw, truth, task);
    }
};

ScannedPhantomOptions smallOptions()
{
    ScannedPhantomOptions options;
    options.sample.shape = { 24, 72, 72 };
    options.scan.projections = 60;
    options.scan.superSampling = 3;
    return options;
}

/// Nothing but the rays: no phase, no noise, the axis known.
ScannedPhantomOptions ideal(ScannedPhantomOptions options)
{
    options.scan.phase = false;
    options.scan.blurMicrometres = 0;
    options.scan.detector.photons = 0;
    options.axisError = 0;
    return options;
}

} // namespace

class TestScannedPhantom : public QObject {
    Q_OBJECT

private slots:
    void withoutPhaseAndNoiseGreysAreTheMaterialsAttenuation()
    {
        ScannedPhantomOptions options = ideal(smallOptions());
        options.sample.shape = { 32, 96, 96 };
        options.scan.projections = 240;
        options.scan.superSampling = 2;
        const Phantom phantom(options, Scalar::F32);
        QCOMPARE(phantom.result.reconstructed.unit, std::string("1/cm"));
        const auto grey = phantom.raw.as<float>();
        // The middles of spheres, voids, and matrix that is far from all surfaces.
        double sums[3] = {};
        int counts[3] = {};
        const double edge = 2.6;
        const Pillar pillar(96, 96, options.sample.seed);
        for (std::int64_t z = 0; z < 32; ++z) {
            for (std::int64_t y = 0; y < 96; ++y) {
                for (std::int64_t x = 0; x < 96; ++x) {
                    const auto [dy, dx] = std::pair { static_cast<double>(y), static_cast<double>(x) };
                    double nearest = -pillar.distance(dy, dx);
                    int kind = 0;
                    for (const PhantomObject& object : phantom.result.objects) {
                        const double radius = 0.5 * object.diameterMicrometres / edge;
                        const double out = std::hypot(static_cast<double>(z) - object.z, dy - object.y, dx - object.x)
                            - (object.kind == PhantomObject::Kind::Shard ? 10 : radius);
                        if (out < 0 && object.kind != PhantomObject::Kind::Shard)
                            kind = object.kind == PhantomObject::Kind::Sphere ? 1 : 2;
                        else if (out < 0)
                            nearest = 0;
                        nearest = std::min(nearest, std::abs(out));
                    }
                    if (nearest < (kind == 2 ? 2.0 : 3.0))
                        continue;
                    sums[kind] += static_cast<double>(grey[static_cast<std::size_t>((z * 96 + y) * 96 + x)]);
                    ++counts[kind];
                }
            }
        }
        QVERIFY(counts[0] > 1000 && counts[1] > 1000);
        const double polymer = attenuationPerCm(refractiveIndex(Material::Polypropylene, 27.4), 27.4);
        const double glass = attenuationPerCm(refractiveIndex(Material::BorosilicateGlass, 27.4), 27.4);
        qInfo("matrix %.4f of %.4f, spheres %.4f of %.4f, voids %.4f of 0 (1/cm)", sums[0] / counts[0], polymer,
            sums[1] / counts[1], glass, sums[2] / std::max(1, counts[2]));
        QVERIFY(std::abs(sums[0] / counts[0] / polymer - 1) < 0.01);
        QVERIFY(std::abs(sums[1] / counts[1] / glass - 1) < 0.01);
        QVERIFY(counts[2] == 0 || std::abs(sums[2] / counts[2]) < 0.01 * glass);
    }

    void itLooksLikeTheRealThing()
    {
        ScannedPhantomOptions options;
        options.sample.shape = { 16, 128, 128 };
        options.sample.voidFraction = 0.03;
        options.sample.shardFraction = 0.01;
        options.scan.superSampling = 4;
        const Phantom phantom(options, Scalar::F32);
        const auto grey = phantom.raw.as<float>();
        const auto truth = phantom.truth.as<std::uint8_t>();
        double sums[5] = {};
        double squares[5] = {};
        double counts[5] = {};
        for (std::size_t i = 0; i < truth.size(); ++i) {
            sums[truth[i]] += grey[i];
            squares[truth[i]] += grey[i] * grey[i];
            counts[truth[i]] += 1;
        }
        const auto mean = [&](int label) { return sums[label] / counts[label]; };
        const auto deviation
            = [&](int label) { return std::sqrt(squares[label] / counts[label] - mean(label) * mean(label)); };
        qInfo("matrix %.2f ± %.2f, sphere %.2f ± %.2f, void %.2f, shard %.2f, outside %.2f", mean(0), deviation(0), mean(1),
            deviation(1), mean(2), mean(3), mean(4));
        // Brighter, but less than the fringes and the noise spread.
        QVERIFY(mean(1) > mean(0) + 1);
        QVERIFY(deviation(1) > 0.5 * (mean(1) - mean(0)));
        // Voids are darker than the matrix, air as grey as polymer.
        QVERIFY(mean(2) < mean(0) - 1);
        QVERIFY(std::abs(mean(4) - mean(0)) < 0.6 * (mean(1) - mean(0)));
        // The rims: brighter inside the surface than in the middle.
        double rim = 0;
        double middle = 0;
        int spheres = 0;
        for (const PhantomObject& object : phantom.result.objects) {
            if (object.kind != PhantomObject::Kind::Sphere || object.z < 1 || object.z > 14)
                continue;
            const auto at = [&](double x) {
                return static_cast<double>(grey[static_cast<std::size_t>(
                    (std::llround(object.z) * 128 + std::llround(object.y)) * 128 + std::llround(x))]);
            };
            const double radius = 0.5 * object.diameterMicrometres / 2.6;
            middle += 0.5 * (at(object.x + 1) + at(object.x - 1));
            rim += 0.5 * (at(object.x + radius - 0.5) + at(object.x - radius + 0.5));
            ++spheres;
        }
        qInfo("%d spheres: rim %.2f, middle %.2f", spheres, rim / spheres, middle / spheres);
        QVERIFY(spheres > 5);
        QVERIFY(rim - middle > spheres * 2.0);
    }

    void sameSeedSameBytes()
    {
        const Phantom a(smallOptions());
        const Phantom b(smallOptions());
        QVERIFY(std::ranges::equal(a.raw.bytes(), b.raw.bytes()));
        QVERIFY(std::ranges::equal(a.truth.bytes(), b.truth.bytes()));
        QVERIFY(a.result.greyHigh > a.result.greyLow);
        ScannedPhantomOptions other = smallOptions();
        other.scan.detector.seed = 2;
        const Phantom c(other);
        QVERIFY(!std::ranges::equal(a.raw.bytes(), c.raw.bytes()));
        QVERIFY(std::ranges::equal(a.truth.bytes(), c.truth.bytes()));
    }

    void noiseIsThatOfThePhotons()
    {
        DetectorOptions options;
        options.photons = 5000;
        options.readNoise = 0;
        options.rings = 0;
        options.hotPixels = 0;
        const Detector detector(options, 100, 100, 10);
        std::vector<float> half(10000, 0.5F);
        std::vector<std::uint16_t> counts(10000);
        std::vector<std::uint16_t> white(10000);
        double sum = 0;
        double squares = 0;
        double n = 0;
        // The ratio of two frames of one pixel: var = 1/N₁ + 1/N₂ relatively, whatever the flat field is.
        for (int frame = 0; frame < 10; ++frame) {
            detector.expose(frame, half, counts);
            detector.white(frame, white);
            for (std::size_t i = 0; i < counts.size(); ++i) {
                const double ratio = (counts[i] - 100.0) / (white[i] - 100.0);
                sum += ratio;
                squares += ratio * ratio;
                n += 1;
            }
        }
        const double mean = sum / n;
        const double relative = std::sqrt(squares / n - mean * mean) / mean;
        // About 0.94 of the photons on average over the beam's profile.
        qInfo("mean %.4f, noise %.4f", mean, relative);
        QVERIFY(std::abs(mean - 0.5) < 0.002);
        QVERIFY(std::abs(relative / std::sqrt(1 / 2500.0 + 1 / 5000.0) - 1) < 0.08);
        detector.dark(0, counts);
        QVERIFY(std::all_of(counts.begin(), counts.end(), [](std::uint16_t c) { return c == 100; }));
        // Few photons are counted one by one.
        options.photons = 4;
        const Detector dim(options, 100, 100, 10);
        dim.expose(0, std::vector<float>(10000, 1), counts);
        const auto zeros = std::count(counts.begin(), counts.end(), 100);
        QVERIFY(zeros > 100 && zeros < 500); // e^−4 of 10000 is 183, more where the beam is weaker
    }

    void whatCannotBeMetIsRefused_data()
    {
        QTest::addColumn<ScannedPhantomOptions>("options");
        const auto add = [](const char* name, auto&& change) {
            ScannedPhantomOptions options = smallOptions();
            change(options);
            QTest::newRow(name) << options;
        };
        add("too dense", [](auto& o) { o.sample.fraction = 0.6; });
        add("no distance", [](auto& o) { o.scan.distanceMillimetres = 0; });
        add("one projection", [](auto& o) { o.scan.projections = 1; });
        add("an energy without numbers", [](auto& o) { o.scan.energyKev = 300; });
        add("spheres larger than the sample", [](auto& o) { o.sample.diameterLow = o.sample.diameterHigh = 400; });
        add("negative noise", [](auto& o) { o.scan.detector.photons = -1; });
        add("super-sampling", [](auto& o) { o.scan.superSampling = 99; });
        add("no voxel size", [](auto& o) { o.sample.voxel = {}; });
    }

    void whatCannotBeMetIsRefused()
    {
        QFETCH(ScannedPhantomOptions, options);
        try {
            const Phantom phantom(options);
        } catch (const Error& error) {
            QVERIFY(!error.happened().empty() && !error.remedy().empty());
            return;
        }
        QFAIL("no Error");
    }

    void itStopsAndSaysItsCost()
    {
        const ScannedPhantomOptions options = smallOptions();
        const Cost cost = estimateScannedPhantom(options);
        QVERIFY(cost.ramBytes > 1000000 && cost.operations > 1e8 && cost.seconds > 0);
        ScannedPhantomOptions larger = options;
        larger.sample.shape = { 48, 144, 144 };
        QVERIFY(estimateScannedPhantom(larger).operations > 3 * cost.operations);
        Volume raw(options.sample.shape, Scalar::U16);
        Volume truth(options.sample.shape, Scalar::U8);
        Task task;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, makeScannedPhantom(options, raw, truth, task));
    }

    void optionsSurviveJson()
    {
        ScannedPhantomOptions options = smallOptions();
        options.sample.seed = 0xffffffffffffffff;
        options.sample.shardFraction = 0.004;
        options.scan.distanceMillimetres = 60;
        options.scan.detector.photons = 1234;
        options.reconstruct.ringWidth = 9;
        const Json json = toJson(options);
        QCOMPARE(toJson(scannedPhantomOptionsFromJson(json)).dump(), json.dump());
        QCOMPARE(toJson(scannedPhantomOptionsFromJson(Json::object())).dump(), toJson(ScannedPhantomOptions {}).dump());
    }
};

QTEST_APPLESS_MAIN(TestScannedPhantom)
#include "tst_scanned_phantom.moc"
