// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "volume/volume.h"
#include "widgets/slice_loader.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <cmath>
#include <mutex>
#include <semaphore>

using namespace interstice;

namespace {

/// A volume whose voxels hold their slice number, that counts and may hold up reads.
class Counted : public VolumeSource {
public:
    explicit Counted(Shape shape)
        : m_shape(shape)
    {
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return Scalar::U8; }
    std::string name() const override { return "counted"; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        if (held)
            gate.acquire();
        if (box.start.z == failing)
            throw Error("Slice 7 is damaged", "Copy the file again.");
        const std::lock_guard lock(mutex);
        reads.push_back(box.start.z);
        std::fill(to.begin(), to.end(), std::byte(box.start.z));
    }
    mutable std::mutex mutex;
    mutable std::vector<std::int64_t> reads;
    mutable std::counting_semaphore<1000> gate { 0 };
    std::atomic<bool> held = false;
    std::int64_t failing = -1;

private:
    Shape m_shape;
};

SliceRequest requestOf(const SourcePtr& raw, std::int64_t index, int pane = 0, int direction = 0)
{
    SliceRequest request;
    request.pane = pane;
    request.raw = raw;
    request.index = index;
    request.window = { 0, 255 };
    request.direction = direction;
    return request;
}

} // namespace

class TestSliceLoader : public QObject {
    Q_OBJECT

private slots:
    void drawsWhatWasAsked();
    void staleRequestsAreNotEvenRead();
    void cancelledPaneHearsNothing();
    void otherVolumesResultIsDropped();
    void cacheIsUsedAndLimited();
    void neighboursAreReadAhead();
    void errorsArriveAsSentences();
    void maskAndErrorMap();
    void counts();
    void map();
    void otherMapsResultIsDropped();
    void windowOfEachSlice();
    void coarseFirstThenSharp();
    void aSharpSliceIsGivenUpForAnother();
    void atAnAngleCoarseFirstThenSharp();
    void atAnAngleItIsGivenUpForAnother();
    void masksAtAnAngle();
    void longReadingGivesWay();
    void destroyedWhileWorking();
};

void TestSliceLoader::drawsWhatWasAsked()
{
    SliceLoader loader;
    const auto raw = std::make_shared<Counted>(Shape { 20, 4, 6 });
    std::vector<SliceImage> got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got.push_back(slice); });
    loader.request(requestOf(raw, 17, 3));
    QVERIFY(!loader.idle());
    QTRY_COMPARE(got.size(), std::size_t(1));
    QVERIFY(loader.idle());
    QCOMPARE(got[0].pane, 3);
    QCOMPARE(got[0].index, std::int64_t(17));
    QCOMPARE(got[0].image.size(), QSize(6, 4));
    QCOMPARE(got[0].image.pixel(5, 3), qRgb(17, 17, 17));
    QCOMPARE(got[0].values->at(0), 17.0F);
}

void TestSliceLoader::staleRequestsAreNotEvenRead()
{
    SliceLoader loader;
    const auto raw = std::make_shared<Counted>(Shape { 100, 4, 4 });
    std::vector<std::int64_t> got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got.push_back(slice.index); });
    raw->held = true;
    loader.request(requestOf(raw, 0));
    QTest::qWait(30); // it is being read
    for (int i = 1; i <= 50; ++i)
        loader.request(requestOf(raw, i));
    raw->gate.release(1000 / 2);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(got.back(), std::int64_t(50));
    QVERIFY(got.size() <= 2); // the one under way may be shown on the way
    const std::lock_guard lock(raw->mutex);
    QCOMPARE(raw->reads, (std::vector<std::int64_t> { 0, 50 }));
}

