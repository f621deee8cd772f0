// SPDX-License-Identifier: GPL-3.0-or-later
// Volumes with long axes, and one of more voxels than 3-D by software takes, from the file's side to the picture.
#include "app/scene_window.h"
#include "base/cost.h"
#include "widgets/volume_view.h"

#include <QCheckBox>
#include <QElapsedTimer>
#include <QPushButton>

#include <algorithm>
#include <cstring>

using namespace interstice;
using namespace interstice::test;

namespace {

/// Dark, with a bright block near the origin: a tenth to a quarter of each axis. Nothing is held, whatever its size.
class Block : public VolumeSource {
public:
    explicit Block(Shape shape)
        : m_shape(shape)
        , m_dark(static_cast<std::size_t>(shape.x), std::byte { 40 })
        , m_bright(m_dark)
    {
        std::fill(m_bright.begin() + shape.x / 10, m_bright.begin() + shape.x / 4, std::byte { 220 });
    }
    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return Scalar::U8; }
    VoxelSize voxelSize() const override { return { 1, 1, 1, LengthUnit::Micrometre, SizeOrigin::User }; }
    std::string name() const override { return "block"; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        const auto in = [](std::int64_t at, std::int64_t n) { return at >= n / 10 && at < n / 4; };
        std::byte* row = to.data();
        for (std::int64_t z = box.start.z; z < box.start.z + box.size.z; ++z)
            for (std::int64_t y = box.start.y; y < box.start.y + box.size.y; ++y, row += box.size.x) {
                const auto& from = in(z, m_shape.z) && in(y, m_shape.y) ? m_bright : m_dark;
                std::memcpy(row, from.data() + box.start.x, static_cast<std::size_t>(box.size.x));
            }
    }

private:
    Shape m_shape;
    std::vector<std::byte> m_dark;
    std::vector<std::byte> m_bright;
};

} // namespace

class TestLargeAxes : public test::SceneWindow {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_graphics = probeGraphics();
        QVERIFY2(m_graphics.usable, m_graphics.problem.c_str());
        m_graphics.longestEdge = 2048; // as llvmpipe's, also where the tests' machine has more
        m_graphics.renderer = "llvmpipe";
        QVERIFY(m_graphics.software());
    }
    void init() { begin(); }
    void cleanup() { end(); }

    void draws_data()
    {
        QTest::addColumn<int>("x");
        QTest::addColumn<int>("y");
        QTest::addColumn<int>("z");
        QTest::addColumn<QString>("caption");
        // At 1/4 there would be 750 × 150 × 150, more than the 256³ that software draws.
        QTest::newRow("3000 x 600 x 600") << 3000 << 600 << 600 << "3-D at 1/8";
        QTest::newRow("2000 x 600 x 600") << 2000 << 600 << 600 << "3-D at 1/4";
        QTest::newRow("4096 x 64 x 64") << 4096 << 64 << 64 << "3-D at 1/2 along x";
        QTest::newRow("64 x 64 x 4096") << 64 << 64 << 4096 << "3-D at 1/2 along z";
    }

    void draws()
    {
        QFETCH(int, x);
        QFETCH(int, y);
        QFETCH(int, z);
        QFETCH(QString, caption);
        m_window->scene().setGraphics(m_graphics);
        const std::uint64_t before = peakResidentBytes();
        QElapsedTimer clock;
        clock.start();
        m_window->workspace().setRaw({ {}, std::make_shared<Block>(Shape { z, y, x }), {}, {} });
        m_window->setLayoutOfWindow(WindowLayout::Mpr);
        VolumeView* volume = m_window->mpr().volume();
        QVERIFY(QTest::qWaitFor([&] { return m_window->settled() && volume->hasFrame(); }, 100'000));
        const double seconds = double(clock.elapsed()) / 1000;
        QCOMPARE(QString::fromStdString(describeDetail(volume->scene().grey)), caption);
        QVERIFY(volume->frame().final);
        // The block is where it belongs, left of and above the middle along z; in a rod it is finer than a pixel.
        for (QCheckBox* box : m_window->findChildren<QCheckBox*>())
            if (box->text() == "Box with ticks")
                box->setChecked(false); // as bright
        QTest::mouseClick(m_window->findChild<QPushButton*>("view-XY"), Qt::LeftButton);
        QVERIFY(settle());
        if (std::min({ x, y, z }) > 100) {
            const QPointF at = centreOf(volume->frame().image, [](QRgb p) { return qGreen(p) > 110 && qRed(p) > 90; });
            QVERIFY2(at.x() > 0 && at.x() < 0.5 && at.y() > 0 && at.y() < 0.5,
                qPrintable(QString("%1, %2").arg(at.x()).arg(at.y())));
        }
        const std::uint64_t after = peakResidentBytes();
        qInfo("%s in %.1f s, %s more memory at most", qPrintable(caption), seconds, formatBytes(after - before).c_str());
        QVERIFY2(after - before < std::uint64_t { 500 } << 20, formatBytes(after - before).c_str());
    }
};

QTEST_MAIN(TestLargeAxes)
#include "tst_large_axes.moc"
