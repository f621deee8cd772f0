// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/volume.h"
#include "widgets/compare_view.h"
#include "widgets/swipe_divider.h"

#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <QWindow>

using namespace interstice;

class TestSwipe : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void twoPanesInOnePlace();
    void dragMovesTheDivider();
    void dragStopsAtTheEdges();
    void keysMoveTheDivider();
    void doubleClickReCentres();
    void staysLinked();
    void followsTheSize();
    void ends_data();
    void ends();
    void impossiblePairsAreIgnored();
    void startsFromMaximised();
    void countsPane();
    void mapPane();
    void mapInEveryOrientation();
    void rawLosesTheOthers();

private:
    QImage grab();
    /// The picture's colour under a point of the comparison.
    QRgb at(const QImage& image, QPoint point) const;
    void settle();
    void drag(QPoint from, QPoint to);
    void wheel(QPointF at, int notches, Qt::KeyboardModifiers modifiers);

    std::unique_ptr<SliceLoader> m_loader;
    std::unique_ptr<CompareView> m_views;
    SwipeDivider* m_divider = nullptr;
};

namespace {

constexpr Shape kShape { 5, 40, 60 };

const std::vector<PaneSpec> kPanes
    = { { "raw", "Raw", kRawColour }, { "truth", "Truth", kTruthColour }, { "unet", "U-Net", kUNetColour },
          { "agreement", "Agreement", kRawColour, PaneKind::Counts }, { "map", "Difference", kRawColour, PaneKind::Map } };

template <class T> std::shared_ptr<Volume> filled(T value)
{
    return Volume::from<T>(kShape, std::vector<T>(std::size_t(kShape.voxels()), value));
}

} // namespace

void TestSwipe::init()
{
    m_loader = std::make_unique<SliceLoader>();
    m_views = std::make_unique<CompareView>(*m_loader, kPanes);
    m_views->resize(600, 400);
    m_views->show();
    m_views->setPaneShown("agreement", false);
    m_views->setPaneShown("map", false);
    m_views->setWindow({ 0, 255 });
    m_views->setRaw(filled<std::uint8_t>(0));
    m_views->setMask("truth", filled<std::uint8_t>(1));
    m_views->setMask("unet", filled<std::uint8_t>(1));
    m_views->setOverlay(1, OverlayStyle::Fill, MaskDisplay::OverRaw);
    m_divider = m_views->findChild<SwipeDivider*>();
    settle();
}

void TestSwipe::cleanup()
{
    m_views.reset();
    m_loader.reset();
}

void TestSwipe::settle()
{
    QTRY_VERIFY(m_loader->idle());
}

QImage TestSwipe::grab()
{
    return m_views->grab().toImage();
}

QRgb TestSwipe::at(const QImage& image, QPoint point) const
{
    return image.pixel((QPointF(point) * image.devicePixelRatio()).toPoint());
}

void TestSwipe::drag(QPoint from, QPoint to)
{
    const auto local = [this](QPoint point) { return m_divider->mapFrom(m_views.get(), point); };
    QTest::mousePress(m_divider, Qt::LeftButton, {}, local(from));
    for (int i = 1; i <= 4; ++i)
        QTest::mouseMove(m_divider, local(from + (to - from) * i / 4));
    QTest::mouseRelease(m_divider, Qt::LeftButton, {}, local(to));
}

void TestSwipe::wheel(QPointF at, int notches, Qt::KeyboardModifiers modifiers)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    QTest::wheelEvent(m_views->windowHandle(), at, { 0, 120 * notches }, {}, modifiers);
#else // an event that did not come from the window system is not passed on to parents: it starts there
    QWheelEvent event(
        at, m_views->mapToGlobal(at), {}, { 0, 120 * notches }, Qt::NoButton, modifiers, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(m_views.get(), &event);
#endif
}

void TestSwipe::twoPanesInOnePlace()
{
    QSignalSpy spy(m_views.get(), &CompareView::swipeChanged);
    QVERIFY(!m_divider->isVisible());
    m_views->setSwipe("truth", "unet");
    settle();
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy[0][0].toString(), QString("truth"));
    QCOMPARE(spy[0][1].toString(), QString("unet"));
    QVERIFY(m_divider->isVisible());
    QVERIFY(!m_views->pane("raw")->isVisible());
    QCOMPARE(m_divider->column(), 300);
    QCOMPARE(m_views->pane("truth")->geometry(), QRect(0, 0, 300, 400));
    QCOMPARE(m_views->pane("unet")->geometry(), QRect(300, 0, 300, 400));
    const QImage image = grab();
    QCOMPARE(at(image, { 150, 300 }), kTruthColour.packed());
    QCOMPARE(at(image, { 285, 300 }), kTruthColour.packed());
    QCOMPARE(at(image, { 315, 300 }), kUNetColour.packed());
    QCOMPARE(at(image, { 450, 300 }), kUNetColour.packed());
    QVERIFY(qGray(at(image, { 300, 100 })) > 180); // the line
}

