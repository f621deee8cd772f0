// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/scene_handles.h"

#include <QTest>

#include <cmath>

using namespace interstice;

namespace {

/// 200 × 100 × 50 µm (x, y, z), seen along an axis.
SceneState stateOf(StandardView view, bool parallel)
{
    const VoxelSize size { 2, 1, 4, LengthUnit::Micrometre, SizeOrigin::User };
    SceneState state;
    state.grey = { std::make_shared<Volume>(Shape { 25, 100, 50 }, Scalar::U8, size), {}, { 25, 100, 50 } };
    state.camera = standardView(view);
    state.camera.parallel = parallel;
    state.slicesShown = true;
    state.slices = { 0.25, 0.5, 0.75 }; // z, y, x
    return state;
}

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-9;
}

} // namespace

class TestScenePick : public QObject {
    Q_OBJECT

private slots:
    void alongTheAxes()
    {
        for (const bool parallel : { true, false }) {
            // XY: x to the right, y down, the z slice straight ahead.
            const SceneState state = stateOf(StandardView::XY, parallel);
            const SceneRay middle = rayThrough(state, 0.5, 0.5, 1.5);
            QVERIFY(near(middle.origin[0], 0.5) && near(middle.direction[0], 0) && middle.direction[2] > 0);
            const auto pick = pickSlice(state, rayThrough(state, 0.55, 0.52, 1.5));
            QVERIFY(pick);
            QCOMPARE(pick->axis, 2);
            QVERIFY(near(pick->at[2], 0.25));
            QVERIFY(pick->at[0] > 0.5 && pick->at[1] > 0.5);
            if (parallel) { // lengths are those of the picture: the diagonal is √(200² + 100² + 50²) µm
                const double diagonal = std::sqrt(52500.0);
                QVERIFY(near(pick->at[0], 0.5 + 0.05 * state.camera.height * 1.5 * diagonal / 200));
                QVERIFY(near(pick->at[1], 0.5 + 0.02 * state.camera.height * diagonal / 100));
            }
            QVERIFY(!pickSlice(state, rayThrough(state, 0.01, 0.01, 1.5))); // beside the volume
        }
        SceneState hidden = stateOf(StandardView::XY, true);
        hidden.slicesShown = false;
        QVERIFY(!pickSlice(hidden, rayThrough(hidden, 0.5, 0.5, 1)));
    }

    void theNearestSliceIsPicked()
    {
        SceneState state = stateOf(StandardView::Oblique, false);
        for (int i = 0; i < 200; ++i) {
            const double right = 0.3 + 0.4 * (i % 20) / 20;
            const double down = 0.3 + 0.4 * (i / 20) / 10;
            const SceneRay ray = rayThrough(state, right, down, 1.2);
            const auto pick = pickSlice(state, ray);
            if (!pick)
                continue;
            const auto axis = std::size_t(pick->axis);
            QVERIFY(near(pick->at[axis], state.slices[2 - axis]));
            const double t = (pick->at[axis] - ray.origin[axis]) / ray.direction[axis];
            for (std::size_t other = 0; other < 3; ++other) {
                const double s = (state.slices[2 - other] - ray.origin[other]) / ray.direction[other];
                if (other == axis || s >= t - 1e-9)
                    continue;
                bool inside = true;
                for (std::size_t k = 0; k < 3; ++k)
                    inside = inside && (k == other || std::abs(ray.origin[k] + s * ray.direction[k] - 0.5) <= 0.5);
                QVERIFY(!inside); // a nearer slice ends before it
            }
        }
    }

    void aDraggedSliceFollows()
    {
        for (const bool parallel : { true, false }) {
            const SceneState state = stateOf(StandardView::Oblique, parallel);
            const SceneRay ray = rayThrough(state, 0.52, 0.47, 1.2);
            const auto pick = pickSlice(state, ray);
            QVERIFY(pick);
            const auto axis = std::size_t(pick->axis);
            QVERIFY(near(draggedTo(state, *pick, ray), pick->at[axis])); // not moved
            // The line of sight to a place farther along the axis brings it there.
            SlicePick far = *pick;
            far.at[axis] = pick->at[axis] + 0.07;
            SceneRay to = ray;
            for (std::size_t i = 0; i < 3; ++i) {
                if (parallel)
                    to.origin[i] += far.at[i] - pick->at[i];
                else
                    to.direction[i] = far.at[i] - to.origin[i];
            }
            QVERIFY(std::abs(draggedTo(state, *pick, to) - far.at[axis]) < 1e-6);
        }
        const SceneState along = stateOf(StandardView::XY, true);
        const auto pick = pickSlice(along, rayThrough(along, 0.5, 0.5, 1));
        QVERIFY(near(draggedTo(along, *pick, rayThrough(along, 0.6, 0.6, 1)), 0.25)); // seen end on
    }

