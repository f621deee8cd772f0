// SPDX-License-Identifier: GPL-3.0-or-later
// The three linked slices and the 3-D view, by mouse and keys.
#include "app/scene_window.h"
#include "app/watchdog.h"
#include "app/window/figure_controller.h"
#include "app/window/figure_dialog.h"
#include "app/window/movie_controller.h"
#include "app/window/movie_dialog.h"
#include "app/window/results_pages.h"
#include "app/window/scene_memory.h"
#include "app/window/scene_page.h"
#include "app/window/side_pages.h"
#include "picture/colour_maps.h"
#include "widgets/message_bar.h"
#include "widgets/mpr_view.h"
#include "widgets/transfer_editor.h"
#include "widgets/volume_view.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>

using namespace interstice;
using namespace interstice::test;
namespace fs = std::filesystem;

class TestMpr : public test::SceneWindow {
    Q_OBJECT

private slots:
    void initTestCase() { writeFiles(); }
    void init() { begin(); }
    void cleanup() { end(); }
    void threeSlicesThroughOneVoxel();
    void doubleClickMaximises();
    void theVolumeStandsTheRightWayUp();
    void cutsMasksAndSurfaces();
    void pointsOfTheTransferFunction();
    void aVolumeLooksAsItWasLeft();
    void withoutGraphicsItSaysWhy();
    void figuresOfWhatIsSeen();
    void slicesShowWhatOverlayAndHistogramSay();
    void theCutIsReadFiner();
    void slicesAreMovedIn3D();
    void handlesPullTheCut();
    void memoryIsFreedOutOfSight();
    void moviesOfKeptViews();
    void nothingStalls();
};

void TestMpr::threeSlicesThroughOneVoxel()
{
    open();
    MprView& mpr = m_window->mpr();
    for (const auto orientation : { Orientation::XY, Orientation::XZ, Orientation::YZ })
        QVERIFY(mpr.slice(orientation)->hasSlice());
    // A click at the ball's centre in XY moves the other two through it.
    SliceView* xy = mpr.slice(Orientation::XY);
    QTest::mouseClick(xy, Qt::LeftButton, {}, xy->toWidget({ 18, 16 }).toPoint());
    QCOMPARE(mpr.voxel().x, std::int64_t { 18 });
    QCOMPARE(mpr.voxel().y, std::int64_t { 16 });
    SliceView* xz = mpr.slice(Orientation::XZ);
    QTest::mouseClick(xz, Qt::LeftButton, {}, xz->toWidget({ 18, 10 }).toPoint());
    QCOMPARE(mpr.voxel().z, std::int64_t { 10 });
    QVERIFY(settle());
    // The ball is where it belongs in each: column and row of its centre.
    const auto value = [&](Orientation orientation, int column, int row) {
        const SliceImage& slice = mpr.slice(orientation)->slice();
        return slice.values->at(static_cast<std::size_t>(row * slice.image.width() + column));
    };
    QVERIFY(value(Orientation::XY, 18, 16) > 20000 && value(Orientation::XY, 40, 16) < 20000);
    QVERIFY(value(Orientation::XZ, 18, 10) > 20000 && value(Orientation::XZ, 18, 30) < 20000);
    QVERIFY(value(Orientation::YZ, 10, 16) > 20000 && value(Orientation::YZ, 30, 16) < 20000);
    // The wheel and keys step one of them; the comparison follows.
    QTest::keyClick(xy, Qt::Key_Down);
    QCOMPARE(mpr.voxel().z, std::int64_t { 11 });
    QCOMPARE(m_window->views().slice(), std::int64_t { 11 });
    QTest::keyClick(xy, Qt::Key_End);
    QCOMPARE(mpr.voxel().z, kShape.z - 1);
    // Another orientation of the comparison is of the same place.
    const Index place = mpr.voxel();
    m_window->views().setOrientation(Orientation::YZ);
    QVERIFY(mpr.voxel() == place);
    QCOMPARE(m_window->views().slice(), place.x);
    m_window->views().setOrientation(Orientation::XY);
    QCOMPARE(m_window->views().slice(), place.z);
}

