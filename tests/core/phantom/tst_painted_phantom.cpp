// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "phantom/painted_phantom.h"
#include "volume/histogram.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace interstice;

namespace {

struct Phantom {
    PaintedPhantomOptions options;
    Volume raw;
    Volume truth;
    PaintedPhantomResult result;

    explicit Phantom(const PaintedPhantomOptions& given)
        : options(given)
        , raw(given.sample.shape, Scalar::U16)
        , truth(given.sample.shape, Scalar::U8)
    {
        Task task;
        result = makePaintedPhantom(options, raw, truth, task);
    }
    double edge() const { return options.sample.voxel.x; }
};

PaintedPhantomOptions smallOptions()
{
    PaintedPhantomOptions options;
    options.sample.shape = { 40, 120, 110 };
    return options;
}

double meanGrey(const Phantom& phantom, std::uint8_t label)
{
    const auto grey = phantom.raw.as<std::uint16_t>();
    const auto truth = phantom.truth.as<std::uint8_t>();
    double sum = 0;
    double n = 0;
    for (std::size_t i = 0; i < grey.size(); ++i) {
        if (truth[i] == label) {
            sum += grey[i];
            ++n;
        }
    }
    return sum / n;
}

/// Dice of the best single threshold at or above which voxels are spheres.
double bestThresholdDice(const Phantom& phantom)
{
    const auto grey = phantom.raw.as<std::uint16_t>();
    const auto truth = phantom.truth.as<std::uint8_t>();
    std::vector<double> sphere(65537);
    std::vector<double> all(65537);
    double spheres = 0;
    for (std::size_t i = 0; i < grey.size(); ++i) {
        const bool is = truth[i] == kPhantomSphere;
        sphere[grey[i]] += is ? 1 : 0;
        spheres += is ? 1 : 0;
        all[grey[i]] += 1;
    }
    double best = 0;
    double tp = 0;
    double positive = 0;
    for (std::size_t t = 65536; t-- > 0;) {
        tp += sphere[t];
        positive += all[t];
        best = std::max(best, 2 * tp / (positive + spheres));
    }
    return best;
}

} // namespace

class TestPaintedPhantom : public QObject {
    Q_OBJECT

private slots:
    void fractionsAreMet_data()
    {
        QTest::addColumn<double>("fraction");
        for (const double fraction : { 0.0, 0.05, 0.1, 0.2, 0.3 })
            QTest::newRow(qPrintable(QString::number(fraction))) << fraction;
    }

    void fractionsAreMet()
    {
        QFETCH(double, fraction);
        PaintedPhantomOptions options;
        options.sample.fraction = fraction;
        options.sample.seed = 7;
        const Phantom phantom(options);
        QVERIFY2(std::abs(phantom.result.sphereFraction - fraction) < 0.01,
            qPrintable(QString::number(phantom.result.sphereFraction)));
        QVERIFY(std::abs(phantom.result.voidFraction - 0.01) < 0.003);
        QVERIFY(phantom.result.findings.empty());
        const auto truth = phantom.truth.as<std::uint8_t>();
        const auto counted = static_cast<double>(std::count(truth.begin(), truth.end(), kPhantomSphere));
        QCOMPARE(phantom.result.sphereFraction, counted / static_cast<double>(phantom.result.pillarVoxels));
        // A pillar with air around it.
        const double share
            = static_cast<double>(phantom.result.pillarVoxels) / static_cast<double>(options.sample.shape.voxels());
        QVERIFY(share > 0.4 && share < 0.75);
    }

    void evenAThinVolumeMeetsItsFraction()
    {
        PaintedPhantomOptions options;
        options.sample.shape = { 5, 64, 64 };
        options.sample.voidFraction = 0;
        const Phantom phantom(options);
        QVERIFY2(std::abs(phantom.result.sphereFraction - 0.2) < 0.02,
            qPrintable(QString::number(phantom.result.sphereFraction)));
    }

