// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/oblique_plane.h"

#include "base/error.h"
#include "render/scene_handles.h"
#include "volume/volume.h"

#include <QTest>

#include <cmath>
#include <numbers>

using namespace interstice;

namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr Shape kShape { 12, 20, 17 };
constexpr Vector3 kFlat { 0.5, 0.5, 2 }; // voxels four times as high as wide

bool near(const Vector3& a, const Vector3& b, double most = 1e-9)
{
    return std::abs(a[0] - b[0]) < most && std::abs(a[1] - b[1]) < most && std::abs(a[2] - b[2]) < most;
}

bool rightHanded(const ObliquePlane& plane)
{
    const auto one = [](const Vector3& v) { return std::abs(dot(v, v) - 1) < 1e-9; };
    return one(plane.across) && one(plane.down) && std::abs(dot(plane.across, plane.down)) < 1e-9;
}

/// How far a place (in voxels) is from the plane.
double distance(const ObliquePlane& plane, const Vector3& place, const Vector3& edges)
{
    Vector3 way;
    for (std::size_t i = 0; i < 3; ++i)
        way[i] = (place[i] - plane.centre[i]) * edges[i];
    return std::abs(dot(way, normalOf(plane)));
}

} // namespace

class TestObliquePlane : public QObject {
    Q_OBJECT

private slots:
    void alongTheAxesItIsTheSlice()
    {
        std::vector<std::uint8_t> voxels;
        for (std::int64_t i = 0; i < kShape.voxels(); ++i)
            voxels.push_back(static_cast<std::uint8_t>(i * 73 % 251));
        for (const double high : { 1.0, 4.0, 0.37 }) { // exactly, also of voxels that are no cubes
            const VoxelSize size { 0.65 * high, 0.65, 0.65, LengthUnit::Micrometre, SizeOrigin::User };
            const auto volume = Volume::from<std::uint8_t>(kShape, voxels, size);
            const Vector3 edges = edgesOfVoxel(size);
            for (const Orientation orientation : { Orientation::XY, Orientation::XZ, Orientation::YZ }) {
                const std::int64_t index = 7;
                Vector3 centre { 3.3, 5.9, 2.2 };
                centre[axesOf(orientation).normal] = double(index);
                const ObliquePlane plane = planeAlong(orientation, centre);
                const ObliqueGrid grid = gridOf(plane, kShape, edges);
                const SliceSize expected = sliceSize(kShape, orientation);
                QCOMPARE(grid.width, expected.width);
                QCOMPARE(grid.height, expected.height);
                QVERIFY(readOblique(*volume, grid, -1)
                    == toRows(readAs<float>(*volume, sliceBox(kShape, orientation, index)), kShape, orientation));
                // And so are the shape of its pixels and the scale bar.
                const ObliquePixel pixel = pixelOf(grid, edges);
                QVERIFY(std::abs(pixel.aspect().width - pixelAspect(size, orientation).width) < 1e-9);
                QVERIFY(std::abs(pixel.aspect().height - pixelAspect(size, orientation).height) < 1e-9);
                QVERIFY(std::abs(pixel.smaller() - micrometresPerUnit(size, orientation)) < 1e-9);
                QCOMPARE(QString::fromStdString(describe(plane)), QString("along %1").arg(orientationName(orientation)));
                // The same plane by its direction alone, whichever sign it has.
                Vector3 normal = normalOf(plane);
                QVERIFY(planeAcross(centre, normal) == plane);
                for (double& part : normal)
                    part *= -3;
                QVERIFY(planeAcross(centre, normal) == plane);
            }
        }
    }

    void throughThreePoints()
    {
        const std::array<Vector3, 3> points { Vector3 { 2, 3, 4 }, Vector3 { 14, 5, 1 }, Vector3 { 6, 17, 10 } };
        for (const Vector3& edges : { Vector3 { 1, 1, 1 }, kFlat }) {
            const ObliquePlane plane = planeThrough(points, edges);
            QVERIFY(rightHanded(plane));
            for (const Vector3& point : points)
                QVERIFY(distance(plane, point, edges) < 1e-9);
            // In whichever order they are picked the picture is the same way round.
            QVERIFY(near(normalOf(planeThrough({ points[1], points[0], points[2] }, edges)), normalOf(plane)));
            // All of its pixels lie on it.
            const ObliqueGrid grid = gridOf(plane, kShape, edges);
            for (const int column : { 0, grid.width - 1 })
                for (const int row : { 0, grid.height - 1 })
                    QVERIFY(distance(plane, grid.at(column, row), edges) < 1e-6);
        }
    }

    void pointsInOneLineAreRefused()
    {
        try {
            (void)planeThrough({ Vector3 { 1, 1, 1 }, Vector3 { 2, 3, 4 }, Vector3 { 3, 5, 7 } }, kFlat);
            QFAIL("accepted");
        } catch (const Error& error) {
            QVERIFY(QString::fromUtf8(error.what()).contains("in one line"));
        }
        QVERIFY_THROWS_EXCEPTION(
            Error, (void)planeThrough({ Vector3 { 1, 1, 1 }, Vector3 { 1, 1, 1 }, Vector3 { 3, 5, 7 } }, { 1, 1, 1 }));
    }