void TestMpr::doubleClickMaximises()
{
    open();
    MprView& mpr = m_window->mpr();
    SliceView* yz = mpr.slice(Orientation::YZ);
    QTest::mouseDClick(yz, Qt::LeftButton);
    QVERIFY(yz->isVisible() && !mpr.slice(Orientation::XY)->isVisible() && !mpr.volume()->isVisible());
    QTRY_VERIFY(yz->width() > mpr.width() - 10);
    QTest::mouseDClick(yz, Qt::LeftButton);
    QVERIFY(mpr.slice(Orientation::XY)->isVisible() && mpr.volume()->isVisible());
    QTest::mouseDClick(mpr.volume(), Qt::LeftButton);
    QVERIFY(mpr.volume()->isVisible() && !yz->isVisible());
    QVERIFY(settle());
}

void TestMpr::theVolumeStandsTheRightWayUp()
{
    open();
    VolumeView* volume = m_window->mpr().volume();
    QVERIFY(volume->hasFrame());
    m_window->findChild<QCheckBox*>("scene-mask-truth")->setChecked(true);
    // Along each axis as in the slices: the ball lies nearer the origin, so left of and above the middle.
    for (const char* view : { "view-XY", "view-XZ", "view-YZ" }) {
        QTest::mouseClick(m_window->findChild<QPushButton*>(view), Qt::LeftButton);
        QVERIFY(settle());
        const QPointF at = centreOf(volume->frame().image, greenish);
        QVERIFY2(at.x() > 0 && at.x() < 0.48, view);
        QVERIFY2(at.y() > 0 && at.y() < 0.48, view);
    }
    // Dragging to the right turns what is in front to the right: the ball is in the volume's front half seen along z.
    QTest::mouseClick(m_window->findChild<QPushButton*>("view-XY"), Qt::LeftButton);
    QVERIFY(settle());
    const QPointF before = centreOf(volume->frame().image, greenish);
    QTest::mousePress(volume, Qt::LeftButton, {}, QPoint(200, 150));
    QTest::mouseMove(volume, QPoint(230, 150));
    QTest::mouseRelease(volume, Qt::LeftButton, {}, QPoint(230, 150));
    QVERIFY(settle());
    QVERIFY(volume->frame().final);
    QVERIFY(centreOf(volume->frame().image, greenish).x() > before.x() + 0.01);
}

void TestMpr::cutsMasksAndSurfaces()
{
    open();
    VolumeView* volume = m_window->mpr().volume();
    const auto hasGreen = [&] { return centreOf(volume->frame().image, greenish).x() >= 0; };
    QVERIFY(hasGreen()); // the first mask is shown by itself
    m_window->findChild<QSpinBox*>("clip-x-low")->setValue(60); // the ball ends at 26 of 72
    QVERIFY(settle());
    QVERIFY(!hasGreen());
    m_window->findChild<QSpinBox*>("clip-x-low")->setValue(0);
    QVERIFY(settle());
    QVERIFY(hasGreen());
    auto* style = m_window->findChild<QComboBox*>("sceneMaskStyle");
    style->setCurrentIndex(1);
    emit style->activated(1);
    QVERIFY(settle());
    QCOMPARE(volume->scene().surfaces.size(), std::size_t { 1 });
    QVERIFY(!volume->scene().labels.volume);
    QVERIFY(hasGreen());
    m_window->findChild<QCheckBox*>("scene-mask-truth")->setChecked(false);
    QVERIFY(settle());
    QVERIFY(!hasGreen());
    m_window->findChild<QCheckBox*>("scene-mask-truth")->setChecked(true);
    const fs::path file = fs::path(m_folder.path().toStdString()) / "ball.ply";
    m_window->scene().saveSurface(file);
    QVERIFY(settle());
    QVERIFY(fs::file_size(file) > 1000);
}

