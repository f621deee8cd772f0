// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/main_window.h"
#include "io/tiff_writer.h"
#include "volume/volume.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <random>

namespace interstice::test {

/// A window with a volume and its truth on the disk: bright balls in noise.
class TrainingFixture {
public:
    static constexpr Shape kShape { 40, 64, 64 };

    TrainingFixture()
    {
        qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toUtf8());
        theme = std::make_unique<Theme>(*qApp);
        std::mt19937 random(7);
        std::normal_distribution<float> noise(0, 12);
        std::vector<std::uint8_t> grey;
        std::vector<std::uint8_t> labels;
        for (int z = 0; z < kShape.z; ++z) {
            for (int y = 0; y < kShape.y; ++y) {
                for (int x = 0; x < kShape.x; ++x) {
                    const auto off = [](int v) { return v % 20 - 10; };
                    const bool inside = off(z) * off(z) + off(y) * off(y) + off(x) * off(x) < 49;
                    grey.push_back(saturate<std::uint8_t>((inside ? 170 : 70) + noise(random)));
                    labels.push_back(inside ? 1 : 0);
                }
            }
        }
        write("raw.tif", grey);
        write("truth.tif", labels);
    }

    void makeWindow()
    {
        settings = std::make_unique<QSettings>(m_folder.filePath("settings.ini"), QSettings::IniFormat);
        session = std::make_unique<SessionFolder>();
        queue = std::make_unique<JobQueue>();
        window = std::make_unique<MainWindow>(m_methods, *queue, *session, *theme, *settings);
        window->resize(1300, 900);
        window->show();
    }
    void closeWindow()
    {
        if (queue)
            queue->stopAll();
        window.reset();
        queue.reset();
        session.reset();
    }

    bool open()
    {
        window->opener().openRaw(path("raw.tif"));
        if (!QTest::qWaitFor([this] { return window->workspace().raw() != nullptr; }, 20000))
            return false;
        window->opener().openMask(kTruthId, path("truth.tif"), std::nullopt);
        return QTest::qWaitFor([this] { return window->workspace().truth() != nullptr; }, 20000) && settled();
    }
    bool settled(int milliseconds = 60000)
    {
        return QTest::qWaitFor([this] { return window->settled(); }, milliseconds);
    }
    std::filesystem::path path(const char* name) const { return toPath(m_folder.filePath(name)); }

    template <class T> T* child(const char* name) { return childOf<T>(window.get(), name); }
    template <class T> static T* childOf(QObject* of, const char* name)
    {
        T* found = of->findChild<T*>(name);
        if (!found)
            qFatal("There is no %s", name);
        return found;
    }

    std::unique_ptr<QSettings> settings;
    std::unique_ptr<SessionFolder> session;
    std::unique_ptr<JobQueue> queue;
    std::unique_ptr<Theme> theme;
    std::unique_ptr<MainWindow> window;

private:
    void write(const char* name, const std::vector<std::uint8_t>& voxels)
    {
        const VoxelSize size { 2, 2, 2, LengthUnit::Micrometre, SizeOrigin::User };
        const auto sink = createTiff(path(name), kShape, Scalar::U8, size);
        sink->write(Box::whole(kShape), std::as_bytes(std::span(voxels)));
        sink->finish();
    }

    QTemporaryDir m_folder;
    MethodRegistry m_methods;
};

} // namespace interstice::test
