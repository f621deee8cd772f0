// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/detector.h"
#include "phantom/fresnel.h"
#include "phantom/scan_simulation.h"
#include "reconstruct/attenuation.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace interstice;

namespace {

constexpr double kPi = std::numbers::pi;
const double kWavelength = wavelengthMetres(27.4);

/// A wave behind a few smooth and sharp things.
Fft<double>::Plane someWave(std::int64_t rows, std::int64_t columns)
{
    Random random(3);
    Fft<double>::Plane wave(static_cast<std::size_t>(rows * columns));
    for (auto& value : wave)
        value = std::polar(random.uniform(0.5, 1), random.uniform(-1, 1));
    return wave;
}

double energy(const Fft<double>::Plane& wave)
{
    double sum = 0;
    for (const auto& value : wave)
        sum += std::norm(value);
    return sum;
}

/// ∫₀ʷ exp(iπt²/2) dt by Simpson's rule in steps that follow the oscillation.
std::complex<double> fresnelIntegral(double w)
{
    const int n = 2 * (200 + static_cast<int>(std::abs(w) * std::abs(w) * 50));
    const double h = w / n;
    std::complex<double> sum;
    for (int i = 0; i <= n; ++i) {
        const double t = i * h;
        sum += std::polar(i == 0 || i == n ? 1.0 : i % 2 == 1 ? 4.0 : 2.0, 0.5 * kPi * t * t);
    }
    return sum * h / 3.0;
}

} // namespace

class TestFresnel : public QObject {
    Q_OBJECT

private slots:
    void noDistanceChangesNothing()
    {
        const auto before = someWave(60, 90);
        auto after = before;
        Fresnel<double>(60, 90, 0.65e-6, kWavelength, 0).propagate(after);
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(std::abs(after[i] - before[i]) < 1e-12);
    }

    void energyIsKept()
    {
        for (const double distance : { 0.025, 0.06, 0.5 }) {
            auto wave = someWave(64, 96);
            const double before = energy(wave);
            Fresnel<double>(64, 96, 0.325e-6, kWavelength, distance).propagate(wave);
            QVERIFY(std::abs(energy(wave) / before - 1) < 1e-12);
        }
        // Single precision is enough for what a detector sees.
        auto wave = someWave(64, 96);
        Fft<float>::Plane single(wave.begin(), wave.end());
        Fresnel<double>(64, 96, 0.325e-6, kWavelength, 0.025).propagate(wave);
        Fresnel<float>(64, 96, 0.325e-6, kWavelength, 0.025).propagate(single);
        for (std::size_t i = 0; i < wave.size(); ++i)
            QVERIFY(std::abs(std::complex<double>(single[i]) - wave[i]) < 2e-6);
    }

    void twoDistancesAreTheirSum()
    {
        auto once = someWave(48, 80);
        auto twice = once;
        Fresnel<double>(48, 80, 0.5e-6, kWavelength, 0.04).propagate(once);
        Fresnel<double>(48, 80, 0.5e-6, kWavelength, 0.015).propagate(twice);
        Fresnel<double>(48, 80, 0.5e-6, kWavelength, 0.025).propagate(twice);
        for (std::size_t i = 0; i < once.size(); ++i)
            QVERIFY(std::abs(once[i] - twice[i]) < 1e-11);
    }

    void largeFresnelNumbersFollowTheTransportOfIntensity()
    {
        // A smooth bump of phase: I = 1 + (λz/2π) ∇²Φ where the wave bends little (Φ as in exp(−iΦ)).
        constexpr std::int64_t n = 128;
        constexpr double step = 2e-6;
        constexpr double z = 1e-3;
        constexpr double width = 12e-6;
        Fft<double>::Plane wave(n * n);
        const auto radius2 = [](std::int64_t y, std::int64_t x) {
            return (std::pow(static_cast<double>(y) - n / 2, 2) + std::pow(static_cast<double>(x) - n / 2, 2)) * step * step;
        };
        for (std::int64_t y = 0; y < n; ++y)
            for (std::int64_t x = 0; x < n; ++x)
                wave[static_cast<std::size_t>(y * n + x)]
                    = std::polar(1.0, -2 * std::exp(-radius2(y, x) / (2 * width * width)));
        Fresnel<double>(n, n, step, kWavelength, z).propagate(wave);
        double largest = 0;
        double wrong = 0;
        for (std::int64_t y = 0; y < n; ++y) {
            for (std::int64_t x = 0; x < n; ++x) {
                const double q = radius2(y, x) / (width * width);
                const double laplacian = 2 * std::exp(-q / 2) * (q - 2) / (width * width);
                const double expected = kWavelength * z / (2 * kPi) * laplacian;
                largest = std::max(largest, std::abs(expected));
                wrong = std::max(wrong, std::abs(std::norm(wave[static_cast<std::size_t>(y * n + x)]) - 1 - expected));
            }
        }
        qInfo("contrast %.3g, differs by %.2g of it", largest, wrong / largest);
        QVERIFY(largest > 1e-4);
        QVERIFY(wrong < 0.01 * largest);
    }

