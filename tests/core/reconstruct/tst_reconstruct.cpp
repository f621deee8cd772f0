// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "reconstruct/back_projection.h"
#include "reconstruct/reconstruct.h"
#include "reconstruct/rotation_axis.h"
#include "reconstruct/stripes.h"
#include "volume/volume.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

using namespace interstice;

namespace {

constexpr double kPi = std::numbers::pi;

struct Disc {
    double y;
    double x;
    double radius;
    double value;
};
const std::vector<Disc> kDiscs = { { 0, 0, 26, 1 }, { 8, -5, 7, 0.5 }, { -9.5, 10.25, 4.5, -0.7 } };

/// Attenuation of discs (places from the axis) as transmissions, the same in every row.
Scan scanOf(const std::vector<Disc>& discs, std::int64_t angles, std::int64_t rows, std::int64_t columns, double axis,
    double turn = 180, double sense = 1, double pixelsOfValue = 1)
{
    Scan scan;
    const auto volume = std::make_shared<Volume>(Shape { angles, rows, columns }, Scalar::F32);
    const auto values = volume->as<float>();
    std::size_t at = 0;
    for (std::int64_t a = 0; a < angles; ++a) {
        scan.angles.push_back(sense * turn * static_cast<double>(a) / static_cast<double>(angles));
        const double t = scan.angles.back() * kPi / 180;
        for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t u = 0; u < columns; ++u, ++at) {
                double sum = 0;
                for (const Disc& disc : discs) {
                    const double from = static_cast<double>(u) - axis - disc.x * std::cos(t) - disc.y * std::sin(t);
                    sum += disc.value * pixelsOfValue * 2
                        * std::sqrt(std::max(0.0, disc.radius * disc.radius - from * from));
                }
                values[at] = static_cast<float>(std::exp(-sum));
            }
        }
    }
    scan.projections = volume;
    scan.axis = axis;
    return scan;
}

std::vector<float> slicesOf(const Scan& scan, const ReconstructOptions& options = {}, ReconstructResult* result = nullptr)
{
    Volume out(reconstructedShape(scan, options), Scalar::F32);
    Task task;
    const ReconstructResult got = reconstruct(scan, options, out, task);
    if (result)
        *result = got;
    const auto values = out.as<float>();
    return { values.begin(), values.end() };
}

} // namespace

class TestReconstruct : public QObject {
    Q_OBJECT

private slots:
    void slicesAreThoseOfScikitImage_data()
    {
        // reference_iradon.py
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<double>("mean");
        QTest::newRow("ramp") << "ramp"
                              << QList<double> { 0.998227, 1.489113, 0.304384, 0.230656, 1.002394, 0.997571, 1.231770,
                                     1.035351 }
                              << 0.509005;
        QTest::newRow("shepp-logan") << "shepp-logan"
                                     << QList<double> { 1.004145, 1.489668, 0.304564, 0.275806, 1.009096, 0.996477, 1.234000,
                                            1.046862 }
                                     << 0.508949;
        QTest::newRow("hann") << "hann"
                              << QList<double> { 1.003715, 1.500204, 0.302303, 0.400320, 1.013685, 1.008272, 1.236731,
                                     1.027484 }
                              << 0.508868;
    }

    void slicesAreThoseOfScikitImage()
    {
        QFETCH(QString, filter);
        QFETCH(QList<double>, values);
        QFETCH(double, mean);
        // Transmissions hold e⁻⁵² badly: a tenth of the values, and ten times the result.
        const Scan scan = scanOf(kDiscs, 90, 1, 65, 32, 180, -1, 0.1);
        ReconstructOptions options;
        options.filter = parseFilter(filter.toStdString());
        const auto slice = slicesOf(scan, options);
        const std::pair<int, int> places[]
            = { { 32, 32 }, { 40, 27 }, { 22, 42 }, { 32, 58 }, { 10, 32 }, { 35, 20 }, { 40, 34 }, { 55, 40 } };
        double wrong = 0;
        for (std::size_t i = 0; i < 8; ++i)
            wrong = std::max(wrong,
                std::abs(10 * static_cast<double>(slice[static_cast<std::size_t>(places[i].first * 65 + places[i].second)])
                    - values[static_cast<qsizetype>(i)]));
        double sum = 0;
        for (int y = 0; y < 65; ++y)
            for (int x = 0; x < 65; ++x)
                sum += (y - 32) * (y - 32) + (x - 32) * (x - 32) <= 32 * 32
                    ? 10 * static_cast<double>(slice[static_cast<std::size_t>(y * 65 + x)])
                    : 0;
        qInfo("differs by at most %.2g, mean %.6f", wrong, sum / 65 / 65);
        QVERIFY(wrong < 2e-3);
        QVERIFY(std::abs(sum / 65 / 65 - mean) < 1e-3);
    }