    void nothingIsMirrored()
    {
        // XY, XZ and YZ are seen along z, against y and against x; across, down and away are right-handed in each.
        QVERIFY(near(normalOf(planeAlong(Orientation::XY, {})), { 0, 0, 1 }));
        QVERIFY(near(normalOf(planeAlong(Orientation::XZ, {})), { 0, -1, 0 }));
        QVERIFY(near(normalOf(planeAlong(Orientation::YZ, {})), { -1, 0, 0 }));
        // A little off XY, x is still to the right and y still down.
        const ObliquePlane tilted = planeAcross({}, { 0.2, -0.3, 1 });
        QVERIFY(rightHanded(tilted) && tilted.across[0] > 0.9 && tilted.down[1] > 0.9);
        QVERIFY(near(normalOf(tilted), normalised({ 0.2, -0.3, 1 })));
        // 90° about x from XY is a slice with x to the right and z down or up, never x to the left.
        const ObliquePlane turned = turnedAbout(planeAlong(Orientation::XY, {}), { 1, 0, 0 }, 90 * kDegree);
        QVERIFY(near(turned.across, { 1, 0, 0 }) && near(turned.down, { 0, 0, 1 }));
        QVERIFY(near(normalOf(turned), { 0, -1, 0 })); // XZ, as it is
        // Seen from behind is the same plane: it is not turned round for it.
        QVERIFY(near(normalOf(turnedTo(tilted, { -0.2, 0.3, -1 })), normalOf(tilted)));
        QVERIFY(near(normalOf(turnedTo(tilted, { 0, 1, 0.2 })), normalised({ 0, -1, -0.2 }))
            || near(normalOf(turnedTo(tilted, { 0, 1, 0.2 })), normalised({ 0, 1, 0.2 })));
    }

    void anglesAreThoseOfLengths()
    {
        // 45° in micrometres between x and z: four steps along x for one of z in these voxels.
        const ObliquePlane plane = turnedAbout(planeAlong(Orientation::XY, { 8, 10, 6 }), { 0, 1, 0 }, -45 * kDegree);
        const ObliqueGrid grid = gridOf(plane, kShape, kFlat);
        QVERIFY(std::abs(grid.across[0] / grid.across[2] - 4) < 1e-9);
        QVERIFY(std::abs(grid.across[1]) < 1e-12);
        // Pixels are between the edges of a voxel: 1 / √(½ / 0.5² + ½ / 2²) across, 0.5 down.
        const ObliquePixel pixel = pixelOf(plane, kFlat);
        QVERIFY(std::abs(pixel.across - 1 / std::sqrt(2 + 0.125)) < 1e-12 && std::abs(pixel.down - 0.5) < 1e-12);
        QCOMPARE(QString::fromStdString(describe(turnedAbout(planeAlong(Orientation::XY, {}), { 1, 0, 0 }, 30 * kDegree))),
            QString("30.0° from XY, normal 0.00, −0.50, 0.87"));
    }

    void thePictureCoversTheVolume()
    {
        // 45° between x and y of a cube: as wide as its diagonal, and no wider.
        const Shape cube { 40, 40, 40 };
        const ObliquePlane plane = turnedAbout(planeAlong(Orientation::XZ, { 19.5, 19.5, 19.5 }), { 0, 0, 1 }, 45 * kDegree);
        const ObliqueGrid grid = gridOf(plane, cube, { 1, 1, 1 });
        QCOMPARE(grid.width, int(std::ceil(40 * std::sqrt(2.0))));
        QCOMPARE(grid.height, 40);
        QVERIFY(inVolume(grid.at(0.5, 0), cube) && inVolume(grid.at(grid.width - 1.5, 39), cube));
        QVERIFY(!inVolume(grid.at(-1.5, 0), cube) && !inVolume(grid.at(grid.width + 0.5, 0), cube));
        // A huge one is not made larger than memory.
        const Shape huge { 20000, 20000, 20000 };
        const ObliqueGrid coarse = gridOf(planeAcross({ 9999, 9999, 9999 }, { 1, 1, 1 }), huge, { 1, 1, 1 });
        QVERIFY(std::int64_t { coarse.width } * coarse.height < (std::int64_t { 1 } << 27) + 100000);
    }

    void itStaysInTheVolume()
    {
        const ObliquePlane out = planeAlong(Orientation::XY, { 3, 3, 400 });
        QCOMPARE(inside(out, kShape, kFlat).centre[2], 11.0);
        QCOMPARE(inside(planeAlong(Orientation::XY, { 3, 3, -1 }), kShape, kFlat).centre[2], 0.0);
        const ObliquePlane plane = planeAcross({ 8, 9, 5 }, { 1, 2, 3 });
        QVERIFY(inside(plane, kShape, kFlat) == plane);
        QVERIFY(std::abs(depthOf(atDepth(plane, 0.3, kShape, kFlat), kShape, kFlat) - 0.3) < 1e-9);
        QVERIFY(std::abs(distance(shifted(plane, 0.7, kFlat), plane.centre, kFlat) - 0.7) < 1e-9);
    }