void TestMpr::pointsOfTheTransferFunction()
{
    open();
    auto* editor = m_window->findChild<TransferEditor*>("transferEditor");
    const auto points = [&] { return editor->function().opacity; };
    const std::size_t n = points().size();
    const QPoint empty = editor->rect().center() - QPoint(editor->width() / 3, editor->height() / 6);
    QTest::mouseClick(editor, Qt::LeftButton, {}, empty);
    QCOMPARE(points().size(), n + 1);
    const auto after = points();
    QVERIFY(std::is_sorted(after.begin(), after.end(), [](const auto& a, const auto& b) { return a.value < b.value; }));
    QTest::keyClick(editor, Qt::Key_Delete);
    QCOMPARE(points().size(), n);
    const OpacityPoint last = points().back();
    const QPoint at = editor->toWidget(last).toPoint();
    QTest::mousePress(editor, Qt::LeftButton, {}, at);
    QTest::mouseMove(editor, at + QPoint(0, 25));
    QTest::mouseRelease(editor, Qt::LeftButton, {}, at + QPoint(0, 25));
    QVERIFY(points().back().opacity < last.opacity);
    QVERIFY(m_window->mpr().volume()->scene().transfer == editor->function());
    auto* preset = m_window->findChild<QComboBox*>("scenePreset");
    preset->setCurrentIndex(4);
    emit preset->activated(4);
    QCOMPARE(editor->function().projection, Projection::Maximum);
    const fs::path file = fs::path(m_folder.path().toStdString()) / "transfer.json";
    m_window->scene().saveTransfer(file);
    QVERIFY(settle());
    preset->setCurrentIndex(0);
    emit preset->activated(0);
    m_window->scene().loadTransfer(file);
    QVERIFY(settle());
    QCOMPARE(editor->function().projection, Projection::Maximum);
}

void TestMpr::aVolumeLooksAsItWasLeft()
{
    open();
    auto* page = m_window->findChild<ScenePage*>();
    TransferFunction function = page->editor().function();
    QVERIFY(function.opacity.size() > 1);
    function.opacity.front().value += 11;
    function.colours = ColourMap::Inferno;
    page->setFunction(function);
    m_window->findChild<QSpinBox*>("clip-z-high")->setValue(70);
    QVERIFY(settle());
    m_queue->stopAll();
    m_window.reset();
    m_window = std::make_unique<MainWindow>(m_methods, *m_queue, *m_session, *m_theme, *m_settings);
    m_window->resize(1300, 850);
    m_window->show();
    open();
    page = m_window->findChild<ScenePage*>();
    QVERIFY(page->editor().function() == function);
    QCOMPARE(m_window->findChild<QSpinBox*>("clip-z-high")->value(), 70);
    // Another volume has its own look, and a spoilt memory is no obstacle.
    SceneMemory memory(*m_settings);
    QVERIFY(!memory.recall("/another.tif"));
    memory.keep("/another.tif", { function, {} });
    QVERIFY(memory.recall("/another.tif")->transfer == function);
    m_settings->setValue("scene/looks", QStringList { "{", "[]" });
    QVERIFY(!memory.recall("/another.tif"));
    m_settings->remove("scene");
}

void TestMpr::withoutGraphicsItSaysWhy()
{
    GraphicsInfo none;
    none.problem = "There is no graphics here.";
    m_window->scene().setGraphics(none);
    open(false);
    QVERIFY(!m_window->mpr().volume()->hasFrame());
    QVERIFY(m_window->mpr().slice(Orientation::XZ)->hasSlice()); // slices work all the same
}

