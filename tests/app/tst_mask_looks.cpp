// SPDX-License-Identifier: GPL-3.0-or-later
// Which labels of a mask are shown and in which colours masks are, in every view.
#include "app/scene_window.h"
#include "app/window/figure_controller.h"
#include "app/window/labels_page.h"
#include "app/window/scene_memory.h"
#include "app/window/side_pages.h"
#include "io/open_volume.h"
#include "picture/colour_maps.h"
#include "widgets/volume_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QListView>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSlider>
#include <QToolButton>

using namespace interstice;
using namespace interstice::test;

namespace {

bool like(QRgb pixel, Rgb colour, int most = 4)
{
    return qAbs(qRed(pixel) - colour.r) <= most && qAbs(qGreen(pixel) - colour.g) <= most
        && qAbs(qBlue(pixel) - colour.b) <= most;
}

} // namespace

class TestMaskLooks : public test::SceneWindow {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        writeFiles();
        // The ball is 1, everything below z of 30 is 2.
        m_labels = std::filesystem::path(m_folder.path().toStdString()) / "labels.tif";
        const auto ball = readAs<std::uint8_t>(*openVolume(m_truth).source, Box::whole(kShape));
        auto labels = ball;
        for (std::size_t i = std::size_t(30 * kShape.sliceVoxels()); i < labels.size(); ++i)
            labels[i] = 2;
        Task task;
        copy(*Volume::from<std::uint8_t>(kShape, labels), *createTiff(m_labels, kShape, Scalar::U8, {}), task);
    }
    void init() { begin(); }
    void cleanup() { end(); }
    void labelsAreShownAndHidden();
    void theChoiceIsKept();
    void aColourIsTheSameEverywhere();
    void eachMaskIsAsOpaqueAsWanted();

private:
    template <class T> T* child(const char* name) { return m_window->findChild<T*>(name); }

    void openLabels()
    {
        open();
        m_window->opener().openMask(kUNetId, m_labels, std::nullopt);
        QTRY_VERIFY(m_window->workspace().mask(kUNetId));
        QVERIFY(settle());
        child<QCheckBox>("scene-mask-truth")->setChecked(false);
        child<QCheckBox>("scene-mask-unet")->setChecked(true);
        QVERIFY(settle());
    }
    /// The colour of a voxel in the slices XY of the MPR view.
    QRgb pixel(const Index& voxel)
    {
        m_window->mpr().setVoxel(voxel);
        if (!settle())
            return 0;
        return m_window->mpr().slice(Orientation::XY)->slice().image.pixel(int(voxel.x), int(voxel.y));
    }
    /// Clicks the tick of a row.
    void tick(int row)
    {
        auto* list = child<QListView>("labelsList");
        const QRect cell = list->visualRect(list->model()->index(row, 0));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(cell.left() + 10, cell.center().y()));
    }

    std::filesystem::path m_labels;
};

