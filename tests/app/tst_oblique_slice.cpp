// SPDX-License-Identifier: GPL-3.0-or-later
// The slice at any angle, by mouse and keys.
#include "app/scene_window.h"
#include "app/window/figure_controller.h"
#include "widgets/plane_overlay.h"
#include "widgets/volume_view.h"

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QSlider>

#include <cmath>

using namespace interstice;
using namespace interstice::test;

namespace {

constexpr std::size_t kEdge = 2; // µm, of a voxel

bool near(double a, double b, double most)
{
    return std::abs(a - b) <= most;
}

} // namespace

class TestObliqueSlice : public test::SceneWindow {
    Q_OBJECT

private slots:
    void initTestCase() { writeFiles(); }
    void init() { begin(); }
    void cleanup() { end(); }
    void throughThreeClickedPoints();
    void pointsInOneLine();
    void turnedAndMovedByItsLine();
    void turnedAndMovedIn3D();
    void fromAndToTheCut();
    void inFigures();

private:
    template <class T> T* child(const char* name) { return m_window->findChild<T*>(name); }
    void clickPoint(Orientation orientation, const QPointF& at)
    {
        SliceView* view = m_window->mpr().slice(orientation);
        QTest::mouseClick(view, Qt::LeftButton, {}, view->toWidget(at).toPoint());
    }
    /// Presses, moves in steps and lets go.
    void dragOn(QWidget* view, const QPointF& from, const QPointF& to)
    {
        QTest::mousePress(view, Qt::LeftButton, {}, from.toPoint());
        for (int i = 1; i <= 4; ++i)
            QTest::mouseMove(view, (from + (to - from) * i / 4).toPoint());
        QTest::mouseRelease(view, Qt::LeftButton, {}, to.toPoint());
    }
};

void TestObliqueSlice::throughThreeClickedPoints()
{
    open();
    MprView& mpr = m_window->mpr();
    const Index before = mpr.voxel();
    QTest::mouseClick(child<QPushButton>("obliquePoints"), Qt::LeftButton);
    QVERIFY(mpr.picking());
    QVERIFY(child<QLabel>("obliqueText")->text().contains("1 of 3"));
    // Two points in the slice z = 10, through the ball's middle, and one in z = 30.
    mpr.setVoxel({ 10, before.y, before.x });
    clickPoint(Orientation::XY, { 10, 16 });
    clickPoint(Orientation::XY, { 50, 16 });
    QVERIFY(child<QLabel>("obliqueText")->text().contains("3 of 3"));
    QVERIFY(!mpr.oblique());
    mpr.setVoxel({ 30, before.y, before.x });
    QVERIFY(settle());
    clickPoint(Orientation::XY, { 30, 36 });
    QCOMPARE(mpr.voxel(), (Index { 30, before.y, before.x })); // clicks were points, no places to go to
    QVERIFY(!mpr.picking() && mpr.oblique());
    QVERIFY(settle());
    // y − 16 = z − 10: 45° between XY and XZ, x to the right and y down.
    const Vector3 normal = normalOf(*mpr.oblique());
    QVERIFY(near(normal[0], 0, 0.02) && near(normal[1], -std::sqrt(0.5), 0.02) && near(normal[2], std::sqrt(0.5), 0.02));
    QVERIFY(child<QCheckBox>("obliqueShown")->isChecked());
    SliceView* view = mpr.obliqueSlice();
    QVERIFY(view->isVisible() && view->hasSlice());
    QVERIFY2(view->chip().contains(", normal 0.00, −0.7"), qPrintable(view->chip()));
    QVERIFY(near(view->micrometresPerUnit(), kEdge, 1e-9));
    // The ball is where its middle lies in the plane, as large as it is: through the middle of radius 8.
    const SliceImage& slice = view->slice();
    const ObliqueGrid& grid = *slice.oblique;
    int bright = 0;
    QPointF middle;
    for (int row = 0; row < grid.height; ++row)
        for (int column = 0; column < grid.width; ++column)
            if (slice.values->at(std::size_t(row * grid.width + column)) > 20000) {
                ++bright;
                middle += QPointF(column, row);
            }
    QVERIFY2(near(bright, 3.14159 * 64, 20), qPrintable(QString::number(bright)));
    middle /= bright;
    const ObliqueGrid::Place at = grid.at(middle.x(), middle.y());
    QVERIFY(near(at[0], 18, 0.6) && near(at[1], 16, 0.6) && near(at[2], 10, 0.6));
    // The pointer over it reads the voxel and its value; a click goes there.
    Index read;
    double value = 0;
    connect(&mpr, &MprView::cursorAt, this, [&](const Index& voxel, double v) {
        read = voxel;
        value = v;
    });
    QTest::mouseMove(view, view->toWidget(middle).toPoint());
    QVERIFY(std::abs(read.x - 18) <= 1 && std::abs(read.y - 16) <= 1 && std::abs(read.z - 10) <= 1);
    QVERIFY(value > 29000 && value < 31000);
    QTest::mouseClick(view, Qt::LeftButton, {}, view->toWidget(middle).toPoint());
    QVERIFY(std::abs(mpr.voxel().x - 18) <= 1 && std::abs(mpr.voxel().y - 16) <= 1 && std::abs(mpr.voxel().z - 10) <= 1);
    // The mask is over it, green within the ball.
    QVERIFY(greenish(view->slice().image.pixel(middle.toPoint())));
    // The wheel's step is a voxel along the normal; another volume begins without the slice.
    const Vector3 centre = mpr.oblique()->centre;
    QTest::keyClick(view, Qt::Key_Down);
    QVERIFY(near(mpr.oblique()->centre[2] - centre[2], std::sqrt(0.5), 0.02));
    m_window->opener().openRaw(m_truth);
    QTRY_VERIFY(!mpr.oblique());
    QVERIFY(!child<QCheckBox>("obliqueShown")->isChecked() && !view->isVisible());
    QVERIFY(settle());
}