void TestSliceLoader::cancelledPaneHearsNothing()
{
    SliceLoader loader;
    const auto raw = std::make_shared<Counted>(Shape { 5, 4, 4 });
    QSignalSpy spy(&loader, &SliceLoader::sliceReady);
    raw->held = true;
    loader.request(requestOf(raw, 1));
    QTest::qWait(20);
    loader.cancel(0);
    QVERIFY(loader.idle());
    raw->gate.release(10);
    QTest::qWait(50);
    QCOMPARE(spy.count(), 0);
}

void TestSliceLoader::otherVolumesResultIsDropped()
{
    SliceLoader loader;
    const auto first = std::make_shared<Counted>(Shape { 5, 4, 4 });
    const auto second = std::make_shared<Counted>(Shape { 5, 2, 2 });
    std::vector<QSize> got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got.push_back(slice.image.size()); });
    first->held = true;
    loader.request(requestOf(first, 1));
    QTest::qWait(20);
    loader.request(requestOf(second, 1));
    first->gate.release(10);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(got, (std::vector<QSize> { QSize(2, 2) }));
}

void TestSliceLoader::cacheIsUsedAndLimited()
{
    const std::uint64_t sliceBytes = 32 * 32 * sizeof(float);
    SliceLoader loader(4 * sliceBytes);
    const auto raw = std::make_shared<Counted>(Shape { 40, 32, 32 });
    for (const int index : { 3, 4, 3, 4, 3 }) {
        loader.request(requestOf(raw, index));
        QTRY_VERIFY(loader.idle());
    }
    QCOMPARE(raw->reads, (std::vector<std::int64_t> { 3, 4 }));
    for (int index = 5; index < 20; ++index) {
        loader.request(requestOf(raw, index));
        QTRY_VERIFY(loader.idle());
    }
    QVERIFY(loader.cachedBytes() <= 4 * sliceBytes);
    QVERIFY(loader.cachedBytes() > 0);
}

void TestSliceLoader::neighboursAreReadAhead()
{
    SliceLoader loader;
    const auto raw = std::make_shared<Counted>(Shape { 40, 4, 4 });
    loader.request(requestOf(raw, 10, 0, -1));
    QTRY_VERIFY([&] {
        const std::lock_guard lock(raw->mutex);
        return raw->reads.size() >= 5;
    }());
    const std::lock_guard lock(raw->mutex);
    QCOMPARE(raw->reads, (std::vector<std::int64_t> { 10, 9, 8, 7, 6 }));
}

void TestSliceLoader::errorsArriveAsSentences()
{
    SliceLoader loader;
    const auto raw = std::make_shared<Counted>(Shape { 40, 4, 4 });
    raw->failing = 6;
    QString error;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { error = slice.error; });
    loader.request(requestOf(raw, 6));
    QTRY_VERIFY(loader.idle());
    QVERIFY(error.contains("Slice 7 is damaged"));
}

void TestSliceLoader::maskAndErrorMap()
{
    SliceLoader loader;
    const Shape shape { 1, 1, 4 };
    const std::vector<std::uint8_t> zeros(4, 0);
    const auto raw = Volume::from<std::uint8_t>(shape, zeros);
    const auto mask = Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t> { 1, 1, 0, 0 });
    const auto truth = Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t> { 1, 0, 1, 0 });
    QImage image;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { image = slice.image; });
    SliceRequest request = requestOf(raw, 0);
    request.mask = mask;
    request.truth = truth;
    request.overlay = { kUNetColour, 1, OverlayStyle::Fill };
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(image.pixel(1, 0), kUNetColour.packed());
    QCOMPARE(image.pixel(2, 0), qRgb(0, 0, 0));
    request.display = MaskDisplay::ErrorMap;
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(image.pixel(1, 0), kFalsePositiveColour.packed());
    QCOMPARE(image.pixel(2, 0), kFalseNegativeColour.packed());
    request.showMask = false;
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(image.pixel(1, 0), qRgb(0, 0, 0));
}