    void anEdgeHasTheFringesOfTheFresnelIntegrals()
    {
        // Left half: glass of half a wave and a fifth of the light; the plane wraps round, so far from the other edge.
        constexpr std::int64_t n = 32768;
        constexpr double step = 0.02e-6;
        constexpr double z = 0.025;
        const std::complex<double> glass = std::polar(0.9, -2.0);
        Fft<double>::Plane wave(n);
        for (std::int64_t x = 0; x < n; ++x)
            wave[static_cast<std::size_t>(x)] = x < n / 2 ? glass : 1.0;
        Fresnel<double>(1, n, step, kWavelength, z).propagate(wave);
        double wrong = 0;
        double least = 1;
        double most = 1;
        for (std::int64_t x = n / 2 - 250; x < n / 2 + 250; ++x) {
            const double w = (static_cast<double>(x - n / 2) + 0.5) * step * std::sqrt(2 / (kWavelength * z));
            const std::complex<double> open = std::complex(0.5, -0.5) * (std::complex(0.5, 0.5) + fresnelIntegral(w));
            const double expected = std::norm(open + glass * (1.0 - open));
            const double got = std::norm(wave[static_cast<std::size_t>(x)]);
            wrong = std::max(wrong, std::abs(got - expected));
            least = std::min(least, expected);
            most = std::max(most, expected);
        }
        qInfo("intensity %.3f to %.3f, wrong by at most %.2g", least, most, wrong);
        QVERIFY(most - least > 0.8);
        QVERIFY(wrong < 5e-3);
    }

    void aSphereHasTheFringesOfTheStudy_data()
    {
        QTest::addColumn<double>("distance");
        QTest::addColumn<double>("least");
        QTest::addColumn<double>("most");
        QTest::newRow("25 mm") << 25.0 << 0.94 << 1.10;
        QTest::newRow("60 mm") << 60.0 << 0.89 << 1.16;
    }

    void aSphereHasTheFringesOfTheStudy()
    {
        QFETCH(double, distance);
        QFETCH(double, least);
        QFETCH(double, most);
        SampleOptions options;
        options.shape = { 96, 200, 200 };
        options.voxel = { 0.65, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User };
        options.fraction = options.voidFraction = options.shardFraction = 0;
        Task task;
        Sample sample = makeSample(options, task);
        ScanOptions scan;
        scan.distanceMillimetres = distance;
        scan.superSampling = 8;
        scan.blurMicrometres = 0.5 * 0.65;
        scan.axisOffset = 0;
        scan.projections = 2;
        const auto without = simulateProjection(sample, scan, 0.2);
        sample.bodies.push_back(
            Body::ball({ 47.5, 99.5, 99.5, 0.5 * 41.5 / 0.65 }, Material::BorosilicateGlass, kPhantomSphere));
        sample.objects.emplace_back();
        const auto with = simulateProjection(sample, scan, 0.2);
        const ScanGeometry geometry = scanGeometry(options, scan);
        double low = 1;
        double high = 1;
        for (std::int64_t y = 5; y < 91; ++y) {
            for (std::int64_t u = -42; u <= 42; ++u) {
                const auto i = static_cast<std::size_t>(y * geometry.shape.x + std::llround(geometry.axis) + u);
                low = std::min(low, static_cast<double>(with[i] / without[i]));
                high = std::max(high, static_cast<double>(with[i] / without[i]));
            }
        }
        qInfo("%.3f to %.3f", low, high);
        QVERIFY(std::abs(low - least) < 0.01);
        QVERIFY(std::abs(high - most) < 0.01);
        // The default, fewer points, is close to it.
        scan.superSampling = 0;
        const auto coarse = simulateProjection(sample, scan, 0.2);
        double wrong = 0;
        for (std::int64_t y = 5; y < 91; ++y) {
            for (std::int64_t u = -42; u <= 42; ++u) {
                const auto i = static_cast<std::size_t>(y * geometry.shape.x + std::llround(geometry.axis) + u);
                wrong = std::max(wrong, static_cast<double>(std::abs(coarse[i] - with[i])));
            }
        }
        qInfo("%lld points a pixel differ by at most %.3f",
            static_cast<long long>(scanGeometry(options, scan).superSampling), wrong);
        QVERIFY(wrong < 0.02);
    }