void TestMaskLooks::labelsAreShownAndHidden()
{
    openLabels();
    m_window->findChild<OverlayPage*>()->setState(1, 1, 0); // filled, opaque, masks
    const Index inBall { 10, 16, 18 };
    const Index below { 35, 40, 40 };
    QVERIFY(like(pixel(inBall), kUNetColour) && like(pixel(below), kUNetColour));
    QTest::mouseClick(child<QPushButton>("chooseLabels"), Qt::LeftButton);
    auto* list = child<QListView>("labelsList");
    QTRY_COMPARE(list->model()->rowCount(), 1); // of the truth
    auto* of = child<QComboBox>("labelsOf");
    of->setCurrentIndex(of->findData(kUNetId));
    emit of->activated(of->currentIndex());
    QTRY_COMPARE(list->model()->rowCount(), 2);
    QVERIFY(settle());
    QVERIFY(list->isVisible());
    QVERIFY(list->model()->index(0, 0).data().toString().startsWith("1 · "));
    QCOMPARE(list->model()->index(1, 0).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
    const auto labelled = [&](std::uint8_t number) {
        const auto volume = m_window->mpr().volume()->scene().labels.volume;
        return volume && std::ranges::count(volume->as<std::uint8_t>(), number) > 0;
    };
    const auto shownVoxels = [&] {
        const auto& scene = m_window->mpr().volume()->scene();
        return scene.labels.volume ? std::ranges::count(scene.labels.volume->as<std::uint8_t>(), 1) : -1;
    };
    const auto all = shownVoxels();
    // Without the second label: in slices, in 3-D and in a figure the ball is left.
    tick(1);
    QVERIFY(settle());
    QVERIFY(like(pixel(inBall), kUNetColour) && !like(pixel(below), kUNetColour, 60));
    const auto balls = shownVoxels();
    QVERIFY(balls > 1500 && balls < 2500 && all > 20000); // a ball of radius 8
    m_window->mpr().setVoxel(below);
    QVERIFY(settle());
    const auto panels = m_window->figures().panels();
    QVERIFY(!like(panels[0].image.pixel(40, 40), kUNetColour, 60));
    QCOMPARE(child<QLabel>("labelsText")->text(), QString("1 of 2 shown"));
    // So it is in the comparison, also outlined.
    m_window->setLayoutOfWindow(WindowLayout::Compare);
    m_window->views().setPaneShown(kUNetId, true);
    m_window->views().setSlice(35);
    QVERIFY(settle());
    SliceView* pane = m_window->views().pane(kUNetId);
    QVERIFY(!like(pane->slice().image.pixel(40, 40), kUNetColour, 60));
    m_window->views().setSlice(10);
    QVERIFY(settle());
    QVERIFY(like(pane->slice().image.pixel(18, 16), kUNetColour));
    m_window->setLayoutOfWindow(WindowLayout::Mpr);
    // Each in its colour, in 3-D as well.
    m_window->findChild<OverlayPage*>()->setState(1, 1, 3);
    QVERIFY(like(pixel(inBall), labelColour(1)) && !like(pixel(below), labelColour(2), 60));
    QVERIFY(labelled(1) && !labelled(2));
    QCOMPARE(m_window->mpr().volume()->scene().looks.size(), std::size_t(kLabelColours) + 1);
    // Only the other one, none, all.
    list->setCurrentIndex(list->model()->index(1, 0));
    QTest::mouseClick(child<QPushButton>("labelsOnly"), Qt::LeftButton);
    QVERIFY(settle());
    QVERIFY(!like(pixel(inBall), labelColour(1), 60) && like(pixel(below), labelColour(2)));
    QVERIFY(!labelled(1) && labelled(2));
    QTest::mouseClick(child<QPushButton>("labelsNone"), Qt::LeftButton);
    QVERIFY(settle());
    QVERIFY(!like(pixel(inBall), labelColour(1), 60) && !like(pixel(below), labelColour(2), 60));
    QVERIFY(!labelled(1) && !labelled(2));
    QTest::mouseClick(child<QPushButton>("labelsAll"), Qt::LeftButton);
    QVERIFY(settle());
    QVERIFY(like(pixel(inBall), labelColour(1)) && like(pixel(below), labelColour(2)));
    QVERIFY(labelled(1) && labelled(2));
}

void TestMaskLooks::theChoiceIsKept()
{
    openLabels();
    m_window->workspace().looks().setLabels(kUNetId, LabelChoice::only(2));
    QVERIFY(settle());
    m_queue->stopAll();
    m_window.reset();
    makeWindow();
    openLabels();
    QVERIFY(m_window->workspace().looks().labels(kUNetId) == LabelChoice::only(2));
    const auto& labels = m_window->mpr().volume()->scene().labels;
    QVERIFY(labels.volume);
    QCOMPARE(std::ranges::count(labels.volume->as<std::uint8_t>(), 1), 10 * kShape.sliceVoxels());
    // The look in 3-D is kept beside it, and neither takes the other away.
    SceneMemory memory(*m_settings);
    QVERIFY(memory.recallMasks(m_raw).at(kUNetId).labels == LabelChoice::only(2));
    memory.keep(m_raw, { m_window->mpr().volume()->scene().transfer, {} });
    QVERIFY(memory.recall(m_raw) && memory.recallMasks(m_raw).size() == 1);
    QVERIFY(memory.recallMasks("/another.tif").empty());
    m_settings->setValue("scene/looks", QStringList { "{\"masks\": 3}" });
    QVERIFY(memory.recallMasks(m_raw).empty());
}

void TestMaskLooks::aColourIsTheSameEverywhere()
{
    open();
    m_window->findChild<OverlayPage*>()->setState(1, 1, 0);
    const Index inBall { 10, 16, 18 };
    QVERIFY(like(pixel(inBall), kTruthColour));
    const auto choose = [&](const char* action) {
        QMenu* menu = nullptr;
        QTRY_VERIFY((menu = m_window->findChild<QMenu*>("colourMenu")));
        auto* item = menu->findChild<QAction*>(action);
        QVERIFY(item);
        menu->setActiveAction(item);
        QTest::keyClick(menu, Qt::Key_Return);
        QTRY_VERIFY(!m_window->findChild<QMenu*>("colourMenu"));
    };
    // By the square beside the mask on the 3-D page.
    QTest::mouseClick(child<QToolButton>("scene-colour-truth"), Qt::LeftButton);
    choose("colour-vermilion");
    const Rgb vermilion { 0xd5, 0x5e, 0x00 };
    QVERIFY(settle());
    QVERIFY(m_window->workspace().looks().colour(kTruthId) == vermilion);
    QVERIFY(like(pixel(inBall), vermilion));
    const VolumeView* volume = m_window->mpr().volume();
    QVERIFY(volume->scene().looks.front().colour == vermilion);
    const auto reddish = [](QRgb p) { return qRed(p) > qGreen(p) + 40 && qRed(p) > qBlue(p) + 60; };
    QVERIFY(centreOf(volume->frame().image, reddish).x() > 0);
    QVERIFY(centreOf(volume->frame().image, greenish).x() < 0);
    // As surface, in the comparison, in the score table.
    auto* style = child<QComboBox>("sceneMaskStyle");
    style->setCurrentIndex(1);
    emit style->activated(1);
    QVERIFY(settle());
    QVERIFY(volume->scene().surfaces.front().colour == vermilion);
    m_window->setLayoutOfWindow(WindowLayout::Compare);
    m_window->views().setSlice(10);
    QVERIFY(settle());
    QVERIFY(like(m_window->views().pane(kTruthId)->slice().image.pixel(18, 16), vermilion));
    for (const MethodScore& row : m_window->workspace().scoreRows())
        QVERIFY(row.id != kTruthId || row.colour == vermilion);
    // By the square in the list of data; surfaces change without being made again.
    auto* list = m_window->findChild<DataPage*>()->findChild<QListWidget*>();
    const QRect row = list->visualItemRect(list->item(1));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(row.left() + 12, row.center().y()));
    const auto surface = volume->scene().surfaces.front().surface;
    choose("colour-sky-blue");
    QVERIFY(settle());
    QVERIFY(like(m_window->views().pane(kTruthId)->slice().image.pixel(18, 16), { 0x56, 0xb4, 0xe9 }));
    QVERIFY(volume->scene().surfaces.front().colour == (Rgb { 0x56, 0xb4, 0xe9 }));
    QVERIFY(volume->scene().surfaces.front().surface == surface);
    // It is kept with the volume, and the usual colour is no choice.
    m_queue->stopAll();
    m_window.reset();
    makeWindow();
    open();
    QVERIFY(m_window->workspace().looks().colour(kTruthId) == (Rgb { 0x56, 0xb4, 0xe9 }));
    QTest::mouseClick(child<QToolButton>("scene-colour-truth"), Qt::LeftButton);
    choose("colour-usual");
    QVERIFY(m_window->workspace().looks().all().empty());
    QVERIFY(settle());
    QVERIFY(m_window->mpr().volume()->scene().looks.front().colour == kTruthColour);
}

