// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/morphology/bodies.h"
#include "core/morphology/morphology_reference.h"
#include "measure/agreement.h"
#include "measure/surface_distance.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;

namespace {

const Shape kShape { 30, 40, 50 };
const std::vector<test::Ball> kMask = { { 14, 18, 20, 11 }, { 5, 30, 40, 6 } };
const std::vector<test::Ball> kTruth = { { 15, 19, 22, 10 }, { 6, 30, 39, 6 }, { 25, 8, 8, 4 } };

SurfaceResult compare(const VolumeSource& a, const VolumeSource& b, const SurfaceOptions& options = {})
{
    Task task;
    return surfaceDistances(a, b, options, task);
}

VoxelSize micrometres(double z, double y, double x)
{
    return { z, y, x, LengthUnit::Micrometre, SizeOrigin::User };
}

} // namespace

class TestSurfaceDistance : public QObject {
    Q_OBJECT

private slots:
    void equalsScipy()
    {
        const auto check = [](const SurfaceDistance& ours, const std::vector<double>& expected) {
            return std::abs(*ours.hd95 - expected[0]) < 1e-5 && std::abs(*ours.assd - expected[1]) < 1e-5
                && std::abs(*ours.hausdorff - expected[2]) < 1e-5;
        };
        const auto unknown = compare(*test::ballMask(kMask, kShape), *test::ballMask(kTruth, kShape));
        QVERIFY(check(unknown.voxels, reference::surfaces));
        QVERIFY(!unknown.micrometres.hd95);
        QCOMPARE(unknown.maskSurface, std::uint64_t(reference::surfaces[3]));
        QCOMPARE(unknown.truthSurface, std::uint64_t(reference::surfaces[4]));
        const auto cubes = compare(*test::ballMask(kMask, kShape, micrometres(0.5, 0.5, 0.5)),
            *test::ballMask(kTruth, kShape, micrometres(0.5, 0.5, 0.5)));
        QVERIFY(check(cubes.voxels, reference::surfaces));
        QVERIFY(std::abs(*cubes.micrometres.hd95 - reference::surfaces[0] / 2) < 1e-9);
        const auto other = compare(*test::ballMask(kMask, kShape, micrometres(2, 0.5, 0.5)),
            *test::ballMask(kTruth, kShape, micrometres(2, 0.5, 0.5)));
        QVERIFY(check(other.voxels, reference::surfaces));
        QVERIFY(check(other.micrometres, reference::surfacesOfOtherSpacing));
    }

    void onDiskIsTheSame()
    {
        QTemporaryDir folder;
        qputenv("XDG_CACHE_HOME", folder.path().toUtf8());
        SurfaceOptions options;
        options.memory = 1;
        QVERIFY(toJson(compare(*test::ballMask(kMask, kShape), *test::ballMask(kTruth, kShape), options))
            == toJson(compare(*test::ballMask(kMask, kShape), *test::ballMask(kTruth, kShape))));
    }

    void equalMasksHaveNoDistance()
    {
        const auto same = compare(*test::ballMask(kMask, kShape), *test::ballMask(kMask, kShape));
        QCOMPARE(*same.voxels.hd95, 0.0);
        QCOMPARE(*same.voxels.hausdorff, 0.0);
    }

    void whereThereIsNoSurfaceThereIsNoDistance()
    {
        const auto empty = test::ballMask({}, kShape);
        const auto both = compare(*empty, *empty);
        QCOMPARE(*both.voxels.hd95, 0.0);
        for (const auto& one :
            { compare(*empty, *test::ballMask(kMask, kShape)), compare(*test::ballMask(kMask, kShape), *empty) }) {
            QVERIFY(!one.voxels.hd95 && !one.voxels.assd && !one.voxels.hausdorff);
            QVERIFY(toJson(one)["hd95_voxels"].is_null());
        }
    }

    void excludedAndIgnoredSurfaceIsNotCounted()
    {
        SurfaceOptions options;
        options.exclude = { { { 20, -5, -5 }, { 20, 25, 25 } }, { { -2, 20, 30 }, { 14, 40, 40 } } };
        // Only the first ball is left of either mask.
        const auto rest = compare(*test::ballMask(kMask, kShape), *test::ballMask(kTruth, kShape), options);
        QVERIFY(rest.maskSurface < std::uint64_t(reference::surfaces[3]));
        QVERIFY(*rest.voxels.hausdorff < 5); // the ball that only the truth has was 20 voxels away
        auto ignoring = test::ballMask(kTruth, kShape);
        for (std::size_t i = 0; i < ignoring->as<std::uint8_t>().size() / 3; ++i)
            ignoring->as<std::uint8_t>()[i] = 255;
        const auto part = compare(*test::ballMask(kMask, kShape), *ignoring);
        QVERIFY(part.maskSurface < std::uint64_t(reference::surfaces[3]) && part.maskSurface > 0);
    }

    void wrongInputIsRefusedAndAStopIsAnswered()
    {
        QVERIFY_THROWS_EXCEPTION(Error, compare(*test::ballMask({}, kShape), *test::ballMask({}, { 30, 40, 51 })));
        Task task;
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(
            Stopped, surfaceDistances(*test::ballMask(kMask, kShape), *test::ballMask(kTruth, kShape), {}, task));
    }

    void agreementCountsMasks()
    {
        const Shape shape { 1, 1, 5 };
        const auto mask = [&](std::vector<std::uint8_t> v) { return Volume::from<std::uint8_t>(shape, v); };
        const AgreementView view({ mask({ 0, 1, 1, 255, 255 }), mask({ 0, 0, 1, 1, 255 }), mask({ 0, 0, 1, 0, 255 }) });
        QCOMPARE(readAs<std::uint8_t>(view, Box::whole(shape)), (std::vector<std::uint8_t> { 0, 1, 3, 1, 255 }));
        QCOMPARE(view.masks(), 3);
        QVERIFY_THROWS_EXCEPTION(Error, AgreementView({}));
        QVERIFY_THROWS_EXCEPTION(Error, AgreementView({ mask({ 0, 0, 0, 0, 0 }), test::ballMask({}, kShape) }));
    }
};

QTEST_APPLESS_MAIN(TestSurfaceDistance)
#include "tst_surface_distance.moc"