void TestSliceLoader::counts()
{
    SliceLoader loader;
    const Shape shape { 1, 1, 4 };
    QImage image;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { image = slice.image; });
    SliceRequest request = requestOf(Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t>(4, 255)), 0);
    request.counts = Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t> { 0, 1, 2, 255 });
    request.mostCount = 2;
    request.overlay.opacity = 1;
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(image.pixel(0, 0), qRgb(255, 255, 255));
    QCOMPARE(image.pixel(1, 0), countColour(1, 2).packed());
    QCOMPARE(image.pixel(2, 0), countColour(2, 2).packed());
    QCOMPARE(image.pixel(3, 0), qRgb(255, 255, 255));
    request.overlay.opacity = 0.2;
    request.display = MaskDisplay::Alone; // nothing of raw, and the colours as they are
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QVERIFY(qGray(image.pixel(0, 0)) < 40);
    QCOMPARE(image.pixel(2, 0), countColour(2, 2).packed());
    request.display = MaskDisplay::OverRaw;
    request.showMask = false;
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(image.pixel(2, 0), qRgb(255, 255, 255));
}

void TestSliceLoader::map()
{
    SliceLoader loader;
    const Shape shape { 2, 1, 2 };
    SliceImage got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got = slice; });
    SliceRequest request = requestOf(Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t> { 1, 2, 3, 4 }), 1);
    request.map = Volume::from<float>(shape, std::vector<float> { 0, 0, -1, 1 });
    request.mapRange = { -1, 1 };
    request.mapColours = ColourMap::Cividis;
    request.showMask = false; // a map is no mask
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(got.image.pixel(0, 0), 0xff00224eU);
    QCOMPARE(got.image.pixel(1, 0), 0xfffee838U);
    QVERIFY(got.mapValues);
    QCOMPARE(*got.mapValues, (std::vector<float> { -1, 1 }));
    QCOMPARE(*got.values, (std::vector<float> { 3, 4 })); // the cursor still tells raw's value
    request.map = nullptr;
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QVERIFY(!got.mapValues);
}

void TestSliceLoader::otherMapsResultIsDropped()
{
    SliceLoader loader;
    const auto raw = std::make_shared<Counted>(Shape { 5, 4, 4 });
    const auto first = std::make_shared<Counted>(Shape { 5, 4, 4 });
    std::vector<std::vector<float>> got;
    connect(&loader, &SliceLoader::sliceReady, this,
        [&](const SliceImage& slice) { got.push_back(slice.mapValues ? *slice.mapValues : std::vector<float>()); });
    SliceRequest request = requestOf(raw, 3);
    request.map = first;
    request.mapRange = { 0, 10 };
    first->held = true;
    loader.request(request);
    QTest::qWait(20);
    request.map = Volume::from<float>({ 5, 4, 4 }, std::vector<float>(80, 8));
    loader.request(request);
    first->gate.release(10);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(got.size(), std::size_t(1));
    QCOMPARE(got[0], std::vector<float>(16, 8));
}

void TestSliceLoader::windowOfEachSlice()
{
    SliceLoader loader;
    std::vector<float> voxels(200);
    for (int i = 0; i < 200; ++i)
        voxels[std::size_t(i)] = float(i < 100 ? i : 1000 + i);
    const auto raw = Volume::from<float>({ 2, 10, 10 }, voxels);
    GreyWindow window;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { window = slice.window; });
    SliceRequest request = requestOf(raw, 1);
    request.windowOfSlice = true;
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QVERIFY(window.black >= 1100 && window.white <= 1199 && window.white > window.black);
}