    void discsComeBackWhereTheyWere()
    {
        // An axis off the middle, more slices than are smeared back at once, a size of its own.
        Scan scan = scanOf({ { -3, 6, 20, 0.02 }, { 5, 11, 5, 0.03 } }, 180, 11, 90, 41.7);
        scan.pixelMicrometres = 2;
        ReconstructOptions options;
        options.height = 50;
        options.width = 70;
        ReconstructResult result;
        const auto slices = slicesOf(scan, options, &result);
        QCOMPARE(result.unit, std::string("1/cm"));
        QCOMPARE(result.axis, 41.7);
        QVERIFY(!result.axisFound);
        const auto at = [&](int z, double y, double x) {
            return static_cast<double>(
                       slices[static_cast<std::size_t>((z * 50 + std::lround(24.5 + y)) * 70 + std::lround(34.5 + x))])
                * 2e-4;
        };
        for (const int z : { 0, 7, 8, 10 }) {
            QVERIFY2(std::abs(at(z, -10, 3) - 0.02) < 0.0004, qPrintable(QString::number(at(z, -10, 3))));
            QVERIFY2(std::abs(at(z, 5, 11) - 0.05) < 0.001, qPrintable(QString::number(at(z, 5, 11))));
            QVERIFY2(std::abs(at(z, 22, -30)) < 0.0006, qPrintable(QString::number(at(z, 22, -30))));
        }
        // Some slices are those of all, and little memory changes nothing.
        options.firstSlice = 3;
        options.slices = 5;
        options.memory = 1;
        const auto some = slicesOf(scan, options);
        QVERIFY(std::equal(some.begin(), some.end(), slices.begin() + 3 * 3500));
    }

    void onAnyProcessorTheSame()
    {
        // 360° with every other projection missing once: weights make up for it.
        const Scan scan = scanOf({ { 4, -3, 12, 0.02 } }, 200, 2, 40, 19.5, 360);
        const auto slice = slicesOf(scan);
        QVERIFY(std::abs(slice[static_cast<std::size_t>(24 * 40 + 17)] - 0.02F) < 0.0005F);
        ReconstructOptions options;
        options.slices = 1;
        const auto first = slicesOf(scan, options);
        QVERIFY(std::equal(first.begin(), first.end(), slice.begin()));
    }

    void weightsFillHalfATurn()
    {
        double gap = 0;
        const std::vector<double> both = { 0, 60, 120, 180 };
        auto weights = angleWeights(both, gap);
        QVERIFY(std::abs(weights[0] - kPi / 6) < 1e-6 && std::abs(weights[3] - kPi / 6) < 1e-6);
        QVERIFY(std::abs(weights[1] - kPi / 3) < 1e-6);
        QCOMPARE(gap, 60.0);
        const std::vector<double> missing = { -10, 0, 10, 20, 30, 100, 110 };
        weights = angleWeights(missing, gap);
        QVERIFY(std::abs(std::accumulate(weights.begin(), weights.end(), 0.0F) - static_cast<float>(kPi)) < 1e-5F);
        QCOMPARE(gap, 70.0);
    }

