// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/main_window.h"
#include "io/tiff_writer.h"
#include "render/graphics.h"
#include "volume/slabs.h"
#include "volume/volume.h"
#include "widgets/mpr_view.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <random>

namespace interstice::test {

inline constexpr Shape kShape { 40, 56, 72 };

/// One bright ball near the origin, x, y and z = 18, 16, 10 and radius 8 voxels; nothing is symmetric.
inline void writeBall(const std::filesystem::path& raw, const std::filesystem::path& truth)
{
    std::mt19937 random(3);
    std::vector<std::uint16_t> grey;
    std::vector<std::uint8_t> labels;
    for (std::int64_t z = 0; z < kShape.z; ++z)
        for (std::int64_t y = 0; y < kShape.y; ++y)
            for (std::int64_t x = 0; x < kShape.x; ++x) {
                const bool inside = (z - 10) * (z - 10) + (y - 16) * (y - 16) + (x - 18) * (x - 18) < 64;
                grey.push_back(static_cast<std::uint16_t>((inside ? 30000 : 10000) + random() % 500));
                labels.push_back(inside ? 1 : 0);
            }
    const VoxelSize size { 2, 2, 2, LengthUnit::Micrometre, SizeOrigin::User };
    Task task;
    copy(*Volume::from<std::uint16_t>(kShape, grey, size), *createTiff(raw, kShape, Scalar::U16, size), task);
    copy(*Volume::from<std::uint8_t>(kShape, labels, size), *createTiff(truth, kShape, Scalar::U8, size), task);
}

/// Centre of the pixels in which one colour channel stands out, as fractions of the picture; none: −1.
inline QPointF centreOf(const QImage& image, const std::function<bool(QRgb)>& is)
{
    double x = 0;
    double y = 0;
    int n = 0;
    for (int row = 0; row < image.height(); ++row)
        for (int column = 0; column < image.width(); ++column)
            // The corner with the axes, of which one is green, is left out.
            if (!(column > 0.7 * image.width() && row > 0.7 * image.height()) && is(image.pixel(column, row))) {
                x += column;
                y += row;
                ++n;
            }
    return n == 0 ? QPointF(-1, -1) : QPointF(x / n / image.width(), y / n / image.height());
}

inline bool greenish(QRgb p)
{
    return qGreen(p) > qRed(p) + 40 && qGreen(p) > 60;
}

/// A window with the ball and its truth open in the layout with the slices and the 3-D view, a new one for each
/// test: derived tests call writeFiles, begin and end from their initTestCase, init and cleanup.
class SceneWindow : public QObject {
protected:
    void writeFiles()
    {
        m_graphics = probeGraphics();
        QVERIFY2(m_graphics.usable, m_graphics.problem.c_str());
        m_raw = std::filesystem::path(m_folder.path().toStdString()) / "raw.tif";
        m_truth = std::filesystem::path(m_folder.path().toStdString()) / "truth.tif";
        writeBall(m_raw, m_truth);
    }

    void begin()
    {
        m_settings = std::make_unique<QSettings>(m_folder.filePath("settings.ini"), QSettings::IniFormat);
        m_settings->clear();
        m_session = std::make_unique<SessionFolder>();
        m_queue = std::make_unique<JobQueue>();
        m_theme = std::make_unique<Theme>(*qApp);
        m_theme->apply(ThemeChoice::Dark);
        makeWindow();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }

    void end()
    {
        m_window.reset();
        m_theme.reset();
        m_queue.reset();
        m_session.reset();
        m_settings.reset();
    }

    bool settle()
    {
        return QTest::qWaitFor([this] { return m_window->settled(); }, 60'000);
    }

    void makeWindow()
    {
        m_window = std::make_unique<MainWindow>(m_methods, *m_queue, *m_session, *m_theme, *m_settings);
        m_window->resize(1400, 900);
        m_window->show();
    }

    void open(bool graphics = true)
    {
        if (graphics)
            m_window->scene().setGraphics(m_graphics);
        CommandLine line;
        line.path = QString::fromStdString(m_raw.string());
        line.truth = QString::fromStdString(m_truth.string());
        line.layout = WindowLayout::Mpr;
        m_window->start(line);
        QVERIFY(QTest::qWaitFor([this] { return m_window->workspace().truth() != nullptr; }, 20'000));
        QTRY_VERIFY(m_window->mpr().isVisible());
        QVERIFY(settle());
    }

    QTemporaryDir m_folder;
    std::filesystem::path m_raw;
    std::filesystem::path m_truth;
    GraphicsInfo m_graphics;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<SessionFolder> m_session;
    std::unique_ptr<JobQueue> m_queue;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MainWindow> m_window;
    const MethodRegistry m_methods;
};

} // namespace interstice::test
