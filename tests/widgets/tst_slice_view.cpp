// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/volume.h"
#include "widgets/compare_view.h"
#include "widgets/histogram_widget.h"
#include "widgets/slice_strip.h"

#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <cmath>

using namespace interstice;

class TestSliceView : public QObject {
    Q_OBJECT

private slots:
    void wheelSteps_data();
    void wheelSteps();
    void keysStep_data();
    void keysStep();
    void zoomKeepsThePointUnderTheCursor();
    void dragsPan();
    void positionsGoBothWays();
    void panesAreLinked();
    void maximiseAndBack();
    void anisotropicFit();
    void cursorValue();
    void histogramHandles();
    void stripJumps();
    void stripChoosesSlabs();
    void stripChoosesByKeys();
    void marksLieOnTheirVoxels_data();
    void marksLieOnTheirVoxels();
    void marksReplaceEachOther();
    void tickNumbers_data();
    void tickNumbers();
    void legendMakesRoom();
    void smallPanesAreDrawn();

private:
    static void wheel(QWidget* widget, int notches, Qt::KeyboardModifiers modifiers, QPointF at);
};

void TestSliceView::wheel(QWidget* widget, int notches, Qt::KeyboardModifiers modifiers, QPointF at)
{
    QWheelEvent event(
        at, widget->mapToGlobal(at), {}, { 0, 120 * notches }, Qt::NoButton, modifiers, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(widget, &event);
}

void TestSliceView::wheelSteps_data()
{
    QTest::addColumn<int>("notches");
    QTest::addColumn<int>("modifier");
    QTest::addColumn<int>("steps");
    QTest::newRow("towards the user: next") << -1 << 0 << 1;
    QTest::newRow("away: previous") << 2 << 0 << -2;
    QTest::newRow("with Shift: ten") << -1 << int(Qt::ShiftModifier) << 10;
}

void TestSliceView::wheelSteps()
{
    QFETCH(int, notches);
    QFETCH(int, modifier);
    QFETCH(int, steps);
    SliceView view;
    view.resize(200, 200);
    QSignalSpy spy(&view, &SliceView::stepped);
    wheel(&view, notches, Qt::KeyboardModifiers(modifier), { 50, 50 });
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy[0][0].toInt(), steps);
}

void TestSliceView::keysStep_data()
{
    QTest::addColumn<int>("key");
    QTest::addColumn<int>("modifier");
    QTest::addColumn<int>("steps");
    QTest::newRow("up") << int(Qt::Key_Up) << 0 << -1;
    QTest::newRow("down") << int(Qt::Key_Down) << 0 << 1;
    QTest::newRow("left") << int(Qt::Key_Left) << 0 << -1;
    QTest::newRow("right") << int(Qt::Key_Right) << 0 << 1;
    QTest::newRow("page up") << int(Qt::Key_PageUp) << 0 << -1;
    QTest::newRow("page down") << int(Qt::Key_PageDown) << 0 << 1;
    QTest::newRow("shift down") << int(Qt::Key_Down) << int(Qt::ShiftModifier) << 10;
}

void TestSliceView::keysStep()
{
    QFETCH(int, key);
    QFETCH(int, modifier);
    QFETCH(int, steps);
    SliceView view;
    QSignalSpy spy(&view, &SliceView::stepped);
    QTest::keyClick(&view, Qt::Key(key), Qt::KeyboardModifiers(modifier));
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy[0][0].toInt(), steps);
    QSignalSpy ends(&view, &SliceView::endRequested);
    QTest::keyClick(&view, Qt::Key_End);
    QCOMPARE(ends[0][0].toBool(), true);
}

void TestSliceView::zoomKeepsThePointUnderTheCursor()
{
    SliceView view;
    view.resize(300, 200);
    view.setTransform({ { 20, 30 }, 2 });
    connect(&view, &SliceView::transformRequested, &view, &SliceView::setTransform);
    const QPointF mouse(40, 150);
    const QPointF before = view.toSlice(mouse);
    wheel(&view, 3, Qt::ControlModifier, mouse);
    QVERIFY(view.transform().zoom > 3);
    const QPointF after = view.toSlice(mouse);
    QVERIFY(std::hypot(after.x() - before.x(), after.y() - before.y()) < 1e-9);
}