    void aBinnedPixelIsTheMeanOfFinePixels()
    {
        // One sphere seen with pixels of 2.6 µm, and with 0.65 µm binned by four afterwards.
        const auto scanOf = [](double voxel, std::int64_t scale) {
            SampleOptions options;
            options.shape = { 24 * scale, 60 * scale, 60 * scale };
            options.voxel = { voxel, voxel, voxel, LengthUnit::Micrometre, SizeOrigin::User };
            options.fraction = options.voidFraction = options.shardFraction = 0;
            Task task;
            Sample sample = makeSample(options, task);
            const auto place = [scale](double at) { return (at + 0.5) * static_cast<double>(scale) - 0.5; };
            sample.bodies.push_back(Body::ball(
                { place(11.5), place(29.5), place(29.5), 20.75 / voxel }, Material::BorosilicateGlass, kPhantomSphere));
            sample.objects.emplace_back();
            ScanOptions scan;
            scan.axisOffset = 0;
            scan.projections = 2;
            scan.superSampling = voxel < 1 ? 2 : 8;
            return std::pair { simulateProjection(sample, scan, 0.4), scanGeometry(options, scan).shape };
        };
        const auto [binned, shape] = scanOf(2.6, 1);
        const auto [fine, fineShape] = scanOf(0.65, 4);
        const std::int64_t offset = (fineShape.x - 4 * shape.x) / 2;
        double wrong = 0;
        double most = 0;
        for (std::int64_t y = 0; y < shape.y; ++y) {
            for (std::int64_t x = 12; x < shape.x - 12; ++x) {
                float mean = 0;
                for (std::int64_t k = 0; k < 16; ++k)
                    mean += fine[static_cast<std::size_t>((4 * y + k / 4) * fineShape.x + 4 * x + offset + k % 4)] / 16;
                const float value = binned[static_cast<std::size_t>(y * shape.x + x)];
                wrong = std::max(wrong, static_cast<double>(std::abs(value - mean)));
                most = std::max(most, static_cast<double>(value));
            }
        }
        qInfo("brightest %.3f, differs by at most %.2g", most, wrong);
        QVERIFY(most > 1.01);
        QVERIFY(wrong < 1e-3);
    }

    void pixelsKeepTheLight()
    {
        for (const double blur : { 0.0, 0.3, 1.0 }) {
            const PixelMean mean(3, blur);
            const std::int64_t across = 3 * 20 + 2 * mean.margin();
            const std::int64_t down = 3 * 10 + 2 * mean.margin();
            std::vector<float> fine(static_cast<std::size_t>(across * down), 1.0F);
            std::vector<float> pixels(200);
            mean.apply(fine.data(), across, 10, 20, pixels);
            for (const float value : pixels)
                QVERIFY(std::abs(value - 1) < 1e-5F);
            std::fill(fine.begin(), fine.end(), 0.0F);
            fine[static_cast<std::size_t>((mean.margin() + 16) * across + mean.margin() + 31)] = 9;
            mean.apply(fine.data(), across, 10, 20, pixels);
            double sum = 0;
            double second = 0;
            for (std::size_t i = 0; i < pixels.size(); ++i) {
                sum += pixels[i];
                second += pixels[i] * std::pow(static_cast<double>(i % 20) - 10, 2);
            }
            QVERIFY2(std::abs(sum - 1) < 0.01, qPrintable(QString::number(sum)));
            // The point is in the middle of pixel (5, 10): the blur's variance, more that of the pixel where it blurs.
            if (blur == 0)
                QCOMPARE(pixels[5 * 20 + 10], 1.0F);
            else if (blur == 1)
                QVERIFY2(std::abs(second - (1 + 1.0 / 12)) < 0.02, qPrintable(QString::number(second)));
        }
    }
};

QTEST_APPLESS_MAIN(TestFresnel)
#include "tst_fresnel.moc"