void TestMpr::figuresOfWhatIsSeen()
{
    open();
    m_window->findChild<QAction*>("figure")->trigger();
    auto* dialog = m_window->findChild<FigureDialog*>();
    QVERIFY(dialog && dialog->isVisible() && !dialog->isModal());
    QCOMPARE(dialog->spec().panels.size(), std::size_t { 4 }); // three slices and the volume
    QCOMPARE(
        dialog->spec().panels[0].caption, QString("XY, slice %1 of %2").arg(m_window->mpr().voxel().z + 1).arg(kShape.z));
    dialog->findChild<QDoubleSpinBox*>("figureWidth")->setValue(85);
    dialog->findChild<QSpinBox*>("figureDpi")->setValue(150);
    QCOMPARE(figurePixels(dialog->spec()).width(), int(std::lround(85 / 25.4 * 150)));
    // The file has the 3-D view drawn anew: on white, and more finely than on the screen.
    const QString file = m_folder.filePath("figure.png");
    m_window->figures().save(dialog->spec(), file);
    QVERIFY(settle());
    const QImage image(file);
    QCOMPARE(image.width(), int(std::lround(85 / 25.4 * 150)));
    QCOMPARE(image.pixel(image.width() - 3, image.height() / 2), qRgb(255, 255, 255));
    QVERIFY(centreOf(image.copy(image.width() * 3 / 4, 0, image.width() / 4, image.height()), greenish).x() > 0);
    auto* preset = dialog->findChild<QComboBox*>("figurePreset");
    emit preset->activated(2); // raw and K-means
    QVERIFY(settle());
    QVERIFY(m_window->views().isVisible() && m_window->views().paneShown(kKMeansId));
    QCOMPARE(dialog->spec().panels.size(), std::size_t { 1 }); // there is no K-means mask yet
    QCOMPARE(dialog->spec().panels[0].image.size(), QSize(int(kShape.x), int(kShape.y)));
    QCOMPARE(dialog->spec().panels[0].micrometresPerPixel, 2.0);
    QCOMPARE(
        dialog->spec().panels[0].caption, QString("Raw, slice %1 of %2").arg(m_window->views().slice() + 1).arg(kShape.z));
    // Slices in other colours come out in them.
    m_window->findChild<QComboBox*>("sliceColours")->setCurrentIndex(1);
    QVERIFY(settle());
    const QRgb pixel = dialog->spec().panels[0].image.pixel(18, 16);
    QVERIFY(qRed(pixel) != qBlue(pixel));
    QVERIFY(dialog->spec().panels[0].colourBar);
    QCOMPARE(dialog->spec().panels[0].colourBar->look.colours, ColourMap::Viridis);
    dialog->close();
}

void TestMpr::slicesShowWhatOverlayAndHistogramSay()
{
    open();
    MprView& mpr = m_window->mpr();
    SliceView* xy = mpr.slice(Orientation::XY);
    mpr.setVoxel({ 10, 16, 18 });
    QVERIFY(settle());
    QVERIFY(xy->slice().outlined);
    auto* display = m_window->findChild<OverlayPage*>();
    display->setState(1, 1, 3); // filled labels
    QVERIFY(settle());
    QVERIFY(!xy->slice().outlined);
    const QRgb label = xy->slice().image.pixel(18, 16);
    QVERIFY(qAbs(qRed(label) - int(labelColour(1).r)) < 3 && qAbs(qBlue(label) - int(labelColour(1).b)) < 3);
    // The window follows the slice: without the ball in it the same noise is brighter.
    mpr.setVoxel({ 35, 50, 60 });
    QVERIFY(settle());
    const int before = qRed(xy->slice().image.pixel(60, 50));
    emit m_window->findChild<ContrastPage*>()->windowOfSliceToggled(true);
    QVERIFY(settle());
    QVERIFY(qRed(xy->slice().image.pixel(60, 50)) != before);
    QVERIFY(xy->slice().window.white < 12000);
}