void TestSliceView::dragsPan()
{
    SliceView view;
    view.resize(300, 200);
    view.setTransform({ { 20, 30 }, 2 });
    connect(&view, &SliceView::transformRequested, &view, &SliceView::setTransform);
    QTest::mousePress(&view, Qt::MiddleButton, {}, { 100, 100 });
    QTest::mouseMove(&view, { 120, 90 });
    QTest::mouseRelease(&view, Qt::MiddleButton, {}, { 120, 90 });
    QCOMPARE(view.transform().centre, QPointF(10, 35));
    QTest::keyPress(&view, Qt::Key_Space);
    QTest::mousePress(&view, Qt::LeftButton, {}, { 100, 100 });
    QTest::mouseMove(&view, { 80, 100 });
    QTest::mouseRelease(&view, Qt::LeftButton, {}, { 80, 100 });
    QTest::keyRelease(&view, Qt::Key_Space);
    QCOMPARE(view.transform().centre, QPointF(20, 35));
    QTest::mousePress(&view, Qt::LeftButton, {}, { 100, 100 }); // without Space nothing moves
    QTest::mouseMove(&view, { 10, 10 });
    QTest::mouseRelease(&view, Qt::LeftButton, {}, { 10, 10 });
    QCOMPARE(view.transform().centre, QPointF(20, 35));
}

void TestSliceView::positionsGoBothWays()
{
    SliceView view;
    view.resize(313, 207);
    view.setGeometryOfPixels({ 1, 2.5 }, 0);
    view.setTransform({ { 7, 9 }, 3.3 });
    const QPointF there = view.toWidget(view.toSlice({ 41, 77 }));
    QVERIFY(std::hypot(there.x() - 41, there.y() - 77) < 1e-9);
}

namespace {

std::shared_ptr<Volume> ramp(Shape shape, VoxelSize size = {})
{
    std::vector<std::uint16_t> voxels(std::size_t(shape.voxels()));
    for (std::size_t i = 0; i < voxels.size(); ++i)
        voxels[i] = std::uint16_t(i);
    return Volume::from<std::uint16_t>(shape, voxels, size);
}

const std::vector<PaneSpec> kPanes
    = { { "raw", "Raw", kRawColour }, { "truth", "Truth", kTruthColour }, { "unet", "U-Net", kUNetColour } };

} // namespace

void TestSliceView::panesAreLinked()
{
    SliceLoader loader;
    CompareView views(loader, kPanes);
    views.resize(800, 600);
    views.show();
    QSignalSpy spy(&views, &CompareView::sliceChanged);
    const auto raw = ramp({ 11, 8, 8 });
    views.setRaw(raw);
    views.setMask("truth", Volume::from<std::uint8_t>({ 11, 8, 8 }, std::vector<std::uint8_t>(704, 1)));
    QCOMPARE(views.slice(), std::int64_t(5));
    wheel(views.pane("truth"), -1, {}, { 10, 10 });
    QCOMPARE(views.slice(), std::int64_t(6));
    QTRY_VERIFY(loader.idle());
    QCOMPARE(views.pane("raw")->slice().index, std::int64_t(6));
    QCOMPARE(views.pane("truth")->slice().index, std::int64_t(6));
    QVERIFY(!views.pane("unet")->hasSlice());
    wheel(views.pane("raw"), 1, Qt::ControlModifier, { 10, 10 });
    QCOMPARE(views.pane("truth")->transform().zoom, views.pane("raw")->transform().zoom);
    QCOMPARE(views.pane("unet")->transform().centre, views.pane("raw")->transform().centre);
    wheel(views.pane("raw"), -1, Qt::ShiftModifier, { 10, 10 }); // ten on, but there are not that many
    QCOMPARE(views.slice(), std::int64_t(10));
    views.reset();
    QCOMPARE(views.slice(), std::int64_t(5));
    QCOMPARE(spy.last()[1].toLongLong(), 11);
}

void TestSliceView::maximiseAndBack()
{
    SliceLoader loader;
    CompareView views(loader, kPanes);
    views.resize(800, 600);
    views.show();
    views.setRaw(ramp({ 3, 8, 8 }));
    QTest::mouseDClick(views.pane("raw"), Qt::LeftButton, {}, { 20, 20 });
    QCOMPARE(views.maximised(), QString("raw"));
    QVERIFY(!views.pane("truth")->isVisible());
    QCOMPARE(views.pane("raw")->size(), views.size());
    QTest::mouseDClick(views.pane("raw"), Qt::LeftButton, {}, { 20, 20 });
    QVERIFY(views.pane("truth")->isVisible());
    QVERIFY(views.pane("raw")->width() < views.width());
}