    void fieldsAreTakenOut()
    {
        const Shape shape { 3, 2, 4 };
        Scan scan;
        scan.angles = { 0, 60, 120 };
        std::vector<std::uint16_t> raw(24, 600);
        raw[5] = 1100;
        raw[6] = 100;
        scan.projections = Volume::from<std::uint16_t>(shape, raw);
        std::vector<std::uint16_t> white(16, 1100);
        white[8 + 3] = 100;
        white[3] = 100;
        scan.white = Volume::from<std::uint16_t>({ 2, 2, 4 }, white);
        scan.dark = Volume::from<std::uint16_t>({ 1, 2, 4 }, std::vector<std::uint16_t>(8, 100));
        Findings findings;
        const auto values = readAs<float>(*attenuationOf(scan, findings), Box::whole(shape));
        QVERIFY(std::abs(values[0] - std::log(2.0F)) < 1e-6F);
        QCOMPARE(values[5], 0.0F);
        QVERIFY(std::abs(values[6] - std::log(1e4F)) < 1e-4F);
        QCOMPARE(values[3], 0.0F);
        QCOMPARE(findings.size(), std::size_t { 1 });
        QCOMPARE(findings[0].code, std::string("dead-pixels"));
    }

    void theAxisIsFound_data()
    {
        QTest::addColumn<double>("axis");
        for (const double axis : { 80.0, 76.3, 95.5, 66.8 })
            QTest::newRow(qPrintable(QString::number(axis))) << axis;
    }

    void theAxisIsFound()
    {
        QFETCH(double, axis);
        const Scan scan = scanOf(
            { { 1, -4, 50, 0.002 }, { 18, 20, 9, 0.02 }, { -25, 3, 6, 0.03 }, { 7, -31, 4, 0.05 } }, 180, 3, 161, axis);
        Findings findings;
        Task task;
        const double found = findAxis(*attenuationOf(scan, findings), scan.angles, {}, task);
        qInfo("%.2f found as %.2f", axis, found);
        QVERIFY(std::abs(found - axis) <= 0.1); // as docs/guide/scans.md has it
    }

    void stripesGoAndTheRestStays()
    {
        constexpr std::int64_t angles = 120;
        constexpr std::int64_t columns = 100;
        std::vector<float> clean(angles * columns);
        for (std::int64_t a = 0; a < angles; ++a)
            for (std::int64_t x = 0; x < columns; ++x)
                clean[static_cast<std::size_t>(a * columns + x)] = static_cast<float>(
                    std::sin(0.06 * static_cast<double>(x) + 2 * std::sin(0.05 * static_cast<double>(a))));
        auto striped = clean;
        for (std::int64_t a = 0; a < angles; ++a) {
            striped[static_cast<std::size_t>(a * columns + 30)] += 0.5F;
            if (a > 40)
                striped[static_cast<std::size_t>(a * columns + 61)] -= 0.4F;
        }
        auto reduced = striped;
        reduceStripes(reduced, angles, columns, 9);
        const auto distance = [&](const std::vector<float>& a, std::int64_t column) {
            double sum = 0;
            for (std::int64_t i = 0; i < angles; ++i)
                sum += std::abs(a[static_cast<std::size_t>(i * columns + column)]
                    - clean[static_cast<std::size_t>(i * columns + column)]);
            return sum / angles;
        };
        QVERIFY(distance(striped, 30) > 0.49);
        QVERIFY2(distance(reduced, 30) < 0.06, qPrintable(QString::number(distance(reduced, 30))));
        QVERIFY2(distance(reduced, 61) < 0.15, qPrintable(QString::number(distance(reduced, 61))));
        QVERIFY2(distance(reduced, 45) < 0.03, qPrintable(QString::number(distance(reduced, 45))));
    }

