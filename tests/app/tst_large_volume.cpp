// SPDX-License-Identifier: GPL-3.0-or-later
// A volume large enough for reduced copies: coarse at once, sharp at rest, kept for the next time.
#include "app/watchdog.h"
#include "app/window/main_window.h"
#include "app/window/pyramid_controller.h"
#include "io/tiff_writer.h"
#include "volume/slabs.h"
#include "volume/volume.h"
#include "widgets/mpr_view.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

constexpr Shape kShape { 640, 520, 210 }; // 67 MiB

} // namespace

class TestLargeVolume : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toUtf8());
        m_raw = fs::path(m_folder.path().toStdString()) / "raw.tif";
        Volume volume(kShape, Scalar::U8, { 1, 1, 1, LengthUnit::Micrometre, SizeOrigin::User });
        const auto voxels = volume.as<std::uint8_t>();
        std::size_t i = 0;
        for (std::int64_t z = 0; z < kShape.z; ++z)
            for (std::int64_t y = 0; y < kShape.y; ++y)
                for (std::int64_t x = 0; x < kShape.x; ++x, ++i)
                    voxels[i] = static_cast<std::uint8_t>(((z / 8 + y / 8 + x / 8) % 2) * 100 + z % 8 * 10);
        Task task;
        copy(volume, *createTiff(m_raw, kShape, Scalar::U8, volume.voxelSize()), task);
    }

    void coarseAtOnceAndSharpAtRest()
    {
        QSettings settings(m_folder.filePath("settings.ini"), QSettings::IniFormat);
        const MethodRegistry methods;
        Theme theme(*qApp);
        for (int time = 0; time < 2; ++time) {
            SessionFolder session;
            JobQueue queue;
            MainWindow window(methods, queue, session, theme, settings);
            // No 3-D here: what the slices do is asked.
            GraphicsInfo none;
            none.problem = "not wanted";
            window.scene().setGraphics(none);
            window.resize(1200, 900);
            window.show();
            const auto settled = [&] { return QTest::qWaitFor([&] { return window.settled(); }, 60'000); };
            test::Watchdog watchdog;
            window.opener().openRaw(m_raw);
            QVERIFY(QTest::qWaitFor([&] { return bool(window.workspace().raw()); }, 20'000));
            window.setLayoutOfWindow(WindowLayout::Mpr);
            QVERIFY(settled());
            const auto kept = fs::path(m_folder.filePath("cache/interstice/pyramids").toStdString());
            QCOMPARE(std::distance(fs::directory_iterator(kept), {}), std::ptrdiff_t { 1 });
            const auto made = fs::last_write_time(fs::directory_iterator(kept)->path() / "level-0.tif");
            if (time == 0)
                m_made = made;
            QVERIFY(made == m_made); // the second time what is there is used

            SliceView* xz = window.mpr().slice(Orientation::XZ);
            QVERIFY(!xz->chip().contains("at 1/"));
            QStringList seen;
            connect(&window.mpr(), &MprView::viewsChanged, &window, [&] { seen.append(xz->chip()); });
            window.mpr().setVoxel({ 300, 101, 77 });
            QVERIFY(settled());
            QVERIFY2(!seen.filter("102 / 520 · at 1/2").isEmpty(), qPrintable(seen.join(", ")));
            QCOMPARE(xz->chip(), QString("102 / 520"));
            QCOMPARE(int(xz->slice().values->at(300 * 210 + 77)), ((300 / 8 + 101 / 8 + 77 / 8) % 2) * 100 + 300 % 8 * 10);
            // A slice at an angle goes the same way, and is what the file says when it is sharp.
            SliceView* oblique = window.mpr().obliqueSlice();
            QStringList angles;
            connect(&window.mpr(), &MprView::viewsChanged, &window, [&] { angles.append(oblique->chip()); });
            window.mpr().setOblique(planeAcross({ 104, 259, 319 }, { 0.2, -0.7, 0.7 }));
            QVERIFY(settled());
            QVERIFY2(!angles.filter("at 1/2").isEmpty(), qPrintable(angles.join(", ")));
            QVERIFY(oblique->slice().reduction.none());
            QVERIFY2(watchdog.longest() < 100, qPrintable(QString("%1 ms").arg(watchdog.longest())));
            const auto expected = readOblique(*window.workspace().raw(), *oblique->slice().oblique, -1);
            const auto& got = *oblique->slice().values;
            QVERIFY(
                std::ranges::equal(got, expected, [](float a, float b) { return a == b || (std::isnan(a) && b == -1); }));
        }
    }

private:
    QTemporaryDir m_folder;
    fs::path m_raw;
    fs::file_time_type m_made;
};

QTEST_MAIN(TestLargeVolume)
#include "tst_large_volume.moc"