void TestSwipe::dragMovesTheDivider()
{
    m_views->setSwipe("truth", "unet");
    settle();
    drag({ 303, 200 }, { 423, 180 }); // taken three pixels beside the line, which it keeps
    QCOMPARE(m_divider->column(), 420);
    QImage image = grab();
    QCOMPARE(at(image, { 390, 300 }), kTruthColour.packed());
    QCOMPARE(at(image, { 440, 300 }), kUNetColour.packed());
    drag({ 420, 200 }, { 120, 200 });
    QCOMPARE(m_divider->column(), 120);
    image = grab();
    QCOMPARE(at(image, { 100, 300 }), kTruthColour.packed());
    QCOMPARE(at(image, { 140, 300 }), kUNetColour.packed());
    QCOMPARE(at(image, { 390, 300 }), kUNetColour.packed());
    QTest::mouseMove(m_divider, { 100, 10 }); // nobody holds it any more
    QCOMPARE(m_divider->column(), 120);
}

void TestSwipe::dragStopsAtTheEdges()
{
    m_views->setSwipe("truth", "unet");
    drag({ 300, 200 }, { -500, 200 });
    QVERIFY(m_divider->x() >= 0 && m_divider->x() < 4);
    drag({ m_divider->column(), 200 }, { 2000, 200 });
    QVERIFY(m_divider->geometry().right() < 600 && m_divider->geometry().right() > 590);
    (void)grab(); // a pane of a few pixels can still be drawn
    drag({ m_divider->column(), 200 }, { 250, 200 });
    QCOMPARE(m_divider->column(), 250);
}