void TestMaskLooks::eachMaskIsAsOpaqueAsWanted()
{
    openLabels();
    child<QCheckBox>("scene-mask-truth")->setChecked(true);
    QVERIFY(settle());
    const VolumeView* volume = m_window->mpr().volume();
    const auto looks = [&] { return m_window->mpr().volume()->scene().looks; };
    QCOMPARE(looks().size(), std::size_t(2));
    QCOMPARE(looks()[0].opacity, 0.36); // of a layer
    QCOMPARE(looks()[1].opacity, 0.36);
    const auto labels = volume->scene().labels.volume;
    auto* slider = child<QSlider>("scene-opacity-unet");
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Home);
    QVERIFY(settle());
    QCOMPARE(looks()[0].opacity, 0.36);
    QCOMPARE(looks()[1].opacity, 0.0);
    QVERIFY(volume->scene().labels.volume == labels); // nothing is made again for it
    QTest::keyClick(slider, Qt::Key_End);
    QVERIFY(settle());
    QCOMPARE(looks()[1].opacity, 1.0);
    // So are surfaces, and labels in colours of their own.
    auto* style = child<QComboBox>("sceneMaskStyle");
    style->setCurrentIndex(1);
    emit style->activated(1);
    QVERIFY(settle());
    QCOMPARE(volume->scene().surfaces[0].opacity, kUsualOpacity);
    QCOMPARE(volume->scene().surfaces[1].opacity, 1.0);
    const auto surface = volume->scene().surfaces[1].surface;
    QTest::keyClick(slider, Qt::Key_Left);
    QVERIFY(settle());
    QCOMPARE(volume->scene().surfaces[1].opacity, 0.99);
    QVERIFY(volume->scene().surfaces[1].surface == surface);
    // It is kept with the volume.
    m_queue->stopAll();
    m_window.reset();
    makeWindow();
    openLabels();
    QCOMPARE(m_window->workspace().looks().opacity(kUNetId), 0.99);
    QCOMPARE(child<QSlider>("scene-opacity-unet")->value(), 99);
    QCOMPARE(child<QSlider>("scene-opacity-truth")->value(), 60);
    QCOMPARE(looks()[0].opacity, 0.99 * 0.99);
}

QTEST_MAIN(TestMaskLooks)
#include "tst_mask_looks.moc"