    void phaseRetrievalUndoesTheFilterItNames()
    {
        // I/I₀ = F⁻¹{ (1 + π λ z (δ/β) f²) F{e^−μT} } is what the method inverts.
        constexpr std::int64_t n = 64;
        Scan scan;
        scan.angles = { 0, 90 };
        scan.pixelMicrometres = 2;
        scan.energyKev = 27.4;
        PhaseRetrievalOptions options { 25, 468 };
        const double area = kPi * wavelengthMetres(27.4) * 25e-3 * 468 / 4e-12;
        const Fft<double> fft(n, n);
        Fft<double>::Plane plane(n * n);
        std::vector<double> thickness(n * n);
        for (std::int64_t y = 0; y < n; ++y)
            for (std::int64_t x = 0; x < n; ++x) {
                const double q = std::pow(static_cast<double>(y) - 30, 2) + std::pow(static_cast<double>(x) - 33, 2);
                thickness[static_cast<std::size_t>(y * n + x)] = 0.3 * std::exp(-q / 50);
                plane[static_cast<std::size_t>(y * n + x)] = std::exp(-thickness[static_cast<std::size_t>(y * n + x)]);
            }
        fft.forward(plane);
        for (std::int64_t y = 0; y < n; ++y)
            for (std::int64_t x = 0; x < n; ++x)
                plane[static_cast<std::size_t>(y * n + x)]
                    *= (1 + area * (std::pow(frequency(y, n), 2) + std::pow(frequency(x, n), 2)))
                    / static_cast<double>(n * n);
        fft.backward(plane);
        const auto volume = std::make_shared<Volume>(Shape { 2, n, n }, Scalar::F32);
        for (std::size_t i = 0; i < plane.size(); ++i)
            volume->as<float>()[i] = volume->as<float>()[i + plane.size()] = static_cast<float>(plane[i].real());
        scan.projections = volume;
        Findings findings;
        Task task;
        const auto attenuation = attenuationOf(scan, findings);
        const auto values
            = readAs<float>(*retrievePhase(scan, attenuation, options, 20, 24, 1 << 20, task), Box::whole({ 2, 24, n }));
        double wrong = 0;
        for (std::size_t i = 0; i < 24 * n; ++i)
            wrong = std::max(wrong, std::abs(static_cast<double>(values[i]) - thickness[i + 20 * n]));
        qInfo("wrong by at most %.2g of 0.3", wrong);
        QVERIFY(wrong < 2e-3);
        scan.energyKev = 0;
        QVERIFY_THROWS_EXCEPTION(Error, retrievePhase(scan, attenuation, options, 0, n, 1 << 20, task));
    }

    void oddAnglesAndStopsAreSaid()
    {
        Scan scan = scanOf({ { 0, 0, 10, 0.02 } }, 60, 2, 40, 19.5);
        Task task;
        Volume out({ 2, 40, 40 }, Scalar::F32);
        ReconstructOptions options;
        options.firstSlice = 2;
        QVERIFY_THROWS_EXCEPTION(Error, reconstruct(scan, options, out, task));
        options = {};
        options.ringWidth = 4;
        QVERIFY_THROWS_EXCEPTION(Error, reconstruct(scan, options, out, task));
        options = {};
        options.slices = 1;
        QVERIFY_THROWS_EXCEPTION(Error, reconstruct(scan, options, out, task));
        options = {};
        Scan limited = scanOf({ { 0, 0, 10, 0.02 } }, 60, 2, 40, 19.5, 120);
        ReconstructResult result = reconstruct(limited, options, out, task);
        QVERIFY(std::any_of(
            result.findings.begin(), result.findings.end(), [](const Finding& f) { return f.code == "angles-missing"; }));
        limited.axis = -1;
        QVERIFY_THROWS_EXCEPTION(Error, reconstruct(limited, options, out, task));
        scan.angles.pop_back();
        QVERIFY_THROWS_EXCEPTION(Error, reconstruct(scan, options, out, task));
        scan.angles.push_back(177);
        scan.white = std::make_shared<Volume>(Shape { 1, 3, 40 }, Scalar::F32);
        QVERIFY_THROWS_EXCEPTION(Error, reconstruct(scan, options, out, task));
        scan.white = nullptr;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, reconstruct(scan, options, out, task));
        QVERIFY_THROWS_EXCEPTION(Error, parseFilter("sharp"));
    }

    void optionsSurviveJson()
    {
        ReconstructOptions options;
        options.axis = 12.5;
        options.filter = ProjectionFilter::Hann;
        options.phase.distanceMillimetres = 25;
        options.ringWidth = 9;
        options.slices = 3;
        const Json json = toJson(options);
        QCOMPARE(toJson(reconstructOptionsFromJson(json)).dump(), json.dump());
        QCOMPARE(toJson(reconstructOptionsFromJson(Json::object())).dump(), toJson(ReconstructOptions {}).dump());
    }
};

QTEST_APPLESS_MAIN(TestReconstruct)
#include "tst_reconstruct.moc"