void TestObliqueSlice::pointsInOneLine()
{
    open();
    MprView& mpr = m_window->mpr();
    QTest::mouseClick(child<QPushButton>("obliquePoints"), Qt::LeftButton);
    clickPoint(Orientation::XY, { 10, 10 });
    clickPoint(Orientation::XY, { 10, 10 });
    clickPoint(Orientation::XY, { 40, 30 });
    QVERIFY(!mpr.picking() && !mpr.oblique());
    auto* text = child<QLabel>("obliqueText");
    QVERIFY(text->isVisible());
    QVERIFY2(text->text().contains("in one line"), qPrintable(text->text()));
    // Escape ends picking.
    QTest::mouseClick(child<QPushButton>("obliquePoints"), Qt::LeftButton);
    clickPoint(Orientation::XY, { 10, 10 });
    QTest::keyClick(mpr.slice(Orientation::XY), Qt::Key_Escape);
    QVERIFY(!mpr.picking() && !child<QPushButton>("obliquePoints")->isChecked());
    QVERIFY(settle());
}

void TestObliqueSlice::turnedAndMovedByItsLine()
{
    open();
    MprView& mpr = m_window->mpr();
    QTest::mouseClick(child<QCheckBox>("obliqueShown"), Qt::LeftButton);
    QVERIFY(mpr.oblique());
    QVERIFY(settle());
    // Along XZ it is a row of XY and a column of YZ, and no line in XZ itself.
    QTest::mouseClick(child<QPushButton>("oblique-XZ"), Qt::LeftButton);
    QVERIFY(mpr.overlay(Orientation::XY)->handles() && mpr.overlay(Orientation::YZ)->handles());
    QVERIFY(!mpr.overlay(Orientation::XZ)->handles());
    // Moved down in XY by 6 voxels.
    SliceView* xy = mpr.slice(Orientation::XY);
    const double y = mpr.oblique()->centre[1];
    const QPointF middle = mpr.overlay(Orientation::XY)->handles()->middle;
    dragOn(xy, middle, xy->toWidget(xy->toSlice(middle) + QPointF(3, 6)));
    QVERIFY2(near(mpr.oblique()->centre[1], y + 6, 0.3), qPrintable(QString::number(mpr.oblique()->centre[1])));
    QVERIFY(settle());
    QCOMPARE(mpr.obliqueSlice()->chip(), QString("along XZ"));
    const Index voxel = mpr.voxel();
    // Turned by 45° clockwise as it is seen: its right end goes down, so x and y grow together.
    const auto handles = *mpr.overlay(Orientation::XY)->handles();
    const QPointF right = handles.turns[0].x() > handles.turns[1].x() ? handles.turns[0] : handles.turns[1];
    const double reach = right.x() - handles.middle.x();
    dragOn(xy, right, handles.middle + QPointF(reach, reach));
    const Vector3 normal = normalOf(*mpr.oblique());
    QVERIFY2(
        near(std::abs(normal[0]), std::sqrt(0.5), 0.03) && near(normal[0], -normal[1], 0.05) && near(normal[2], 0, 1e-6),
        qPrintable(QString::fromStdString(describe(*mpr.oblique()))));
    QCOMPARE(mpr.voxel(), voxel); // the cross-hair stays
    QVERIFY(settle());
    // Its pixels follow: the middle handle lies on it still.
    const QPointF still = xy->toSlice(mpr.overlay(Orientation::XY)->handles()->middle);
    const Vector3& centre = mpr.oblique()->centre;
    QVERIFY(near((still.x() - centre[0]) * normal[0] + (still.y() - centre[1]) * normal[1], 0, 0.05));
    QTest::mouseClick(child<QCheckBox>("obliqueShown"), Qt::LeftButton);
    QVERIFY(!mpr.oblique() && !mpr.overlay(Orientation::XY)->handles());
    QVERIFY(settle());
}