namespace {

/// Voxels hold x + 10 · z of their place in the whole volume, whatever the resolution; counts reads.
class Ramp : public VolumeSource {
public:
    Ramp(Shape shape, std::int64_t step)
        : m_shape(shape)
        , m_step(step)
    {
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return Scalar::F32; }
    std::string name() const override { return "ramp"; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        ++reads;
        if (held)
            gate.acquire();
        auto* out = reinterpret_cast<float*>(to.data());
        for (std::int64_t z = 0; z < box.size.z; ++z)
            for (std::int64_t y = 0; y < box.size.y; ++y)
                for (std::int64_t x = 0; x < box.size.x; ++x)
                    *out++ = float((box.start.x + x) * m_step + 10 * (box.start.z + z) * m_step);
    }
    mutable std::atomic<int> reads = 0;
    mutable std::counting_semaphore<1000> gate { 0 };
    std::atomic<bool> held = false;

private:
    Shape m_shape;
    std::int64_t m_step;
};

SliceRequest across(const SourcePtr& raw, std::int64_t index, Orientation orientation = Orientation::XZ)
{
    SliceRequest request = requestOf(raw, index);
    request.orientation = orientation;
    return request;
}

} // namespace

void TestSliceLoader::coarseFirstThenSharp()
{
    const auto raw = std::make_shared<Ramp>(Shape { 101, 40, 63 }, 1);
    const auto quarter = std::make_shared<Ramp>(Shape { 26, 10, 16 }, 4);
    auto pyramid = std::make_shared<Pyramid>();
    pyramid->levels.push_back({ { 4, 4, 4 }, quarter });
    SliceLoader loader;
    loader.setPyramid(raw, pyramid);
    std::vector<SliceImage> got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got.push_back(slice); });
    for (const Orientation orientation : { Orientation::XZ, Orientation::YZ }) {
        got.clear();
        loader.request(across(raw, 21, orientation));
        QTRY_COMPARE(got.size(), std::size_t(1));
        QVERIFY(!loader.idle()); // the sharp one is still to come
        QVERIFY(got[0].reduction == (Reduction { 4, 4, 4 }));
        const bool xz = orientation == Orientation::XZ;
        QCOMPARE(got[0].image.size(), xz ? QSize(63, 101) : QSize(101, 40));
        // z 50, x 30 (XZ) or 21 (YZ) lie in the coarse voxel of 48 and 28 or 20.
        const std::size_t at = xz ? 50 * 63 + 30 : 7 * 101 + 50;
        QCOMPARE(got[0].values->at(at), xz ? 480.0F + 28 : 480.0F + 20);
        QCOMPARE(got[0].values->at(xz ? 100 * 63 + 62 : 39 * 101 + 100), xz ? 1000.0F + 60 : 1000.0F + 20);
        QTRY_COMPARE(got.size(), std::size_t(2));
        QVERIFY(loader.idle());
        QVERIFY(got[1].reduction.none());
        QCOMPARE(got[1].values->at(at), xz ? 500.0F + 30 : 500.0F + 21);
        // What is held already is sharp at once.
        loader.request(across(raw, 21, orientation));
        QTRY_COMPARE(got.size(), std::size_t(3));
        QVERIFY(got[2].reduction.none());
    }
    // XY slices lie in the file as they are shown.
    got.clear();
    loader.request(requestOf(raw, 3));
    QTRY_COMPARE(got.size(), std::size_t(1));
    QVERIFY(got[0].reduction.none() && loader.idle());
    // A whole copy takes the source's place.
    const auto packed = std::make_shared<Ramp>(Shape { 101, 40, 63 }, 1);
    auto copy = std::make_shared<Pyramid>();
    copy->levels.push_back({ {}, raw });
    loader.setPyramid(packed, copy);
    got.clear();
    loader.request(across(packed, 5));
    QTRY_COMPARE(got.size(), std::size_t(1));
    QVERIFY(got[0].reduction.none() && loader.idle());
    QCOMPARE(packed->reads.load(), 0);
}