void TestSliceView::anisotropicFit()
{
    SliceLoader loader;
    CompareView views(loader, { kPanes[0] });
    views.resize(400, 400);
    views.show();
    views.setRaw(ramp({ 10, 20, 20 }, { 4, 1, 1, LengthUnit::Micrometre, SizeOrigin::User }));
    views.setOrientation(Orientation::XZ);
    const SliceView* view = views.pane("raw");
    // 20 × 10 voxels that are four times as high as wide: 20 × 40 µm fill the height.
    const QPointF low = view->toWidget({ -0.5, -0.5 });
    const QPointF high = view->toWidget({ 19.5, 9.5 });
    QVERIFY(std::abs((high.y() - low.y()) / (high.x() - low.x()) - 2) < 1e-6);
    QVERIFY(std::abs(high.y() - low.y() - view->height()) < 1);
}

void TestSliceView::cursorValue()
{
    SliceLoader loader;
    CompareView views(loader, kPanes);
    views.resize(600, 600);
    views.show();
    views.setRaw(ramp({ 3, 8, 8 }));
    QTRY_VERIFY(loader.idle());
    Index voxel;
    double value = -1;
    connect(&views, &CompareView::cursorAt, this, [&](const Index& at, double grey) {
        voxel = at;
        value = grey;
    });
    emit views.pane("raw")->cursorMoved({ 6.4, 2.6 });
    QCOMPARE(voxel, (Index { 1, 3, 6 }));
    QCOMPARE(value, 64.0 + 3 * 8 + 6);
    QSignalSpy left(&views, &CompareView::cursorLeft);
    emit views.pane("raw")->cursorMoved({ 7.6, 0 });
    QCOMPARE(left.count(), 1);
}

void TestSliceView::histogramHandles()
{
    HistogramWidget widget;
    widget.resize(300, 120);
    std::vector<float> values(1000);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = float(i);
    widget.setHistogram(histogramOf(values));
    widget.setWindow({ 200, 800 });
    QSignalSpy spy(&widget, &HistogramWidget::windowDragged);
    const QPoint from(int(std::lround(widget.xOf(200))), 40);
    const QPoint to(int(std::lround(widget.xOf(400))), 40);
    QTest::mousePress(&widget, Qt::LeftButton, {}, from);
    QTest::mouseMove(&widget, to);
    QTest::mouseRelease(&widget, Qt::LeftButton, {}, to);
    QVERIFY(spy.count() >= 1);
    QVERIFY(std::abs(widget.window().black - 400) < 6);
    QCOMPARE(widget.window().white, 800.0);
    QTest::mousePress(&widget, Qt::LeftButton, {}, to);
    QTest::mouseMove(&widget, QPoint(295, 40)); // black stays below white
    QVERIFY(widget.window().black < 800);
    QCOMPARE(formatGrey(18420), QString("18") + QChar(0x202f) + "420");
}

void TestSliceView::stripJumps()
{
    SliceStrip strip;
    strip.resize(428, 96);
    strip.setSlices(100);
    strip.setCurrent(50);
    std::vector<double> dice(100, 0.9);
    dice[20] = 0.3;
    dice[70] = 0.5;
    dice[10] = std::nan("");
    strip.setCurves({ { "unet", "U-Net", kUNetColour, dice } });
    QCOMPARE(strip.nextWorst(), std::int64_t(20));
    strip.setCurrent(20);
    QCOMPARE(strip.nextWorst(), std::int64_t(70));
    QSignalSpy spy(&strip, &SliceStrip::slicePicked);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, { 14 + 300 + 2, 80 });
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy[0][0].toLongLong(), 75);
    strip.setCurves({});
    QCOMPARE(strip.nextWorst(), std::int64_t(-1));
}

void TestSliceView::tickNumbers_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<double>("step");
    QTest::addColumn<int>("decimals");
    QTest::addColumn<QString>("text");
    const QString thin(QChar(0x202f));
    const QString minus(QChar(0x2212));
    QTest::newRow("whole") << 20.0 << 10.0 << 0 << "20";
    QTest::newRow("thousands") << 25000.0 << 5000.0 << 0 << "25" + thin + "000";
    QTest::newRow("decimals") << 0.2 << 0.05 << 2 << "0.20";
    QTest::newRow("thousands and decimals") << 1234.5 << 0.5 << 1 << "1" + thin + "234.5";
    QTest::newRow("below zero") << -0.01 << 0.01 << 2 << minus + "0.01";
    QTest::newRow("zero") << 0.0 << 0.0000002 << 7 << "0";
    QTest::newRow("tiny") << 6e-7 << 2e-7 << 7 << "6e" + minus + "7";
    QTest::newRow("huge") << 1.2e9 << 1e8 << 0 << "1.2e9";
}