void TestMpr::theCutIsReadFiner()
{
    // A card that takes an eighth of the volume: all of it at 1/2, the half with the ball in x at 1/1 when y is halved too.
    m_graphics.longestEdge = 36;
    open();
    m_graphics = probeGraphics();
    const auto grey = [&] { return m_window->mpr().volume()->scene().grey; };
    QVERIFY(!grey().reduction.none());
    m_window->findChild<QSpinBox*>("clip-x-high")->setValue(50);
    m_window->findChild<QSpinBox*>("clip-y-high")->setValue(50);
    m_window->findChild<QSpinBox*>("clip-z-high")->setValue(80);
    QVERIFY(settle());
    QVERIFY(!grey().part()); // nobody asked
    m_window->findChild<QCheckBox*>("sharpCut")->setChecked(true);
    QVERIFY(settle());
    QVERIFY(grey().part());
    QVERIFY(grey().reduction.none());
    QVERIFY(grey().volume->shape() == (Shape { 32, 28, 36 }));
    QCOMPARE(QString::fromStdString(describeDetail(grey())), QString("3-D, box at 1/1"));
    QVERIFY(m_window->mpr().volume()->scene().labels.volume->shape() == grey().volume->shape());
    m_window->findChild<QSpinBox*>("clip-x-low")->setValue(25); // it follows
    QVERIFY(settle());
    QCOMPARE(grey().start.x, std::int64_t { 18 });
    m_window->findChild<QCheckBox*>("sharpCut")->setChecked(false);
    QVERIFY(settle());
    QVERIFY(!grey().part());
}

void TestMpr::slicesAreMovedIn3D()
{
    open();
    MprView& mpr = m_window->mpr();
    VolumeView* volume = mpr.volume();
    volume->setCamera(standardView(StandardView::XY)); // the z slice ahead, its place known
    for (QCheckBox* box : m_window->findChild<ScenePage*>()->findChildren<QCheckBox*>())
        if (box->text() == "Slices")
            box->setChecked(true);
    QVERIFY(settle());
    QVERIFY(volume->scene().slicesShown);
    const QPoint middle = volume->rect().center();
    mpr.setVoxel({ 5, 5, 5 });
    QTest::mouseClick(volume, Qt::LeftButton, Qt::ControlModifier, middle);
    QVERIFY(std::abs(mpr.voxel().x - kShape.x / 2) <= 1 && std::abs(mpr.voxel().y - kShape.y / 2) <= 1);
    QCOMPARE(mpr.voxel().z, std::int64_t { 5 }); // on that slice
    // Seen obliquely, a slice follows the pointer along its axis.
    volume->setCamera(standardView(StandardView::Oblique));
    mpr.setVoxel({ 20, 28, 36 });
    QVERIFY(settle());
    const Index before = mpr.voxel();
    QTest::mousePress(volume, Qt::LeftButton, Qt::ShiftModifier, middle);
    // QTest::mouseMove carries no modifiers, and the drag needs none.
    for (int i = 1; i <= 10; ++i)
        QTest::mouseMove(volume, middle + QPoint(0, 6 * i));
    QTest::mouseRelease(volume, Qt::LeftButton, Qt::ShiftModifier, middle + QPoint(0, 60));
    const Index after = mpr.voxel();
    QCOMPARE(int(before.z != after.z) + int(before.y != after.y) + int(before.x != after.x), 1);
    QVERIFY(volume->scene().camera == standardView(StandardView::Oblique)); // nothing was turned
    QVERIFY(settle());
}