    void aFractionIsMetOrItIsSaid()
    {
        SampleOptions asked;
        Findings findings;
        noteFraction(asked, asked.fraction + 0.0019, findings);
        QVERIFY(findings.empty());
        for (const double missed : { -0.0021, 0.0021 }) {
            findings.clear();
            noteFraction(asked, asked.fraction + missed, findings);
            QCOMPARE(findings.size(), std::size_t { 1 });
            QCOMPARE(findings[0].code, std::string("fraction-missed"));
        }
        asked.kind = SampleKind::Wood;
        findings.clear();
        noteFraction(asked, 0, findings);
        QVERIFY(findings.empty());
        // So small that spheres are moved to fit, and so few that one is much.
        for (const double fraction : { 0.25, 0.38 }) {
            PaintedPhantomOptions options;
            options.sample.shape = { 24, 72, 72 };
            options.sample.fraction = fraction;
            options.sample.voidFraction = 0;
            try {
                const Phantom phantom(options);
                const bool said = std::any_of(phantom.result.findings.begin(), phantom.result.findings.end(),
                    [](const Finding& finding) { return finding.code == "fraction-missed"; });
                const double missed = std::abs(phantom.result.sphereFraction - fraction);
                QCOMPARE(said, missed > kFractionWithin);
            } catch (const Error& problem) {
                QVERIFY2(problem.happened().find("of the pillar") != std::string::npos, problem.what());
            }
        }
    }

    void objectsDoNotOverlapAndStayInsideThePillar()
    {
        PaintedPhantomOptions options = smallOptions();
        options.sample.fraction = 0.25;
        const Phantom phantom(options);
        const auto& objects = phantom.result.objects;
        QVERIFY(objects.size() > 40);
        std::size_t cut = 0;
        for (std::size_t i = 0; i < objects.size(); ++i) {
            const PhantomObject& a = objects[i];
            QCOMPARE(a.id, static_cast<std::int64_t>(i) + 1);
            const double radius = 0.5 * a.diameterMicrometres / phantom.edge();
            QVERIFY(a.y - radius > 0 && a.y + radius < 119 && a.x - radius > 0 && a.x + radius < 109);
            const bool sphere = a.kind == PhantomObject::Kind::Sphere;
            QVERIFY(
                a.diameterMicrometres >= (sphere ? 38 : 13) - 1e-9 && a.diameterMicrometres <= (sphere ? 45 : 26) + 1e-9);
            QVERIFY(std::abs(a.volumeCubicMicrometres - 3.14159265358979 / 6 * std::pow(a.diameterMicrometres, 3)) < 1e-6);
            QCOMPARE(a.cut, a.z - radius < -0.5 || a.z + radius > 39.5);
            cut += a.cut ? 1 : 0;
            for (std::size_t j = i + 1; j < objects.size(); ++j) {
                const PhantomObject& b = objects[j];
                const double distance
                    = std::sqrt((a.z - b.z) * (a.z - b.z) + (a.y - b.y) * (a.y - b.y) + (a.x - b.x) * (a.x - b.x));
                QVERIFY(distance >= radius + 0.5 * b.diameterMicrometres / phantom.edge() + 0.49);
            }
        }
        QVERIFY(cut > 0 && cut < objects.size());
    }

    void theTruthIsExact()
    {
        const Phantom phantom(smallOptions());
        const auto truth = phantom.truth.as<std::uint8_t>();
        const Shape shape = phantom.options.sample.shape;
        const Pillar pillar(shape.y, shape.x, phantom.options.sample.seed);
        std::size_t at = 0;
        for (std::int64_t z = 0; z < shape.z; ++z) {
            for (std::int64_t y = 0; y < shape.y; ++y) {
                for (std::int64_t x = 0; x < shape.x; ++x, ++at) {
                    const double wall = pillar.distance(static_cast<double>(y), static_cast<double>(x));
                    std::uint8_t expected = wall <= 0 ? kPhantomMatrix : kPhantomOutside;
                    bool close = std::abs(wall) < 1e-4;
                    for (const PhantomObject& object : phantom.result.objects) {
                        const double dz = static_cast<double>(z) - object.z;
                        const double dy = static_cast<double>(y) - object.y;
                        const double dx = static_cast<double>(x) - object.x;
                        const double out
                            = std::sqrt(dz * dz + dy * dy + dx * dx) - 0.5 * object.diameterMicrometres / phantom.edge();
                        if (out <= 0)
                            expected = object.kind == PhantomObject::Kind::Sphere ? kPhantomSphere : kPhantomVoid;
                        close = close || std::abs(out) < 1e-6;
                    }
                    if (!close)
                        QCOMPARE(truth[at], expected);
                }
            }
        }
    }