void TestSliceView::tickNumbers()
{
    QFETCH(double, value);
    QFETCH(double, step);
    QFETCH(int, decimals);
    QTEST(formatTick(value, step, decimals), "text");
}

namespace {

/// Where a colour is found in a picture of the view.
QRect boundsOf(const QImage& image, QRgb colour)
{
    QRect bounds;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixel(x, y) == colour)
                bounds |= QRect(x, y, 1, 1);
        }
    }
    return bounds;
}

SliceImage whiteSlice()
{
    SliceImage slice;
    slice.image = QImage(10, 10, QImage::Format_RGB32);
    slice.image.fill(Qt::white);
    return slice;
}

} // namespace

void TestSliceView::stripChoosesSlabs()
{
    SliceStrip strip;
    strip.resize(828, 96);
    strip.setSlices(40);
    QSignalSpy picked(&strip, &SliceStrip::slicePicked);
    QSignalSpy chosen(&strip, &SliceStrip::slabsChosen);
    // Nothing to choose: a click anywhere jumps.
    QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.placeOf(15));
    QCOMPARE(picked.count(), 1);
    QCOMPARE(picked[0][0].toLongLong(), 15LL);
    strip.setSlabs({ { 0, 10, false }, { 10, 10, true }, { 20, 10, false }, { 30, 10, false } });
    QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.placeOf(25));
    QCOMPARE(chosen.count(), 1);
    QVERIFY(strip.slabs()[2].chosen && strip.slabs()[1].chosen && !strip.slabs()[3].chosen);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.placeOf(12));
    QVERIFY(!strip.slabs()[1].chosen);
    // A drag does to all it passes what it did to the first.
    QTest::mousePress(&strip, Qt::LeftButton, {}, strip.placeOf(3));
    for (const int slice : { 12, 15, 24, 33 }) {
        QMouseEvent move(QEvent::MouseMove, strip.placeOf(slice), strip.mapToGlobal(strip.placeOf(slice)), Qt::NoButton,
            Qt::LeftButton, {});
        QCoreApplication::sendEvent(&strip, &move);
    }
    QTest::mouseRelease(&strip, Qt::LeftButton, {}, strip.placeOf(33));
    for (const SliceSlab& slab : strip.slabs())
        QVERIFY(slab.chosen);
    QCOMPARE(chosen.count(), 5); // the one in the middle was chosen before
    QCOMPARE(picked.count(), 1);
    // Above, where the curves are, one still jumps.
    QTest::mouseClick(&strip, Qt::LeftButton, {}, { strip.placeOf(7).x(), 40 });
    QCOMPARE(picked.last()[0].toLongLong(), 7LL);
}

void TestSliceView::stripChoosesByKeys()
{
    SliceStrip strip;
    strip.resize(600, 96);
    strip.setSlices(40);
    QCOMPARE(strip.focusPolicy(), Qt::NoFocus);
    strip.setSlabs({ { 0, 10, false }, { 10, 10, false }, { 20, 10, false }, { 30, 10, false } });
    QCOMPARE(strip.focusPolicy(), Qt::StrongFocus);
    QSignalSpy picked(&strip, &SliceStrip::slicePicked);
    QTest::keyClick(&strip, Qt::Key_Right);
    QTest::keyClick(&strip, Qt::Key_Space);
    QVERIFY(strip.slabs()[1].chosen);
    QCOMPARE(picked.last()[0].toLongLong(), 15LL); // the slab is looked at
    QTest::keyClick(&strip, Qt::Key_End);
    QTest::keyClick(&strip, Qt::Key_Space);
    QTest::keyClick(&strip, Qt::Key_Space);
    QVERIFY(!strip.slabs()[3].chosen);
    QTest::keyClick(&strip, Qt::Key_Home);
    QTest::keyClick(&strip, Qt::Key_Left);
    QTest::keyClick(&strip, Qt::Key_Space);
    QVERIFY(strip.slabs()[0].chosen);
}