    void itsLineInTheSlices()
    {
        const ObliquePlane plane = planeAcross({ 8, 10, 6 }, { 0.4, -0.3, 0.8 });
        for (const Orientation orientation : { Orientation::XY, Orientation::XZ, Orientation::YZ }) {
            const auto line = lineIn(plane, orientation, 6, kShape, kFlat);
            QVERIFY(line);
            const SliceAxes axes = axesOf(orientation);
            const SliceSize size = sliceSize(kShape, orientation);
            for (const PanePlace& end : *line) {
                Vector3 place;
                place[axes.across] = end[0];
                place[axes.down] = end[1];
                place[axes.normal] = 6;
                QVERIFY(distance(plane, place, kFlat) < 1e-9);
                const auto onEdge
                    = [](double at, double high) { return std::abs(at + 0.5) < 1e-9 || std::abs(at - high) < 1e-9; };
                QVERIFY(onEdge(end[0], size.width - 0.5) || onEdge(end[1], size.height - 0.5));
            }
        }
        QVERIFY(!lineIn(planeAlong(Orientation::XY, { 8, 10, 6 }), Orientation::XY, 6, kShape, kFlat));
        const auto row = lineIn(planeAlong(Orientation::XY, { 8, 10, 6 }), Orientation::XZ, 3, kShape, kFlat);
        QVERIFY(row && std::abs((*row)[0][1] - 6) < 1e-9 && std::abs((*row)[1][1] - 6) < 1e-9);
    }

    void theSamePlaneIn3D()
    {
        const ObliquePlane plane = planeAcross({ 8, 10, 6 }, { 0.4, -0.3, 0.8 });
        const ClipPlane clip = clipPlaneOf(plane, kShape);
        QVERIFY(near(clip.point, { 8.5 / 17, 10.5 / 20, 6.5 / 12 }));
        QVERIFY(near(movedTo(plane, clip, kShape).centre, plane.centre));
        const Vector3 volume { 17 * kFlat[0], 20 * kFlat[1], 12 * kFlat[2] };
        const auto outline = outlineOf(clip, volume);
        QVERIFY(outline.size() >= 3 && outline.size() <= 6);
        for (const Vector3& corner : outline)
            QVERIFY(distance(plane, { corner[0] * 17 - 0.5, corner[1] * 20 - 0.5, corner[2] * 12 - 0.5 }, kFlat) < 1e-9);
    }

    void handlesIn3DTurnAndMoveIt()
    {
        const VoxelSize size { 4, 1, 2, LengthUnit::Micrometre, SizeOrigin::User };
        SceneState state;
        state.grey = { std::make_shared<Volume>(Shape { 25, 100, 50 }, Scalar::U8, size), {}, { 25, 100, 50 } };
        state.camera = standardView(StandardView::XZ);
        state.camera.parallel = true;
        state.oblique = ClipPlane { { 0.5, 0.5, 0.5 }, { 0, 0, 1 } };
        const auto handleOf = [&](SceneHandle::Kind kind) {
            for (const SceneHandle& handle : handlesOf(state))
                if (handle.kind == kind)
                    return handle;
            return SceneHandle {};
        };
        const auto rayAt = [&](const Vector3& at, double right, double down) {
            const auto place = *placeOf(state, at, 1);
            return rayThrough(state, place[0] + right, place[1] + down, 1);
        };
        // XZ has z down: pulled down by a tenth of the picture, it goes along z by as much.
        const SceneHandle middle = handleOf(SceneHandle::Kind::Oblique);
        pull(state, middle, rayAt(middle.at, 0.2, 0.1));
        const double moved = 0.1 * state.camera.height * diagonalOf(state.grey) / 100; // of 100 µm along z
        QVERIFY(near(state.oblique->point, { 0.5, 0.5, 0.5 + moved }, 1e-6));
        // The tip stands off towards the viewer of the slice, against z; pulled to the right of the middle at the same
        // height, the slice's normal points to the left.
        const SceneHandle tip = handleOf(SceneHandle::Kind::ObliqueTip);
        QVERIFY(tip.at[2] < state.oblique->point[2]);
        pull(state, tip, rayAt(state.oblique->point, 0.05, 0));
        QVERIFY(state.oblique->keep[0] < -0.2 && std::abs(state.oblique->keep[2]) < 1e-6);
        // Beyond the ball's rim it lies in the picture's plane.
        pull(state, tip, rayAt(state.oblique->point, 0, 0.4));
        QVERIFY(near(state.oblique->keep, { 0, 0, -1 }, 1e-6));
        QVERIFY(!handlesOf(state).back().ofCut() && handlesOf(state).front().ofCut());
    }
};

QTEST_APPLESS_MAIN(TestObliquePlane)
#include "tst_oblique_plane.moc"