void TestSliceLoader::aSharpSliceIsGivenUpForAnother()
{
    const auto raw = std::make_shared<Ramp>(Shape { 3200, 8, 8 }, 1); // read in 100 parts
    auto pyramid = std::make_shared<Pyramid>();
    pyramid->levels.push_back({ { 4, 4, 4 }, std::make_shared<Ramp>(Shape { 800, 2, 2 }, 4) });
    SliceLoader loader;
    loader.setPyramid(raw, pyramid);
    std::vector<SliceImage> got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got.push_back(slice); });
    raw->held = true;
    loader.request(across(raw, 1));
    QTRY_COMPARE(raw->reads.load(), 1); // the sharp one is being read
    QCOMPARE(got.size(), std::size_t(1));
    loader.request(across(raw, 6));
    raw->gate.release(3);
    QTRY_COMPARE(got.size(), std::size_t(2)); // the coarse one of the other, long before 100 parts
    QCOMPARE(got[1].index, std::int64_t(6));
    QVERIFY(!got[1].reduction.none());
    QVERIFY(raw->reads.load() < 10);
    raw->held = false;
    raw->gate.release(3);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(got.back().index, std::int64_t(6));
    QVERIFY(got.back().reduction.none());
}

namespace {

/// From the first corner along x, and 45° between y and z down.
SliceRequest tilted(const SourcePtr& raw)
{
    SliceRequest request = requestOf(raw, 0);
    const double half = std::sqrt(0.5);
    request.oblique = ObliqueGrid { { 0, 0, 0 }, { 1, 0, 0 }, { 0, half, half }, int(raw->shape().x),
        int(double(raw->shape().y) / half) };
    return request;
}

} // namespace

void TestSliceLoader::atAnAngleCoarseFirstThenSharp()
{
    const auto raw = std::make_shared<Ramp>(Shape { 101, 40, 64 }, 1);
    const auto quarter = std::make_shared<Ramp>(Shape { 26, 10, 16 }, 4);
    auto pyramid = std::make_shared<Pyramid>();
    pyramid->levels.push_back({ { 4, 4, 4 }, quarter });
    SliceLoader loader;
    loader.setPyramid(raw, pyramid);
    std::vector<SliceImage> got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got.push_back(slice); });
    const SliceRequest request = tilted(raw);
    loader.request(request);
    QTRY_COMPARE(got.size(), std::size_t(1));
    QVERIFY(!loader.idle()); // the sharp one is still to come
    QVERIFY(got[0].reduction == (Reduction { 4, 4, 4 }));
    QVERIFY(got[0].oblique == request.oblique);
    QCOMPARE(got[0].image.size(), QSize(64, request.oblique->height));
    const std::size_t at = 40 * 64 + 20; // the first of 4 × 4 pixels with one coarse value, that of their middle
    const double z = 41.5 * std::sqrt(0.5);
    QVERIFY(std::abs(double(got[0].values->at(at)) - (21.5 + 10 * z - 11 * 1.5)) < 0.01);
    QCOMPARE(got[0].values->at(at + 3), got[0].values->at(at));
    QVERIFY(got[0].values->at(at + 4) != got[0].values->at(at));
    QTRY_COMPARE(got.size(), std::size_t(2));
    QVERIFY(loader.idle() && got[1].reduction.none());
    QVERIFY(std::abs(double(got[1].values->at(at)) - (20 + 10 * 40 * std::sqrt(0.5))) < 0.01);
    // Another window is drawn from what is held: sharp at once, and nothing is read.
    const int reads = raw->reads;
    SliceRequest again = request;
    again.window = { 0, 10 };
    loader.request(again);
    QTRY_COMPARE(got.size(), std::size_t(3));
    QVERIFY(got[2].reduction.none());
    QCOMPARE(raw->reads.load(), reads);
}