void TestSliceView::marksLieOnTheirVoxels_data()
{
    QTest::addColumn<int>("orientation");
    QTest::addColumn<QRectF>("area");
    QTest::newRow("XY") << int(Orientation::XY) << QRectF(5.5, 3.5, 8, 6);
    QTest::newRow("XZ") << int(Orientation::XZ) << QRectF(5.5, 1.5, 8, 3);
    QTest::newRow("YZ") << int(Orientation::YZ) << QRectF(1.5, 3.5, 3, 6);
}

void TestSliceView::marksLieOnTheirVoxels()
{
    QFETCH(int, orientation);
    QFETCH(QRectF, area);
    const Box box { { 2, 4, 6 }, { 3, 6, 8 } };
    const auto across = Orientation(orientation);
    const std::int64_t first = across == Orientation::XY ? 2 : across == Orientation::XZ ? 4 : 6;
    const std::int64_t depth = across == Orientation::XY ? 3 : across == Orientation::XZ ? 6 : 8;
    for (std::int64_t index = 0; index < 20; ++index) {
        const auto marks = marksIn({ { box, { 255, 0, 0 } } }, across, index);
        QCOMPARE(marks.size(), std::size_t(index >= first && index < first + depth));
        if (!marks.empty())
            QCOMPARE(marks[0].area, area);
    }
}

void TestSliceView::marksReplaceEachOther()
{
    SliceView view;
    view.resize(200, 200);
    view.setSlice(whiteSlice());
    view.setTransform({ { 4.5, 4.5 }, 20 });
    view.setMarks({ { { -0.5, -0.5, 6, 10 }, { 0, 0, 255 }, 0.5 }, { { 2.5, -0.5, 6, 10 }, { 0, 0, 255 }, 0.5 } });
    const QImage image = view.grab().toImage();
    const double ratio = image.devicePixelRatio();
    const auto at = [&](double column) { return image.pixel((view.toWidget({ column, 5 }) * ratio).toPoint()); };
    QCOMPARE(at(9), qRgb(255, 255, 255));
    QVERIFY(at(1) != qRgb(255, 255, 255));
    QCOMPARE(at(4), at(1)); // where both are it is no darker
    view.setMarks({});
    QCOMPARE(view.grab().toImage().pixel((view.toWidget({ 4, 5 }) * ratio).toPoint()), qRgb(255, 255, 255));
}

void TestSliceView::legendMakesRoom()
{
    SliceView view;
    view.setSlice(whiteSlice());
    view.setTransform({ { 5, 5 }, 100 });
    view.setLegend({ { { 255, 0, 0 }, "1 of 3" }, { { 0, 255, 0 }, "2 of 3" }, { { 0, 0, 255 }, "3 of 3" } });
    view.resize(500, 300);
    QImage image = view.grab().toImage();
    QRect first = boundsOf(image, qRgb(255, 0, 0));
    QRect last = boundsOf(image, qRgb(0, 0, 255));
    QVERIFY(!first.isEmpty() && !last.isEmpty());
    QCOMPARE(first.top(), last.top());
    QVERIFY(last.left() > first.right() + 20);
    view.resize(140, 300); // no room for a row: the most is on top
    image = view.grab().toImage();
    first = boundsOf(image, qRgb(255, 0, 0));
    last = boundsOf(image, qRgb(0, 0, 255));
    QVERIFY(!first.isEmpty() && !last.isEmpty());
    QCOMPARE(first.left(), last.left());
    QVERIFY(last.bottom() < first.top());
}

void TestSliceView::smallPanesAreDrawn()
{
    // A swipe's divider leaves panes of any width, and what does not fit is left out.
    SliceView view;
    view.setMinimumSize(1, 1);
    view.setTitle("A rather long title", Qt::red);
    view.setChip("Dice 0.986");
    view.setSlice(whiteSlice());
    view.setGeometryOfPixels({}, 1);
    view.setTransform({ { 5, 5 }, 100 });
    view.setScaleBarShown(true);
    view.setLegend({ { { 255, 0, 0 }, "1 of 1" } });
    view.setColourBar(ColourBar { { 0, 1 }, { ColourMap::Viridis }, "unit" });
    for (const int wide : { 1, 8, 40, 60, 90, 130 }) {
        view.resize(wide, 300);
        const QImage image = view.grab().toImage();
        QCOMPARE(image.pixel(0, image.height() - 1), qRgb(255, 255, 255)); // nothing of it reaches the border
    }
    view.resize(300, 20);
    (void)view.grab();
}

QTEST_MAIN(TestSliceView)
#include "tst_slice_view.moc"