void TestMpr::handlesPullTheCut()
{
    open();
    VolumeView* volume = m_window->mpr().volume();
    const auto hasGreen = [&] { return centreOf(volume->frame().image, greenish).x() >= 0; };
    volume->setCamera(standardView(StandardView::XY)); // x to the right
    const auto placeOfFace = [&](SceneHandle::Kind kind) {
        for (const SceneHandle& handle : handlesOf(volume->scene()))
            if (handle.kind == kind && handle.axis == 0) {
                const auto place = placeOf(volume->scene(), handle.at, double(volume->width()) / volume->height());
                return QPointF((*place)[0] * volume->width(), (*place)[1] * volume->height()).toPoint();
            }
        return QPoint();
    };
    const auto pullBy = [&](int pixels, Qt::KeyboardModifiers modifiers = {}) {
        const QPoint from = placeOfFace(SceneHandle::Kind::LowFace);
        QTest::mousePress(volume, Qt::LeftButton, modifiers, from);
        QTest::mouseMove(volume, from + QPoint(pixels / 2, 0));
        QTest::mouseMove(volume, from + QPoint(pixels, 0));
        QTest::mouseRelease(volume, Qt::LeftButton, {}, from + QPoint(pixels, 0));
    };
    const int edge = placeOfFace(SceneHandle::Kind::HighFace).x() - placeOfFace(SceneHandle::Kind::LowFace).x();
    auto* low = m_window->findChild<QSpinBox*>("clip-x-low");
    pullBy(edge * 6 / 10); // without handles the camera turns
    QCOMPARE(low->value(), 0);
    QVERIFY(!(volume->scene().camera == standardView(StandardView::XY)));
    volume->setCamera(standardView(StandardView::XY));
    m_window->findChild<QCheckBox*>("cutHandles")->setChecked(true);
    pullBy(edge * 6 / 10);
    QVERIFY2(std::abs(low->value() - 60) <= 1, qPrintable(QString::number(low->value())));
    QVERIFY(volume->scene().camera == standardView(StandardView::XY));
    QVERIFY(settle());
    QVERIFY(!hasGreen()); // the ball ends at 26 of 72
    // With Shift the whole box moves.
    auto* high = m_window->findChild<QSpinBox*>("clip-x-high");
    low->setValue(10);
    high->setValue(50);
    pullBy(edge * 3 / 10, Qt::ShiftModifier);
    QVERIFY2(std::abs(low->value() - 40) <= 1, qPrintable(QString::number(low->value())));
    QCOMPARE(high->value() - low->value(), 40);
    QVERIFY(volume->scene().camera == standardView(StandardView::XY));
    high->setValue(100);
    low->setValue(0);
    // A plane facing the viewer, which takes away what is before it.
    m_window->findChild<QCheckBox*>("cutPlane")->setChecked(true);
    QVERIFY(volume->scene().plane);
    auto* depth = m_window->findChild<QSlider*>("cutPlaneDepth");
    depth->setValue(-1000);
    QVERIFY(settle());
    QVERIFY(hasGreen());
    depth->setValue(1000);
    QVERIFY(settle());
    QVERIFY(!hasGreen());
    m_window->findChild<QPushButton*>("cutPlaneFlip")->click();
    QVERIFY(settle());
    QVERIFY(hasGreen());
    m_window->findChild<QCheckBox*>("cutPlane")->setChecked(false);
    QVERIFY(!volume->scene().plane);
    QVERIFY(settle());
}

void TestMpr::memoryIsFreedOutOfSight()
{
    open();
    VolumeView* volume = m_window->mpr().volume();
    const auto held = [&] {
        const SceneState& scene = volume->scene();
        return std::vector<std::weak_ptr<const Volume>> { scene.grey.volume, scene.labels.volume };
    };
    const auto freed = [](const std::vector<std::weak_ptr<const Volume>>& volumes) {
        return std::ranges::all_of(volumes, [](const auto& one) { return one.expired(); });
    };
    auto volumes = held();
    QVERIFY(!volumes[0].expired() && !volumes[1].expired());
    // For a moment away: all stays.
    m_window->setLayoutOfWindow(WindowLayout::Compare);
    QVERIFY(!volume->isVisible());
    QTest::qWait(100);
    m_window->setLayoutOfWindow(WindowLayout::Mpr);
    QVERIFY(settle());
    QVERIFY(volume->scene().grey.volume == volumes[0].lock() && volume->scene().grey.volume);
    // Longer: neither controller, view, drawing thread nor VTK, which only wraps them, holds them any more.
    m_window->scene().setReleaseDelay(30);
    const auto comesBack = [&] {
        QVERIFY(settle());
        QVERIFY(volume->scene().grey.volume && volume->scene().labels.volume);
        QVERIFY(volume->frame().final);
        QVERIFY(centreOf(volume->frame().image, greenish).x() >= 0);
        volumes = held();
    };
    m_window->setLayoutOfWindow(WindowLayout::Compare);
    QTRY_VERIFY(freed(volumes));
    m_window->setLayoutOfWindow(WindowLayout::Mpr);
    comesBack();
    // Behind a slice that has all of the room, also while its page is used.
    QTest::mouseDClick(m_window->mpr().slice(Orientation::YZ), Qt::LeftButton);
    QTRY_VERIFY(freed(volumes));
    m_window->findChild<QSpinBox*>("clip-x-high")->setValue(90);
    QVERIFY(settle());
    QVERIFY(!volume->scene().grey.volume);
    QTest::mouseDClick(m_window->mpr().slice(Orientation::YZ), Qt::LeftButton);
    comesBack();
    QCOMPARE(volume->scene().clip.high[0], 0.9);
    // Another volume opened meanwhile is what comes.
    m_window->setLayoutOfWindow(WindowLayout::Compare);
    QTRY_VERIFY(freed(volumes));
    m_window->opener().openRaw(m_truth);
    QTRY_VERIFY(m_window->workspace().raw()->scalar() == Scalar::U8);
    QVERIFY(settle());
    m_window->setLayoutOfWindow(WindowLayout::Mpr);
    QVERIFY(settle());
    QVERIFY(volume->scene().grey.volume && volume->scene().grey.volume->scalar() == Scalar::U8);
}

