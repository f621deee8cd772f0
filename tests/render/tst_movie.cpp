// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "render/graphics.h"
#include "render/movie.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace interstice;

namespace {

double angle(const Vector3& a, const Vector3& b)
{
    return std::acos(std::clamp(dot(a, b), -1.0, 1.0)) * 180 / M_PI;
}

SceneState ball()
{
    const Shape shape { 24, 24, 24 };
    auto grey = std::make_shared<Volume>(shape, Scalar::U8, VoxelSize { 1, 1, 1, LengthUnit::Micrometre, SizeOrigin::User });
    const auto voxels = grey->as<std::uint8_t>();
    for (std::size_t i = 0; i < voxels.size(); ++i) {
        const double z = double(i / 576) - 12, y = double(i / 24 % 24) - 12, x = double(i % 24) - 4; // off the middle
        voxels[i] = z * z + y * y + x * x < 30 ? 220 : 20;
    }
    Task task;
    SceneState state;
    state.grey = { grey, {}, shape };
    state.transfer = makeTransferFunction(TransferPreset::Ct, computeHistogram(*grey, {}, task));
    return state;
}

MovieOptions small()
{
    MovieOptions options;
    options.width = 96;
    options.height = 64;
    options.framesPerSecond = 5;
    options.step = 2;
    return options;
}

} // namespace

class TestMovie : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        keepDriverApart();
        holdDisplay();
    }

    void aTurnGoesRoundEvenly()
    {
        const SceneState state;
        const auto keys = turntable(state, 6);
        QCOMPARE(keys.front().seconds, 0.0);
        QCOMPARE(keys.back().seconds, 6.0);
        const Vector3 up = state.camera.up;
        SceneCamera before = stateAt(state, keys, 0).camera;
        QVERIFY(angle(before.direction, state.camera.direction) < 1e-6);
        const double step = angle(before.direction, stateAt(state, keys, 0.05).camera.direction);
        QVERIFY(std::abs(step - 3) < 0.01); // up is at right angles to where one looks: 360° in 6 s
        for (int i = 1; i <= 120; ++i) {
            const SceneCamera now = stateAt(state, keys, i * 0.05).camera;
            QVERIFY(std::abs(angle(before.direction, now.direction) - 3) < 0.01);
            QVERIFY(angle(now.up, normalised(up)) < 0.1);
            QVERIFY(std::abs(dot(now.up, now.direction)) < 1e-9);
            before = now;
        }
        QVERIFY(angle(before.direction, state.camera.direction) < 1e-3);
        QVERIFY(angle(stateAt(state, keys, 3).camera.direction, state.camera.direction) > 179.9);
        QCOMPARE(frameCount(keys, small()), 30); // the last would be the first again
    }

    void betweenViewsAllGoesEvenly()
    {
        SceneState state;
        state.camera = standardView(StandardView::XY);
        KeyFrame a = keyFrameOf(state, 1);
        KeyFrame b = keyFrameOf(state, 3);
        b.camera = standardView(StandardView::XZ);
        b.camera.height = a.camera.height / 4;
        b.clip.high = { 0.5, 1, 1 };
        b.slices = { 1, 0.5, 0.5 };
        const std::vector<KeyFrame> keys { a, b };
        const SceneState middle = stateAt(state, keys, 2);
        QVERIFY(std::abs(angle(a.camera.direction, middle.camera.direction) - 45) < 1e-6);
        QVERIFY(std::abs(angle(b.camera.direction, middle.camera.direction) - 45) < 1e-6);
        QCOMPARE(middle.camera.height, a.camera.height / 2);
        QCOMPARE(middle.clip.high[0], 0.75);
        QCOMPARE(middle.slices[0], 0.75);
        QVERIFY(stateAt(state, keys, 0).camera == a.camera);
        QVERIFY(angle(stateAt(state, keys, 9).camera.direction, b.camera.direction) < 1e-6);
        QCOMPARE(stateAt(state, keys, 9).clip.high[0], 0.5);
        QCOMPARE(frameCount(keys, small()), 11);
        QCOMPARE(frameCount({ a }, small()), 1);
        // Looking the same way is no loop yet: a zoom and slices that move come to their end.
        KeyFrame nearer = a;
        nearer.seconds = 3;
        QCOMPARE(frameCount({ a, nearer }, small()), 10);
        nearer.camera.height /= 2;
        QCOMPARE(frameCount({ a, nearer }, small()), 11);
        nearer = a;
        nearer.seconds = 3;
        nearer.slices = { 1, 0.5, 0.5 };
        QCOMPARE(frameCount({ a, nearer }, small()), 11);
        // Every standard view comes back from its quaternion.
        for (const auto view : { StandardView::Oblique, StandardView::XY, StandardView::XZ, StandardView::YZ }) {
            KeyFrame key = a;
            key.camera = standardView(view);
            const SceneCamera same = stateAt(state, { key, key }, 1).camera;
            QVERIFY(angle(same.direction, key.camera.direction) < 1e-3 && angle(same.up, key.camera.up) < 1e-3);
        }
    }

    void picturesAndVideo()
    {
        const GraphicsInfo graphics = probeGraphics();
        if (!graphics.usable)
            QSKIP(graphics.problem.c_str());
        QTemporaryDir folder;
        const SceneState state = ball();
        const auto keys = turntable(state, 1);
        Task task;
        const std::filesystem::path base = folder.path().toStdString();
        writeMovie(state, keys, small(), base / "turn.png", task);
        QCOMPARE(QDir(folder.path()).entryList({ "turn-*.png" }).size(), 5);
        const QImage first(folder.filePath("turn-0001.png"));
        QCOMPARE(first.size(), QSize(96, 64));
        QVERIFY(first != QImage(folder.filePath("turn-0003.png")));
        writeMovie(state, keys, small(), base / "turn.ogv", task);
        QFile video(folder.filePath("turn.ogv"));
        QVERIFY(video.open(QIODevice::ReadOnly));
        QCOMPARE(video.read(4), QByteArray("OggS"));
        QVERIFY(video.size() > 1000);
        QCOMPARE(QDir(folder.path()).entryList({ "*" }, QDir::Files | QDir::Hidden).size(), 6);
    }

    void aStoppedVideoLeavesNothing()
    {
        const GraphicsInfo graphics = probeGraphics();
        if (!graphics.usable)
            QSKIP(graphics.problem.c_str());
        QTemporaryDir folder;
        Task* self = nullptr;
        Task task([&](double fraction, const std::string&) {
            if (fraction > 0.3)
                self->requestStop();
        });
        self = &task;
        const std::filesystem::path file = folder.filePath("turn.ogv").toStdString();
        QVERIFY_THROWS_EXCEPTION(Stopped, writeMovie(ball(), turntable(ball(), 2), small(), file, task));
        QVERIFY(QDir(folder.path()).entryList({ "*" }, QDir::Files | QDir::Hidden).isEmpty());
    }

    void impossibleOnesAreRefused()
    {
        Task task;
        const SceneState state = ball();
        QVERIFY_THROWS_EXCEPTION(Error, writeMovie(state, {}, small(), "turn.ogv", task));
        QVERIFY_THROWS_EXCEPTION(Error, writeMovie(state, turntable(state, 1), small(), "turn.avi", task));
        MovieOptions odd = small();
        odd.width = 97;
        QVERIFY_THROWS_EXCEPTION(Error, writeMovie(state, turntable(state, 1), odd, "turn.ogv", task));
    }
};

QTEST_GUILESS_MAIN(TestMovie)
#include "tst_movie.moc"