void TestObliqueSlice::turnedAndMovedIn3D()
{
    open();
    MprView& mpr = m_window->mpr();
    QTest::mouseClick(child<QCheckBox>("obliqueShown"), Qt::LeftButton);
    QTest::mouseClick(child<QPushButton>("oblique-XY"), Qt::LeftButton);
    VolumeView* volume = mpr.volume();
    SceneCamera camera = standardView(StandardView::XZ);
    camera.parallel = true;
    volume->setCamera(camera);
    QVERIFY(settle());
    QVERIFY(volume->scene().oblique);
    const auto placeAt = [&](SceneHandle::Kind kind) {
        for (const SceneHandle& handle : handlesOf(volume->scene()))
            if (handle.kind == kind) {
                const auto place = *placeOf(volume->scene(), handle.at, double(volume->width()) / volume->height());
                return QPointF(place[0] * volume->width(), place[1] * volume->height());
            }
        return QPointF();
    };
    const double z = mpr.oblique()->centre[2];
    const QPointF square = placeAt(SceneHandle::Kind::Oblique);
    dragOn(volume, square, square + QPointF(0, 20)); // z is down
    QVERIFY2(mpr.oblique()->centre[2] > z + 1, qPrintable(QString::number(mpr.oblique()->centre[2])));
    QVERIFY(volume->scene().camera == camera); // nothing was turned but the slice
    const QPointF foot = placeAt(SceneHandle::Kind::Oblique);
    const double length = foot.y() - placeAt(SceneHandle::Kind::ObliqueTip).y();
    QVERIFY(length > 10);
    dragOn(volume, placeAt(SceneHandle::Kind::ObliqueTip), foot + QPointF(length, -length) * std::sqrt(0.5));
    const Vector3 normal = normalOf(*mpr.oblique());
    QVERIFY2(near(normal[0], -std::sqrt(0.5), 0.06) && near(normal[2], std::sqrt(0.5), 0.06),
        qPrintable(QString::fromStdString(describe(*mpr.oblique()))));
    QVERIFY(settle());
    // Facing the viewer it is what is seen from there.
    volume->setCamera(standardView(StandardView::YZ));
    QTest::mouseClick(child<QPushButton>("obliqueFacing"), Qt::LeftButton);
    QCOMPARE(mpr.obliqueSlice()->chip().section(' ', 0, 1), QString("along YZ"));
    child<QSlider>("obliqueDepth")->setValue(0);
    QCOMPARE(mpr.oblique()->centre[0], double(kShape.x - 1)); // the first one against x
    QVERIFY(settle());
}

void TestObliqueSlice::fromAndToTheCut()
{
    open();
    MprView& mpr = m_window->mpr();
    QTest::mouseClick(child<QCheckBox>("obliqueShown"), Qt::LeftButton);
    QVERIFY(settle());
    QVERIFY(!child<QPushButton>("obliqueFromCut")->isEnabled());
    QTest::mouseClick(child<QPushButton>("obliqueCut"), Qt::LeftButton);
    const auto& plane = mpr.volume()->scene().plane;
    QVERIFY(plane);
    QVERIFY(std::abs(dot(normalised(plane->keep), normalOf(*mpr.oblique()))) > 0.9999);
    QVERIFY(dot(plane->keep, mpr.volume()->scene().camera.direction) <= 0); // what is cut away is on this side
    // And back: the cut turned away, the slice goes into it.
    mpr.volume()->setCamera(standardView(StandardView::XZ));
    QTest::mouseClick(child<QPushButton>("cutPlaneFacing"), Qt::LeftButton);
    QTest::mouseClick(child<QPushButton>("obliqueFromCut"), Qt::LeftButton);
    QVERIFY2(mpr.obliqueSlice()->chip().startsWith("along XZ"), qPrintable(mpr.obliqueSlice()->chip()));
    QVERIFY(settle());
}

void TestObliqueSlice::inFigures()
{
    open();
    QTest::mouseClick(child<QCheckBox>("obliqueShown"), Qt::LeftButton);
    QVERIFY(settle());
    const auto panels = m_window->figures().panels();
    QCOMPARE(panels.size(), std::size_t { 5 });
    QVERIFY2(panels[3].caption.startsWith("Oblique: 30.0° from XY"), qPrintable(panels[3].caption));
    QVERIFY(near(panels[3].micrometresPerPixel, kEdge, 1e-9));
    QCOMPARE(panels[3].image.width(), int(kShape.x));
    FigureSpec spec;
    spec.panels = panels;
    const QString file = m_folder.filePath("oblique.svg");
    m_window->figures().save(spec, file);
    QVERIFY(settle());
    QVERIFY(QFileInfo(file).size() > 10000);
    // Alone by a double-click, and back.
    SliceView* view = m_window->mpr().obliqueSlice();
    QTest::mouseDClick(view, Qt::LeftButton);
    QVERIFY(view->isVisible() && !m_window->mpr().slice(Orientation::XY)->isVisible());
    QTest::mouseDClick(view, Qt::LeftButton);
    QVERIFY(m_window->mpr().slice(Orientation::XY)->isVisible());
    QVERIFY(settle());
}

QTEST_MAIN(TestObliqueSlice)
#include "tst_oblique_slice.moc"
