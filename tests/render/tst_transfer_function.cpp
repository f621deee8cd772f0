// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "render/scene_camera.h"
#include "render/transfer_function.h"

#include <QtTest>

#include <cmath>

using namespace interstice;

class TestTransferFunction : public QObject {
    Q_OBJECT

private slots:
    void opacityIsLinearBetweenPoints()
    {
        TransferFunction f;
        QCOMPARE(f.opacityAt(3), 0.0);
        f.opacity = { { 10, 0.2 }, { 20, 0.6 } };
        QCOMPARE(f.opacityAt(-5), 0.2);
        QCOMPARE(f.opacityAt(15), 0.4);
        QCOMPARE(f.opacityAt(99), 0.6);
        QCOMPARE(f.opacityAt(NAN), 0.0);
    }

    void survivesJson()
    {
        TransferFunction f;
        f.opacity = { { -1.5, 0 }, { 1e6, 0.25 } };
        f.colours = ColourMap::Inferno;
        f.inverted = true;
        f.window = { -2, 7 };
        f.projection = Projection::Minimum;
        f.lighting = Lighting::Scattering;
        QVERIFY(transferFunctionFromJson(toJson(f)) == f);
        QVERIFY_THROWS_EXCEPTION(Error, transferFunctionFromJson(Json { { "opacity", 3 } }));
        Json wrong = toJson(f);
        wrong["colours"] = "jet";
        QVERIFY_THROWS_EXCEPTION(Error, transferFunctionFromJson(wrong));
    }

    void presetsAscendForAnyVolume()
    {
        for (const int kind : { 0, 1, 2 }) { // noise, constant, all NaN
            std::vector<float> values(5000);
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = kind == 0 ? float((i * 7919) % 1000) : kind == 1 ? 5.0F : NAN;
            const Histogram histogram = histogramOf(values);
            for (const TransferPreset preset : kTransferPresets) {
                const TransferFunction f = makeTransferFunction(preset, histogram);
                QVERIFY(f.opacity.size() >= 2);
                for (std::size_t i = 1; i < f.opacity.size(); ++i)
                    QVERIFY2(f.opacity[i].value > f.opacity[i - 1].value, transferPresetName(preset));
                for (const auto& p : f.opacity)
                    QVERIFY(p.opacity >= 0 && p.opacity <= 1);
            }
        }
    }

    void theCameraStaysRightHandedAndUpright()
    {
        for (const auto view : { StandardView::Oblique, StandardView::XY, StandardView::XZ, StandardView::YZ }) {
            SceneCamera camera = standardView(view);
            for (int i = 0; i < 50; ++i) {
                camera = turned(camera, 0.03 * i, 0.05 - 0.002 * i);
                QVERIFY(std::abs(dot(camera.direction, camera.direction) - 1) < 1e-9);
                QVERIFY(std::abs(dot(camera.up, camera.up) - 1) < 1e-9);
                QVERIFY(std::abs(dot(camera.up, camera.direction)) < 1e-9);
            }
        }
        // In the XY view x goes right and y goes down, as in slices: right = up × direction.
        const SceneCamera xy = standardView(StandardView::XY);
        QVERIFY(dot(cross(xy.up, xy.direction), { 1, 0, 0 }) > 0.999);
        QVERIFY(dot(xy.up, { 0, -1, 0 }) > 0.999);
        const SceneCamera xz = standardView(StandardView::XZ);
        QVERIFY(dot(cross(xz.up, xz.direction), { 1, 0, 0 }) > 0.999);
        const SceneCamera yz = standardView(StandardView::YZ);
        QVERIFY(dot(cross(yz.up, yz.direction), { 0, 0, 1 }) > 0.999);
        // Dragging to the right moves what is in front to the right: the eye goes left.
        QVERIFY(dot(turned(xy, 0.1, 0).direction, { 1, 0, 0 }) < -0.1);
        QVERIFY(zoomed(xy, 2).height < xy.height);
        QVERIFY(dot(moved(xy, 0.5, 0).focus, { 1, 0, 0 }) < 0);
    }
};

QTEST_GUILESS_MAIN(TestTransferFunction)
#include "tst_transfer_function.moc"