void TestSliceLoader::atAnAngleItIsGivenUpForAnother()
{
    const auto raw = std::make_shared<Ramp>(Shape { 2000, 2000, 8 }, 1); // 45°: well over 100 bricks
    auto pyramid = std::make_shared<Pyramid>();
    pyramid->levels.push_back({ { 4, 4, 4 }, std::make_shared<Ramp>(Shape { 500, 500, 2 }, 4) });
    SliceLoader loader;
    loader.setPyramid(raw, pyramid);
    std::vector<SliceImage> got;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got.push_back(slice); });
    raw->held = true;
    loader.request(tilted(raw));
    QTRY_COMPARE(raw->reads.load(), 1); // the sharp one is being read
    SliceRequest other = tilted(raw);
    other.oblique->origin[2] = 3;
    loader.request(other);
    raw->gate.release(3);
    QTRY_COMPARE(got.size(), std::size_t(2));
    QVERIFY(got[1].oblique == other.oblique && !got[1].reduction.none());
    QVERIFY(raw->reads.load() < 10);
    raw->held = false;
    raw->gate.release(3);
    QTRY_VERIFY(loader.idle());
    QVERIFY(got.back().oblique == other.oblique && got.back().reduction.none());
}

void TestSliceLoader::masksAtAnAngle()
{
    std::vector<std::uint8_t> mask(std::size_t { 4 * 4 * 4 });
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask[i] = i % 4 >= 2; // x of 2 and 3
    const auto raw = Volume::from<std::uint8_t>({ 4, 4, 4 }, std::vector<std::uint8_t>(64, 100));
    SliceRequest request = requestOf(raw, 0);
    request.mask = Volume::from<std::uint8_t>({ 4, 4, 4 }, mask);
    request.overlay = { { 255, 0, 0 }, 1, OverlayStyle::FillAndOutline };
    request.oblique = ObliqueGrid { { 0, 0, 1.5 }, { 0.5, 0, 0 }, { 0, 1, 0 }, 9, 4 };
    SliceImage got;
    SliceLoader loader;
    connect(&loader, &SliceLoader::sliceReady, this, [&](const SliceImage& slice) { got = slice; });
    loader.request(request);
    QTRY_VERIFY(loader.idle());
    QCOMPARE(got.image.size(), QSize(9, 4));
    QCOMPARE(got.image.pixel(2, 2), qRgb(100, 100, 100));
    QCOMPARE(got.image.pixel(3, 2), qRgb(255, 0, 0)); // x of 1.5 belongs to voxel 2
    QCOMPARE(got.outlined->at(2 * 9 + 3), std::uint8_t { 1 });
    QCOMPARE(got.image.pixel(8, 2), qRgb(0x0c, 0x0d, 0x0e)); // x of 4 is outside
    QVERIFY(std::isnan(got.values->at(8)));
}

void TestSliceLoader::longReadingGivesWay()
{
    SliceLoader loader;
    const auto raw = std::make_shared<Counted>(Shape { 20, 4, 6 });
    const auto waited = [&] { // whoever reads without hurry: how long, at most half a second
        QElapsedTimer clock;
        clock.start();
        loader.priority()->giveWay(std::chrono::milliseconds(500));
        return clock.elapsed();
    };
    QVERIFY(waited() < 400);
    raw->held = true;
    loader.request(requestOf(raw, 17));
    QTest::qWait(30); // it is being read
    QVERIFY(waited() >= 499);
    raw->gate.release(1);
    QTRY_VERIFY(loader.idle());
    QVERIFY(waited() < 400);
    // Read ahead for nobody in particular, it takes no turn.
    raw->held = false;
    loader.request(requestOf(raw, 3, 0, 1));
    raw->held = true;
    raw->gate.release(1);
    QTRY_VERIFY(loader.idle());
    QTest::qWait(30);
    QVERIFY(waited() < 400);
    raw->gate.release(100);
}

void TestSliceLoader::destroyedWhileWorking()
{
    const auto raw = std::make_shared<Counted>(Shape { 5, 4, 4 });
    raw->held = true;
    auto loader = std::make_unique<SliceLoader>();
    loader->request(requestOf(raw, 1));
    QTest::qWait(10);
    raw->gate.release(10);
    loader.reset();
    QTest::qWait(10);
    QVERIFY(raw.use_count() == 1);
}

QTEST_MAIN(TestSliceLoader)
#include "tst_slice_loader.moc"