    void placesAndRaysAreInverse()
    {
        for (const bool parallel : { true, false }) {
            SceneState state = stateOf(StandardView::Oblique, parallel);
            state.camera = moved(turned(state.camera, 0.13, -0.21), 0.05, 0.08);
            for (const Vector3& at : { Vector3 { 0, 0, 0 }, Vector3 { 1, 0.2, 0.7 }, Vector3 { 0.5, 0.5, 0.5 } }) {
                const auto place = placeOf(state, at, 1.6);
                QVERIFY(place);
                const SceneRay ray = rayThrough(state, (*place)[0], (*place)[1], 1.6);
                // The place lies on the line: its offset is a multiple of the direction.
                double t = 0;
                double squares = 0;
                for (std::size_t i = 0; i < 3; ++i) {
                    t += (at[i] - ray.origin[i]) * ray.direction[i];
                    squares += ray.direction[i] * ray.direction[i];
                }
                for (std::size_t i = 0; i < 3; ++i)
                    QVERIFY(near(ray.origin[i] + t / squares * ray.direction[i], at[i]));
            }
        }
    }

    void handlesPullFacesAndPlane()
    {
        SceneState state = stateOf(StandardView::XZ, true);
        state.clip.low = { 0.1, 0, 0 };
        state.plane = planeAt(state.grey, { 1, 1, 0.5 }, 0.25);
        QVERIFY(near(depthOf(state.grey, *state.plane), 0.25));
        const auto handles = handlesOf(state);
        QCOMPARE(handles.size(), std::size_t(7));
        // Every handle goes to where it is pulled, and no other part of the cut moves.
        for (const SceneHandle& handle : handles) {
            if (handle.kind != SceneHandle::Kind::Plane && handle.axis == 1)
                continue; // y is seen end on
            SceneState pulled = state;
            Vector3 to = handle.at;
            const Vector3 edges = edgesOf(state.grey);
            if (handle.kind == SceneHandle::Kind::Plane) {
                for (std::size_t i = 0; i < 3; ++i)
                    to[i] += 5 * state.plane->keep[i] / edges[i];
            } else {
                to[std::size_t(handle.axis)] = 0.4;
            }
            const auto place = placeOf(state, to, 1.5);
            pull(pulled, handle, rayThrough(state, (*place)[0], (*place)[1], 1.5));
            const auto axis = std::size_t(handle.axis);
            if (handle.kind == SceneHandle::Kind::Plane) {
                QVERIFY(pulled.clip == state.clip);
                QVERIFY(near(depthOf(state.grey, *pulled.plane), depthOf(state.grey, { to, state.plane->keep })));
            } else {
                auto clip = state.clip;
                (handle.kind == SceneHandle::Kind::LowFace ? clip.low : clip.high)[axis] = 0.4;
                for (std::size_t i = 0; i < 3; ++i)
                    QVERIFY(near(pulled.clip.low[i], clip.low[i]) && near(pulled.clip.high[i], clip.high[i]));
                QVERIFY(*pulled.plane == *state.plane);
            }
        }
        // Faces do not pass one another.
        SceneState pulled = state;
        const auto place = placeOf(state, { 0.99, 0.5, 0.5 }, 1.5);
        pulled.clip.high[0] = 0.5;
        pull(pulled, handles[0], rayThrough(state, (*place)[0], (*place)[1], 1.5));
        QVERIFY(near(pulled.clip.low[0], 0.49));
        // The whole box moves with one of its faces, stays as large and stays inside.
        pulled.clip.low[0] = 0.2;
        const auto moveTo = [&](const SceneHandle& handle, double x) {
            const auto at = placeOf(state, { x, handle.at[1], handle.at[2] }, 1.5);
            pull(pulled, handle, rayThrough(state, (*at)[0], (*at)[1], 1.5), true);
        };
        QVERIFY(handles[0].kind == SceneHandle::Kind::LowFace && handles[1].kind == SceneHandle::Kind::HighFace);
        moveTo(handles[0], 0.4);
        QVERIFY(near(pulled.clip.low[0], 0.4) && near(pulled.clip.high[0], 0.7));
        moveTo(handles[0], 0.95);
        QVERIFY(near(pulled.clip.low[0], 0.7) && near(pulled.clip.high[0], 1));
        moveTo(handles[1], 0.35);
        QVERIFY(near(pulled.clip.low[0], 0.05) && near(pulled.clip.high[0], 0.35));
        QVERIFY(pulled.clip.low[1] == state.clip.low[1] && pulled.clip.high[2] == state.clip.high[2]);
    }
};

QTEST_GUILESS_MAIN(TestScenePick)
#include "tst_scene_pick.moc"