void TestSwipe::keysMoveTheDivider()
{
    m_views->setSwipe("truth", "unet");
    m_divider->setFocus();
    QTest::keyClick(m_divider, Qt::Key_Right);
    QVERIFY(m_divider->column() > 300);
    const int once = m_divider->column() - 300;
    QCOMPARE(m_views->pane("truth")->width(), 300 + once);
    QTest::keyClick(m_divider, Qt::Key_Left);
    QTest::keyClick(m_divider, Qt::Key_Left);
    QCOMPARE(m_divider->column(), 300 - once);
    QTest::keyClick(m_divider, Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(m_divider->column() > 300 + once);
    const std::int64_t slice = m_views->slice();
    QTest::keyClick(m_divider, Qt::Key_Down);
    QCOMPARE(m_views->slice(), slice + 1);
}

void TestSwipe::doubleClickReCentres()
{
    m_views->setSwipe("truth", "unet");
    drag({ 300, 200 }, { 500, 200 });
    QTest::mouseDClick(m_divider, Qt::LeftButton, {}, { 8, 100 });
    QCOMPARE(m_divider->column(), 300);
    QCOMPARE(m_views->pane("unet")->geometry(), QRect(300, 0, 300, 400));
    QVERIFY(m_views->swiping());
}

void TestSwipe::staysLinked()
{
    m_views->setSwipe("raw", "unet");
    settle();
    SliceView* left = m_views->pane("raw");
    SliceView* right = m_views->pane("unet");
    // The same voxel is in the same place on either side, wherever the divider is, zoomed or not.
    const auto sameplace = [&] {
        const QPointF a = left->mapTo(m_views.get(), left->toWidget({ 20, 10 }));
        const QPointF b = right->mapTo(m_views.get(), right->toWidget({ 20, 10 }));
        return QLineF(a, b).length() < 1e-9;
    };
    QVERIFY(sameplace());
    drag({ 300, 200 }, { 170, 200 });
    QVERIFY(sameplace());
    // 60 × 40 voxels fill 600 × 400 pixels.
    QCOMPARE(left->transform().zoom, 10.0);
    const QPointF mouse = m_divider->mapTo(m_views.get(), QPointF(5, 60));
    const QPointF under = left->toSlice(mouse);
    wheel(mouse, 1, Qt::ControlModifier);
    QVERIFY(left->transform().zoom > 11);
    QCOMPARE(right->transform().zoom, left->transform().zoom);
    const QPointF after = left->toSlice(mouse);
    QVERIFY(QLineF(under, after).length() < 1e-9);
    QVERIFY(sameplace());
    wheel(mouse, -1, Qt::NoModifier);
    QCOMPARE(m_views->slice(), std::int64_t(3));
    settle();
    QCOMPARE(left->slice().index, std::int64_t(3));
    QCOMPARE(right->slice().index, std::int64_t(3));
    m_views->fit();
    QCOMPARE(left->transform().zoom, 10.0);
}

void TestSwipe::followsTheSize()
{
    m_views->setSwipe("truth", "unet");
    drag({ 300, 200 }, { 150, 200 });
    m_views->resize(1200, 800);
    QCOMPARE(m_divider->column(), 300); // a quarter still
    QCOMPARE(m_divider->height(), 800);
    QCOMPARE(m_views->pane("unet")->geometry(), QRect(300, 0, 900, 800));
    QCOMPARE(m_views->pane("unet")->transform().zoom, 20.0); // fitted as it was
    m_views->setOrientation(Orientation::YZ); // 5 × 40 pixels
    settle();
    QCOMPARE(m_views->pane("unet")->transform().zoom, 20.0);
    QCOMPARE(m_views->pane("unet")->slice().orientation, Orientation::YZ);
    const QImage image = grab();
    QCOMPARE(at(image, { 570, 400 }), kUNetColour.packed());
}

void TestSwipe::ends_data()
{
    QTest::addColumn<bool>("maximise");
    QTest::addColumn<QString>("id");
    QTest::newRow("cleared") << false << QString();
    QTest::newRow("one maximised") << true << QString("unet");
    QTest::newRow("all again") << true << QString();
}

void TestSwipe::ends()
{
    QFETCH(bool, maximise);
    QFETCH(QString, id);
    const QRect before = m_views->pane("unet")->geometry();
    m_views->setSwipe("truth", "map");
    QSignalSpy spy(m_views.get(), &CompareView::swipeChanged);
    if (maximise)
        m_views->setMaximised(id);
    else
        m_views->clearSwipe();
    QCOMPARE(spy.count(), 1);
    QVERIFY(spy[0][0].toString().isEmpty() && spy[0][1].toString().isEmpty());
    QVERIFY(!m_views->swiping());
    QVERIFY(!m_divider->isVisible());
    QVERIFY(!m_views->pane("map")->isVisible()); // hidden before, hidden after
    QCOMPARE(m_views->maximised(), id);
    QCOMPARE(m_views->pane("unet")->geometry(), id.isEmpty() ? before : m_views->rect());
    const SliceView* unet = m_views->pane("unet");
    QCOMPARE(unet->viewport(), QRectF(unet->rect()));
    m_views->clearSwipe();
    QCOMPARE(spy.count(), 1);
}

void TestSwipe::impossiblePairsAreIgnored()
{
    QSignalSpy spy(m_views.get(), &CompareView::swipeChanged);
    m_views->setSwipe("truth", "truth");
    m_views->setSwipe("truth", "nobody");
    QVERIFY(!m_views->swiping());
    m_views->setSwipe("truth", "unet");
    m_views->setSwipe("truth", "unet");
    QCOMPARE(spy.count(), 1);
    drag({ 300, 200 }, { 200, 200 });
    m_views->setSwipe("raw", "unet"); // another pair at the same divider
    QCOMPARE(m_divider->column(), 200);
    QVERIFY(!m_views->pane("truth")->isVisible());
    QCOMPARE(m_views->swipe(), std::pair(QString("raw"), QString("unet")));
    QCOMPARE(spy.count(), 2);
}

void TestSwipe::startsFromMaximised()
{
    m_views->setMaximised("raw");
    // As the window does it: no pane maximised means the layout of panes side by side.
    connect(m_views.get(), &CompareView::maximisedChanged, m_views.get(),
        [this](const QString& id) { m_views->setMaximised(id); });
    m_views->setSwipe("raw", "truth");
    QVERIFY(m_views->swiping());
    QVERIFY(m_views->maximised().isEmpty());
    QTest::mouseDClick(m_views->pane("truth"), Qt::LeftButton, {}, { 100, 200 });
    QVERIFY(!m_views->swiping());
    QCOMPARE(m_views->maximised(), QString("truth"));
}

void TestSwipe::countsPane()
{
    std::vector<std::uint8_t> counts(std::size_t(kShape.voxels()), 0);
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::size_t x = i % 60;
        counts[i] = std::uint8_t(x < 15 ? 0 : x < 30 ? 1 : x < 45 ? 3 : 255);
    }
    m_views->setCounts("agreement", Volume::from<std::uint8_t>(kShape, counts), 3);
    m_views->setMask("agreement", filled<std::uint8_t>(1)); // not its kind
    m_views->setMaximised("agreement");
    settle();
    const std::vector<Rgb> colours = countColours(3);
    QImage image = grab(); // ten pixels a voxel
    QCOMPARE(at(image, { 75, 200 }), qRgb(0, 0, 0));
    QCOMPARE(at(image, { 225, 200 }), colours[0].packed());
    QCOMPARE(at(image, { 375, 200 }), colours[2].packed());
    QCOMPARE(at(image, { 525, 200 }), qRgb(0, 0, 0));
    // The legend has a swatch of every colour at the bottom right, even of one that is not in the picture.
    int second = 0;
    for (int y = 300; y < 400; ++y) {
        for (int x = 300; x < 600; ++x)
            second += at(image, { x, y }) == colours[1].packed();
    }
    QVERIFY2(second > 20, qPrintable(QString::number(second)));
    m_views->setMasksShown(false);
    settle();
    image = grab();
    QCOMPARE(at(image, { 375, 200 }), qRgb(0, 0, 0));
    QCOMPARE(at(image, { 225, 200 }), qRgb(0, 0, 0));
}