    void sameSeedSameBytes()
    {
        const Phantom a(smallOptions());
        const Phantom b(smallOptions());
        QVERIFY(std::ranges::equal(a.raw.bytes(), b.raw.bytes()));
        QVERIFY(std::ranges::equal(a.truth.bytes(), b.truth.bytes()));
        PaintedPhantomOptions other = smallOptions();
        other.sample.seed = 2;
        QVERIFY(!std::ranges::equal(a.truth.bytes(), Phantom(other).truth.bytes()));
    }

    void noiseAndRingsAreThoseAskedFor()
    {
        PaintedPhantomOptions options = smallOptions();
        options.sample.fraction = 0;
        options.sample.voidFraction = 0;
        options.rings = 0;
        options.rim = 0;
        options.airContrast = 0;
        const Phantom flat(options);
        double sum = 0;
        double squares = 0;
        const auto grey = flat.raw.as<std::uint16_t>();
        for (const auto v : grey) {
            sum += v;
            squares += static_cast<double>(v) * v;
        }
        const double n = static_cast<double>(grey.size());
        const double deviation = std::sqrt(squares / n - sum * sum / n / n);
        QVERIFY2(std::abs(sum / n - options.matrixGrey) < 10, qPrintable(QString::number(sum / n)));
        QVERIFY2(std::abs(deviation - options.noise) < 0.01 * options.noise, qPrintable(QString::number(deviation)));

        options.noise = 0;
        options.rings = 700;
        const Phantom rings(options);
        // Voxels at one distance from the axis have one grey; the axis is at (59.5, 54.5).
        const auto ringed = rings.raw.as<std::uint16_t>();
        QCOMPARE(ringed[59 * 110 + 20], ringed[60 * 110 + 20]);
        QCOMPARE(ringed[59 * 110 + 20], ringed[59 * 110 + 89]);
        QVERIFY(*std::max_element(ringed.begin(), ringed.end()) - *std::min_element(ringed.begin(), ringed.end()) > 500);
    }

    void looksLikeTheRealThing()
    {
        const Phantom phantom { PaintedPhantomOptions {} };
        const double matrix = meanGrey(phantom, kPhantomMatrix);
        const double sphere = meanGrey(phantom, kPhantomSphere);
        const double hollow = meanGrey(phantom, kPhantomVoid);
        QVERIFY(hollow < matrix - 5000);
        QVERIFY(sphere > matrix + 2000);
        // A rim: inside the surface brighter than the middle.
        double rim = 0;
        double middle = 0;
        int spheres = 0;
        const auto grey = phantom.raw.as<std::uint16_t>();
        for (const PhantomObject& object : phantom.result.objects) {
            if (object.kind != PhantomObject::Kind::Sphere || object.z < 0 || object.z > 95)
                continue;
            const auto z = std::llround(object.z);
            const auto y = std::llround(object.y);
            const auto at = [&](double x) {
                return static_cast<double>(grey[static_cast<std::size_t>((z * 192 + y) * 192 + std::llround(x))]);
            };
            middle += at(object.x);
            rim += at(object.x + 0.5 * object.diameterMicrometres / 2.6 - 1);
            ++spheres;
        }
        QVERIFY(spheres > 100);
        QVERIFY((rim - middle) / spheres > 3000);
        // No threshold solves it.
        const double best = bestThresholdDice(phantom);
        qInfo("best threshold's Dice %.3f", best);
        QVERIFY(best < 0.85 && best > 0.5);
    }