void TestMpr::moviesOfKeptViews()
{
    open();
    m_window->findChild<QAction*>("movie")->trigger();
    auto* dialog = m_window->findChild<MovieDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    QCOMPARE(dialog->keys().back().seconds, 8.0); // a turn
    auto* kind = dialog->findChild<QComboBox*>("movieKind");
    kind->setCurrentIndex(1);
    emit kind->activated(1);
    QVERIFY(dialog->keys().empty());
    QVERIFY(!dialog->findChild<QPushButton*>("primary")->isEnabled()); // nothing to show yet
    VolumeView* volume = m_window->mpr().volume();
    auto* keep = dialog->findChild<QPushButton*>("movieAdd");
    QTest::mouseClick(keep, Qt::LeftButton);
    volume->setCamera(standardView(StandardView::YZ));
    QTest::mouseClick(keep, Qt::LeftButton);
    QCOMPARE(dialog->keys().size(), std::size_t { 2 });
    QVERIFY(dialog->keys()[1].camera == standardView(StandardView::YZ));
    dialog->findChild<QTableWidget*>("movieViews")->item(1, 0)->setText("0.4");
    QCOMPARE(dialog->keys()[1].seconds, 0.4);
    MovieOptions options = dialog->options();
    options.width = 160;
    options.height = 120;
    options.framesPerSecond = 10;
    m_window->movies().save(volume->scene(), dialog->keys(), options, m_folder.filePath("way.png"));
    QVERIFY(settle());
    QCOMPARE(QDir(m_folder.path()).entryList({ "way-*.png" }).size(), 5);
    dialog->close();
}

void TestMpr::nothingStalls()
{
    test::Watchdog watchdog;
    open();
    MprView& mpr = m_window->mpr();
    VolumeView* volume = mpr.volume();
    QTest::mousePress(volume, Qt::LeftButton, {}, QPoint(100, 100));
    for (int i = 0; i < 40; ++i) {
        QTest::mouseMove(volume, QPoint(100 + 4 * i, 100 + i));
        QTest::qWait(5);
    }
    QTest::mouseRelease(volume, Qt::LeftButton, {}, QPoint(260, 140));
    for (int i = 0; i < 30; ++i) {
        QTest::keyClick(mpr.slice(Orientation::YZ), Qt::Key_Down);
        QTest::qWait(5);
    }
    auto* style = m_window->findChild<QComboBox*>("sceneMaskStyle");
    style->setCurrentIndex(1);
    emit style->activated(1);
    QVERIFY(settle());
    QVERIFY2(watchdog.longest() < 100, qPrintable(QString("%1 ms").arg(watchdog.longest())));
}

QTEST_MAIN(TestMpr)
#include "tst_mpr.moc"