void TestSwipe::mapPane()
{
    std::vector<float> values(std::size_t(kShape.voxels()), 50);
    values[std::size_t(2 * 40 * 60 + 3 * 60 + 7)] = 61;
    m_views->setMap("map", Volume::from<float>(kShape, values), { 0, 100 }, ColourMap::Viridis, "grey values");
    QVERIFY(!m_views->mapValueAt("map", { 2, 3, 7 })); // not shown
    m_views->setMaximised("map");
    settle();
    const SliceView* view = m_views->pane("map");
    QVERIFY(view->colourBar());
    QCOMPARE(view->colourBar()->unit, QString("grey values"));
    const QImage image = grab();
    QCOMPARE(at(image, { 200, 200 }), 0xff21918cU);
    QCOMPARE(at(image, { 75, 300 }), 0xff21918cU);
    // The bar at the right edge has the low colours at its bottom and the high ones at its top.
    int low = 0;
    int high = 0;
    int lowAt = 0;
    int highAt = 0;
    for (int y = 0; y < 400; ++y) {
        for (int x = 400; x < 600; ++x) {
            const QRgb pixel = at(image, { x, y });
            if (pixel == colourTable(ColourMap::Viridis)[2]) {
                ++low;
                lowAt = y;
            } else if (pixel == colourTable(ColourMap::Viridis)[253]) {
                ++high;
                highAt = y;
            }
        }
    }
    QVERIFY2(low >= 8 && high >= 8, qPrintable(QString("%1 %2").arg(low).arg(high)));
    QVERIFY(lowAt > highAt + 150);
    QCOMPARE(m_views->mapValueAt("map", { 2, 3, 7 }), std::optional(61.0));
    QCOMPARE(m_views->mapValueAt("map", { 2, 3, 8 }), std::optional(50.0));
    QVERIFY(!m_views->mapValueAt("map", { 1, 3, 7 })); // another slice
    QVERIFY(!m_views->mapValueAt("map", { 2, 3, 60 }));
    QVERIFY(!m_views->mapValueAt("raw", { 2, 3, 7 }));
    // The cursor's value is raw's.
    double value = -1;
    connect(m_views.get(), &CompareView::cursorAt, this, [&](const Index&, double grey) { value = grey; });
    emit m_views->pane("map")->cursorMoved({ 7, 3 });
    QCOMPARE(value, 0.0);
    // Other colours and another range of the same source.
    m_views->setMap("map", Volume::from<float>(kShape, values), { 0, 50 }, ColourMap::Inferno, {});
    settle();
    QCOMPARE(at(grab(), { 200, 200 }), 0xfffcffa4U);
    m_views->setMap("map", nullptr, {}, ColourMap::Viridis, {});
    QVERIFY(!m_views->pane("map")->hasSlice());
}

void TestSwipe::mapInEveryOrientation()
{
    std::vector<float> values(std::size_t(kShape.voxels()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = float(i);
    m_views->setMap("map", Volume::from<float>(kShape, values), { 0, 12000 }, ColourMap::Viridis, {});
    m_views->setSwipe("raw", "map");
    for (const auto o : { Orientation::XY, Orientation::XZ, Orientation::YZ }) {
        m_views->setOrientation(o);
        settle();
        const Index voxel = voxelAt(o, m_views->slice(), 3, 4);
        QCOMPARE(m_views->mapValueAt("map", voxel), std::optional(double((voxel.z * 40 + voxel.y) * 60 + voxel.x)));
    }
}

void TestSwipe::rawLosesTheOthers()
{
    m_views->setMap("map", filled<float>(1), { 0, 2 }, ColourMap::Viridis, {});
    m_views->setSwipe("truth", "map");
    settle();
    QVERIFY(m_views->pane("map")->hasSlice());
    m_views->setRaw(filled<std::uint8_t>(9));
    settle();
    QVERIFY(!m_views->pane("map")->hasSlice());
    QVERIFY(!m_views->pane("truth")->hasSlice());
    QVERIFY(m_views->swiping());
}

QTEST_MAIN(TestSwipe)
#include "tst_swipe.moc"