    void whatCannotBeMetIsRefused_data()
    {
        QTest::addColumn<PaintedPhantomOptions>("options");
        const auto add = [](const char* name, auto&& change) {
            PaintedPhantomOptions options = smallOptions();
            change(options);
            QTest::newRow(name) << options;
        };
        add("too dense", [](auto& o) { o.sample.fraction = 0.6; });
        add("negative", [](auto& o) { o.sample.fraction = -0.1; });
        add("not a number", [](auto& o) { o.sample.fraction = std::nan(""); });
        add("larger than the volume", [](auto& o) { o.sample.diameterLow = o.sample.diameterHigh = 400; });
        add("too dense for a narrow pillar", [](auto& o) {
            o.sample.shape = { 12, 36, 36 };
            o.sample.fraction = 0.35;
        });
        add("below two voxels", [](auto& o) { o.sample.diameterLow = 3; });
        add("range the wrong way", [](auto& o) { o.sample.diameterLow = 50; });
        add("no voxel size", [](auto& o) { o.sample.voxel = {}; });
        add("not cubic", [](auto& o) { o.sample.voxel.z = 5; });
        add("no voxels", [](auto& o) { o.sample.shape = { 0, 10, 10 }; });
        add("no blur", [](auto& o) { o.blurVoxels = 0; });
        add("too many voids", [](auto& o) { o.sample.voidFraction = 0.5; });
    }

    void whatCannotBeMetIsRefused()
    {
        QFETCH(PaintedPhantomOptions, options);
        try {
            const Phantom phantom(options);
        } catch (const Error& error) {
            QVERIFY(!error.happened().empty() && !error.remedy().empty());
            return;
        }
        QFAIL("no Error");
    }

    void otherSinksAreRefused()
    {
        const PaintedPhantomOptions options = smallOptions();
        Volume raw(options.sample.shape, Scalar::U16);
        Volume wide(options.sample.shape, Scalar::U16);
        Volume small({ 1, 2, 3 }, Scalar::U8);
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, makePaintedPhantom(options, raw, wide, task));
        QVERIFY_THROWS_EXCEPTION(Error, makePaintedPhantom(options, raw, small, task));
    }

    void oneSliceAndAStopWork()
    {
        PaintedPhantomOptions options = smallOptions();
        options.sample.shape = { 1, 150, 150 };
        const Phantom phantom(options);
        QVERIFY(phantom.result.sphereFraction > 0.15);
        Task task;
        task.requestStop();
        Volume raw(options.sample.shape, Scalar::U16);
        Volume truth(options.sample.shape, Scalar::U8);
        QVERIFY_THROWS_EXCEPTION(Stopped, makePaintedPhantom(options, raw, truth, task));
    }

    void tableAndJsonHoldTheObjects()
    {
        const QTemporaryDir folder;
        const auto path = std::filesystem::path(folder.path().toStdString()) / "objects.csv";
        const Phantom phantom(smallOptions());
        writeObjectsCsv(path, phantom.result.objects, phantom.edge());
        const QStringList lines = QString::fromStdString(readTextFile(path)).split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), static_cast<qsizetype>(phantom.result.objects.size()) + 1);
        QCOMPARE(lines[0], QString("id,kind,z_vx,y_vx,x_vx,z_um,y_um,x_um,diameter_um,volume_um3,cut"));
        const QStringList cells = lines[1].split(',');
        QCOMPARE(cells.size(), 11);
        QCOMPARE(cells[1], QString("sphere"));
        QCOMPARE(cells[3].toDouble(), phantom.result.objects[0].y);
        QCOMPARE(cells[6].toDouble(), phantom.result.objects[0].y * 2.6);
        QVERIFY(lines.last().contains(",void,"));
        const Json json = toJson(phantom.result);
        QCOMPARE(json["spheres"].get<std::size_t>() + json["voids"].get<std::size_t>(), phantom.result.objects.size());
    }

    void optionsSurviveJson()
    {
        PaintedPhantomOptions options = smallOptions();
        options.sample.fraction = 0.11;
        options.sample.seed = 0xffffffffffffffff;
        options.sample.voxel = { 0.65, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User };
        options.noise = 5;
        const Json json = toJson(options);
        QCOMPARE(toJson(paintedPhantomOptionsFromJson(json)).dump(), json.dump());
        QCOMPARE(paintedPhantomOptionsFromJson(json).sample.seed, options.sample.seed);
        QCOMPARE(toJson(paintedPhantomOptionsFromJson(Json::object())).dump(), toJson(PaintedPhantomOptions {}).dump());
    }
};

QTEST_APPLESS_MAIN(TestPaintedPhantom)
#include "tst_painted_phantom.moc"
